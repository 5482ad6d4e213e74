"""Requests as a curator reads them: what an address says, who edits today, what was said."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.entries.kinds import ORGANISATION
from directory.entries.models import Entry
from directory.entries.queries import profiles
from directory.inbox.evidence import Evidence, evidence_of, places_of
from directory.inbox.grants import Held, holders_of
from directory.inbox.models import Report, ReportState, Request, RequestState, RequestStep
from directory.inbox.moves import OPEN
from directory.inbox.requests import find_request, organisation_of


@dataclass(frozen=True)
class Asked:
    """A request as a curator reads it: with what its address says, and who edits today."""

    request: Request
    organisation: Entry
    evidence: Evidence
    hosts: list[str]
    holders: list[Held]
    voucher: User | None

    @property
    def state(self) -> RequestState:
        """Return how far it has come."""
        return RequestState(self.request.state)


def open_requests(session: Session) -> int:
    """Count the requests that wait for a decision."""
    waiting = sa.select(sa.func.count()).select_from(Request).where(col(Request.state).in_(OPEN))
    return session.scalar(waiting) or 0


def open_reports(session: Session) -> int:
    """Count the reports that nobody has closed."""
    still_open = col(Report.state) == ReportState.OPEN.value
    return session.scalar(sa.select(sa.func.count()).select_from(Report).where(still_open)) or 0


def list_requests(session: Session, states: Iterable[str]) -> list[Asked]:
    """Return the requests in these states, who has waited longest first."""
    rows = session.exec(
        select(Request)
        .where(col(Request.state).in_(list(states)))
        .order_by(col(Request.state_since), col(Request.id))
    ).all()
    return [_asked(session, request) for request in rows]


def _asked(session: Session, request: Request) -> Asked:
    organisation = organisation_of(session, request)
    profile = profiles(session, ORGANISATION, [organisation.id]).get(organisation.id, {})
    hosts = places_of(profile)
    return Asked(
        request,
        organisation,
        evidence_of(request.email, hosts),
        hosts,
        holders_of(session, organisation),
        session.get(User, request.vouched_by) if request.vouched_by else None,
    )


def read_request(
    session: Session, key: uuid.UUID
) -> tuple[Asked, list[tuple[RequestStep, str | None]]]:
    """Return a request with its moves, oldest first, and who made them; raises NotFound."""
    request = find_request(session, key)
    steps = session.exec(
        select(RequestStep, User.email)
        .join(User, col(RequestStep.by_id) == User.id, isouter=True)
        .where(RequestStep.request_id == request.id)
        .order_by(col(RequestStep.created_at), col(RequestStep.id))
    )
    return _asked(session, request), [(step, email) for step, email in steps]
