"""Whatever a form holds, it is saved whole or comes back with errors at their fields.

`DIRECTORY_TEST_EXAMPLES` says how many forms are made up for each kind; `make faults` makes
10,000 in all.
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session, func, select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.curation.boxes import sections_of, titles_of, with_places
from directory.curation.controls import controls_of
from directory.curation.editing import draft_from, open_entry, open_new, save, save_and_move
from directory.curation.forms import Form, read_form, without_blank_rows
from directory.curation.options import read_options
from directory.curation.service import get_entry
from directory.db import Database
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry, EntryTerm, Revision
from directory.errors import Conflict, Invalid
from directory.settings import Settings
from directory.sources.models import ClaimRow
from tests.curation.nasty import Pairs, forms, over
from tests.curation.test_round_trip import pairs_of, publish_a_full_one
from tests.people import Form as FilledIn
from tests.people import form_in, send, writing

EXAMPLES = int(os.environ.get("DIRECTORY_TEST_EXAMPLES", "90"))
ANY = settings(
    derandomize="DIRECTORY_TEST_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TABLES = (Entry, Revision, EntryTerm, ClaimRow)


@pytest.fixture
def full(any_seeded: Engine) -> Iterator[tuple[Connection, User]]:
    """A database with an entry of each kind in which everything is filled in, and its curator."""
    with any_seeded.connect() as connection:
        outer = connection.begin()
        with Database(connection).writing() as session:
            add_user(session, "ana@example.org", "curator")
            for kind in KINDS.values():
                publish_a_full_one(session, kind)
        with Session(connection) as session:
            yield connection, session.exec(select(User)).one()
        outer.rollback()


def counts(session: Session) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def draw(session: Session, kind: Kind, form: Form, errors: dict[str, str], user: User) -> None:
    """Lay the form out as its page would, errors and all."""
    controls = controls_of(kind, private=True)
    options = read_options(session, controls.values(), user)
    sections = sections_of(kind, controls, form, options, errors)
    boxes = [box for _, found in sections for box in found]
    assert len(with_places(errors, titles_of(boxes))) == len(errors)


def receive(
    database: Database, kind: Kind, slug: str | None, sent: Pairs, user: User, public: bool
) -> str:
    """Do with a form what its page does; say how it ended."""
    controls = controls_of(kind, private=True)
    with database.reading() as session:
        before = counts(session)
    try:
        form = read_form(controls, sent)
    except Invalid:
        return "too many fields"
    try:
        if not (form.add or form.drop):
            with database.writing() as session:
                entry, revision = (
                    save_and_move(session, kind, slug, form, "publish", by=user, base_url="")
                    if public
                    else save(session, kind, slug, form, by=user)
                )
                assert counts(session)[1] == before[1] + 1
                opened = open_entry(session, kind, entry.slug, user)
                again = read_form(controls, pairs_of(controls, opened.form))
                draft = draft_from(session, kind, entry, again, user)
                assert draft.values == revision.profile
            return "saved"
        errors: dict[str, str] = {}
    except Invalid as error:
        form, errors = without_blank_rows(form), error.by_field
        assert errors and all(errors.values())
    except Conflict:
        assert slug
        errors = {}
    with database.reading() as session:
        assert counts(session) == before
        draw(session, kind, form, errors, user)
    return "came back"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_a_form_is_saved_whole_or_comes_back(full: tuple[Connection, User], kind: Kind) -> None:
    connection, user = full
    controls = controls_of(kind, private=True)
    database = Database(connection)
    with database.reading() as session:
        base = int(get_entry(session, kind, "full").version)
        filled = list(pairs_of(controls, open_entry(session, kind, "full", user).form))
    empty = [*pairs_of(controls, open_new(kind, user).form), (kind.title_field, "A name")]
    assert base == 1
    ended: list[str] = []

    @settings(ANY, max_examples=EXAMPLES if connection.dialect.name == "sqlite" else EXAMPLES // 5)
    @given(changes=forms(controls), new=st.booleans(), public=st.booleans())
    def check(changes: Pairs, new: bool, public: bool) -> None:
        example = connection.begin_nested()
        try:
            sent = over(empty if new else filled, changes)
            ended.append(receive(database, kind, None if new else "full", sent, user, public))
        finally:
            example.rollback()

    check()
    print(f"\n{connection.dialect.name}, {kind.name}: {len(ended)} forms, {Counter(ended)}")
    assert {"saved", "came back"} <= set(ended)


def as_sent(changes: Pairs) -> Pairs:
    """Leave out what no browser can send: half a character."""
    return [
        (n.encode("utf-8", "replace").decode(), t.encode("utf-8", "replace").decode())
        for n, t in changes
    ]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_the_site_answers_any_form(
    curator: TestClient[Any], desk_settings: Settings, kind: Kind
) -> None:
    with writing(desk_settings) as session:
        publish_a_full_one(session, kind)
    address = f"/curation/{kind.path}"
    old = form_in(curator.get(f"{address}/full").text)
    controls = controls_of(kind, private=True)
    statuses: Counter[int] = Counter()

    @settings(ANY, max_examples=max(EXAMPLES // 9, 10))
    @given(
        changes=forms(controls),
        path=st.sampled_from(["new", "full"]),
        public=st.booleans(),
        late=st.integers(0, 9),
    )
    def check(changes: Pairs, path: str, public: bool, late: int) -> None:
        page = form_in(curator.get(f"{address}/{path}").text)
        opened = page if path == "new" or late else old
        form = FilledIn(f"{address}/{path}", over(opened.pairs, as_sent(changes)))
        to = form.action + ("/publish" if public else "")
        answer = send(curator, form, to=to, follow=False)
        statuses[answer.status_code] += 1
        assert answer.status_code in (200, 303, 409, 413, 422), answer.text[:2000]

    check()
    print(f"\nover HTTP, {kind.name}: {statuses.total()} forms, {dict(statuses)}")
