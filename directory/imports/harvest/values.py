"""From the words of a feed to declared values: codes by their labels, entries by their names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from directory.curation.service import check_codes, read_draft
from directory.entries.fields import Declared, Reference, Vocabulary, is_model
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry, State
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid
from directory.imports.harvest.items import Item

_SHOWN = 60
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass
class Words:
    """Knows every code by its labels and every public entry by its names; read once a run."""

    vocabularies: Vocabularies
    slugs: dict[str, dict[str, str | None]]
    """Kind, folded name, slug; None where several entries have the name."""
    titles: dict[tuple[str, str], str]
    """Kind and slug, title."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, session: Session) -> "Words":
        """Read what is public now."""
        titles: dict[tuple[str, str], str] = {}
        slugs = {kind.name: _slugs(session, kind, titles) for kind in KINDS.values()}
        return cls(Vocabularies.read(session), slugs, titles)

    def code(self, vocabulary: str, text: str) -> str | None:
        """Return the code that is written, or whose label in any language is; None when none."""
        known = self._codes.get(vocabulary)
        if known is None:
            known = {}
            terms = self.vocabularies.of(vocabulary)
            for code in terms:
                for word in self.vocabularies.words(vocabulary, code):
                    known.setdefault(_folded(word), code)
            known |= {_folded(code): code for code in terms}
            self._codes[vocabulary] = known
        return known.get(_folded(text))

    def title(self, kind: str, slug: str) -> str:
        """Return the title of a public entry; the slug where there is none."""
        return self.titles.get((kind, slug), slug)

    def slug(self, kind: str, name: str) -> str | None:
        """Return the slug of the one public entry with this name or slug; None when none."""
        return self.slugs[kind].get(_folded(name))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _slugs(
    session: Session, kind: Kind, titles: dict[tuple[str, str], str]
) -> dict[str, str | None]:
    """Map the names of public entries to their slugs; a name of several leads to none of them.

    Notes each title on the way, so that the entries are read once.
    """
    table: Any = kind.table
    names = [n for n, d in kind.public_fields.items() if d.searchable in ("name", "alias")]
    rows = session.execute(
        select(Entry.slug, Entry.title, *(getattr(table, n) for n in names))
        .join(table, table.id == Entry.id)
        .where(col(Entry.state) == State.PUBLISHED)
    )
    found: dict[str, str | None] = {}
    own: dict[str, str | None] = {}
    for slug, title, *values in rows:
        own[slug], titles[kind.name, slug] = slug, title
        for name in {_folded(name) for name in _flat(values)}:
            found[name] = slug if found.get(name, slug) == slug else None
    return {**own, **found}


def _flat(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, str))


@dataclass
class Understood:
    """The declared values of an item as JSON, and a sentence for each field left out or cut.

    `by_owner` is the field that names the owner of the feed, where the item itself names nobody.
    """

    values: dict[str, Any]
    notes: dict[str, str]
    by_owner: str | None = None


def understand(words: Words, kind: Kind, item: Item) -> Understood:
    """Bring an item to declared values; a field that does not fit is left out with a note.

    Fields that only curators see, and those about our own work, are never taken from a feed.
    """
    notes = dict(item.notes)
    values: dict[str, Any] = {}
    for name, raw in item.values.items():
        declared = kind.public_fields.get(name)
        if declared is None or declared.ours:
            continue
        value, missing = _value(words, declared, raw)
        if value not in (None, "", []):
            values[name] = value
        if missing and name not in item.quiet:
            notes[name] = _not_known(declared, missing)
    return Understood(_fitting(words, kind, values, notes), notes)


def _not_known(declared: Declared, missing: list[str]) -> str:
    said = ", ".join(f"“{m[:_SHOWN]}”" for m in missing[:5])
    if declared.vocabulary:
        return f"Not in the list of {declared.vocabulary}: {said}."
    if declared.reference:
        return f"There is no public {declared.reference.kind} here called {said}."
    return f"Not understood: {said}."


def _fitting(
    words: Words, kind: Kind, values: dict[str, Any], notes: dict[str, str]
) -> dict[str, Any]:
    """Return the values that the declarations let through, as they are stored."""
    for _ in range(2):
        try:
            draft = read_draft(kind, "checked", values, {})
        except Invalid as error:
            for place, sentence in error.by_field.items():
                name = place.partition(".")[0]
                if values.pop(name, None) is not None:
                    notes[name] = sentence
            continue
        wrong = check_codes(draft, words.vocabularies, set())
        notes |= wrong
        return {name: value for name, value in draft.values.items() if name not in wrong}
    return {}


def _value(words: Words, declared: Declared, raw: Any) -> tuple[Any, list[str]]:
    """Return a value and the words in it that nobody knows here."""
    if is_model(declared.type):
        return _parts(words, declared, raw)
    items = raw if isinstance(raw, list) else [raw]
    found: dict[Any, None] = {}
    missing = []
    for one in items:
        if isinstance(one, dict | list) or one is None:
            continue
        value = _one(words, declared, one)
        if value is None:
            missing.append(str(one))
        else:
            found[value] = None
    values = list(found)
    return (values if declared.many else values[0] if values else None), missing


def _one(words: Words, declared: Declared, raw: Any) -> Any:
    if declared.vocabulary:
        return words.code(declared.vocabulary, str(raw))
    if declared.reference:
        return words.slug(declared.reference.kind, str(raw))
    if declared.type is bool:
        return raw if isinstance(raw, bool) else _YES_NO.get(_folded(str(raw)))
    return raw if isinstance(raw, str) else str(raw)


def _parts(words: Words, declared: Declared, raw: Any) -> tuple[Any, list[str]]:
    """Return structured values; those that name nobody we know are left out."""
    found, missing = [], []
    for one in raw if isinstance(raw, list) else [raw]:
        if isinstance(one, dict):
            part, unknown = _part(words, declared.type, one)
            missing += unknown
            if not unknown:
                found.append(part)
    return found, missing


def _part(words: Words, model: type[BaseModel], one: dict[str, Any]) -> tuple[Any, list[str]]:
    part = {name: value for name, value in one.items() if value is not None}
    unknown = []
    for name, info in model.model_fields.items():
        said = part.get(name)
        for mark in info.metadata:
            if isinstance(said, str) and isinstance(mark, Reference | Vocabulary):
                known = (
                    words.slug(mark.kind, said)
                    if isinstance(mark, Reference)
                    else words.code(mark.name, said)
                )
                part[name] = known
                unknown += [] if known else [said]
    return part, unknown
