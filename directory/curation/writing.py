"""Drafts that a program sends whole, with the revision that it started from."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from directory.accounts.models import User
from directory.curation.addresses import check_slug, slug_from
from directory.curation.changes import changes_between
from directory.curation.conflicts import as_saved
from directory.curation.editing import check_comment, controls_for, move_saved
from directory.curation.merging import Text
from directory.curation.owning import allow_new, allow_on
from directory.curation.service import Draft, get_entry, latest_revision, read_draft, save_draft
from directory.db import write_alone
from directory.entries.kinds import Kind
from directory.entries.models import Entry, Revision
from directory.errors import Conflict, Invalid
from directory.languages import gettext


@dataclass(frozen=True)
class Sent:
    """What was sent: a whole profile with its claims, as JSON, still unchecked."""

    profile: dict[str, Any]
    claims: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    slug: str | None = None
    comment: str = ""


class Stale(Conflict):
    """Somebody has saved since; `differing` are the fields in which the two texts differ."""

    def __init__(self, revision: int, differing: list[str]) -> None:
        super().__init__(
            gettext(
                "Revision %(number)s was saved since. "
                "Read it, put your changes in, and send it again.",
                number=str(revision),
            )
        )
        self.revision = revision
        self.differing = differing


@dataclass(frozen=True)
class Current:
    """An entry with its newest revision, as far as a person may see it."""

    kind: Kind
    entry: Entry
    revision: Revision
    profile: dict[str, Any]
    claims: dict[str, Any]


def read_current(session: Session, kind: Kind, slug: str, user: User) -> Current:
    """Return the newest revision of an entry; raises NotFound and NotAllowed."""
    entry = get_entry(session, kind, slug)
    allow_on(session, user, "read drafts", entry)
    return seen_by(user, kind, entry, latest_revision(session, entry))


def seen_by(user: User, kind: Kind, entry: Entry, revision: Revision) -> Current:
    """Leave out of a revision what a person may not see; a field that is not stated is None."""
    controls = controls_for(kind, user)
    profile = {name: revision.profile.get(name) for name in controls}
    claims = {name: c for name, c in revision.claims.items() if name in controls}
    return Current(kind, entry, revision, profile, claims)


def create(session: Session, kind: Kind, sent: Sent, *, by: User) -> tuple[Entry, Revision]:
    """Save a new entry as a draft; without a slug it gets one from its title.

    Raises NotAllowed, and Invalid with the fields that do not fit.
    """
    write_alone(session)
    title = sent.profile.get(kind.title_field)
    slug = sent.slug or slug_from(title if isinstance(title, str) else "")
    wrong = {}
    try:
        slug = check_slug(slug)
    except Invalid as error:
        wrong, slug = error.by_field, "unnamed"
    draft = _checked(kind, slug, sent, None, by, wrong)
    allow_new(session, by, draft)
    return save_draft(session, draft, by=by, comment=sent.comment, base=0)


def change(
    session: Session, kind: Kind, slug: str, sent: Sent, bases: Collection[int], *, by: User
) -> tuple[Entry, Revision]:
    """Save a draft of an entry whose newest revision is one of `bases`.

    What this person may not see, and when an unchanged claim was checked, stays as it is. Raises
    NotFound, NotAllowed, Stale when somebody has saved since, and Invalid.
    """
    write_alone(session)
    entry = get_entry(session, kind, slug)
    allow_on(session, by, "save", entry)
    newest = latest_revision(session, entry)
    if newest.number not in bases:
        text = as_saved(kind, Text(sent.profile, sent.claims))
        found = changes_between(controls_for(kind, by), newest, text)
        raise Stale(newest.number, [one.control.name for one in found])
    wrong = {}
    if sent.slug not in (None, slug, entry.slug):
        wrong["slug"] = gettext(
            "An entry keeps its address here: send the slug of the address, or none."
        )
    draft = _checked(kind, entry.slug, sent, newest, by, wrong)
    return save_draft(session, draft, by=by, comment=sent.comment, base=newest.number)


def send_to_review(
    session: Session, kind: Kind, slug: str, bases: Collection[int], *, by: User, base_url: str
) -> tuple[Entry, Revision]:
    """Send an entry to review whose newest revision is one of `bases`, and write to reviewers.

    What is in review already stays there. Raises NotFound, NotAllowed, Stale when somebody has
    saved since, and Conflict when there is nothing to review.
    """
    write_alone(session)
    entry = get_entry(session, kind, slug)
    allow_on(session, by, "submit", entry)
    newest = latest_revision(session, entry)
    if newest.number not in bases:
        raise Stale(newest.number, [])
    move_saved(session, entry, newest, "submit", by=by, base_url=base_url)
    return entry, newest


def _checked(
    kind: Kind,
    slug: str,
    sent: Sent,
    before: Revision | None,
    user: User,
    wrong: dict[str, str],
) -> Draft:
    """Make a draft; raises Invalid with every field that does not fit, besides what is wrong."""
    controls = controls_for(kind, user)
    wrong = wrong | check_comment(sent.comment)
    # Whether a field is hidden or not there is the same to whoever may not see it.
    unknown = gettext("There is no such field.")
    wrong |= {n: unknown for n in sent.profile if n not in controls}
    wrong |= {f"claims.{n}": unknown for n in sent.claims if n not in controls}
    profile = {n: v for n, v in sent.profile.items() if n in controls}
    claims = {n: c for n, c in sent.claims.items() if n in controls}
    if before:
        claims = {n: still_checked(c, before.claims.get(n, [])) for n, c in claims.items()}
        profile |= {n: v for n, v in before.profile.items() if n not in controls}
        claims |= {n: c for n, c in before.claims.items() if n not in controls}
    try:
        draft = read_draft(kind, slug, profile, claims)
    except Invalid as error:
        raise Invalid(str(error), error.by_field | wrong) from None
    if wrong:
        raise Invalid(gettext("Some fields need another look."), wrong)
    return draft


def still_checked(
    claims: list[dict[str, Any]], before: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return claims, where one repeats a former claim with the day and the person of its check."""
    said = ({n: v for n, v in claim.items() if v is not None} for claim in claims)
    return [next((b for b in before if _repeats(claim, b)), claim) for claim in said]


def _repeats(claim: dict[str, Any], before: dict[str, Any]) -> bool:
    """Say whether a claim leaves out no more of a former one than its check."""
    kept = {n: v for n, v in before.items() if n in claim or not n.startswith("checked_")}
    return claim == kept
