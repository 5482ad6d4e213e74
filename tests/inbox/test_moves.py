"""Every state of a request with every move, and the one law: no right without a decision."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.audit import AuditRow, verify_chain
from directory.curation.owning import is_own
from directory.db import Database
from directory.entries.kinds import ORGANISATION
from directory.entries.models import Entry
from directory.entries.queries import find_published
from directory.errors import Conflict, DirectoryError, NotAllowed, NotFound
from directory.inbox import grants, requests
from directory.inbox.models import Request, RequestState, RequestStep
from directory.inbox.moves import MOVES, moves_from
from directory.inbox.proof import token_for
from directory.inbox.words import RequestForm
from directory.settings import Settings
from tests.inbox.conftest import a_person, mails_in

SETTINGS = Settings(secret_key="a-key-for-tests-only", base_url="http://testserver.local")
ANA, BEN = "ana@diplomacy.edu", "ben@elsewhere.example"


def token(session: Session, to: str) -> str:
    """Return the newest token that was mailed to an address, or one that never was."""
    for mail in reversed(mails_in(session, to)):
        if found := re.search(r"/claim/(?:answer/)?(\S+)", mail.text):
            return found.group(1)
    return "none"


def ask(session: Session, organisation: Entry, email: str) -> None:
    form = RequestForm(email=email, job="Director")
    requests.ask(session, organisation, form, sender=f"{len(mails_in(session))}", settings=SETTINGS)


def in_state(session: Session, state: RequestState) -> tuple[Request, User, User]:
    """Return a request in a state, a curator, and a holder of the same organisation."""
    organisation = find_published(session, ORGANISATION, "diplofoundation")
    curator = a_person(session, "curator@example.org", "curator")
    holder = a_person(session, "holder@diplomacy.edu", "provider")
    grants.give_grant(session, organisation, holder, by=curator)
    ask(session, organisation, ANA)
    request = session.exec(select(Request)).one()
    request.state = state.value
    session.add(request)
    session.flush()
    return request, curator, holder


def make(session: Session, name: str, request: Request, curator: User, holder: User) -> None:
    mine = grants.grants_of(session, holder)[0]
    signed = token_for(request, SETTINGS.secret)
    how: dict[str, Callable[[], Any]] = {
        "prove": lambda: requests.prove(session, signed, settings=SETTINGS),
        "answer": lambda: requests.answer_refusal(session, signed, "Yes.", settings=SETTINGS),
        "dispute": lambda: requests.mark_disputed(
            session, request, "No.", by=curator, settings=SETTINGS
        ),
        "object": lambda: requests.object_to(
            session, mine, request, "No.", by=holder, settings=SETTINGS
        ),
        "grant": lambda: requests.grant(session, request, by=curator, settings=SETTINGS),
        "refuse": lambda: requests.refuse(session, request, "No.", by=curator, settings=SETTINGS),
        "expire": lambda: _expire(session),
    }
    how[name]()


def _expire(session: Session) -> None:
    if not requests.expire_old(session, SETTINGS):
        raise Conflict("Nothing was due.")


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("state", RequestState)
def test_a_move_is_possible_from_its_states_and_from_no_other(
    database: Database, later: Callable[..., None], state: RequestState, name: str
) -> None:
    move = MOVES[name]
    with database.writing() as session:
        request, curator, holder = in_state(session, state)
        if name == "expire":
            later(days=31)
        if state in move.before:
            make(session, name, request, curator, holder)
            assert request.state == move.after
            steps = session.exec(select(RequestStep)).all()
            assert [s.move for s in steps] == [name]
            assert verify_chain(session).broken is None
        else:
            with pytest.raises((Conflict, NotFound, KeyError)):
                make(session, name, request, curator, holder)
            assert request.state == state
            assert session.exec(select(RequestStep)).all() == []


def test_every_state_but_the_last_ones_has_a_way_on() -> None:
    last = {RequestState.GRANTED, RequestState.EXPIRED}
    for state in RequestState:
        found = [m for who in ("applicant", "curator", "program") for m in moves_from(state, who)]
        assert bool(found) is (state not in last), state


@pytest.mark.parametrize("role", ["contributor", "provider"])
def test_who_may_not_grant_decides_nothing(database: Database, role: str) -> None:
    with database.writing() as session:
        request, _, holder = in_state(session, RequestState.PROVED)
        nobody = a_person(session, "nobody@example.org", role)
        mine = grants.grants_of(session, holder)[0]
        tries: list[Callable[[], Any]] = [
            lambda: requests.grant(session, request, by=nobody, settings=SETTINGS),
            lambda: requests.refuse(session, request, "No.", by=nobody, settings=SETTINGS),
            lambda: requests.mark_disputed(session, request, "No.", by=nobody, settings=SETTINGS),
            lambda: grants.revoke(session, mine, "No.", by=nobody, settings=SETTINGS),
        ]
        for work in tries:
            with pytest.raises(NotAllowed):
                work()
        assert request.state == RequestState.PROVED


def test_nobody_ends_or_renews_the_right_of_another(database: Database) -> None:
    with database.writing() as session:
        request, _, holder = in_state(session, RequestState.PROVED)
        other = a_person(session, "other@example.org", "provider")
        mine = grants.grants_of(session, holder)[0]
        tries: list[Callable[[], Any]] = [
            lambda: grants.renew(session, mine, by=other),
            lambda: grants.give_up(session, mine, by=other, settings=SETTINGS),
            lambda: requests.object_to(session, mine, request, "No.", by=other, settings=SETTINGS),
        ]
        for work in tries:
            with pytest.raises(NotFound):
                work()
        assert mine.grant.ended_at is None


def test_confirming_an_entry_renews_the_right_behind_it(
    database: Database, later: Callable[..., None]
) -> None:
    with database.writing() as session:
        _, _, holder = in_state(session, RequestState.ASKED)
        before = grants.grants_of(session, holder)[0]
        ends = before.grant.expires_at
        later(days=100)
        grants.renew_for(session, holder, {before.organisation.id})
        after = grants.grants_of(session, holder)[0]
        assert ends and after.grant.expires_at
        assert (after.grant.expires_at - ends).days == 100


def test_the_log_names_no_address(database: Database) -> None:
    with database.writing() as session:
        request, curator, holder = in_state(session, RequestState.PROVED)
        mine = grants.grants_of(session, holder)[0]
        requests.hand_over(session, mine, BEN, by=holder, settings=SETTINGS)
        requests.grant(session, request, by=curator, settings=SETTINGS)
        grants.give_up(session, mine, by=holder, settings=SETTINGS)
        log = session.exec(select(AuditRow)).all()
        assert {"ask request", "grant request", "end grant"} <= {row.action for row in log}
        everything = " ".join(row.detail + row.subject for row in log)
        assert "@" not in everything


def test_a_stranger_who_asks_in_the_name_of_a_successor_takes_nothing_from_them(
    database: Database,
) -> None:
    with database.writing() as session:
        _, _, holder = in_state(session, RequestState.EXPIRED)
        mine = grants.grants_of(session, holder)[0]
        requests.hand_over(session, mine, BEN, by=holder, settings=SETTINGS)
        ask(session, mine.organisation, BEN)
        request = session.exec(select(Request).where(Request.email == BEN)).one()
        assert request.vouched_by == holder.id
        assert request.job == "Named as successor"


_BEGINNING = ["ask", "prove", "grant"]
_MOVES = [
    "ask", "prove", "answer", "grant", "refuse", "dispute", "hand_over", "object", "renew",
    "give_up", "revoke", "wait", "tidy",
]  # fmt: skip
STEPS = st.tuples(
    # Without a beginning most walks would end before anybody holds anything.
    st.sampled_from([[], [("ask", BEN), ("prove", BEN)], [(name, ANA) for name in _BEGINNING]]),
    st.lists(st.tuples(st.sampled_from(_MOVES), st.sampled_from([ANA, BEN])), max_size=25),
).map(lambda parts: parts[0] + parts[1])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_nobody_without_a_decision_of_a_curator_ever_edits_an_organisation(
    database: Database, later: Callable[..., None], steps: list[tuple[str, str]]
) -> None:
    """Whatever applicants, holders and time do: a right begins with a grant of a curator."""
    with database.reading() as session:
        nested = session.begin_nested()
        organisation = find_published(session, ORGANISATION, "diplofoundation")
        curator = a_person(session, "curator@example.org", "curator")
        # Ben has an account from the start, so that nothing but a decision stands before his right.
        a_person(session, BEN, "provider")
        decided: set[str] = set()
        for name, email in steps:
            try:
                with session.begin_nested():
                    _step(session, name, email, organisation, curator, later)
            except DirectoryError:
                continue
            if name == "grant":
                decided.add(email)
            for user in session.exec(select(User).where(col(User.email).in_([ANA, BEN]))):
                live = any(h.user.id == user.id for h in grants.holders_of(session, organisation))
                assert is_own(session, organisation, user) is live
                assert not live or user.email in decided
        granted = session.exec(select(Grant)).all()
        assert all(g.granted_by == curator.id for g in granted)
        assert verify_chain(session).broken is None
        nested.rollback()


def _step(
    session: Session,
    name: str,
    email: str,
    organisation: Entry,
    curator: User,
    later: Callable[..., None],
) -> None:
    user = session.exec(select(User).where(User.email == email)).first()
    asked = session.exec(
        select(Request).where(Request.email == email).order_by(col(Request.id).desc())
    ).first()
    held = next((h for h in grants.all_grants(session) if user and h.user.id == user.id), None)
    if name == "ask":
        ask(session, organisation, email)
    elif name == "prove":
        requests.prove(session, token(session, email), settings=SETTINGS)
    elif name == "answer":
        requests.answer_refusal(session, token(session, email), "Yes.", settings=SETTINGS)
    elif name == "wait":
        later(days=400)
    elif name == "tidy":
        grants.end_what_has_run_out(session, SETTINGS)
        requests.expire_old(session, SETTINGS)
    elif name in ("grant", "refuse", "dispute"):
        if asked is None:
            raise NotFound("nothing asked")
        if name == "grant":
            requests.grant(session, asked, by=curator, settings=SETTINGS)
        else:
            work = requests.refuse if name == "refuse" else requests.mark_disputed
            work(session, asked, "No.", by=curator, settings=SETTINGS)
    elif user is None or held is None:
        raise NotFound("nothing held")
    elif name == "hand_over":
        requests.hand_over(session, held, BEN, by=user, settings=SETTINGS)
    elif name == "revoke":
        grants.revoke(session, held, "No.", by=curator, settings=SETTINGS)
    elif name == "give_up":
        grants.give_up(session, held, by=user, settings=SETTINGS)
    elif name == "renew":
        grants.renew(session, held, by=user)
    elif name == "object":
        for other in requests.open_requests(session, organisation):
            requests.object_to(session, held, other, "No.", by=user, settings=SETTINGS)
