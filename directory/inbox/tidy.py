"""What time alone does: requests and grants run out, and what we promised to forget is forgotten.

To be run daily. Running it late is harmless, running it twice changes nothing.
"""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.db import now, write_alone
from directory.inbox.grants import end_what_has_run_out
from directory.inbox.models import PausedSender, Report
from directory.inbox.requests import expire_old
from directory.mail import OutgoingMail
from directory.settings import Settings

KEPT = timedelta(days=30)
"""How long after its answer the address of a sender is kept."""


@dataclass(frozen=True)
class Tidied:
    """How many of each: requests and grants that ended, addresses of senders that were deleted."""

    requests: int
    grants: int
    addresses: int


def tidy(session: Session, settings: Settings) -> Tidied:
    """End what has run out, and delete what was promised to be deleted."""
    return Tidied(
        expire_old(session, settings), end_what_has_run_out(session, settings), forget(session)
    )


def forget(session: Session) -> int:
    """Delete what we know of the senders of reports that were closed 30 days ago.

    The mails with the answers go too, because each names an address.
    """
    write_alone(session)
    moment = now()
    done = session.exec(
        sa.update(Report)
        .where(
            col(Report.closed_at) <= moment - KEPT,
            sa.or_(col(Report.email).is_not(None), col(Report.sender).is_not(None)),
        )
        .values(email=None, sender=None)
    )
    session.exec(
        sa.delete(OutgoingMail).where(
            col(OutgoingMail.key).like("report:%"), col(OutgoingMail.queued_at) <= moment - KEPT
        )
    )
    session.exec(sa.delete(PausedSender).where(col(PausedSender.until) <= moment))
    return int(done.rowcount)
