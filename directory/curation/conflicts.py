"""Two people at once: what the second one wrote is kept, and they choose field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from directory.accounts.models import User
from directory.curation.editing import base_of, check_text, controls_for, keep, written
from directory.curation.forms import Form, claim_row, filled_from, without_blank_rows
from directory.curation.merging import Part, Side, Text, merge, said, side_of, three_way
from directory.curation.owning import allow_on
from directory.curation.service import get_entry, latest_revision
from directory.db import write_alone
from directory.entries.kinds import Kind
from directory.entries.models import Entry, Revision, State
from directory.errors import Conflict, Invalid
from directory.languages import gettext
from directory.sources.claims import read_claim


@dataclass(frozen=True)
class Conflicting:
    """What I sent, what somebody saved meanwhile, and the revision that both started from.

    `errors` are those of my own text. `closed` says why it cannot be saved at all.
    """

    entry: Entry
    base: Revision | None
    newest: Revision
    author: str | None
    form: Form
    parts: list[Part]
    errors: dict[str, str]
    closed: str = ""

    @property
    def profiles(self) -> list[dict[str, Any]]:
        """Return what each of the three says in the fields that one of the two has changed."""
        return [
            {part.name: said.value for part, said in zip(self.parts, texts, strict=True)}
            for texts in (
                [part.base for part in self.parts],
                [part.theirs for part in self.parts],
                [part.mine for part in self.parts],
            )
        ]

    def side(self, side: Side) -> list[Part]:
        """Return the parts that are taken from a side without asking."""
        return [p for p in self.parts if p.taken is side]

    @property
    def open(self) -> list[Part]:
        """Return the parts to choose for."""
        return [p for p in self.parts if p.taken is None]


def read_conflict(
    session: Session, kind: Kind, slug: str, form: Form, user: User, why: str
) -> Conflicting:
    """Compare a form that came too late with what was saved meanwhile.

    Only fields that this person sees are among the parts. Raises NotFound and NotAllowed.
    """
    entry = get_entry(session, kind, slug)
    allow_on(session, user, "read drafts", entry)
    form = without_blank_rows(form)
    newest, base = latest_revision(session, entry), base_of(session, entry, form.base)
    text = written(session, kind, entry, form, user)
    try:
        check_text(session, kind, entry, form, text, user)
        errors = {}
    except Invalid as error:
        errors = error.by_field
    author = session.get(User, newest.author_id) if newest.author_id else None
    return Conflicting(
        entry,
        base,
        newest,
        author.email if author else None,
        form,
        three_way(controls_for(kind, user), base, newest, as_saved(kind, text)),
        errors,
        why if entry.state is State.MERGED else "",
    )


def settle(
    session: Session,
    kind: Kind,
    slug: str,
    form: Form,
    seen: int,
    choices: Mapping[str, Side],
    *,
    by: User,
) -> tuple[Entry, Revision]:
    """Bring a form together with the revision that its writer has seen, and save that.

    Raises NotAllowed, Invalid for what does not fit, and Conflict when somebody has saved again.
    """
    write_alone(session)
    entry = get_entry(session, kind, slug)
    allow_on(session, by, "save", entry)
    theirs = _seen(session, entry, seen)
    form = without_blank_rows(form)
    _, parts = _parts(session, kind, entry, form, theirs, by)
    merged = merge(theirs, parts, choices)
    settled = replace(form, base=theirs.number)
    draft = check_text(session, kind, entry, settled, merged, by)
    return keep(session, entry, draft, settled, by=by)


def settled_form(
    session: Session,
    kind: Kind,
    slug: str,
    form: Form,
    seen: int,
    choices: Mapping[str, Side],
    user: User,
) -> Form:
    """Return the same as a form that starts from the revision that was seen, mistakes and all.

    A source for all is written out where it was used: it must not cover what others have written.
    """
    entry = get_entry(session, kind, slug)
    allow_on(session, user, "read drafts", entry)
    theirs = _seen(session, entry, seen)
    form = without_blank_rows(form)
    text, parts = _parts(session, kind, entry, form, theirs, user)
    controls = controls_for(kind, user)
    there = filled_from(controls, theirs.profile, theirs.claims)
    mine = {p.name for p in parts if side_of(p, choices) is Side.MINE}
    values = {n: (form if n in mine else there).values[n] for n in controls}
    claims = {
        n: [claim_row(c) for c in text.claims.get(n, [])] if n in mine else there.claims[n]
        for n in controls
    }
    return Form(values, claims, slug=form.slug, base=theirs.number, comment=form.comment)


def _seen(session: Session, entry: Entry, number: int) -> Revision:
    seen = base_of(session, entry, number)
    if seen is None:
        raise Conflict(gettext("There is no such revision of this entry."))
    return seen


def _parts(
    session: Session, kind: Kind, entry: Entry, form: Form, theirs: Revision, user: User
) -> tuple[Text, list[Part]]:
    """Return what I wrote, and every field that one of the two has changed, hidden ones too."""
    text = written(session, kind, entry, form, user)
    base = base_of(session, entry, form.base)
    return text, three_way(kind.fields, base, theirs, as_saved(kind, text))


def as_saved(kind: Kind, text: Text) -> Text:
    """Write what fits as it would be saved, so that 12 and 12.0 are no difference; leave the rest.

    One field that does not fit must not keep the others from being compared.
    """
    profile: dict[str, Any] = {}
    for name, value in text.profile.items():
        try:
            saved = kind.profile.model_validate({name: value}).model_dump(mode="json")[name]
        except ValidationError:
            saved = value
        if saved is not None:
            profile[name] = saved
    claims = {name: [_claim(c) for c in said(text, name).claims] for name in text.claims}
    return Text(profile, claims)


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    try:
        return read_claim(claim).as_json
    except ValidationError:
        return claim
