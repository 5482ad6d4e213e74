"""Whatever a site sends: a clear end, and reading twice changes nothing.

`DIRECTORY_TEST_EXAMPLES` says how many documents each reader is tried with.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from directory.db import Database
from directory.entries.kinds import KINDS
from directory.errors import SourceFailed
from directory.imports.harvest.items import Item, Rejected
from directory.imports.harvest.models import Outcome
from directory.imports.harvest.planning import compare
from directory.imports.harvest.reading import FORMATS
from directory.imports.harvest.values import Understood, Words, understand
from tests.imports.harvest.feeds import Clock, counts, items_of, register, revisions, run
from tests.imports.harvest.test_readers import (
    ATOM,
    BOMB,
    COURSE,
    RSS,
    SCHOOL,
    Pages,
    calendar,
    page,
    record,
    records,
)
from tests.imports.sites import Site, running, says

EXAMPLES = int(os.environ.get("DIRECTORY_TEST_EXAMPLES", "10"))
LONG = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ENTRY = {"id": "i", "url": "/trainings/rain", "profile": {"title": "Rain", "providers": ["x"]},
         "links": [{"slug": "x", "title": "X"}]}  # fmt: skip
EVENT = (
    "UID:1\r\nSUMMARY:Rain\r\nDTSTART;TZID=Europe/Zurich:20270301T090000\r\n"
    "DTEND;TZID=Europe/Zurich:20270301T100000\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n"
    "EXDATE;TZID=Europe/Zurich:20270308T090000\r\nRDATE:20270401T090000Z\r\nDURATION:PT1H"
)
GOOD = {
    "csv": ["id;title;languages\n1;Rain;en|fr\n2;Snow;\n", 'id,title\n1,"Ra\nin"\n'],
    "json": [json.dumps([{"id": 1, "title": "Rain", "runs": [{"start": "2027-01-01"}]}])],
    "ical": [calendar(EVENT, "UID:2\r\nRECURRENCE-ID:20270301\r\nDTSTART:20270301")],
    "atom": [ATOM, RSS, BOMB],
    "jsonld": [page({"@graph": [COURSE, SCHOOL]}), json.dumps(COURSE)],
    "oai": [records(record(1), record(2, ' status="deleted"'), token="t"), records(record(3))],
    "catalogue": [json.dumps({"pages": 2, "items": [ENTRY]})],
}
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "title", "name", "url", "profile", "items", "pages", "links", "runs", "slug",
                 "@id", "@type", "@graph", "hasCourseInstance", "offers", "price", "startDate",
                 "provider", "inLanguage", "itemListElement", "item", "location", "address"]
            ),
            inner | st.sampled_from(["Course", "#a", "Event", "2027-01-01"]),
            max_size=6,
        )
    ),
    max_leaves=25,
)  # fmt: skip


@st.composite
def broken(draw: st.DrawFn, good: list[str]) -> bytes:
    """A good document with bytes cut out, written over or repeated; or anything at all."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.binary(max_size=300) | ANY_JSON.map(lambda j: json.dumps(j).encode()))
    body = bytearray(draw(st.sampled_from(good)).encode())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        to = draw(st.integers(at, min(len(body), at + 40)))
        body[at:to] = draw(
            st.sampled_from([b"", b"\x00", b"\xff\xfe", b"<", b">", b"&a;", b'"', b"\r\n", b"{",
                             b"[", b";", b":", b"9" * 30, b"-1", bytes(body[at:to]) * 2])
            | st.binary(max_size=8)
        )  # fmt: skip
    return bytes(body)


@pytest.fixture(scope="module")
def words(seeded_engine: Engine) -> Words:
    with Database(seeded_engine).reading() as session:
        return Words.read(session)


