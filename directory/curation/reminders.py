"""Letters to providers whose entries soon count as not confirmed, or do so already.

For each day by which an entry wants a look there is one letter before it and one after. An address
gets one letter with all of its entries, and can say that it wants no more.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import Session, col, select

from directory.audit import digest, record
from directory.curation.confirming import LINK_HOLDS, link_to_confirm
from directory.curation.owning import SPEAKERS
from directory.db import now, write_alone
from directory.entries.freshness import Reminder
from directory.entries.kinds import KINDS, kind_named
from directory.entries.models import Entry, EntryLink, Organisation
from directory.entries.queries import is_published
from directory.errors import NotFound
from directory.languages import SOURCE, day, gettext, ngettext, reading
from directory.mail import MailRefusal, queue_mail
from directory.settings import Settings

AHEAD = timedelta(days=30)
SOON, PAST = "soon", "past"
_SALT = "no more letters"
_AT_ONCE = 500


@dataclass
class Queued:
    """What a run has queued, and whom it could not write to."""

    letters: int = 0
    entries: int = 0
    without_address: int = 0
    refused: int = 0


@dataclass(frozen=True)
class _Due:
    entry: Entry
    day: date
    stage: str


@dataclass
class _Letter:
    to: str
    soon: list[_Due] = field(default_factory=list)
    past: list[_Due] = field(default_factory=list)

    @property
    def all(self) -> list[_Due]:
        return [*self.past, *self.soon]


def queue_reminders(session: Session, settings: Settings, today: date) -> Queued:
    """Queue what is due and was not queued before; the caller commits."""
    write_alone(session)
    due = _due(session, today)
    addresses = _addresses(session, [d.entry for d in due])
    refused = set(session.exec(select(MailRefusal.address_hash)))
    queued = Queued()
    letters: dict[str, _Letter] = {}
    for one in due:
        address = addresses.get(one.entry.id)
        if address is None:
            queued.without_address += 1
        elif hash_of(address) in refused:
            queued.refused += 1
        else:
            letter = letters.setdefault(address.casefold(), _Letter(address))
            (letter.past if one.stage == PAST else letter.soon).append(one)
    for letter in letters.values():
        key = digest([[str(d.entry.id), str(d.day), d.stage] for d in letter.all])
        # Nobody knows which language an office reads that has no account.
        with reading(SOURCE):
            subject, text = _words(settings, letter)
        if queue_mail(session, letter.to, subject, text, key=f"reminder:{key}"):
            queued.letters += 1
            queued.entries += len(letter.all)
        session.add_all(
            Reminder(entry_id=d.entry.id, review_by=d.day, stage=d.stage) for d in letter.all
        )
    session.flush()
    return queued


def _due(session: Session, today: date) -> list[_Due]:
    """Return the public entries that nobody was asked about since their day has come near."""
    stage = sa.case((col(Entry.review_by) <= today, PAST), else_=SOON)
    asked = sa.exists().where(
        col(Reminder.entry_id) == Entry.id,
        col(Reminder.review_by) == Entry.review_by,
        col(Reminder.stage) == stage,
    )
    rows = session.exec(
        select(Entry)
        .where(is_published(), col(Entry.review_by) <= today + AHEAD, ~asked)
        .order_by(sa.func.lower(Entry.title), col(Entry.id))
    )
    return [
        _Due(entry, entry.review_by, PAST if entry.review_by <= today else SOON)
        for entry in rows
        if entry.review_by
    ]


def _addresses(session: Session, entries: Sequence[Entry]) -> dict[uuid.UUID, str]:
    """Return the mailbox of each entry: its own, else that of the first who speaks for it."""
    ids = [entry.id for entry in entries]
    found: dict[uuid.UUID, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for kind in KINDS.values():
            table = kind.table
            rows = session.exec(
                select(table.id, table.contact_email).where(
                    col(table.id).in_(some), col(table.contact_email).is_not(None)
                )
            )
            found.update((key, address) for key, address in rows if address)
        speaking = session.exec(
            select(EntryLink.entry_id, Organisation.contact_email)
            .join(Organisation, col(Organisation.id) == EntryLink.target_id)
            .join(Entry, col(Entry.id) == Organisation.id)
            .where(
                col(EntryLink.entry_id).in_(some),
                col(EntryLink.rel).in_(SPEAKERS),
                col(Organisation.contact_email).is_not(None),
                is_published(),
            )
            .order_by(col(EntryLink.id))
        )
        for key, address in speaking:
            if address:
                found.setdefault(key, address)
    return {key: address.strip() for key, address in found.items()}


# The words


def _words(settings: Settings, letter: _Letter) -> tuple[str, str]:
    """Return the subject and the text of a letter."""
    count, site = len(letter.all), settings.site_name
    subject = ngettext(
        "Is your entry in the %(site)s still right?",
        "Are your %(count)s entries in the %(site)s still right?",
        count,
        site=site,
    )
    until = (now() + LINK_HOLDS).date()
    parts = [
        gettext("Good day,"),
        ngettext(
            "the %(site)s is a public catalogue of organisations, programmes and trainings of "
            "digital policy. It lists %(count)s entry with your office as the contact:",
            "the %(site)s is a public catalogue of organisations, programmes and trainings of "
            "digital policy. It lists %(count)s entries with your office as the contact:",
            count,
            site=site,
        ),
        *_listed(gettext("Nobody has confirmed for too long:"), settings, letter.past),
        *_listed(gettext("Soon to be confirmed again:"), settings, letter.soon),
        gettext(
            "Each link shows what the entry says now and asks one question. You need no account. "
            "The links work until %(day)s. If you do nothing, the entry stays where it is; its "
            "page says since when nobody has confirmed it.",
            day=day(until),
        ),
        gettext(
            "Why you get this: your address is the contact in the entry, or of the organisation "
            "behind it. To be listed is free of charge and is no endorsement."
        ),
        gettext("You do not want letters like this one? Then open this page:")
        + f"\n{settings.base_url}/no-letters/{_signer(settings).dumps(hash_of(letter.to))}",
    ]
    return subject, "\n\n".join(parts) + "\n"


def _listed(title: str, settings: Settings, some: Iterable[_Due]) -> list[str]:
    lines = [
        "\n".join(
            [
                f"* {one.entry.title}",
                f"  {settings.base_url}{kind_named(one.entry.kind).url(one.entry.slug)}",
                f"  {_asked(one)}",
                f"  {link_to_confirm(settings, one.entry)}",
            ]
        )
        for one in some
    ]
    return [title, *lines] if lines else []


def _asked(one: _Due) -> str:
    if one.stage == PAST:
        return gettext(
            "It counts as not confirmed since %(day)s. "
            "Is it still right, or has something changed?",
            day=day(one.day),
        )
    return gettext(
        "It holds until %(day)s. Is it still right, or has something changed?", day=day(one.day)
    )


# No more letters


def hash_of(address: str) -> str:
    """Return what is kept of an address that wants no letters."""
    return sha256(address.strip().casefold().encode()).hexdigest()


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret, salt=_SALT)


def read_refusal(settings: Settings, token: str) -> str:
    """Return the hash of the address that a link speaks for; raises NotFound for a wrong one."""
    try:
        return str(_signer(settings).loads(token))
    except BadSignature as error:
        raise NotFound(
            gettext(
                "This link is not complete. Open it from the mail once more, or copy all of it."
            )
        ) from error


def refuse_mail(session: Session, settings: Settings, token: str) -> None:
    """Keep in mind that an address wants no letters; raises NotFound for a wrong link."""
    kept = MailRefusal(address_hash=read_refusal(settings, token))
    write_alone(session)
    if session.get(MailRefusal, kept.address_hash) is None:
        session.add(kept)
        record(session, "refuse letters", "an address", by=None)
