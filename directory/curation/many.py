"""Change one field of many entries: first shown entry by entry, then done entry by entry.

Each entry is saved and published as if by its own form, with the same rules; what cannot be done
for one entry stops none of the others, and is said.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import allow
from directory.curation.controls import Control, controls_of
from directory.curation.forms import Form, claim_of, is_blank, profile_of, unknown_codes
from directory.curation.options import Options
from directory.curation.service import (
    check_codes,
    find_entry,
    latest_revision,
    missing_to_publish,
    publish,
    read_draft,
    save_draft,
)
from directory.db import Database, write_alone
from directory.entries.kinds import Kind
from directory.entries.models import Entry, Revision, State
from directory.entries.vocabularies import Vocabularies
from directory.errors import Conflict, DirectoryError, Invalid
from directory.languages import gettext, marked, worded
from directory.sources.claims import Status
from directory.sources.models import Source

MOST = 500
"""So many entries at once: more than a person can look through is no preview."""


class How(StrEnum):
    """What is done to the field."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"
    CLEAR = "clear"

    @property
    def in_english(self) -> str:
        """Return what the choice is called, in the language of the history."""
        return {
            "set": marked("Write this value"),
            "add": marked("Add this to the list"),
            "remove": marked("Take this out of the list"),
            "clear": marked("Leave it empty"),
        }[self.value]

    @property
    def words(self) -> str:
        """Return what the choice is called in the language that is read."""
        return worded(self.in_english)


@dataclass(frozen=True)
class Wanted:
    """The change that is wanted: in JSON, as profiles and claims are kept."""

    kind: Kind
    control: Control
    how: How
    value: Any = None
    claim: dict[str, Any] | None = None


@dataclass(frozen=True)
class Planned:
    """What the change would do to one entry; `problem` says why it cannot."""

    entry: Entry
    base: int
    before: Any
    after: Any
    problem: str = ""

    @property
    def changes(self) -> bool:
        """Say whether anything would be different."""
        return not self.problem and self.before != self.after


@dataclass(frozen=True)
class Done:
    """What became of one entry; `problem` is empty where it worked."""

    slug: str
    title: str
    problem: str = ""


def changeable(kind: Kind) -> dict[str, Control]:
    """Return the fields that can be changed together: all but names, and values with parts."""
    controls = controls_of(kind, private=True)
    return {n: c for n, c in controls.items() if not c.parts and n != kind.title_field}


def ways(control: Control) -> list[How]:
    """Return what can be done to a field."""
    return list(How) if control.many else [How.SET, How.CLEAR]


def read_wanted(kind: Kind, name: str, how: str, form: Form, note: str, options: Options) -> Wanted:
    """Read the change from a form; raises Invalid with what does not fit, by name of field."""
    control = changeable(kind).get(name)
    if control is None or how not in {h.value for h in ways(control)}:
        raise Invalid(gettext("Choose a field and what to do with it."))
    chosen, wrong = How(how), {}
    value = profile_of([control], form.values, options).get(name)
    if chosen is How.CLEAR:
        value = None
    elif is_blank(value if value is not None else ""):
        wrong[name] = gettext("Give the value first.")
    else:
        wrong = unknown_codes([control], {name: value}, options)
    needs_source = not kind.fields[name].ours and chosen in (How.SET, How.ADD)
    if needs_source and not form.source:
        wrong["_source"] = gettext("Say where this comes from: it is shown with each entry.")
    if wrong:
        raise Invalid(gettext("Some fields need another look."), wrong)
    status = Status.NOT_STATED if chosen is How.CLEAR else Status.STATED
    row = {"status": status.value, "note": note}
    claim = claim_of(row, form, options) if form.source else None
    return Wanted(kind, control, chosen, value, claim)


def _outcome(wanted: Wanted, revision: Revision) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return profile and claims as they would be."""
    name, profile, claims = wanted.control.name, dict(revision.profile), dict(revision.claims)
    there, said = profile.get(name), list(claims.get(name, []))
    own = [wanted.claim] if wanted.claim else []
    if wanted.how is How.SET:
        profile[name], said = wanted.value, own
    elif wanted.how is How.CLEAR:
        profile.pop(name, None)
        said = own
    elif wanted.how is How.ADD:
        new = [v for v in wanted.value if v not in (there or [])]
        profile[name] = [*(there or []), *new]
        said = [c for c in said if c.get("status") != Status.NOT_STATED]
        said += [c | {"item": str(v)} for c in own for v in new]
    else:
        left = [v for v in there or [] if v not in wanted.value]
        gone = {str(v) for v in wanted.value}
        profile.pop(name, None)
        profile |= {name: left} if left else {}
        said = [c for c in said if left and c.get("item") not in gone] or ([] if left else own)
    return profile, {n: c for n, c in (claims | {name: said}).items() if c}


def plan(session: Session, wanted: Wanted, ids: Sequence[uuid.UUID]) -> list[Planned]:
    """Say what a change would do to each of these entries, in their order; writes nothing."""
    vocabularies = Vocabularies.read(session)
    sources = set(session.exec(select(Source.slug)))
    entries = session.exec(
        select(Entry).where(col(Entry.id).in_(ids), Entry.kind == wanted.kind.name)
    )
    order = {key: n for n, key in enumerate(ids)}
    return [
        _plan_one(session, wanted, entry, vocabularies, sources)
        for entry in sorted(entries, key=lambda e: order[e.id])
    ]


def _plan_one(
    session: Session,
    wanted: Wanted,
    entry: Entry,
    vocabularies: Vocabularies,
    sources: set[str],
) -> Planned:
    revision, name = latest_revision(session, entry), wanted.control.name
    before = revision.profile.get(name)
    planned = Planned(entry, revision.number, before, before)
    if entry.waiting or entry.state is not State.PUBLISHED:
        problem = gettext("A change waits here already. Change it there.")
        return replace(planned, problem=problem)
    profile, claims = _outcome(wanted, revision)
    try:
        draft = read_draft(wanted.kind, entry.slug, profile, claims)
    except Invalid as error:
        return replace(planned, problem=" ".join(error.by_field.values()))
    wrong = check_codes(draft, vocabularies, sources) or missing_to_publish(draft)
    about = {k: v for k, v in wrong.items() if k.removeprefix("claims.") == name}
    after = draft.values.get(name)
    return replace(planned, after=after, problem=" ".join((about or wrong).values()))


def change(
    database: Database, wanted: Wanted, chosen: Iterable[tuple[str, int]], comment: str, *, by: User
) -> list[Done]:
    """Make a change to each (slug, number of the revision that was shown) and publish it.

    Each in a transaction of its own. Raises NotAllowed.
    """
    allow(by.role, "change many")
    return [_change_one(database, wanted, slug, base, comment, by) for slug, base in chosen]


def _change_one(
    database: Database, wanted: Wanted, slug: str, base: int, comment: str, by: User
) -> Done:
    title = slug
    try:
        with database.writing() as session:
            write_alone(session)
            entry = find_entry(session, wanted.kind, slug)
            if entry is None or entry.waiting or entry.state is not State.PUBLISHED:
                raise Conflict(gettext("It has changed since the preview: nothing was done."))
            title = entry.title
            profile, claims = _outcome(wanted, latest_revision(session, entry))
            draft = read_draft(wanted.kind, slug, profile, claims)
            entry, revision = save_draft(session, draft, by=by, comment=comment, base=base)
            publish(session, entry, revision, by=by)
    except Invalid as error:
        return Done(slug, title, " ".join(error.by_field.values()) or str(error))
    except DirectoryError as error:
        return Done(slug, title, str(error))
    return Done(slug, title)
