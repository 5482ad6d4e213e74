"""Reports of problems and suggestions: taken from anybody, worked through by curators."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import allow
from directory.audit import record
from directory.db import now, write_alone
from directory.entries.kinds import Kind, kind_named
from directory.entries.merges import what_became_of
from directory.entries.models import Entry
from directory.entries.queries import published_by_id
from directory.entries.vocabularies import Vocabularies
from directory.errors import Conflict, NotFound, TooMany
from directory.inbox import letters
from directory.inbox.limits import DAY, HOUR, check_limits
from directory.inbox.models import PausedSender, Problem, Report, ReportState
from directory.inbox.subjects import Subject, as_text, source_of, subject_of
from directory.inbox.words import ReportForm, check_words
from directory.languages import gettext, language, reading
from directory.mail import queue_mail
from directory.settings import Settings
from directory.sources.queries import sources_by_slug

PAUSE = timedelta(days=30)
PER_PAGE = 20
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that are read as another: 0 and O, 1, I and L, U and V."""


def send_report(
    session: Session,
    subject: Subject,
    form: ReportForm,
    *,
    seen: int,
    sender: str,
    secret: str,
) -> str:
    """Put a report into the queue; return its reference.

    `seen` is the version that the sender had in view, `sender` a keyed hash. Raises Conflict when
    the entry has changed since, and TooMany.
    """
    write_alone(session)
    entry = subject.entry
    _check_sender(session, sender, str(entry.id), secret)
    session.refresh(entry)
    if seen != entry.version:
        raise Conflict(
            gettext("This entry was changed while you were writing. Look at the value of now.")
        )
    value = subject.english
    report = Report(
        reference=_new_reference(),
        entry_id=entry.id,
        field=value.declared.name if value else None,
        version=entry.version,
        old_value=as_text(value) if value else None,
        old_source=source_of(value) if value else None,
        problem=form.problem.value,
        suggested=form.value,
        said_where=form.where,
        message=form.message,
        email=form.email,
        language=language().code,
        sender=sender,
        created_at=now(),
    )
    session.add(report)
    session.flush()
    _record(session, "report", report, None, problem=report.problem, field=report.field or "")
    return report.reference


def _new_reference() -> str:
    letters_of_it = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters_of_it[:4]}-{letters_of_it[4:]}"


def _check_sender(session: Session, sender: str, entry: str, secret: str) -> None:
    """Raise TooMany for a paused sender, and past the limits of one sender and one entry."""
    paused = session.get(PausedSender, sender)
    if paused and paused.until > now():
        wait = int((paused.until - now()).total_seconds()) + 1
        raise TooMany(wait, gettext("Reports from your network are paused."))
    check_limits(
        session,
        [
            ("report/hour", sender, 5, HOUR),
            ("report/day", sender, 20, DAY),
            ("report/entry/hour", entry, 10, HOUR),
            ("report/entry/day", entry, 40, DAY),
        ],
        secret=secret,
    )


def _record(session: Session, action: str, report: Report, by: User | None, **detail: str) -> None:
    """Write down what happened to a report; neither its sender nor its text goes into the log."""
    entry = session.get(Entry, report.entry_id)
    assert entry, "a report goes with its entry"
    named = {"reference": report.reference, **detail}
    record(session, action, entry.title, by=by, entry_id=entry.id, **named)


@dataclass(frozen=True)
class ReportFilter:
    """Which reports a curator wants to see; an empty text is any of them."""

    state: str = ReportState.OPEN.value
    problem: str = ""
    kind: str = ""
    older: int = 0
    mine: bool = False


@dataclass(frozen=True)
class Reported:
    """A report with its entry, and what the field says now, None when it is not public.

    `stays` is what the entry was merged into since; the entry itself where it was not.
    """

    report: Report
    entry: Entry
    stays: Entry
    kind: Kind
    subject: Subject | None
    assignee: str | None

    @property
    def problem(self) -> Problem:
        """Return what the sender says is wrong."""
        return Problem(self.report.problem)

    @property
    def state(self) -> ReportState:
        """Return how far it has come."""
        return ReportState(self.report.state)

    @property
    def field_title(self) -> str:
        """Return what the sender wrote about, in words."""
        declared = self.kind.public_fields.get(self.report.field or "")
        return declared.title if declared else gettext("The whole entry")

    @property
    def value_now(self) -> str | None:
        """Return what the field says now, as plain text in English."""
        return as_text(self.subject.english) if self.subject and self.subject.english else None

    @property
    def changed(self) -> bool:
        """Say whether the field, or for the whole entry anything, has changed since."""
        if self.report.field:
            return self.value_now != self.report.old_value
        return self.was_merged or self.entry.version != self.report.version

    @property
    def was_merged(self) -> bool:
        """Say whether another entry stands for it now."""
        return self.stays.id != self.entry.id


