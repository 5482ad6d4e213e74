"""Every move, in every state, by every role, over HTTP, against the tables."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.curation.service import get_entry, latest_revision, read_draft, save_draft
from directory.curation.workflow import MOVES
from directory.db import Database, make_engine
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.entries.models import Entry, Note, State, Waiting
from directory.settings import Settings
from tests.people import enter_as, form_in, quick_hashes

__all__ = ["quick_hashes"]

AT = "/curation/trainings/cyber-school-initiative"
ROLES = ("visitor", "contributor", "provider", "granted", "curator", "admin")
PROPOSERS = {"contributor", "granted", "curator", "admin"}
REVIEWERS = {"curator", "admin"}

# Written down on purpose, apart from the program: who, from what waits, from what is public.
_ALL = {None, *Waiting}
_OPEN = set(State) - {State.MERGED}
_DRAFT, _REVIEW, _ASKED, _REFUSED = Waiting
_UP, _DOWN, _OLD = State.PUBLISHED, State.WITHDRAWN, State.ARCHIVED
EXPECTED: dict[str, tuple[set[str], set[Any], set[State], Any, Any]] = {
    "submit": (PROPOSERS, {_DRAFT, _ASKED, _REFUSED}, _OPEN, _REVIEW, "same"),
    "take_back": (PROPOSERS, {_REVIEW}, _OPEN, _DRAFT, "same"),
    "request_changes": (REVIEWERS, {_REVIEW}, _OPEN, _ASKED, "same"),
    "refuse": (REVIEWERS, {_DRAFT, _REVIEW, _ASKED}, _OPEN, _REFUSED, "same"),
    "publish": (REVIEWERS, {_DRAFT, _REVIEW, _ASKED}, _OPEN, None, _UP),
    "withdraw": (REVIEWERS, _ALL, {_UP, _OLD}, "same", _DOWN),
    "archive": (REVIEWERS, _ALL, {_UP}, "same", _OLD),
    "bring_back": (REVIEWERS, _ALL, {_DOWN, _OLD}, "same", _UP),
}


@pytest.fixture
def people(
    desk: TestClient[Any], desk_settings: Settings
) -> Iterator[tuple[Database, dict[str, dict[str, str]]]]:
    """The cookies of each role, and a change that waits."""
    database = Database(make_engine(desk_settings.database_url))
    desk.get("/account/sign-in")
    cookies = {"visitor": dict(desk.cookies)}
    for role in ROLES[1:]:
        desk.cookies.clear()
        if role == "granted":
            with database.writing() as session:
                session.execute(
                    sa.update(User).where(col(User.role) == "provider").values(email="x@x.org")
                )
        enter_as(desk, desk_settings, {"granted": "provider"}.get(role, role))
        cookies[role] = dict(desk.cookies)
    with database.writing() as session:
        entry = get_entry(session, TRAINING, AT.rpartition("/")[2])
        before = latest_revision(session, entry)
        person = session.exec(select(User).where(User.email == "provider@example.org")).one()
        owner = get_entry(session, ORGANISATION, before.profile["providers"][0])
        session.add(Grant(user_id=person.id, organisation_id=owner.id))
        changed = {**before.profile, "duration": "Nine weeks"}
        save_draft(session, read_draft(TRAINING, entry.slug, changed, before.claims), by=None)
    yield database, cookies
    database.engine.dispose()


def _entry(session: Session) -> Entry:
    return get_entry(session, TRAINING, AT.rpartition("/")[2])


@pytest.mark.parametrize("move", MOVES)
def test_a_move_is_made_by_whom_and_from_where_the_table_says(
    desk: TestClient[Any],
    people: tuple[Database, dict[str, dict[str, str]]],
    move: str,
) -> None:
    database, cookies = people
    who, waitings, states, then, becomes = EXPECTED[move]
    wrong = []
    for role in ROLES:
        desk.cookies.clear()
        desk.cookies.update(cookies[role])
        page = desk.get("/account/sign-in" if role == "visitor" else "/curation/trainings/new")
        token = form_in(page.text, "/account/sign-in" if role == "visitor" else "form")
        for state in State:
            for waiting in (None, *Waiting):
                with database.writing() as session:
                    entry = _entry(session)
                    entry.state, entry.waiting = state, waiting
                    session.add(entry)
                    notes = len(session.exec(select(Note)).all())
                    number = latest_revision(session, entry).number
                answer = desk.post(
                    f"{AT}/moves/{move}",
                    data={
                        "_csrf_token": token["_csrf_token"],
                        "revision": str(number),
                        "text": "Because.",
                    },
                    follow_redirects=False,
                )
                with database.reading() as session:
                    entry = _entry(session)
                    more = len(session.exec(select(Note)).all()) - notes
                after = (entry.state, entry.waiting)
                fits = waiting in waitings and state in states
                if role == "visitor":
                    status, expected = 401, (state, waiting)
                elif role not in who:
                    status, expected = 403, (state, waiting)
                elif not fits:
                    status, expected = 409, (state, waiting)
                else:
                    status = 303
                    expected = (
                        state if becomes == "same" else becomes,
                        waiting if then == "same" else then,
                    )
                told = (answer.status_code, after, more)
                if told != (status, expected, int(status == 303)):
                    wrong.append((role, state, waiting, told, (status, expected)))
    assert not wrong


def test_the_table_of_moves_is_the_one_that_was_agreed() -> None:
    assert set(MOVES) == set(EXPECTED)


@pytest.mark.parametrize("move", [name for name, move in MOVES.items() if move.explains])
def test_a_move_that_explains_needs_a_reason(
    desk: TestClient[Any],
    people: tuple[Database, dict[str, dict[str, str]]],
    move: str,
) -> None:
    database, cookies = people
    desk.cookies.clear()
    desk.cookies.update(cookies["curator"])
    with database.writing() as session:
        entry = _entry(session)
        entry.waiting = Waiting.IN_REVIEW
        session.add(entry)
    page = desk.get(f"{AT}/review").text
    token = form_in(page, "steps")
    for reason in ("", " \n ", "a\x00b", "a" * 4001):
        body = {n: token[n] for n in ("_csrf_token", "revision")} | {"text": reason}
        answer = desk.post(f"{AT}/moves/{move}", data=body, follow_redirects=False)
        assert answer.status_code == 422, reason
    with database.reading() as session:
        assert _entry(session).waiting is Waiting.IN_REVIEW


@pytest.mark.parametrize("role", ROLES)
def test_saving_answering_and_handing_over_follow_the_table_too(
    desk: TestClient[Any], people: tuple[Database, dict[str, dict[str, str]]], role: str
) -> None:
    _, cookies = people
    desk.cookies.clear()
    desk.cookies.update(cookies[role])
    page = desk.get("/account/sign-in" if role == "visitor" else "/curation/trainings/new")
    token = form_in(page.text, "/account/sign-in" if role == "visitor" else "form")["_csrf_token"]

    def sent(path: str, **body: str) -> int:
        data = {"_csrf_token": token, **body}
        return desk.post(f"{AT}{path}", data=data, follow_redirects=False).status_code

    visitor, proposes, reviews = role == "visitor", role in PROPOSERS, role in REVIEWERS
    no = 401 if visitor else 403
    # The base is wrong on purpose: whoever may save learns of it, and nobody saves an empty form.
    assert sent("", _base="-1") == (409 if proposes else no)
    assert sent("/submit", _base="-1") == (409 if proposes else no)
    assert sent("/publish", _base="-1") == (409 if reviews else no)
    assert sent("/answer", text="Hello.") == (303 if proposes else no)
    assert sent("/assignee", to="") == (303 if reviews else no)
    assert desk.get(f"{AT}/review", follow_redirects=False).status_code == (
        303 if visitor else 200 if proposes else 403
    )
