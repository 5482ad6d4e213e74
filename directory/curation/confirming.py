"""To confirm an entry: to say that all of it is still right, without a made-up change.

Curators and provider editors do so at the desk; a provider without an account by a signed link
that we mail to its contact address. The link holds for one version and for thirty days.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import is_allowed
from directory.audit import record
from directory.curation.owning import allow_on, granted, spoken_for
from directory.db import Database, log_change, now, write_alone
from directory.entries.freshness import review_by
from directory.entries.kinds import KINDS, kind_named
from directory.entries.models import Entry, State
from directory.entries.queries import claims_of, is_published, profiles
from directory.errors import Conflict, Gone, NotFound
from directory.inbox.grants import renew_for
from directory.languages import gettext, ngettext
from directory.settings import Settings

LINK_HOLDS = timedelta(days=30)
PROVIDER, CURATOR = "provider", "curator"
AT_ONCE = 500
_SALT = "confirm an entry"


def confirm(session: Session, entry: Entry, version: int, *, by: User) -> None:
    """Write down that a person has looked at this version of an entry and found it right.

    Raises NotAllowed, and Conflict when another version is public, or none.
    """
    write_alone(session)
    session.refresh(entry)
    allow_on(session, by, "confirm", entry)
    if is_allowed(by.role, "confirm"):
        _confirm(session, entry, version, CURATOR, by)
        return
    _confirm(session, entry, version, PROVIDER, by)
    # Who confirms what an organisation is behind still speaks for it.
    renew_for(session, by, spoken_for(session, entry, granted(session, by)))


def _confirm(session: Session, entry: Entry, version: int, who: str, by: User | None) -> None:
    if entry.state is not State.PUBLISHED:
        raise Conflict(
            gettext(
                "%(title)s is not public, so that there is nothing to confirm.", title=entry.title
            )
        )
    if entry.version != version:
        raise Conflict(
            gettext(
                "%(title)s has changed since you looked at it. Look at it again.", title=entry.title
            )
        )
    entry.confirmed_at, entry.confirmed_by = now(), who
    session.add(entry)
    renew_review_dates(session, [entry])
    record(
        session,
        "confirm",
        entry.title,
        by=by,
        entry_id=entry.id,
        revision=version,
        confirmed_by=who,
    )
    log_change(session, entry.id)


def renew_review_dates(session: Session, entries: Sequence[Entry]) -> list[Entry]:
    """Work out anew until when public entries hold; return those for which that has changed."""
    ids = [entry.id for entry in entries]
    claims = claims_of(session, ids)
    rows = {k: v for kind in KINDS.values() for k, v in profiles(session, kind, ids).items()}
    changed = []
    for entry in entries:
        found = review_by(
            kind_named(entry.kind), rows[entry.id], claims.get(entry.id, {}), entry.confirmed_at
        )
        if found != entry.review_by:
            entry.review_by = found
            changed.append(entry)
    return changed


def renew_all_review_dates(database: Database) -> int:
    """Work out every review date as the rules are today; return how many were not right.

    For a database that comes from a release with other rules, or with none. Each portion is a
    transaction of its own, so that nobody waits for all.
    """
    with database.reading() as session:
        ids = session.exec(select(Entry.id).where(is_published()).order_by(col(Entry.id))).all()
    count = 0
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        with database.writing() as session:
            write_alone(session)
            rows = session.exec(select(Entry).where(col(Entry.id).in_(some), is_published())).all()
            changed = renew_review_dates(session, rows)
            session.add_all(changed)
            for entry in changed:
                log_change(session, entry.id)
            count += len(changed)
    return count


# By a link in a mail


@dataclass(frozen=True)
class Asked:
    """What a link asks about: an entry, and whether it still says what it said then."""

    entry: Entry
    version: int

    @property
    def outdated(self) -> bool:
        """Say whether the entry has changed since the link was made."""
        return self.entry.version != self.version


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret, salt=_SALT)


def link_to_confirm(settings: Settings, entry: Entry) -> str:
    """Return the address at which whoever gets it can confirm this version of an entry."""
    token = _signer(settings).dumps([entry.id.hex, entry.version])
    return f"{settings.base_url}/confirm/{token}"


def read_link(session: Session, settings: Settings, token: str) -> Asked:
    """Return what a link asks about; raises NotFound for a wrong one, Gone for an old one."""
    try:
        key, version = _signer(settings).loads(token, max_age=int(LINK_HOLDS.total_seconds()))
        entry = session.get(Entry, uuid.UUID(key))
    except SignatureExpired as error:
        raise Gone(
            ngettext(
                "This link worked for %(count)s day. The next mail from us has a new one.",
                "This link worked for %(count)s days. The next mail from us has a new one.",
                LINK_HOLDS.days,
            )
        ) from error
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFound(
            gettext(
                "This link is not complete. Open it from the mail once more, or copy all of it."
            )
        ) from error
    if entry is None or entry.state is not State.PUBLISHED:
        raise Gone(gettext("The entry that this link asks about is no longer listed."))
    return Asked(entry, version)


def confirm_by_link(session: Session, settings: Settings, token: str) -> Entry:
    """Confirm for the provider who got the link; raises as `read_link`, and Conflict."""
    write_alone(session)
    asked = read_link(session, settings, token)
    session.refresh(asked.entry)
    _confirm(session, asked.entry, asked.version, PROVIDER, None)
    return asked.entry
