"""Whatever people do in whatever order: laws that hold for the way of an entry."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.engine import Engine
from sqlmodel import Session, func, select

from directory.accounts.models import Grant, User
from directory.audit import AuditRow, verify_chain
from directory.curation.owning import may_on
from directory.curation.service import get_entry, latest_revision, read_draft, save_draft
from directory.curation.workflow import MOVES, answer, make_move, moves_open_to
from directory.db import Database
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.entries.models import Entry, Note, State, Training
from directory.errors import Conflict, Invalid, NotAllowed

SLUGS = ("cyber-school-initiative", "ai-campus", "quite-new")
ROLES = ("contributor", "provider", "granted", "curator", "admin")
CHANGES_LIVE = {"publish", "withdraw", "archive", "bring_back"}


class Way(RuleBasedStateMachine):
    """Random moves by random people; a refused one changes nothing."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.database = Database(self.connection)
        with self.database.writing() as session:
            for role in ROLES:
                known = {"granted": "provider"}.get(role, role)
                session.add(User(email=f"{role}@example.org", role=known))
            session.flush()
            granted = self._user(session, "granted")
            owner = get_entry(session, ORGANISATION, "cyberpeace-institute")
            session.add(Grant(user_id=granted.id, organisation_id=owner.id))
            save_draft(session, read_draft(TRAINING, "quite-new", {"title": "New"}, {}), by=None)
            self.rows = self._count(session, AuditRow)
            self.notes = self._count(session, Note)
        self.live = self._live()

    @staticmethod
    def _user(session: Session, role: str) -> User:
        return session.exec(select(User).where(User.email == f"{role}@example.org")).one()

    @staticmethod
    def _count(session: Session, table: Any) -> int:
        return session.exec(select(func.count()).select_from(table)).one()

    def _live(self) -> dict[str, Any]:
        """Return what the public sees of each entry."""
        found = {}
        with self.database.reading() as session:
            for slug in SLUGS:
                entry = get_entry(session, TRAINING, slug)
                row = session.get(Training, entry.id)
                said = row.model_dump(warnings=False) if row else None
                found[slug] = (entry.state, entry.version, entry.state_reason, said)
        return found

    @rule(
        slug=st.sampled_from(SLUGS),
        role=st.sampled_from(ROLES),
        move=st.sampled_from([*MOVES]),
        reason=st.sampled_from(["", "Because."]),
        behind=st.sampled_from([0, 0, 0, 1]),
    )
    def move(self, slug: str, role: str, move: str, reason: str, behind: int) -> None:
        rule_of = MOVES[move]
        with self.database.reading() as session:
            entry, user = get_entry(session, TRAINING, slug), self._user(session, role)
            before = (entry.state, entry.waiting)
            number = latest_revision(session, entry).number - behind
            may = may_on(session, user, rule_of.action, entry)
            offered = move in {m.name for m in moves_open_to(session, user, entry)}
        fits = before[1] in rule_of.waiting and before[0] in rule_of.state
        assert offered == (may and fits)
        try:
            with self.database.writing() as session:
                entry, user = get_entry(session, TRAINING, slug), self._user(session, role)
                make_move(session, entry, move, by=user, reason=reason, revision=number)
        except NotAllowed:
            assert not may
        except Conflict:
            assert behind or not fits
        except Invalid:
            assert (rule_of.explains and not reason) or move == "publish"
        else:
            assert offered and not behind
            self._accepted(slug, move)
            after = self._entry(slug)
            expected = None if move == "publish" else rule_of.then or before[1]
            assert (after.state, after.waiting) == (rule_of.becomes or before[0], expected)

    def _accepted(self, slug: str, move: str) -> None:
        """Each accepted step has one row of the log and one note; few change what is live."""
        self.rows, self.notes = self.rows + 1, self.notes + 1
        with self.database.reading() as session:
            newest = session.exec(
                select(AuditRow).order_by(AuditRow.sequence.desc()).limit(1)  # type: ignore[attr-defined]
            ).one()
            entry = get_entry(session, TRAINING, slug)
            assert (newest.action, newest.entry_id) == (move, entry.id)
        if move in CHANGES_LIVE:
            self.live[slug] = self._live()[slug]

    def _entry(self, slug: str) -> Entry:
        with self.database.reading() as session:
            return get_entry(session, TRAINING, slug)

    @rule(slug=st.sampled_from(SLUGS), role=st.sampled_from(ROLES), word=st.sampled_from("abc"))
    def save(self, slug: str, role: str, word: str) -> None:
        with self.database.writing() as session:
            entry, user = get_entry(session, TRAINING, slug), self._user(session, role)
            if not may_on(session, user, "save", entry):
                return
            before = latest_revision(session, entry)
            profile = {**before.profile, "duration": f"{word} weeks"}
            claims = before.claims | {"duration": [{"source": "gcsp-profile"}]}
            save_draft(session, read_draft(TRAINING, slug, profile, claims), by=user)
        self.rows += 1

    @rule(slug=st.sampled_from(SLUGS), role=st.sampled_from(ROLES))
    def answer(self, slug: str, role: str) -> None:
        try:
            with self.database.writing() as session:
                entry, user = get_entry(session, TRAINING, slug), self._user(session, role)
                answer(session, entry, "Why?", by=user)
        except NotAllowed:
            return
        self._accepted(slug, "answer")

    @invariant()
    def only_few_moves_change_what_is_live(self) -> None:
        assert self._live() == self.live

    @invariant()
    def every_step_is_written_down_once(self) -> None:
        with self.database.reading() as session:
            assert self._count(session, AuditRow) == self.rows
            assert self._count(session, Note) == self.notes

    @invariant()
    def what_is_public_has_a_version_and_what_has_none_never_was(self) -> None:
        for slug in SLUGS:
            entry = self._entry(slug)
            assert bool(entry.version) is (entry.state is not State.DRAFT)

    def teardown(self) -> None:
        with self.database.reading() as session:
            verified = verify_chain(session)
        self.outer.rollback()
        self.connection.close()
        assert verified.broken is None


def test_no_order_of_steps_breaks_the_laws(seeded_engine: Engine) -> None:
    machine = type("OnThisDatabase", (Way,), {"engine": seeded_engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
