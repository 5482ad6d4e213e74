"""The whole site on a primary and a standby, as its readers and curators see it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import select

from directory.app import create_app
from directory.db import Database, open_database
from directory.entries import queries
from directory.entries.models import Entry
from directory.settings import Settings
from directory.standbys import Reader, Standby, reading_as
from tests.cluster.conftest import Pair
from tests.cluster.servers import until
from tests.conftest import settings_for
from tests.people import enter_as, form_in

pytestmark = pytest.mark.postgres

DESK = "/curation/trainings/cyber-school-initiative"
HERE = "http://testserver.local"


class Site:
    """One node: the application, and two browsers before it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database: Database = open_database(settings)
        self.app: Any = create_app(settings, self.database)

    @property
    def standby(self) -> Standby:
        assert self.database.standbys
        return self.database.standbys.standbys[0]

    def look(self) -> None:
        assert self.database.standbys
        self.database.standbys.look()


@pytest.fixture
def site(pair: Pair, tmp_path: Path) -> Iterator[Site]:
    found = Site(pair.settings(tmp_path))
    with TestClient(found.app, base_url=HERE) as client:
        found.visitor = client  # type: ignore[attr-defined]
        found.curator = TestClient(found.app, base_url=HERE)  # type: ignore[attr-defined]
        enter_as(found.curator, found.settings, "curator")  # type: ignore[attr-defined]
        until(lambda: found.standby.ready, "to look")
        yield found


def publish(curator: Any, summary: str) -> Any:
    form = form_in(curator.get(DESK).text, DESK).fill(summary=summary)
    return curator.post(f"{form.action}/publish", data=form.body, follow_redirects=False)


def finds(client: Any, words: str) -> bool:
    page = client.get("/search", params={"q": words})
    assert page.status_code == 200
    return "/trainings/cyber-school-initiative" in page.text


def test_what_is_published_is_found_at_once_however_far_the_standby_is(
    site: Any, pair: Pair
) -> None:
    pair.pause()
    assert publish(site.curator, "Teaches the zanzibarine method.").status_code == 303
    assert finds(site.curator, "zanzibarine")
    # Visitors of this node see it too, and never again the page before.
    assert finds(site.visitor, "zanzibarine")
    assert "zanzibarine" in site.visitor.get("/trainings/cyber-school-initiative").text
    pair.resume()
    assert finds(site.visitor, "zanzibarine")
    with reading_as(Reader.VISITOR), site.database.reading() as session:
        assert session.scalar(sa.text("SELECT pg_is_in_recovery()"))


def test_another_node_misses_nothing_that_its_standby_was_late_with(
    site: Any, pair: Pair, tmp_path: Path
) -> None:
    other = Site(pair.settings(tmp_path / "other"))
    with TestClient(other.app, base_url=HERE) as visitor:
        until(lambda: other.standby.ready, "to look")
        pair.pause()
        publish(site.curator, "Teaches the zanzibarine method.")
        assert not finds(visitor, "zanzibarine")
        publish(site.curator, "Teaches the quagmirian method.")
        pair.resume()
        assert finds(visitor, "quagmirian")
        assert not finds(visitor, "zanzibarine")


def test_while_the_primary_is_away_everybody_reads_and_what_is_typed_is_kept(
    site: Any, pair: Pair
) -> None:
    form = form_in(site.curator.get(DESK).text, DESK)
    form.fill(summary="Typed <while> nobody could save.").action += "/publish"
    pair.primary.kill()
    for address in ("/", "/search?q=gcsp", "/trainings/cyber-school-initiative", "/api/v1/search"):
        assert site.visitor.get(address).status_code == 200
    assert site.curator.get(DESK).status_code == 200

    kept = site.curator.post(form.action, data=form.body, follow_redirects=False)
    assert kept.status_code == 503
    assert int(kept.headers["retry-after"]) > 0
    again = form_in(kept.text, form.action)
    assert again["summary"] == "Typed <while> nobody could save."
    for name in {*form.body, *again.body} - {"_csrf_token"}:
        assert again.all(name) == form.all(name)

    pair.primary.start()
    site.look()
    done = site.curator.post(again.action, data=again.body, follow_redirects=False)
    assert done.status_code == 303
    with site.database.reading() as session:
        entry = session.exec(select(Entry).where(Entry.slug == "cyber-school-initiative")).one()
        assert entry.version > 1


def test_no_password_is_kept_on_a_page(site: Any, pair: Pair) -> None:
    stranger: Any = TestClient(site.app, base_url=HERE)
    form = form_in(stranger.get("/account/sign-in").text, "/account/sign-in")
    pair.primary.kill()
    body = form.fill(email="ana@example.org", password="nine quiet herons").body
    refused = stranger.post("/account/sign-in", data=body)
    assert refused.status_code == 503
    assert "nine quiet herons" not in refused.text


def test_programs_are_told_when_to_come_back(site: Any, pair: Pair) -> None:
    since = {"updated_since": "2020-01-01"}
    first = site.visitor.get("/api/v1/changes", params={"per_page": "1"}).json()
    pair.primary.kill()
    # A cursor says how far its reader is: a standby that is further misses nothing.
    following = {"cursor": first["cursor"], "per_page": "1"}
    assert site.visitor.get("/api/v1/changes", params=following).status_code == 200
    for address, asked in (("/api/v1/trainings", since), ("/oai", {"verb": "Identify"})):
        answer = site.visitor.get(address, params=asked)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
    problem = site.visitor.get("/api/v1/trainings", params=since).json()
    assert problem["type"].endswith("#unavailable")
    assert "seconds" in problem["detail"]


def test_who_follows_changes_hears_of_those_that_the_standby_has_not(site: Any, pair: Pair) -> None:
    everything = site.visitor.get("/api/v1/trainings", params={"updated_since": "2020-01-01"})
    since = everything.json()["next_updated_since"]
    pair.pause()
    publish(site.curator, "Teaches the zanzibarine method.")
    changed = site.visitor.get("/api/v1/trainings", params={"updated_since": since}).json()
    assert "cyber-school-initiative" in [item["slug"] for item in changed["items"]]
    asked = {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": f"{since[:19]}Z"}
    record = site.visitor.get("/oai", params=asked)
    assert "zanzibarine" in record.text


def test_a_page_that_was_being_read_from_a_server_that_dies_is_read_again(
    site: Any, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    real = queries.read_published

    def dies(session: Any, *words: Any, **more: Any) -> Any:
        tried.append(session.scalar(sa.text("SELECT pg_is_in_recovery()")))
        if len(tried) == 1:
            pair.standby.kill()
        return real(session, *words, **more)

    monkeypatch.setattr(queries, "read_published", dies)
    assert site.visitor.get("/trainings/cyber-school-initiative").status_code == 200
    assert tried == [True, False]


def test_without_any_server_it_says_so(site: Any, pair: Pair) -> None:
    assert site.visitor.get("/readyz").status_code == 200
    pair.primary.kill()
    assert site.visitor.get("/readyz").status_code == 200
    pair.standby.kill()
    page = site.visitor.get("/trainings/cyber-school-initiative")
    assert page.status_code == 503
    assert "Please try again" in page.text
    assert site.visitor.get("/readyz").status_code == 503


def test_a_site_without_standbys_says_so_too(pair: Pair, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, pair.primary.url(pair.name))
    with TestClient(create_app(settings), base_url=HERE) as client:
        assert client.get("/trainings/cyber-school-initiative").status_code == 200
        pair.primary.kill()
        page = client.get("/trainings/cyber-school-initiative")
        assert page.status_code == 503
        assert page.headers["retry-after"]
