"""Somebody follows a search or a term in a feed reader."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from lxml import etree

from directory.entries.kinds import KINDS
from directory.entries.vocabularies import Vocabularies
from directory.exports.atom import MEDIA_TYPE, Feed, write_feed
from directory.exports.pages import feeds
from directory.settings import Settings
from directory.web.pagination import Paging
from directory.web.xml import xml_text
from tests.exports.conftest import change, take_down
from tests.exports.generated import published

Client = TestClient[Any]
SITE = "http://testserver.local"


def read(site: Client, address: str) -> Any:
    """Read a feed as a reader does; it may find nothing to forgive."""
    answer = site.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPE
    found = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    assert not found.bozo, found.get("bozo_exception")
    return found


def links(feed: Any) -> dict[str, str]:
    return {link.rel: link.href for link in feed.feed.links}


def path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.mark.parametrize(
    "address",
    ["/search.atom", "/search.atom?q=cyber&kind=training", "/search.atom?provider=nobody",
     "/policy-areas/cybersecurity.atom", "/action-lines/C5.atom", "/action-lines/C7.atom"],
)  # fmt: skip
def test_a_reader_finds_nothing_to_forgive(site: Client, address: str) -> None:
    feed = read(site, address)
    assert feed.feed.id == SITE + address
    assert links(feed)["self"] == SITE + address
    assert site.get(path(links(feed)["alternate"])).status_code == 200


def test_a_feed_has_the_entries_of_its_search_newest_first(site: Client) -> None:
    query = "kind=training&action_line=C5"
    wanted = {i["url"] for i in site.get(f"/search.json?{query}").json()["items"]}
    found, address = [], f"/search.atom?{query}"
    while address:
        feed = read(site, address)
        found += feed.entries
        address = path(links(feed).get("next", ""))
    assert {path(e.link) for e in found} == wanted and len(found) == len(wanted)
    moments = [datetime.fromisoformat(e.updated) for e in found]
    assert moments == sorted(moments, reverse=True)


def test_the_pages_of_a_feed_lead_to_each_other(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "PER_PAGE", 7)
    seen, address = [], "/search.atom?kind=training&q=cyber"
    first = read(site, address)
    while address:
        feed = read(site, address)
        assert feed.feed.id == first.feed.id
        assert path(links(feed)["first"]) == "/search.atom?q=cyber&kind=training"
        seen += [e.id for e in feed.entries]
        address = path(links(feed).get("next", ""))
    assert len(seen) == len(set(seen)) > 14
    assert path(links(feed)["self"]) == path(links(feed)["last"])
    past = read(site, "/search.atom?kind=training&q=cyber&page=999")
    assert past.entries == [] and path(links(past)["previous"]) == path(links(past)["last"])


def test_an_entry_says_what_it_is_about(site: Client) -> None:
    feed = read(site, "/search.atom?q=Cyber+School+Initiative&kind=training")
    entry = next(e for e in feed.entries if e.title == "Cyber School Initiative")
    item = site.get("/trainings/cyber-school-initiative.json").json()
    assert entry.id == f"urn:uuid:{item['id']}"
    assert entry.summary == item["profile"]["summary"]
    tags = {(tag.scheme, tag.term) for tag in entry.tags}
    assert (f"{SITE}/vocabularies/action-lines", "C5") in tags
    assert (None, "training") in tags


def test_what_is_withdrawn_vanishes_and_what_changes_comes_first(
    desk: Client, desk_settings: Settings
) -> None:
    address = "/action-lines/C5.atom"
    change(desk_settings, "training", "cyber-school-initiative", duration="nine weeks")
    assert path(read(desk, address).entries[0].link) == "/trainings/cyber-school-initiative"
    take_down(desk_settings, "cyber-school-initiative", "withdraw")
    for feed in (read(desk, address), read(desk, "/search.atom?q=cyber+school")):
        assert "cyber-school-initiative" not in {
            path(e.link).rpartition("/")[2] for e in feed.entries
        }


def test_a_page_tells_readers_of_its_feed(site: Client) -> None:
    for page, feed in (
        ("/action-lines/C5", "/action-lines/C5.atom"),
        ("/policy-areas/cybersecurity", "/policy-areas/cybersecurity.atom"),
        ("/search?q=cyber&page=2", "/search.atom?q=cyber"),
    ):
        html = etree.HTML(site.get(page).text)
        (link,) = html.xpath('//head/link[@type="application/atom+xml"]')
        assert link.get("href") == feed
        assert link.get("rel") == "alternate"


def test_a_term_written_small_leads_on_and_an_unknown_one_is_not_there(site: Client) -> None:
    moved = site.get("/action-lines/c5.atom", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, "/action-lines/C5.atom")
    assert site.get("/action-lines/C99.atom").status_code == 404
    assert site.get("/policy-areas/%00.atom").status_code == 404


def one_end(text: str) -> str:
    """Write the ends of lines as XML reads them (2.11)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_text_breaks_a_feed(words: Vocabularies, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(KINDS.values())))
    entries = data.draw(st.lists(published(kind, words), max_size=3))
    title = data.draw(st.text(max_size=20))
    now = datetime.fromisoformat("2026-11-22T10:00:00+00:00")
    feed = Feed(title, f"{SITE}/search", f"{SITE}/search.atom", SITE, "Site", now)
    written = write_feed(feed, entries, words, Paging(len(entries), 1, 50))
    root = etree.fromstring(written)
    space = "{http://www.w3.org/2005/Atom}"
    titles = [node.text or "" for node in root.iter(f"{space}title")]
    assert [one_end(t) for t in titles] == [
        one_end(xml_text(t)) for t in (title, *(e.entry.title for e in entries))
    ]
    assert not feedparser.parse(written).bozo


def test_a_feed_that_is_still_right_is_not_sent_again(site: Client) -> None:
    for address in ("/search.atom?q=gcsp", "/action-lines/C5.atom"):
        tag = site.get(address).headers["etag"]
        assert site.get(address, headers={"If-None-Match": tag}).status_code == 304
        assert site.head(address).headers["etag"] == tag
