"""What happens to a form that was sent: a draft is made of it, saved, and maybe published."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import is_allowed
from directory.curation.addresses import check_slug, slug_from
from directory.curation.controls import Control, controls_of
from directory.curation.duplicates import Similar, similar
from directory.curation.forms import (
    Form,
    claim_of,
    claim_row,
    filled_from,
    profile_of,
    unknown_codes,
    without_blank_rows,
)
from directory.curation.merging import Text
from directory.curation.notices import tell
from directory.curation.options import Options, read_options
from directory.curation.owning import allow_new, allow_on
from directory.curation.service import (
    Draft,
    check_base,
    get_entry,
    latest_revision,
    move_draft,
    read_draft,
    save_draft,
)
from directory.curation.workflow import make_move
from directory.db import write_alone
from directory.entries.fields import Text as LongText
from directory.entries.kinds import Kind
from directory.entries.models import Entry, Revision, Waiting
from directory.errors import Invalid
from directory.languages import gettext
from directory.sources.claims import Status

_COMMENT: TypeAdapter[str] = TypeAdapter(LongText)
_ABOUT_A_VALUE = {Status.STATED, Status.DERIVED, Status.CONFIRMED}


@dataclass(frozen=True)
class Opened:
    """An entry on the desk: its newest revision, or what was sent, filled into a form.

    `draft` is None while the form has mistakes.
    """

    entry: Entry | None
    revision: Revision | None
    form: Form
    draft: Draft | None


def controls_for(kind: Kind, user: User) -> dict[str, Control]:
    """Return the controls of the form that this person sees."""
    return controls_of(kind, is_allowed(user.role, "see private"))


def open_new(kind: Kind, user: User) -> Opened:
    """Return an empty form for an entry that does not exist yet."""
    controls = controls_for(kind, user)
    return Opened(None, None, filled_from(controls, {}, {}), Draft(kind, "", kind.profile(), {}))


def open_entry(session: Session, kind: Kind, slug: str, user: User) -> Opened:
    """Return the newest revision of an entry in a form; raises NotFound and NotAllowed."""
    entry = get_entry(session, kind, slug)
    allow_on(session, user, "read drafts", entry)
    revision = latest_revision(session, entry)
    filled = filled_from(controls_for(kind, user), revision.profile, revision.claims)
    form = Form(filled.values, filled.claims, slug=entry.slug, base=revision.number)
    draft = read_draft(kind, entry.slug, revision.profile, revision.claims)
    return Opened(entry, revision, form, draft)


def draft_from(session: Session, kind: Kind, entry: Entry | None, form: Form, user: User) -> Draft:
    """Make a draft of a form; raises Invalid with every field that does not fit.

    What this person does not see, and claims that nobody touched, stay as they were.
    """
    form = without_blank_rows(form)
    return check_text(session, kind, entry, form, written(session, kind, entry, form, user), user)


def written(session: Session, kind: Kind, entry: Entry | None, form: Form, user: User) -> Text:
    """Return what a form without blank rows says, still unchecked."""
    controls = controls_for(kind, user)
    options = read_options(session, controls.values(), user)
    before = base_of(session, entry, form.base)
    profile_before: dict[str, Any] = before.profile if before else {}
    claims_before: dict[str, Any] = before.claims if before else {}
    profile = profile_of(controls.values(), form.values, options)
    _keep_order(controls, profile, profile_before)
    claims = {
        name: _claims_of(form, options, name, name in profile, profile_before, claims_before)
        for name in controls
        if not kind.fields[name].private
    }
    hidden = [n for n, d in kind.fields.items() if d.private and n not in controls]
    profile |= {n: profile_before[n] for n in hidden if n in profile_before}
    claims |= {
        n: claims_before[n] for n, d in kind.fields.items() if d.private and n in claims_before
    }
    return Text(profile, {n: c for n, c in claims.items() if c})


def check_text(
    session: Session, kind: Kind, entry: Entry | None, form: Form, text: Text, user: User
) -> Draft:
    """Make a draft of a text and of what else a form says; raises Invalid as `draft_from` does."""
    controls = controls_for(kind, user)
    options = read_options(session, controls.values(), user)
    wrong = unknown_codes(controls.values(), text.profile, options)
    slug = _slug(kind, entry, form, text.profile, wrong)
    wrong |= check_comment(form.comment)
    try:
        draft = read_draft(kind, slug, text.profile, text.claims)
    except Invalid as error:
        raise Invalid(str(error), error.by_field | wrong) from None
    if wrong:
        raise Invalid(gettext("Some fields need another look."), wrong)
    return draft


def _keep_order(
    controls: Mapping[str, Control], profile: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Put terms in their former order: boxes to tick come back in the order of the list."""
    for name, value in profile.items():
        if controls[name].vocabulary and controls[name].many:
            former = {code: n for n, code in enumerate(before.get(name, []))}
            value.sort(key=lambda code, former=former: former.get(code, len(former)))


