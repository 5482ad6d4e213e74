"""The prose of an entry in another language, written beside its original.

Whoever saves sends for each field what stood there when they began. So two who translate at once
keep what both have written, and only a field that both have changed is a conflict. A text counts
as made from the original that its writer saw, whatever the original says by now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import is_allowed
from directory.audit import digest, record
from directory.curation.confirming import CURATOR, PROVIDER
from directory.curation.controls import Control, controls_of
from directory.curation.owning import allow_on
from directory.curation.service import get_entry, latest_revision, revision_at
from directory.db import log_change, now, write_alone
from directory.entries.kinds import Kind
from directory.entries.models import Entry, Revision, State
from directory.entries.sentences import sentence
from directory.entries.translations import EntryTranslation, read_against, rows_of, written_in
from directory.entries.vocabularies import Vocabularies
from directory.errors import Conflict, Invalid, NotFound
from directory.languages import gettext, languages

ACTION = "translate"
_READ_BY_ALL = (State.PUBLISHED, State.ARCHIVED)


def mark_of(text: str) -> str:
    """Return a few letters that differ when a text does; the same for each empty one."""
    return digest(text)[:16] if text else ""


@dataclass(frozen=True)
class Sent:
    """What a translator sends: texts by field, and what the page had shown them.

    `was` are the marks of the texts that stood there, `original` is the number of the revision that
    was translated, `still` names what is out of date and yet fits as it is.
    """

    texts: dict[str, str]
    was: dict[str, str]
    original: int
    still: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Box:
    """One field before a translator: the original now and when it was translated, and the text."""

    control: Control
    original: str
    text: str
    was: str
    made_from: str | None = None
    still: bool = False
    error: str = ""
    theirs: str | None = None

    @property
    def outdated(self) -> bool:
        """Say whether the original has changed since this was translated."""
        return self.made_from is not None and self.made_from != self.original


@dataclass(frozen=True)
class Opened:
    """A translation on the desk: each field with prose, and who saved it last."""

    entry: Entry
    original: Revision
    written_in: str
    language: str
    boxes: list[Box]
    row: EntryTranslation | None
    author: str | None

    @property
    def conflicts(self) -> list[Box]:
        """Return the fields that somebody else has changed meanwhile, too."""
        return [box for box in self.boxes if box.theirs is not None]


@dataclass(frozen=True)
class Progress:
    """How far a translation is: fields with prose, and how many are missing or out of date."""

    language: str
    fields: int
    missing: int
    outdated: int
    row: EntryTranslation | None

    @property
    def begun(self) -> bool:
        """Say whether there is any text."""
        return self.missing < self.fields


def original_of(session: Session, entry: Entry) -> Revision:
    """Return what is translated: what is or was public, before that the newest revision."""
    if entry.version:
        return revision_at(session, entry, entry.version)
    return latest_revision(session, entry)


def _open(session: Session, kind: Kind, slug: str, user: User) -> tuple[Entry, Revision]:
    entry = get_entry(session, kind, slug)
    allow_on(session, user, ACTION, entry)
    return entry, original_of(session, entry)


def open_translations(
    session: Session, kind: Kind, slug: str, user: User
) -> tuple[Entry, str, list[Progress]]:
    """Return an entry, its language, and how far it is in each other one.

    These are the languages of the interface and whatever was begun. Raises NotFound, NotAllowed.
    """
    entry, original = _open(session, kind, slug, user)
    own = written_in(kind, original.profile)
    rows = {row.language: row for row in rows_of(session, [entry.id]).get(entry.id, ())}
    codes = dict.fromkeys([*languages(), *rows])
    return entry, own, [_progress(kind, original, c, rows.get(c)) for c in codes if c != own]


def _progress(
    kind: Kind, original: Revision, language: str, row: EntryTranslation | None
) -> Progress:
    there = [name for name in kind.prose_fields if original.profile.get(name)]
    read = read_against(kind, original.profile, row) if row else None
    missing = len(there) - (len(read.texts) if read else 0)
    return Progress(language, len(there), missing, len(read.outdated) if read else 0, row)


def open_translation(
    session: Session,
    kind: Kind,
    slug: str,
    language: str,
    user: User,
    sent: Sent | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Opened:
    """Return the original and its translation, field by field; where some was sent, with that.

    What was sent and is wrong keeps its mark, so that a conflict is still seen when it is sent
    again; after a conflict the marks are those of today. Raises NotFound and NotAllowed.
    """
    entry, original = _open(session, kind, slug, user)
    own = _check_language(session, kind, original, language)
    row = session.get(EntryTranslation, (entry.id, language))
    boxes = list(_boxes(kind, original, row).values())
    if sent and wrong:
        boxes = [_sent_back(box, sent, wrong.get(box.control.name, "")) for box in boxes]
    elif sent:
        boxes = [_beside(box, sent) for box in boxes]
    author = session.get(User, row.author_id) if row and row.author_id else None
    return Opened(entry, original, own, language, boxes, row, author.email if author else None)


def _check_language(session: Session, kind: Kind, original: Revision, language: str) -> str:
    own = written_in(kind, original.profile)
    if Vocabularies.read(session).term("languages", language) is None:
        raise NotFound(gettext("There is no language with the code %(code)s.", code=language))
    if language == own:
        raise NotFound(gettext("This entry is written in that language. Edit the entry itself."))
    return own


def _boxes(kind: Kind, original: Revision, row: EntryTranslation | None) -> dict[str, Box]:
    controls, found = controls_of(kind, False), {}
    for name in kind.prose_fields:
        if says := original.profile.get(name):
            text = row.texts.get(name, "") if row else ""
            made_from = row.made_from.get(name) if row and text else None
            found[name] = Box(controls[name], says, text, mark_of(text), made_from)
    return found


def _sent_back(box: Box, sent: Sent, error: str) -> Box:
    """Return a field with what was sent, as it was sent."""
    name = box.control.name
    text, was = sent.texts.get(name, box.text), sent.was.get(name, "")
    return replace(box, text=text, was=was, still=name in sent.still, error=error)


def _beside(box: Box, sent: Sent) -> Box:
    """Return a field with what was sent where its writer has changed it, and what others saved."""
    name, now_there = box.control.name, box.text
    box = replace(box, still=name in sent.still)
    if not _is_touched(sent, name):
        return box
    theirs = now_there if _clashes(sent, name, now_there) else None
    return replace(box, text=sent.texts[name], theirs=theirs)


def _is_touched(sent: Sent, name: str) -> bool:
    return name in sent.texts and mark_of(sent.texts[name]) != sent.was.get(name, "")


def _clashes(sent: Sent, name: str, there: str) -> bool:
    """Say whether two have changed a field, to different texts."""
    moved = mark_of(there) != sent.was.get(name, "")
    return _is_touched(sent, name) and moved and there != sent.texts[name]


def save_translation(
    session: Session, kind: Kind, slug: str, language: str, sent: Sent, *, by: User
) -> tuple[Entry, bool]:
    """Save what was translated, and say whether that changed anything; the original never does.

    It is public at once where its entry is. Raises NotFound, NotAllowed, Invalid by field, and
    Conflict when somebody else has changed the same field meanwhile.
    """
    write_alone(session)
    entry = get_entry(session, kind, slug)
    session.refresh(entry)
    allow_on(session, by, ACTION, entry)
    if entry.state is State.MERGED:
        raise Conflict(gettext("This entry was merged into another one; edit that one."))
    _check_language(session, kind, original_of(session, entry), language)
    seen = _seen(session, entry, sent.original)
    row = session.get(EntryTranslation, (entry.id, language), populate_existing=True)
    row = row or EntryTranslation(
        entry_id=entry.id, language=language, version=0, texts={}, made_from={}, made_by=CURATOR
    )
    texts, made_from = _written(replace(sent, texts=_checked(kind, sent.texts)), seen, row)
    if (row.texts, row.made_from) == (texts, made_from):
        return entry, False
    row.texts, row.made_from, row.version = texts, made_from, row.version + 1
    row.made_by = CURATOR if is_allowed(by.role, ACTION) else PROVIDER
    row.author_id, row.saved_at = by.id, now()
    session.add(row)
    tell(session, entry, row, by=by)
    return entry, True


def _written(
    sent: Sent, seen: Mapping[str, str], row: EntryTranslation
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts with what was changed, and what each was made from; raises Conflict."""
    texts, made_from = dict(row.texts), dict(row.made_from)
    if any(_clashes(sent, name, texts.get(name, "")) for name in sent.texts):
        raise Conflict(gettext("Somebody else saved this translation while you were writing."))
    for name, text in sent.texts.items():
        touched = _is_touched(sent, name)
        fits = name in sent.still and mark_of(texts.get(name, "")) == sent.was.get(name)
        if touched and not text:
            texts.pop(name, None)
            made_from.pop(name, None)
        elif text and name in seen and (touched or fits):
            texts[name], made_from[name] = text, seen[name]
    return texts, made_from


