"""Addresses with an ending behave as the page they belong to."""

from typing import Any

import pytest
from litestar.testing import TestClient
from lxml import etree
from sqlmodel import select

from directory.entries.kinds import KINDS
from directory.entries.models import Entry, Redirect, State
from directory.exports.endings import ENDINGS, formats_of
from directory.settings import Settings
from tests.exports.conftest import FULL, take_down
from tests.filled import word
from tests.people import writing

Client = TestClient[Any]
OF_TRAININGS = [e.ending for e in formats_of("trainings")]
EVERYTHING = (
    "/search.atom", "/search.ics", "/vocabularies.ttl", "/vocabularies.jsonld", "/catalog.ttl",
    "/catalog.jsonld", "/moochub/courses", "/action-lines/C5.atom", "/vocabularies/roles.ttl",
    "/vocabularies/roles.jsonld", "/trainings/ai-campus.jsonld", "/trainings/ai-campus.ics",
)  # fmt: skip


@pytest.mark.parametrize("address", EVERYTHING)
def test_head_tells_of_get_and_what_one_has_is_not_sent_again(site: Client, address: str) -> None:
    whole, head = site.get(address), site.head(address)
    assert whole.status_code == head.status_code == 200 and head.content == b""
    for name in ("etag", "content-type", "cache-control"):
        assert head.headers[name] == whole.headers[name]
    again = site.get(address, headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", EVERYTHING)
def test_scripts_of_other_sites_may_read_data(site: Client, address: str) -> None:
    answer = site.get(address, headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("address", ["/", "/search", "/trainings/ai-campus", "/admin/audit.csv"])
def test_pages_and_what_is_not_public_stay_closed(site: Client, address: str) -> None:
    answer = site.get(address, follow_redirects=False)
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("ending", OF_TRAININGS)
def test_each_ending_goes_the_way_of_its_page(
    desk: Client, desk_settings: Settings, ending: str
) -> None:
    address = f"/trainings/ai-campus.{ending}"
    assert desk.get(f"/trainings/no-such-thing.{ending}").status_code == 404
    with writing(desk_settings) as session:
        entry = session.exec(select(Entry).where(Entry.slug == "ai-campus")).one()
        session.add(Redirect(kind="training", slug="old-name", entry_id=entry.id))
    moved = desk.get(f"/trainings/old-name.{ending}", follow_redirects=False)
    assert moved.status_code == 301
    assert desk.get(moved.headers["location"]).status_code == 200
    assert desk.get(f"/trainings/old-name.{ending}").content == desk.get(address).content
    take_down(desk_settings, "ai-campus", "archive")
    assert desk.get(address).status_code == 200
    take_down(desk_settings, "cyber-school-initiative", "withdraw")
    gone = desk.get(f"/trainings/cyber-school-initiative.{ending}")
    assert gone.status_code == 410 and "A reason." in gone.text
    with writing(desk_settings) as session:
        entry = session.exec(select(Entry).where(Entry.slug == "ai-campus")).one()
        entry.state = State.DRAFT
        session.add(entry)
    assert desk.get(address, headers={"Cache-Control": "no-cache"}).status_code == 404


def test_only_what_has_a_format_answers_to_its_ending(site: Client) -> None:
    for address in (
        "/organisations/gcsp.ics",
        "/organisations/gcsp.atom",
        "/policy-areas/cybersecurity.ttl",
        "/nothing/gcsp.jsonld",
        "/as/jsonld/training/ai-campus",
        "/as/atom/audiences/youth",
    ):
        assert site.get(address).status_code == 404, address


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_a_page_offers_every_format_it_has_and_each_answers(full: Client, kind: Any) -> None:
    page = etree.HTML(full.get(kind.url(FULL)).text)
    for format_ in formats_of(kind.path):
        address = f"{kind.url(FULL)}.{format_.ending}"
        assert page.xpath(f'//head/link[@rel="alternate"][@href="{address}"]/@type') == [
            format_.media_type
        ]
        assert page.xpath(f'//main//a[@href="{address}"]/text()') == [format_.title]
        answer = full.get(address)
        assert answer.headers["content-type"].partition(";")[0] == format_.media_type


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_no_format_has_a_private_field(full: Client, kind: Any) -> None:
    secrets = [word(kind, d) for d in kind.fields.values() if d.private]
    assert secrets
    addresses = [f"{kind.url(FULL)}.{e.ending}" for e in formats_of(kind.path)]
    addresses += [
        kind.url(FULL),
        f"/search.atom?kind={kind.name}",
        "/search.ics",
        "/action-lines/C1.atom",
    ]
    for address in addresses:
        text = full.get(address).text
        assert not [s for s in secrets if s in text], address


def test_every_ending_has_words_for_people() -> None:
    assert all(e.title and "/" in e.media_type for e in ENDINGS)
    places = [(p, e.ending) for e in ENDINGS for p in e.paths]
    assert len(places) == len(set(places))
