"""Harvested as libraries do it: by a client of others, in parts, again and again."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import BadResumptionToken, IdDoesNotExist, NoRecordsMatch
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.app import create_app
from directory.curation.merging_entries import merge
from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.curation.unmerging import undo
from directory.curation.workflow import make_move
from directory.db import Database
from directory.entries.fields import Email, is_model
from directory.entries.kinds import KINDS, TRAINING
from directory.entries.models import Entry, State
from directory.entries.queries import is_published
from directory.exports import oai, oai_records
from directory.exports.dublin_core import element_of
from directory.settings import Settings
from directory.web.xml import xml_text
from tests.conftest import settings_for
from tests.people import writing

NAMES = {"o": oai.OAI, "dc": "http://purl.org/dc/elements/1.1/"}
PAIR = ("migration-research-toolkit", "redehope-diagnostic-tool")
LISTING = [("verb", "ListRecords"), ("metadataPrefix", "oai_dc")]


@pytest.fixture
def little_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oai_records, "PAGE", 40)


@contextmanager
def serving(wanted: Settings) -> Iterator[str]:
    """The whole application behind a real socket."""
    config = uvicorn.Config(create_app(wanted), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


def ask(database: Database, wanted: Settings, *arguments: tuple[str, str]) -> Any:
    return etree.fromstring(oai.respond(database, wanted, arguments))


def codes(answer: Any) -> list[str]:
    return list(answer.xpath("//o:error/@code", namespaces=NAMES))


def keys(answer: Any) -> list[str]:
    return list(answer.xpath("//o:header/o:identifier/text()", namespaces=NAMES))


def token_of(answer: Any) -> str:
    return "".join(answer.xpath("//o:resumptionToken/text()", namespaces=NAMES))


def curator(session: Session) -> User:
    found = session.exec(select(User).where(User.role == "curator")).first()
    if found is None:
        found = User(email="curator@example.org", role="curator")
        session.add(found)
        session.flush()
    return found


def test_a_client_of_others_harvests_everything(
    desk_settings: Settings, little_pages: None
) -> None:
    with writing(desk_settings) as session:
        by = curator(session)
        for slug, move in (("ai-campus", "archive"), ("cyber-school-initiative", "withdraw")):
            entry = get_entry(session, TRAINING, slug)
            make_move(session, entry, move, by=by, reason="It ended.")
        merge(session, TRAINING, *PAIR, by=by)
        public = {str(i) for i in session.exec(select(Entry.id).where(is_published()))}
    with serving(desk_settings) as address:
        client = Sickle(f"{address}/oai")
        about = client.Identify()
        assert about.protocolVersion == "2.0" and about.deletedRecord == "persistent"
        assert [f.metadataPrefix for f in client.ListMetadataFormats()] == ["oai_dc"]
        records = list(client.ListRecords(metadataPrefix="oai_dc"))
        found = {r.header.identifier.rpartition(":")[2]: r for r in records}
        assert len(found) == len(records), "no record comes twice"
        assert {k for k, r in found.items() if not r.deleted} == public
        gone = [r for r in records if r.deleted]
        assert len(gone) == 3 and not any(hasattr(r, "metadata") for r in gone)
        sets = {s.setSpec for s in client.ListSets()}
        assert {"kind:training", "action-line:C5", "action-line:C7:C7-ELEA"} <= sets
        used = {s for r in records for s in r.header.setSpecs}
        assert used <= sets
        for one in ("kind:organisation", "action-line:C5", "action-line:C7", "kind"):
            listed = client.ListIdentifiers(metadataPrefix="oai_dc", set=one)
            within = {
                k
                for k, r in found.items()
                if any(s == one or s.startswith(f"{one}:") for s in r.header.setSpecs)
            }
            assert {h.identifier.rpartition(":")[2] for h in listed} == within, one
        some = client.GetRecord(identifier=records[0].header.identifier, metadataPrefix="oai_dc")
        assert some.header.identifier == records[0].header.identifier
        with pytest.raises(IdDoesNotExist):
            client.GetRecord(identifier="oai:elsewhere:1", metadataPrefix="oai_dc")
        with pytest.raises(NoRecordsMatch):
            client.ListRecords(metadataPrefix="oai_dc", **{"from": "2999-01-01"})
        with pytest.raises(BadResumptionToken):
            client.ListRecords(resumptionToken="nonsense")


def test_a_record_says_in_dublin_core_what_the_page_says(
    database: Database, desk_settings: Settings
) -> None:
    with database.reading() as session:
        entry = get_entry(session, TRAINING, "cyber-school-initiative")
    wanted = desk_settings.model_copy(update={"base_url": "https://directory.example"})
    named = ("identifier", f"oai:directory.example:{entry.id}")
    answer = ask(database, wanted, ("verb", "GetRecord"), named, ("metadataPrefix", "oai_dc"))

    def said(element: str) -> list[str]:
        return list(answer.xpath(f"//dc:{element}/text()", namespaces=NAMES))

    assert entry.title in said("title")
    assert "CyberPeace Institute" in said("creator")
    assert any(text.endswith("/trainings/cyber-school-initiative") for text in said("identifier"))
    assert said("type") == ["Training"]
    assert said("subject") and said("description")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=Nonsense", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=x", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-1-1", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-03&until=2026-01-01", "badArgument"),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-03&until=2026-03-01T00:00:00Z",
            "badArgument",
        ),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=1999-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=kind:planet", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=x&set=kind", "badArgument"),
        ("verb=ListRecords&resumptionToken=%00%ff", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%00", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=oai:a:b", "idDoesNotExist"),
    ],
)
def test_what_is_wrong_is_named_by_its_code(site: TestClient[Any], query: str, code: str) -> None:
    for answer in (
        site.get(f"/oai?{query}"),
        site.post(
            "/oai",
            content=query,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        ),
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/xml")
        document = etree.fromstring(answer.content)
        assert codes(document) == [code]
        echoed = document.find("o:request", NAMES)
        if code in ("badVerb", "badArgument"):
            assert not echoed.attrib


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "verb",
                    "from",
                    "until",
                    "set",
                    "metadataPrefix",
                    "identifier",
                    "resumptionToken",
                    "x",
                ]
            ),
            st.one_of(
                st.text(max_size=20),
                st.sampled_from([*oai.VERBS, "oai_dc", "kind:training", "2026-01-01"]),
            ),
        ),
        max_size=5,
    )
)
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip
def test_no_request_breaks_the_answer(
    database: Database, desk_settings: Settings, arguments: list[tuple[str, str]]
) -> None:
    answer = ask(database, desk_settings, *arguments)
    assert len(answer) == 3


def test_a_draft_is_no_record(database: Database, desk_settings: Settings) -> None:
    with database.writing() as session:
        draft = read_draft(TRAINING, "secret-course", {"title": "Secret course"}, {})
        entry, _ = save_draft(session, draft, by=None)
    first = ask(database, desk_settings, *LISTING)
    found, token = keys(first), token_of(first)
    while token:
        part = ask(database, desk_settings, ("verb", "ListRecords"), ("resumptionToken", token))
        found, token = found + keys(part), token_of(part)
    assert len(found) > 100 and not any(key.endswith(str(entry.id)) for key in found)


class Mirror:
    """A harvester that keeps what it was told, and asks for what changed since its last time."""

    def __init__(self, database: Database, wanted: Settings) -> None:
        self.database, self.settings = database, wanted
        self.since: str | None = None
        self.live: dict[str, str] = {}
        self.seen: list[tuple[str, str]] = []

    def harvest(self, between: Any = None) -> None:
        arguments = [*LISTING, *([("from", self.since)] if self.since else [])]
        self.seen = []
        moment = None
        while arguments:
            answer = ask(self.database, self.settings, *arguments)
            moment = moment or answer.findtext("o:responseDate", namespaces=NAMES)
            for record in answer.iterfind(".//o:record", NAMES):
                header = record.find("o:header", NAMES)
                key = header.findtext("o:identifier", namespaces=NAMES).rpartition(":")[2]
                self.seen.append((key, header.findtext("o:datestamp", namespaces=NAMES)))
                if header.get("status") == "deleted":
                    self.live.pop(key, None)
                else:
                    self.live[key] = record.findtext(".//dc:title", namespaces=NAMES)
            token = token_of(answer)
            arguments = [("verb", "ListRecords"), ("resumptionToken", token)] if token else []
            if between:
                between()
        self.since = moment


def truth(database: Database) -> dict[str, str]:
    with database.reading() as session:
        rows = session.exec(select(Entry).where(is_published()))
        return {str(e.id): e.title for e in rows}


def change(database: Database, number: int) -> None:
    """Change one entry: what of it is public, or whether it is."""
    with database.writing() as session:
        by = curator(session)
        entries = session.exec(
            select(Entry).where(Entry.kind == "training").order_by(col(Entry.slug))
        ).all()
        entry = entries[number % len(entries)]
        if entry.state is State.PUBLISHED and number % 3 == 0:
            make_move(session, entry, "archive", by=by, reason="It ended.")
        elif entry.state is State.ARCHIVED:
            make_move(session, entry, "bring_back", by=by)
        else:
            last = latest_revision(session, entry)
            profile = last.profile | {"title": f"{entry.title[:100]} {number}"}
            draft = read_draft(TRAINING, entry.slug, profile, last.claims)
            entry, revision = save_draft(session, draft, by=by)
            publish(session, entry, revision, by=by)


def test_a_mirror_that_asks_again_and_again_holds_what_is_public(
    any_seeded: Engine, tmp_path: Any, little_pages: None
) -> None:
    database = Database(any_seeded)
    wanted = settings_for(tmp_path, "sqlite:///unused.db")
    steady = {k for k in truth(database)}
    numbers = iter(range(0, 1000))
    changed: set[str] = set()

    def between() -> None:
        for _ in range(3):
            change(database, next(numbers) * 7)

    mirror = Mirror(database, wanted)
    before = truth(database)
    mirror.harvest(between)
    changed = {k for k in steady if truth(database).get(k) != before[k]}
    told = [key for key, _ in mirror.seen]
    assert steady - changed <= set(told), "nothing that was there all along is left out"
    twice = {key for key in told if told.count(key) > 1}
    assert twice <= changed, "only what changed comes again"
    with ThreadPoolExecutor(4) as pool:
        busy = [pool.submit(change, database, n) for n in range(2000, 2040)]
        while not all(one.done() for one in busy):
            mirror.harvest()
        for one in busy:
            one.result()
    mirror.harvest()
    assert mirror.live == truth(database)


def test_a_merge_and_its_undoing_reach_a_mirror(any_seeded: Engine, tmp_path: Any) -> None:
    database = Database(any_seeded)
    mirror = Mirror(database, settings_for(tmp_path, "sqlite:///unused.db"))
    mirror.harvest()
    with database.writing() as session:
        done = merge(session, TRAINING, *PAIR, by=curator(session))
    mirror.harvest()
    assert mirror.live == truth(database)
    with database.writing() as session:
        undo(session, done.id, by=curator(session))
    mirror.harvest()
    assert mirror.live == truth(database)


def test_an_old_token_and_one_of_another_site_are_refused(
    database: Database, desk_settings: Settings, little_pages: None
) -> None:
    token = token_of(ask(database, desk_settings, *LISTING))
    resume = ("verb", "ListRecords"), ("resumptionToken", token)
    assert not codes(ask(database, desk_settings, *resume))
    other = Settings(data_dir=desk_settings.data_dir, secret_key="the secret of another site")
    assert codes(ask(database, other, *resume)) == ["badResumptionToken"]


@given(st.text())
def test_any_text_becomes_valid_xml(text: str) -> None:
    element = etree.Element("a")
    element.text = xml_text(text)
    again = etree.fromstring(etree.tostring(element)).text or ""
    assert again == xml_text(text)


def test_every_field_is_told_or_has_no_place_in_dublin_core() -> None:
    untold = {
        name: declared
        for kind in KINDS.values()
        for name, declared in kind.public_fields.items()
        if element_of(declared) is None
    }
    for name, declared in untold.items():
        no_place = (
            declared.ours  # about our work on the entry
            or declared.reference  # told by its links
            or declared.type in (bool, int, Email)
            or declared.widget in ("number", "runs")
            or is_model(declared.type)
            or declared.ages in ("contact", "fee")  # ways to write, and prices
        )
        assert no_place, name


def test_a_moment_that_no_calendar_has_is_refused() -> None:
    with pytest.raises(oai.OaiError):
        oai._moment("from", "2026-13-01")
    assert oai._moment("from", "2026-11-25") == (datetime(2026, 11, 25, tzinfo=UTC), True)