def _seen(session: Session, entry: Entry, number: int) -> dict[str, str]:
    """Return what the original said when its translator read it."""
    query = select(Revision).where(Revision.entry_id == entry.id, col(Revision.number) == number)
    found = session.exec(query).first()
    if found is None:
        raise Conflict(
            gettext("Open the translation again: it does not say what it was made from.")
        )
    return found.profile


def _checked(kind: Kind, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of prose as they are kept; raises Invalid with every one that does not fit.

    A translation may be as long as its original may.
    """
    found, wrong = {}, {}
    for name, text in texts.items():
        if name not in kind.prose_fields:
            continue
        try:
            plain = text.strip()
            adapter: TypeAdapter[str] = TypeAdapter(kind.prose_fields[name].type)
            found[name] = adapter.validate_python(plain) if plain else ""
        except ValidationError as error:
            wrong[name] = sentence(error.errors(include_url=False)[0])
    if wrong:
        raise Invalid(gettext("Some fields need another look."), wrong)
    return found


def tell(session: Session, entry: Entry, row: EntryTranslation, *, by: User) -> None:
    """Write down that a translation was saved, and tell whoever follows what is public."""
    detail = {"language": row.language, "version": row.version}
    seal = digest([row.texts, row.made_from])
    record(session, ACTION, entry.title, by=by, entry_id=entry.id, **detail, digest=seal)
    if entry.state in _READ_BY_ALL:
        what = "updated" if entry.state is State.PUBLISHED else entry.state.value
        log_change(session, entry.id, what)


# When two entries become one


def carry(session: Session, fold: Entry, keep: Entry, kind: Kind, *, by: User) -> None:
    """Give the entry that stays what was translated of texts that it takes from the folded one.

    Nothing is written over. The folded entry keeps its translations, for when it comes back.
    """
    says = original_of(session, keep).profile
    both = rows_of(session, [fold.id, keep.id])
    there = {row.language: row for row in both.get(keep.id, ())}
    for theirs in both.get(fold.id, ()):
        if theirs.language == written_in(kind, says):
            continue
        mine = there.get(theirs.language)
        taken = {
            name: text
            for name, text in theirs.texts.items()
            if theirs.made_from.get(name) == says.get(name) and not (mine and mine.texts.get(name))
        }
        if taken:
            row = mine or EntryTranslation(**{**theirs.model_dump(), "entry_id": keep.id})
            old = (mine.texts, mine.made_from) if mine else ({}, {})
            row.texts = {**old[0], **taken}
            row.made_from = {**old[1], **{name: theirs.made_from[name] for name in taken}}
            row.version = mine.version + 1 if mine else 1
            session.add(row)
            tell(session, keep, row, by=by)


def take_back(session: Session, fold: Entry, keep: Entry, *, by: User) -> None:
    """Take from an entry what was carried to it and is no translation of what it says again."""
    says = original_of(session, keep).profile
    both = rows_of(session, [fold.id, keep.id])
    theirs = {row.language: row for row in both.get(fold.id, ())}
    for row in both.get(keep.id, ()):
        if row.language not in theirs:
            continue
        of_fold = theirs[row.language]
        gone = {
            name
            for name, text in row.texts.items()
            if text == of_fold.texts.get(name)
            and row.made_from[name] == of_fold.made_from.get(name) != says.get(name)
        }
        if gone:
            row.texts = {n: t for n, t in row.texts.items() if n not in gone}
            row.made_from = {n: t for n, t in row.made_from.items() if n not in gone}
            row.version += 1
            session.add(row)
            tell(session, keep, row, by=by)
