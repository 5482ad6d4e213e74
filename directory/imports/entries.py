"""Bring entries in from a file of ours: what would change, field by field, then as drafts.

It reads what `directory export` writes, and what the API gives. Nothing is published, and nothing
is deleted by omission: an entry or a field that a file does not speak of stays as it is, and an
empty cell clears a field only where the row says which revision it was exported from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import Any

from rapidfuzz.distance import Prefix
from sqlmodel import Session, select

from directory.curation.addresses import check_slug
from directory.curation.saving import Saved
from directory.curation.service import check_codes, read_draft
from directory.db import Database
from directory.entries.cells import to_cell
from directory.entries.kinds import Kind
from directory.entries.models import State
from directory.entries.vocabularies import Vocabularies
from directory.errors import DirectoryError, Invalid
from directory.imports.codes import Codes, UnknownCode
from directory.imports.existing import Existing, References, read_existing
from directory.imports.merging import Difference, Side, merge
from directory.imports.readers.opened import Opened, Raw
from directory.imports.rows import Reading, Row
from directory.imports.survey import Survey
from directory.languages import gettext, marked
from directory.sources.models import Source

BATCH = 500
# How much of a value is shown, and how much of it before the first letter that differs.
_LONGEST, _LEAD = 60, 20


class Action(StrEnum):
    """What an import would do with one entry."""

    CREATE = "create"
    UPDATE = "update"
    NO_CHANGE = "no change"
    CONFLICT = "conflict"
    ERROR = "error"


@dataclass(frozen=True)
class Planned:
    """One entry of a file, and what becomes of it. `notes` maps a field to a sentence.

    `draft` is what would be saved after revision `base`, the newest that was looked at, 0 for a
    new entry; a conflict is not in it. `entry` is its kind and slug, where it could be read.
    """

    number: int
    place: str
    name: str
    action: Action
    notes: dict[str, str] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    draft: Saved | None = None
    base: int = 0
    entry: tuple[str, str] | None = None


@dataclass(frozen=True)
class Judged:
    """What becomes of some rows, as of one change of the catalogue."""

    planned: list[Planned]
    change: int


@dataclass(frozen=True)
class Batch:
    """Some rows that are judged and saved together; somebody may have judged them before."""

    raws: Sequence[Raw]
    reading: Reading
    judged: Judged | None = None

    def rows(self) -> list[Row]:
        """Read the rows, each time anew."""
        return [self.reading.row(raw) for raw in self.raws]


@dataclass
class Plan:
    """What is asked for all rows, and what is known for all of them; one for each run.

    `prefer` settles every conflict; `chosen` one field of one row, `seen` is the newest revision
    that the person has looked at. Both are by the number of the row, with the name of its sheet.
    """

    survey: Survey
    prefer: Side | None = None
    chosen: Mapping[str, Mapping[str, Side]] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)
    _codes: Codes | None = None
    _sources: set[str] = field(default_factory=set)
    _places: dict[tuple[str, str], str] = field(default_factory=dict)
    _references: References = field(default_factory=References)

    def rows(self, session: Session, rows: Sequence[Row]) -> list[Planned]:
        """Return what would become of some rows, each for itself.

        The session reads the entries as they are now.
        """
        words = Vocabularies.read(session)
        if self._codes is None or self._codes.vocabularies is not words:
            self._codes = Codes(words)
            self._sources = set(session.exec(select(Source.slug)))
        for row in rows:
            self._look_up_codes(row)
        existing = read_existing(session, rows, self.seen)
        self._references.read(session, rows, self.survey.slugs)
        return [self._one(row, existing.get((row.kind.name, row.slug)) if row.kind else None)
                for row in rows]  # fmt: skip

    def _look_up_codes(self, row: Row) -> None:
        assert self._codes
        for name, value in row.values.items() if row.kind else ():
            if value is None:
                continue
            try:
                row.values[name] = self._codes.resolve(row.kind.fields[name], value)  # type: ignore[union-attr]
            except UnknownCode as error:
                row.wrong[name] = str(error)

    def once(self, planned: Iterable[Planned]) -> list[Planned]:
        """Refuse entries that stood in the file before; called once for each row, in order."""
        return [self._once(one) for one in planned]

    def _once(self, one: Planned) -> Planned:
        if one.entry is None:
            return one
        first = self._places.setdefault(one.entry, one.place)
        if first == one.place:
            return one
        wrong = {"slug": f"This entry stands in {first} already: remove one of them."}
        return replace(one, action=Action.ERROR, notes=wrong, differences=(), draft=None)

    def _one(self, row: Row, existing: Existing | None) -> Planned:
        error = Planned(
            row.number, row.place, row.name, Action.ERROR, row.wrong,
            base=existing.number if existing else 0,
        )  # fmt: skip
        if row.wrong or row.kind is None:
            return error
        entry = row.kind.name, existing.entry.slug if existing else row.slug
        self._look_at_entry(row, existing)
        wrong = row.wrong
        if not wrong:
            try:
                return replace(self._compared(row, row.kind, existing), entry=entry)
            except Invalid as invalid:
                wrong = invalid.by_field or {"entry": str(invalid)}
            except DirectoryError as other:
                wrong = {"entry": str(other)}
        return replace(error, notes=wrong, entry=entry)

    def _look_at_entry(self, row: Row, existing: Existing | None) -> None:
        """Refuse entries that are not there to be edited, and names that none can have."""
        if existing is None:
            try:
                check_slug(row.slug)
            except Invalid as error:
                row.wrong |= error.by_field
        elif existing.entry.state in (State.MERGED, State.WITHDRAWN, State.ARCHIVED):
            reason = f" ({existing.entry.state_reason})" if existing.entry.state_reason else ""
            row.wrong["entry"] = {
                State.MERGED: f"This entry was merged into another one{existing.merged_words}: "
                "name that one.",
                State.WITHDRAWN: f"This entry was withdrawn{reason}: bring it back first.",
                State.ARCHIVED: f"This entry was archived{reason}: bring it back first.",
            }[existing.entry.state]

    def _compared(self, row: Row, kind: Kind, existing: Existing | None) -> Planned:
        chosen = {**self.chosen.get(row.place, {})}
        merged = merge(row, kind, existing, chosen, self.prefer)
        action = Action.CREATE
        if existing:
            action = Action.UPDATE if merged.changed else Action.NO_CHANGE
        if merged.open:
            action = Action.CONFLICT
        notes = {d.field: _sentence(kind, d, existing) for d in merged.differences}
        base = existing.number if existing else 0
        saved = None
        if merged.changed:
            slug = existing.entry.slug if existing else row.slug
            draft = read_draft(kind, slug, merged.values, merged.claims)
            assert self._codes
            wrong = check_codes(draft, self._codes.vocabularies, self._sources)
            wrong |= self._references.missing(draft, merged.changed)
            if wrong:
                raise Invalid(gettext("Some fields need another look."), wrong)
            saved = Saved.of(draft, existing.entry if existing else None, base + 1)
        return Planned(
            row.number, row.place, row.name, action, notes, tuple(merged.differences), saved, base
        )


def preview(database: Database, batches: Iterable[Batch], plan: Plan) -> Iterator[list[Planned]]:
    """Yield what would become of the rows, batch by batch; nothing is saved.

    Each batch has a session of its own: nobody keeps one open for as long as a file takes.
    """
    for batch in batches:
        if batch.judged:
            planned = batch.judged.planned
        else:
            with database.reading() as session:
                planned = plan.rows(session, batch.rows())
        yield plan.once(planned)


def in_batches(opened: Opened, reading: Reading) -> Iterator[Batch]:
    """Yield the rows of a file a few hundred at a time."""
    waiting = opened.rows()
    while some := list(islice(waiting, BATCH)):
        yield Batch(some, reading)


def _sentence(kind: Kind, found: Difference, existing: Existing | None) -> str:
    if existing is None:
        return shown(kind, found.field, found.after)
    if found.before == found.after and not found.conflict:
        return marked("where it comes from")
    before, after = (_whole(kind, found.field, value) for value in (found.before, found.after))
    start = _where_they_part(before, after)
    before, after = _short(before, start), _short(after, start)
    if found.conflict and not found.taken:
        return f"here: {before}; in the file: {after}"
    return f"{before} → {after}"


def shown(kind: Kind, name: str, value: Any, longest: int = _LONGEST) -> str:
    """Return a value in short, as a cell would show it."""
    return _short(_whole(kind, name, value), longest=longest)


def _whole(kind: Kind, name: str, value: Any) -> str:
    return "not stated" if value is None else to_cell(kind.fields[name], value)


def _where_they_part(before: str, after: str) -> int:
    """Return where to begin to show two texts, so that one sees in what they differ."""
    same = Prefix.similarity(before, after)
    return max(0, same - _LEAD) if same > _LONGEST - _LEAD else 0


def _short(text: str, start: int = 0, longest: int = _LONGEST) -> str:
    text = f"…{text[start:]}" if start else text
    return text if len(text) <= longest else text[: longest - 1] + "…"
