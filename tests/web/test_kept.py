"""Pages that are the same for everybody: they still hold, come from memory, and are never stale."""

from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient

from directory.db import Database, now
from directory.entries.links import LinkCheck
from directory.search.service import SearchService
from directory.settings import Settings
from directory.sources.models import Source
from directory.web.kept import KeptPage, KeptPages
from tests.api.conftest import Client
from tests.exports.conftest import change
from tests.people import enter_as, writing

PAGES = [
    "/", "/search", "/search?q=cyber&kind=training", "/trainings/cyber-school-initiative",
    "/action-lines", "/action-lines/C4", "/policy-areas", "/organisations", "/vocabularies",
    "/vocabularies/action-lines", "/sources", "/gaps", "/gaps/map", "/gaps/timeline",
    "/gaps/network", "/shortlist?entry=ai-campus", "/compare?entry=ai-campus&entry=gcsp",
]  # fmt: skip


def tag(client: TestClient[Any], address: str, **headers: str) -> str:
    return str(client.get(address, headers=headers).headers["etag"])


@pytest.mark.parametrize("address", PAGES)
def test_who_has_a_page_is_told_that_it_holds_before_anything_is_read(
    desk: TestClient[Any], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tag(desk, address)

    def read(*_: Any) -> Any:
        raise AssertionError("asked")

    monkeypatch.setattr(SearchService, "refresh", read)
    monkeypatch.setattr(Database, "reading", read)
    answer = desk.get(address, headers={"If-None-Match": f'"other", {known}'})
    assert answer.status_code == 304 and not answer.content
    assert answer.headers["etag"] == known
    assert answer.headers["cache-control"] == "public, max-age=0, stale-if-error=2592000"
    assert {"Cookie", "Accept-Language", "Accept-Encoding"} <= {*answer.headers["vary"].split(", ")}


@pytest.mark.parametrize("address", PAGES)
def test_the_next_reader_gets_the_same_bytes_without_any_work(
    desk: TestClient[Any], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.get(address)
    monkeypatch.setattr(SearchService, "refresh", None)
    monkeypatch.setattr(Database, "reading", None)
    again = desk.get(address)
    assert again.text == first.text
    assert dict(again.headers) == dict(first.headers)
    assert again.headers["content-encoding"] == "br"
    assert "content-security-policy" in again.headers


def test_a_publication_is_in_the_next_answer(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    address = "/trainings/cyber-school-initiative"
    before = {path: tag(desk, path) for path in (address, "/search?q=cyber", "/")}
    change(desk_settings, "training", "cyber-school-initiative", summary="Quite another summary.")
    for path, known in before.items():
        answer = desk.get(path, headers={"If-None-Match": known})
        assert answer.status_code == 200 and answer.headers["etag"] != known
    assert "Quite another summary" in desk.get(address).text


@pytest.mark.parametrize("what", ["a source", "a link"])
def test_what_a_page_shows_besides_entries_changes_its_tag(
    desk: TestClient[Any], desk_settings: Settings, what: str
) -> None:
    before = tag(desk, "/sources")
    with writing(desk_settings) as session:
        if what == "a source":
            session.execute(sa.update(Source).values(title="Another title"))
        else:
            moment = now()
            session.add(
                LinkCheck(
                    url="https://example.org/", state="broken", since=moment, reason="gone",
                    checked_at=moment, next_check_at=moment,
                )
            )  # fmt: skip
    assert tag(desk, "/sources") != before


def test_each_language_and_each_way_to_read_has_its_own_page(site: Client) -> None:
    site.cookies.clear()
    ways: list[dict[str, str]] = [
        {}, {"Accept-Language": "fr"}, {"Accept-Language": "ar"}, {"Cookie": "lang=es"},
        {"Save-Data": "on"},
    ]  # fmt: skip
    found = [site.get("/search?q=cyber", headers=headers) for headers in ways * 2]
    texts = [answer.text for answer in found]
    assert texts[:5] == texts[5:] and len({*texts}) == 5
    tags = [answer.headers["etag"] for answer in found]
    assert tags[:5] == tags[5:] and len({*tags}) == 5
    assert [answer.headers["content-language"] for answer in found[5:]] == [
        "en",
        "fr",
        "ar",
        "es",
        "en",
    ]


def test_a_language_that_is_asked_for_is_kept_though_the_page_is_known(site: Client) -> None:
    address = "/search?q=cyber&lang=fr"
    known = tag(site, address)
    site.cookies.clear()
    answer = site.get(address, headers={"If-None-Match": known})
    assert answer.status_code == 200 and "lang=fr" in answer.headers["set-cookie"]
    site.cookies.clear()


def test_each_encoding_is_kept_for_itself(site: Client) -> None:
    for encoding in ("br", "gzip", "identity", "br", "gzip", "identity"):
        answer = site.get("/search?q=cyber", headers={"Accept-Encoding": encoding})
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert "Cyber" in answer.text


def test_who_is_signed_in_gets_a_page_of_their_own_and_leaves_none(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    known = {address: tag(desk, address) for address in PAGES}
    enter_as(desk, desk_settings, "curator")
    for address in PAGES:
        answer = desk.get(address, headers={"If-None-Match": known[address]})
        assert answer.status_code == 200 and "etag" not in answer.headers
        assert "private" in answer.headers["cache-control"]
        assert 'href="/curation"' in answer.text
    desk.cookies.clear()
    for address in PAGES:
        answer = desk.get(address)
        assert 'href="/curation"' not in answer.text
        assert answer.headers["cache-control"].startswith("public")


@pytest.mark.parametrize(
    "address",
    ["/account/sign-in", "/report?entry=organisations/gcsp", "/match?need=x", "/nowhere",
     "/trainings/nowhere", "/organisations/gcsp/claim", "/action-lines/c4"],
)  # fmt: skip
def test_what_is_for_one_or_is_no_page_has_no_such_tag(site: Client, address: str) -> None:
    assert "etag" not in site.get(address, follow_redirects=False).headers


def test_a_part_of_a_page_is_never_taken_for_the_page(site: Client) -> None:
    known = tag(site, "/search?q=cyber")
    part = site.get("/search?q=cyber", headers={"HX-Request": "true", "If-None-Match": known})
    assert part.status_code == 200 and "<html" not in part.text and "etag" not in part.headers
    assert "<html" in site.get("/search?q=cyber").text


def test_a_tag_that_names_anything_is_no_page_that_one_has(site: Client) -> None:
    assert site.get("/trainings/nowhere", headers={"If-None-Match": "*"}).status_code == 404
    assert site.get("/search", headers={"If-None-Match": "*"}).status_code == 200


def test_asking_for_the_head_alone_gets_the_head(site: Client) -> None:
    whole, head = site.get("/search?q=cyber"), site.head("/search?q=cyber")
    assert head.headers["etag"] == whole.headers["etag"] and not head.content
    known = {"If-None-Match": whole.headers["etag"]}
    assert site.head("/search?q=cyber", headers=known).status_code == 304


def page_of(size: int) -> KeptPage:
    return KeptPage([], b"x" * size)


def test_pages_take_no_more_memory_than_they_may() -> None:
    kept = KeptPages(100_000)
    kept.find("now", "", "")
    for n in range(100):
        kept.keep("now", str(n), "br", page_of(8_000))
        if n:
            assert kept.find("now", "0", "br"), "asked for again and again"
        assert kept.size <= 100_000
    assert kept.find("now", "99", "br") and not kept.find("now", "50", "br")
    kept.keep("now", "large", "br", page_of(50_000))
    assert not kept.find("now", "large", "br"), "one page must not push out most others"


def test_once_something_changed_no_page_of_before_is_there() -> None:
    kept = KeptPages(100_000)
    kept.find("before", "", "")
    kept.keep("before", "a", "br", page_of(10))
    assert not kept.find("after", "a", "br") and kept.size == 0
    # An answer that was begun before is finished only now.
    kept.keep("before", "a", "br", page_of(10))
    assert not kept.find("after", "a", "br")
    assert not kept.find("before", "a", "br")
