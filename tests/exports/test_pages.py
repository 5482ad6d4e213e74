"""Somebody takes the result of a search away."""

import csv
import io
import json

import pytest
from sqlmodel import col, select

from directory.db import Change, Database, now
from directory.exports import results
from directory.exports.state import state
from tests.api.conftest import Client


def rows(site: Client, query: str) -> list[dict[str, str]]:
    text = site.get(f"/search.csv?{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("query", ["q=gcsp", "kind=training&action_line=C5", "sort=title"])
def test_both_files_hold_the_whole_result_in_its_order(site: Client, query: str) -> None:
    page, found = 1, []
    while True:
        answer = site.get(f"/api/v1/search?{query}&per_page=100&page={page}").json()
        found += [item["url"] for item in answer["items"]]
        if page == answer["pages"]:
            break
        page += 1
    assert [row["url"] for row in rows(site, query)] == found
    exported = site.get(f"/search.json?{query}").json()
    assert [item["url"] for item in exported["items"]] == found
    assert exported["total"] == len(found)


def test_an_entry_in_the_json_file_is_the_entry_of_the_api(site: Client) -> None:
    first = site.get("/search.json?q=gcsp").json()["items"][0]
    assert first == site.get(f"/api/v1/organisations/{first['slug']}").json()


def test_the_page_one_stands_on_does_not_cut_the_file(site: Client) -> None:
    assert len(rows(site, "kind=training&page=3&per_page=5")) > 5
    exported = site.get("/search.json?kind=training&page=3&per_page=5").json()
    assert exported["query"] == "/search?kind=training"
    assert len(exported["items"]) == exported["total"]


def test_a_result_without_any_entry_is_still_a_file(site: Client) -> None:
    assert rows(site, "provider=nobody-at-all") == []
    assert site.get("/search.json?provider=nobody-at-all").json()["items"] == []


def test_the_files_say_what_they_are(site: Client) -> None:
    table = site.get("/search.csv?q=gcsp")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.headers["content-disposition"] == 'attachment; filename="search.csv"'
    assert site.get("/search.json?q=gcsp").headers["content-type"] == "application/json"


def test_a_very_long_result_is_cut_and_says_so(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "MOST_ROWS", 7)
    monkeypatch.setattr(results, "BATCH", 3)
    table = site.get("/search.csv?kind=training")
    assert len(list(csv.reader(io.StringIO(table.text)))) == 8
    assert int(table.headers["x-total-count"]) > 7
    exported = json.loads(site.get("/search.json?kind=training").text)
    assert len(exported["items"]) == 7 < exported["total"]


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_file_that_is_still_right_is_not_sent_again(site: Client, ending: str) -> None:
    address = f"/search.{ending}?q=gcsp"
    tag = site.get(address).headers["etag"]
    again = site.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert site.get(f"{address}x", headers={"If-None-Match": tag}).status_code == 200


def test_a_database_put_back_from_a_copy_counts_as_changed(database: Database) -> None:
    with database.writing() as session:
        before = state(session)
        last = session.exec(select(Change).order_by(col(Change.sequence).desc())).first()
        assert last and last.sequence
        session.delete(last)
        session.flush()
        assert state(session) != before
        session.add(Change(sequence=last.sequence, entry_id=last.entry_id, at=now()))
        session.flush()
        assert state(session) != before