def list_reports(
    session: Session, wanted: ReportFilter, user: User, page: int
) -> tuple[int, list[Reported]]:
    """Return how many reports fit a filter, and a page of them: who has waited longest first."""
    conditions: list[Any] = []
    if wanted.state:
        conditions.append(col(Report.state) == wanted.state)
    if wanted.problem:
        conditions.append(col(Report.problem) == wanted.problem)
    if wanted.kind:
        conditions.append(col(Entry.kind) == wanted.kind)
    if wanted.older:
        conditions.append(col(Report.created_at) <= now() - timedelta(days=wanted.older))
    if wanted.mine:
        conditions.append(col(Report.assignee_id) == user.id)
    joined = select(Report, Entry, User.email).join(Entry, col(Report.entry_id) == Entry.id)
    joined = joined.join(User, col(Report.assignee_id) == User.id, isouter=True).where(*conditions)
    total = session.scalar(sa.select(sa.func.count()).select_from(joined.subquery())) or 0
    rows = session.exec(
        joined.order_by(col(Report.created_at), col(Report.id))
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
    ).all()
    return total, _with_values(session, rows)


def read_report(session: Session, reference: str) -> Reported:
    """Return one report; raises NotFound."""
    return _with_values(session, [_row(session, reference)])[0]


def _row(session: Session, reference: str) -> tuple[Report, Entry, str | None]:
    row = session.exec(
        select(Report, Entry, User.email)
        .join(Entry, col(Report.entry_id) == Entry.id)
        .join(User, col(Report.assignee_id) == User.id, isouter=True)
        .where(Report.reference == reference.replace("\x00", ""))
    ).first()
    if row is None:
        raise NotFound(gettext("There is no report %(reference)s.", reference=reference))
    return row


def _with_values(
    session: Session, rows: Sequence[tuple[Report, Entry, str | None]]
) -> list[Reported]:
    """Add to each report what its field says now, in one go."""
    stays = {entry.id: what_became_of(session, entry) for _, entry, _ in rows}
    ids = list({entry.id for entry in stays.values()})
    public = {p.entry.id: p for p in published_by_id(session, ids)}
    words, sources = Vocabularies.read(session), sources_by_slug(session)
    subjects = {
        report.id: subject_of(found, report.field or "", words, sources)
        for report, entry, _ in rows
        if (found := public.get(stays[entry.id].id))
    }
    return [
        Reported(
            report,
            entry,
            stays[entry.id],
            kind_named(entry.kind),
            subjects.get(report.id),
            assignee,
        )
        for report, entry, assignee in rows
    ]


def _open(session: Session, reference: str, by: User) -> Report:
    """Return a report to work on; raises NotAllowed, NotFound, and Conflict when it is closed."""
    write_alone(session)
    allow(by.role, "handle reports")
    report = _row(session, reference)[0]
    session.refresh(report)
    if report.state != ReportState.OPEN:
        raise Conflict(gettext("Somebody has closed this report already. Look at it again."))
    return report


def take_on(session: Session, reference: str, *, by: User) -> None:
    """Say that one works on a report, whoever did before."""
    report = _open(session, reference, by)
    report.assignee_id = by.id
    session.add(report)
    _record(session, "take report", report, by)


def let_go(session: Session, reference: str, *, by: User) -> None:
    """Say that nobody works on a report."""
    report = _open(session, reference, by)
    report.assignee_id = None
    session.add(report)
    _record(session, "let go of report", report, by)


def close(
    session: Session, reference: str, answer: str, *, done: bool, by: User, settings: Settings
) -> Report:
    """Close a report and mail the answer to who wants one.

    Raises Invalid when nothing was done and nobody says why; NotAllowed, NotFound and Conflict.
    """
    report = _open(session, reference, by)
    needed = "" if done else gettext("Say why nothing was changed: the sender reads it.")
    report.answer = check_words(answer, "answer", needed=needed) or None
    report.state = (ReportState.DONE if done else ReportState.NOT_DONE).value
    report.closed_at, report.closed_by = now(), by.id
    session.add(report)
    _record(session, "close report", report, by, outcome=report.state, answer=report.answer or "")
    entry = session.get(Entry, report.entry_id)
    if report.email and entry:
        with reading(report.language):
            letter = letters.report_answered(settings, report, entry, done)
        queue_mail(session, report.email, *letter, key=f"report:{uuid.uuid4()}")
    return report


def reopen(session: Session, reference: str, *, by: User) -> Report:
    """Open a closed report again; raises Conflict when it is open."""
    write_alone(session)
    allow(by.role, "handle reports")
    report = _row(session, reference)[0]
    session.refresh(report)
    if report.state == ReportState.OPEN:
        raise Conflict(gettext("This report is open already."))
    report.state, report.closed_at, report.closed_by = ReportState.OPEN.value, None, None
    session.add(report)
    _record(session, "reopen report", report, by)
    return report


def pause_sender(session: Session, reference: str, *, by: User) -> None:
    """Take no reports from the sender of this one for 30 days.

    Raises Conflict when nothing is kept any more by which to know them again.
    """
    write_alone(session)
    allow(by.role, "handle reports")
    report = _row(session, reference)[0]
    if not report.sender:
        raise Conflict(
            gettext("Nothing is kept any more by which the sender could be known again.")
        )
    session.merge(PausedSender(sender=report.sender, until=now() + PAUSE))
    _record(session, "pause sender", report, by)


def is_paused(session: Session, report: Report) -> bool:
    """Say whether the sender of a report is paused today."""
    paused = session.get(PausedSender, report.sender) if report.sender else None
    return bool(paused and paused.until > now())
