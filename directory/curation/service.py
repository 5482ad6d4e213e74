"""Drafts, publication and history. The only place that writes entries.

A draft may be unfinished, a publication may not: types, lengths and codes are always checked;
what publishing needs is checked by `publish` alone. To publish is to write the row, its terms,
links, runs and claims, and the change log, in one transaction.
"""

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.audit import digest, record
from directory.curation.rows import add_run, claim_rows, clear, insert, targets_of, term_rows
from directory.db import log_change, now, write_alone
from directory.entries.fields import Declared, codes_within, is_model
from directory.entries.freshness import review_by
from directory.entries.kinds import Kind, kind_named
from directory.entries.models import (
    Entry,
    EntryLink,
    EntryTerm,
    Redirect,
    Revision,
    State,
    Waiting,
)
from directory.entries.profiles import Profile
from directory.entries.sentences import sentence
from directory.entries.vocabularies import Vocabularies
from directory.errors import Conflict, Invalid, NotFound
from directory.languages import gettext
from directory.sources.claims import Claims, Status, read_claim, without_claim
from directory.sources.models import ClaimRow, Source

_CLAIMS = TypeAdapter(Claims)
SLUG = re.compile(r"(?=.{1,120}$)[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Draft:
    """What somebody wants an entry to say."""

    kind: Kind
    slug: str
    profile: Profile
    claims: Claims

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the stated values only, as JSON."""
        values = self.profile.model_dump(mode="json")
        return {name: value for name, value in values.items() if value is not None}

    @cached_property
    def claims_json(self) -> dict[str, Any]:
        """Return the claims as JSON."""
        return {
            name: [c.as_json for c in found] for name, found in sorted(self.claims.items()) if found
        }

    @property
    def title(self) -> str:
        """Return the name or title, or the slug while there is none."""
        return getattr(self.profile, self.kind.title_field) or self.slug


def messages(error: ValidationError) -> dict[str, str]:
    """Turn pydantic's errors into one sentence a field; nested fields are joined by a dot."""
    found: dict[str, str] = {}
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"])
        found.setdefault(where, sentence(item))
    return found


def read_draft(
    kind: Kind, slug: str, profile: Mapping[str, Any], claims: Mapping[str, Any]
) -> Draft:
    """Check types and lengths; raises Invalid with every field that does not fit."""
    wrong: dict[str, str] = {}
    if not SLUG.fullmatch(slug):
        wrong["slug"] = gettext("Use lower-case letters, digits and single hyphens, 120 at most.")
    try:
        checked = kind.profile.model_validate(dict(profile))
    except ValidationError as error:
        wrong |= messages(error)
        checked = kind.profile()
    read: Claims = {}
    for name in claims.keys() - kind.fields.keys():
        wrong[f"claims.{name}"] = gettext("There is no such field.")
    try:
        read = _read_claims({n: c for n, c in claims.items() if n in kind.fields})
    except ValidationError as error:
        for item in error.errors(include_url=False):
            # The field and the part of a claim say enough, without the number between them.
            field, part = item["loc"][0], item["loc"][2:]
            wrong.setdefault(".".join(map(str, ("claims", field, *part))), sentence(item))
    if wrong:
        raise Invalid(gettext("Some fields need another look."), wrong)
    return Draft(kind, slug, checked, read)


def _read_claims(claims: dict[str, Any]) -> Claims:
    """Read claims one by one, as most come again; what does not fit is told by field and part."""
    if all(isinstance(found, list) for found in claims.values()):
        try:
            return {name: [read_claim(claim) for claim in found] for name, found in claims.items()}
        except (ValidationError, TypeError):
            pass
    return _CLAIMS.validate_python(claims)


def _codes(declared: Declared, value: Any) -> dict[str, list[str]]:
    """Return the codes of a field by their vocabulary, those inside structured values included."""
    items = value if declared.many else [value]
    if declared.vocabulary:
        return {declared.vocabulary: items}
    found: dict[str, list[str]] = {}
    if is_model(declared.type):
        for item in items:
            for vocabulary, code in codes_within(declared.type, item):
                found.setdefault(vocabulary, []).append(code)
    return found


def check_codes(draft: Draft, vocabularies: Vocabularies, sources: set[str]) -> dict[str, str]:
    """Return one sentence for each field with a code, or a source, that nobody knows."""
    wrong = {}
    for name, value in draft.values.items():
        declared = draft.kind.fields[name]
        for vocabulary, codes in _codes(declared, value).items() if declared.coded else ():
            if unknown := ", ".join(vocabularies.unknown(vocabulary, codes)):
                wrong[name] = gettext(
                    "Not in the list of %(list)s: %(values)s.", list=vocabulary, values=unknown
                )
    cited = {c.source for claims in draft.claims.values() for c in claims}
    for name, claims in draft.claims.items() if cited - sources else ():
        if unknown := ", ".join(sorted({c.source for c in claims} - sources)):
            wrong[f"claims.{name}"] = gettext("There is no source called %(name)s.", name=unknown)
    return wrong


def missing_to_publish(draft: Draft) -> dict[str, str]:
    """Return one sentence for each field that publication still needs."""
    values = draft.values
    missing = {}
    for name, declared in draft.kind.fields.items():
        if not declared.required or name in values:
            continue
        if any(c.status is Status.NOT_STATED for c in draft.claims.get(name, [])):
            continue
        missing[name] = gettext(
            "%(field)s is needed to publish: give it, or mark it as not stated in a source.",
            field=declared.title,
        )
    if draft.kind.title_field not in values:
        missing[draft.kind.title_field] = gettext("An entry cannot be published without its name.")
    sourced = {n: v for n, v in values.items() if not draft.kind.fields[n].ours}
    for name in without_claim(draft.claims, sourced):
        missing.setdefault(name, gettext("Say where this comes from."))
    return missing


def find_entry(session: Session, kind: Kind, slug: str) -> Entry | None:
    """Return the entry with this slug, or that had it before; None when there is none."""
    if not SLUG.fullmatch(slug):
        return None
    here = select(Entry).where(Entry.kind == kind.name, Entry.slug == slug)
    if entry := session.exec(here).first():
        return entry
    old = session.get(Redirect, (kind.name, slug))
    return session.get(Entry, old.entry_id) if old else None


def latest_revision(session: Session, entry: Entry) -> Revision:
    """Return the newest revision, published or not."""
    newest = (
        select(Revision)
        .where(Revision.entry_id == entry.id)
        .order_by(col(Revision.number).desc())
        .limit(1)
    )
    return session.exec(newest).one()


def revision_at(session: Session, entry: Entry, number: int) -> Revision:
    """Return the revision of an entry with this number, which must be there."""
    numbered = select(Revision).where(Revision.entry_id == entry.id, Revision.number == number)
    return session.exec(numbered).one()


def _taken(kind: Kind, slug: str) -> Invalid:
    taken = gettext("There is already an entry at %(address)s.", address=kind.url(slug))
    return Invalid(gettext("This address is taken."), {"slug": taken})


def move_draft(session: Session, entry: Entry, slug: str) -> None:
    """Give an entry that nobody has seen yet another address; raises Invalid when it is taken."""
    kind = kind_named(entry.kind)
    if find_entry(session, kind, slug):
        raise _taken(kind, slug)
    entry.slug = slug
    _write_address(session, entry)


def _write_address(session: Session, entry: Entry) -> None:
    """Write an entry at its address; Invalid when somebody else has taken it just now."""
    session.add(entry)
    try:
        session.flush()
    except IntegrityError as error:
        raise _taken(kind_named(entry.kind), entry.slug) from error


def check_base(session: Session, entry: Entry, base: int) -> None:
    """Raise Conflict unless a revision is still the newest one."""
    if base != latest_revision(session, entry).number:
        raise Conflict(gettext("Somebody else saved this entry while you were editing it."))


def save_draft(
    session: Session, draft: Draft, *, by: User | None, comment: str = "", base: int | None = None
) -> tuple[Entry, Revision]:
    """Add a revision, and the entry when it is new. Nothing public changes.

    `base` is the number of the revision the writer started from. Raises Invalid for an unknown
    code or source, or when the slug of a new entry is taken, and Conflict when somebody has saved
    since `base`.
    """
    write_alone(session)
    vocabularies = Vocabularies.read(session)
    sources = set(session.exec(select(Source.slug)))
    if wrong := check_codes(draft, vocabularies, sources):
        raise Invalid(gettext("Some fields need another look."), wrong)
    entry = find_entry(session, draft.kind, draft.slug)
    if entry is None:
        entry = Entry(kind=draft.kind.name, slug=draft.slug, title=draft.title)
        _write_address(session, entry)
        number = 1
    else:
        if base == 0:
            raise _taken(draft.kind, draft.slug)
        # What was read before this one's turn to write may be old by now.
        session.refresh(entry)
        if entry.state is State.MERGED:
            raise Conflict(gettext("This entry was merged into another one; edit that one."))
        number = latest_revision(session, entry).number + 1
        if base is not None:
            check_base(session, entry, base)
    note_draft(entry, draft.title)
    revision = Revision(
        entry_id=entry.id,
        number=number,
        profile=draft.values,
        claims=draft.claims_json,
        comment=comment,
        author_id=by.id if by else None,
    )
    session.add_all([entry, revision])
    session.flush()
    record(session, "save", entry.title, by=by, entry_id=entry.id, **sealed(revision))
    return entry, revision


def note_draft(entry: Entry, title: str) -> None:
    """Keep in an entry that a change waits, and how it is called while nobody sees it."""
    for name, value in changes_of_draft(entry.version, entry.waiting, title).items():
        setattr(entry, name, value)


def changes_of_draft(version: int, waiting: Waiting | None, title: str) -> dict[str, Any]:
    """Return what a draft with this title changes in an entry that is as told."""
    changes: dict[str, Any] = {}
    if not version:
        changes |= {"title": title, "updated_at": now()}
    if waiting in (None, Waiting.REFUSED):
        changes |= {"waiting": Waiting.DRAFT, "waiting_since": now()}
    return changes


def sealed(revision: Revision) -> dict[str, Any]:
    """Return what the audit log keeps of a revision: its number, and a hash of what it says."""
    return seal(revision.number, revision.profile, revision.claims)


def seal(number: int, profile: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same as `sealed`, of a revision that is no object."""
    return {"revision": number, "digest": digest([profile, claims])}


def publish(
    session: Session,
    entry: Entry,
    revision: Revision,
    *,
    by: User | None,
    together: Collection[uuid.UUID] = (),
) -> None:
    """Make a revision what everybody sees, and write down who did.

    Raises Invalid with the fields that publication still needs, and with references to entries
    that do not exist or that nobody sees: neither published nor among those published `together`.
    """
    lay_out(session, entry, revision, together=together)
    record(session, "publish", entry.title, by=by, entry_id=entry.id, revision=revision.number)


def lay_out(
    session: Session,
    entry: Entry,
    revision: Revision,
    *,
    at: datetime | None = None,
    together: Collection[uuid.UUID] = (),
) -> None:
    """Write what is public of a revision, as of a moment (now, unless a batch shares one).

    The caller writes down who did it. Raises Invalid as `publish` does.
    """
    kind = kind_named(entry.kind)
    draft, links = check_public(session, entry, revision, together)
    if entry.version:
        clear(session, entry)
    moment = at or now()
    what = "updated" if entry.state is State.PUBLISHED else "published"
    entry.title, entry.version, entry.updated_at = draft.title, revision.number, moment
    entry.published_at = entry.published_at or moment
    entry.review_by = review_by(kind, draft.values, draft.claims, entry.confirmed_at)
    entry.state, entry.state_reason = State.PUBLISHED, None
    entry.waiting = entry.waiting_since = entry.assignee_id = None
    revision.published_at = moment
    row = kind.table.model_validate(draft.profile.model_dump(), update={"id": entry.id})
    # JSON columns hold plain JSON; dates and amounts inside runs are written as text.
    for name, declared in kind.fields.items():
        if declared.many:
            setattr(row, name, draft.values.get(name))
    session.add(row)
    insert(session, EntryLink, links)
    insert(session, EntryTerm, term_rows(kind, entry.id, draft.values))
    insert(session, ClaimRow, claim_rows(kind, entry.id, draft.claims))
    for position, run in enumerate(getattr(draft.profile, "runs", None) or []):
        add_run(session, entry.id, position, run)
    log_change(session, entry.id, what)


def check_public(
    session: Session, entry: Entry, revision: Revision, together: Collection[uuid.UUID] = ()
) -> tuple[Draft, list[dict[str, Any]]]:
    """Return what a revision says, and its references as rows, if the rules of today let it out.

    Raises Invalid as `publish` does.
    """
    draft = read_draft(kind_named(entry.kind), entry.slug, revision.profile, revision.claims)
    if missing := missing_to_publish(draft):
        raise Invalid(gettext("This entry is not ready to be published."), missing)
    return draft, _links(session, entry, draft, together)


def _links(
    session: Session, entry: Entry, draft: Draft, together: Collection[uuid.UUID]
) -> list[dict[str, Any]]:
    """Lay the references of a profile out as rows; Invalid names those that lead nowhere."""
    public = {entry.id, *together}
    rows = []
    wrong = {}
    for name, value in draft.values.items():
        declared = draft.kind.fields[name]
        if not declared.reference:
            continue
        for position, (slug, rel) in enumerate(targets_of(declared, value)):
            kind = kind_named(declared.reference.kind)
            target = find_entry(session, kind, slug)
            if target is None:
                wrong[name] = gettext("There is no entry at %(address)s.", address=kind.url(slug))
                continue
            if target.state is State.MERGED:
                wrong[name] = gettext(
                    "%(title)s was merged into another entry: name that one.", title=target.title
                )
                continue
            if target.state is not State.PUBLISHED and target.id not in public:
                wrong[name] = gettext(
                    "%(title)s is not public: publish it first, or leave it out.",
                    title=target.title,
                )
                continue
            rows.append(
                {
                    "entry_id": entry.id,
                    "field": name,
                    "position": position,
                    "rel": rel,
                    "target_id": target.id,
                }
            )
    if wrong:
        raise Invalid(gettext("Some references lead nowhere."), wrong)
    return rows


def get_entry(session: Session, kind: Kind, slug: str) -> Entry:
    """Return the entry, published or not; raises NotFound."""
    entry = find_entry(session, kind, slug)
    if entry is None:
        raise NotFound(gettext("There is no entry at %(address)s.", address=kind.url(slug)))
    return entry