@pytest.mark.parametrize("name", FORMATS)
def test_whatever_is_sent_a_reader_comes_to_a_clear_end(name: str, words: Words) -> None:
    @LONG
    @given(broken(GOOD[name]), st.sampled_from(FORMATS[name].kinds))
    def reads(body: bytes, kind_name: str) -> None:
        kind = KINDS[kind_name]
        try:
            found = list(FORMATS[name].read(Pages(body), "https://school.example/f", kind))
        except SourceFailed as error:
            assert str(error).strip() and "\n" not in str(error)
            return
        for one in found:
            assert isinstance(one, Item | Rejected)
            if isinstance(one, Item):
                assert one.remote_id
                understood = understand(words, kind, one)
                json.dumps(understood.values, allow_nan=False)
                assert set(understood.values) <= set(kind.public_fields)

    reads()


@pytest.mark.parametrize("name", ["json", "jsonld", "catalogue"])
def test_whatever_json_is_sent_a_reader_comes_to_a_clear_end(name: str, words: Words) -> None:
    @LONG
    @given(ANY_JSON)
    def reads(value: Any) -> None:
        kind = KINDS["training"]
        body = json.dumps({"pages": 1, "items": [value], "@graph": value})
        try:
            found = list(FORMATS[name].read(Pages(body), "https://school.example/f", kind))
        except SourceFailed:
            return
        for one in found:
            if isinstance(one, Item):
                understand(words, kind, one)

    reads()


# Laws

NAMES = ("title", "duration", "summary", "languages")
STATED = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["a", "b", "c"]))


@given(STATED, STATED, STATED, st.sets(st.sampled_from(NAMES)))
def test_who_reads_the_same_again_takes_nothing(
    said: dict[str, str], present: dict[str, str], new: dict[str, str], held: set[str]
) -> None:
    profile, taken, left = compare(said, present, Understood(new, {}), held)
    again, more, _ = compare(new, profile, Understood(new, {}), held)
    assert (again, more) == (profile, ())
    assert not set(taken) & (held | set(left))
    assert all(profile.get(n) == present.get(n) for n in held | set(left))
    untouched = {n for n in NAMES if said.get(n) == new.get(n)}
    assert all(profile.get(n) == present.get(n) for n in untouched)


ROWS = st.lists(
    st.fixed_dictionaries(
        {"title": st.text(st.characters(codec="utf-8"), max_size=30)},
        optional={
            "id": st.integers(0, 12) | st.text(max_size=5),
            "url": st.sampled_from(["https://s.example/a", "https://s.example/b", "https://s.example"]),
            "summary": st.text(max_size=20),
            "languages": st.lists(st.sampled_from(["en", "French", "Klingon"])),
            "mode": st.sampled_from(["online", "virtual", "nowhere"]),
            "cost_amount": st.integers() | st.text(max_size=5),
            "runs": st.just([{"start": "2027-01-01", "end": "2027-01-02"}]) | st.just([{"end": 3}]),
        },
    ),
    max_size=8,
)  # fmt: skip


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as found:
        yield found


@settings(
    max_examples=max(EXAMPLES // 3, 5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ROWS)
def test_harvesting_twice_is_no_change(
    seeded_engine: Engine, site: Site, rows: list[dict[str, Any]]
) -> None:
    site.pages["/feed.json"] = says(200, json.dumps(rows).encode())
    with seeded_engine.connect() as connection:
        outer = connection.begin()
        database, clock = Database(connection), Clock()
        register(database, site.url("/feed.json"))
        first = run(database, site, clock)
        before = (revisions(database), _plain(database))
        clock.pass_days(1)
        second = run(database, site, clock)
        assert (revisions(database), _plain(database)) == before
        assert second.read == first.read == sum(counts(first).get(n, 0) for n in PARTS)
        if first.outcome == Outcome.DONE.value:
            assert second.unchanged == first.added + first.updated + first.unchanged
        outer.rollback()


PARTS = ("added", "updated", "unchanged", "rejected")


def _plain(database: Database) -> dict[str, Any]:
    return {key: item.model_dump() for key, item in items_of(database).items()}
