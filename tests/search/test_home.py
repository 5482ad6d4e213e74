"""The home page: what is here at a glance, and every number is what its link finds."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from directory.curation.service import publish, read_draft, save_draft
from directory.db import Database
from directory.entries.kinds import KINDS, TRAINING
from directory.settings import Settings
from tests.alerts.conftest import curator_of, profile_of
from tests.conftest import settings_for
from tests.people import writing

Client = TestClient[Any]
MOST_QUERIES = 12


def said(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def found(site: Client, address: str) -> int:
    heading = re.search(r"<h1>([\d,]+) entr", site.get(address).text)
    assert heading, address
    return int(heading[1].replace(",", ""))


def test_each_number_of_a_topic_is_what_its_link_finds(site: Client) -> None:
    home = site.get("/").text
    numbers = re.findall(
        r'href="(/search\?(?:action_line|policy_area)=[^"]+)"[^>]*>([\d,]+)<', home
    )
    assert len(numbers) >= 25
    lines = [address for address, _ in numbers if "action_line" in address]
    assert len(lines) == 19, "eleven action lines and the eight fields of C7"
    for address, number in numbers:
        assert found(site, address) == int(number.replace(",", "")), address


def test_the_numbers_of_the_kinds_lead_to_their_lists(site: Client) -> None:
    home = site.get("/").text
    for kind in KINDS.values():
        tile = re.search(rf'<a href="/{kind.path}"><b>([\d,]+)</b>', home)
        assert tile, kind.name
        assert int(tile[1]) == found(site, f"/search?kind={kind.name}")


def publish_one(settings: Settings, slug: str, summary: str) -> None:
    with writing(settings) as session:
        profile, claims = profile_of(slug.replace("-", " ").title(), summary=summary)
        curator = curator_of(session)
        draft = save_draft(session, read_draft(TRAINING, slug, profile, claims), by=curator)
        publish(session, *draft, by=curator)


def test_what_is_new_says_whether_it_was_added_or_changed(
    desk: Client, desk_settings: Settings
) -> None:
    publish_one(desk_settings, "an-older-course", "Learn something.")
    publish_one(desk_settings, "a-fresh-course", "Learn something.")
    first = said(desk.get("/").text.partition("What is new")[2])
    assert first.startswith("A Fresh Course Training, added on")
    publish_one(desk_settings, "an-older-course", "Learn something else.")
    first = said(desk.get("/").text.partition("What is new")[2])
    assert first.startswith("An Older Course Training, changed on")


def test_where_no_source_states_a_deadline_the_page_leads_to_what_needs_none(site: Client) -> None:
    part = site.get("/").text.partition('id="closing"')[2].partition("</section>")[0]
    assert "No listed training has a deadline" in part
    assert 'href="/search?open=1"' in part
    assert found(site, "/search?open=1") > 0


def test_before_anything_is_listed_the_page_says_where_to_begin(bare: Client) -> None:
    answer = bare.get("/")
    assert answer.status_code == 200
    assert "Nothing is listed yet" in answer.text and 'href="/curation"' in answer.text


def test_the_page_asks_the_database_little(seeded_engine: Engine, tmp_path: Path) -> None:
    from directory.app import create_app

    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    settings = settings_for(tmp_path, str(seeded_engine.url))
    settings = settings.model_copy(update={"kept_pages_mb": 0})
    app = create_app(settings, Database(seeded_engine))
    with TestClient(app, base_url="http://testserver.local") as client:
        client.get("/")
        sa.event.listen(seeded_engine, "before_cursor_execute", note)
        try:
            client.get("/")
        finally:
            sa.event.remove(seeded_engine, "before_cursor_execute", note)
    assert 0 < len(asked) <= MOST_QUERIES, "\n".join(asked)