def base_of(session: Session, entry: Entry | None, number: int) -> Revision | None:
    """Return the revision that a writer started from; None when there is none."""
    if entry is None:
        return None
    started = select(Revision).where(Revision.entry_id == entry.id, col(Revision.number) == number)
    return session.exec(started).first()


def _claims_of(
    form: Form,
    options: Options,
    name: str,
    has_value: bool,
    profile_before: Mapping[str, Any],
    claims_before: Mapping[str, list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Return the claims of one field.

    An untouched claim keeps the day it was checked. When a value appears, "not stated" from
    before goes; when it disappears, what said where it came from goes. Where nothing is said,
    the source for all is taken.
    """
    had_value = name in profile_before
    outdated = {Status.NOT_STATED} if has_value else _ABOUT_A_VALUE
    found = []
    for row in form.claims.get(name, []):
        same = next((c for c in claims_before.get(name, []) if claim_row(c) == row), None)
        if same is None:
            found.append(claim_of(row, form, options))
        elif had_value == has_value or same.get("status") not in outdated:
            found.append(same)
    if not found and form.source and (has_value or form.silent_on_the_rest):
        status = Status.STATED if has_value else Status.NOT_STATED
        found.append(claim_of({"status": status.value}, form, options))
    return found


def _slug(
    kind: Kind, entry: Entry | None, form: Form, profile: Mapping[str, Any], wrong: dict[str, str]
) -> str:
    """Return the slug: as it was once published, else as written, else from the title."""
    if entry and entry.version:
        return entry.slug
    written = form.slug or (entry.slug if entry else slug_from(profile.get(kind.title_field, "")))
    try:
        return check_slug(written)
    except Invalid as error:
        wrong |= error.by_field
        return written


def check_comment(text: str) -> dict[str, str]:
    """Return what is wrong with what somebody says about their change, under `comment`."""
    try:
        if text:
            _COMMENT.validate_python(text)
    except ValidationError:
        return {
            "comment": gettext(
                "Use at most 8,000 characters, without invisible control characters."
            )
        }
    return {}


def looks_the_same(session: Session, kind: Kind, form: Form, user: User) -> list[Similar]:
    """Return the entries that a new one looks so much like that its writer is asked about them.

    None once the writer has said that it is a different one, nor while the form has mistakes.
    """
    if form.is_different:
        return []
    try:
        draft = draft_from(session, kind, None, form, user)
    except Invalid:
        return []
    return [s for s in similar(session, kind, draft.values, user) if s.strong]


def save(
    session: Session, kind: Kind, slug: str | None, form: Form, *, by: User
) -> tuple[Entry, Revision]:
    """Save a form as a draft; `slug` is None for a new entry.

    Raises NotAllowed, Invalid with the fields that do not fit, and Conflict when somebody saved
    meanwhile.
    """
    write_alone(session)
    entry = get_entry(session, kind, slug) if slug else None
    if entry:
        allow_on(session, by, "save", entry)
        # Who comes too late is told so even with mistakes: the choice comes before putting right.
        check_base(session, entry, form.base)
    draft = draft_from(session, kind, entry, form, by)
    return keep(session, entry, draft, form, by=by)


def keep(
    session: Session, entry: Entry | None, draft: Draft, form: Form, *, by: User
) -> tuple[Entry, Revision]:
    """Save a draft with what else its form says; raises as `save` does."""
    if entry is None:
        allow_new(session, by, draft)
    if entry and draft.slug != entry.slug:
        move_draft(session, entry, draft.slug)
    base = form.base if entry else 0
    return save_draft(session, draft, by=by, comment=form.comment, base=base)


def save_and_move(
    session: Session,
    kind: Kind,
    slug: str | None,
    form: Form,
    move: str,
    *,
    by: User,
    base_url: str,
) -> tuple[Entry, Revision]:
    """Save a form and make a move with it, such as publishing, or neither.

    What is in review already stays there when it is sent again. Raises Invalid also for what
    publication still needs.
    """
    entry, revision = save(session, kind, slug, form, by=by)
    move_saved(session, entry, revision, move, by=by, base_url=base_url)
    return entry, revision


def move_saved(
    session: Session, entry: Entry, revision: Revision, move: str, *, by: User, base_url: str
) -> None:
    """Make a move with what was just saved, such as publishing, and write to whom it concerns.

    What is in review already stays there when it is sent again. Raises NotAllowed, and Invalid
    for what publication still needs.
    """
    if move == "submit" and entry.waiting is Waiting.IN_REVIEW:
        allow_on(session, by, move, entry)
        return
    note = make_move(session, entry, move, by=by, revision=revision.number)
    tell(session, entry, note, by=by, base_url=base_url)
