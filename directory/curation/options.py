"""What one may choose from: terms of vocabularies, entries to refer to, sources to cite."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.curation.controls import Control, all_within
from directory.curation.owning import may_on
from directory.entries.models import Entry, State
from directory.entries.vocabularies import Vocabularies
from directory.sources.models import Source

# A longer list is written with the browser's own suggestions instead of being laid out in full.
LONG = 60
MOST_ENTRIES = 1000
SOURCES = "sources"


@dataclass(frozen=True)
class Option:
    """One thing to choose; `below` says that it stands under the one before it."""

    value: str
    label: str
    below: bool = False


@dataclass(frozen=True)
class Options:
    """Every list of a form, by name."""

    lists: dict[str, list[Option]]
    _labels: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def of(self, name: str | None) -> list[Option]:
        """Return a list; empty when there is none."""
        return self.lists.get(name or "", [])

    def is_long(self, name: str | None) -> bool:
        """Say whether a list is written with suggestions; references may always grow long."""
        return bool(name) and (len(self.of(name)) > LONG or str(name).startswith("entries-"))

    def label(self, name: str | None, value: str) -> str:
        """Return the words for a value, or the value itself when nobody knows it."""
        if name not in self._labels:
            self._labels[str(name)] = {o.value: o.label for o in self.of(name)}
        return self._labels[str(name)].get(value, value)

    def value_of(self, name: str | None, text: str) -> str:
        """Return the value that a person means who wrote the words for it instead."""
        text = text.strip()
        if not text or not name or self.label(name, text) != text:
            return text
        said = text.casefold()
        found = [o.value for o in self.of(name) if o.label.casefold() == said]
        return found[0] if len(found) == 1 else text


def read_options(session: Session, controls: Iterable[Control], user: User) -> Options:
    """Read the lists that a form with these controls needs, and the sources to cite.

    Drafts to refer to are those that this person may read.
    """
    lists: dict[str, list[Option]] = {SOURCES: _sources(session)}
    vocabularies = Vocabularies.read(session)
    for control in all_within(controls):
        name = control.options_name
        if name is None or name in lists:
            continue
        if control.vocabulary:
            lists[name] = terms(vocabularies, control.vocabulary)
        elif control.reference:
            lists[name] = _entries(session, control.reference, user)
    return Options(lists)


def _sources(session: Session) -> list[Option]:
    rows = session.exec(select(Source).order_by(col(Source.position)))
    return [Option(s.slug, s.short_title) for s in rows]


def terms(vocabularies: Vocabularies, name: str) -> list[Option]:
    """List the terms of a vocabulary; in a list laid out in full, C5 stands before its words.

    In a long list the code is what gets written, and stands there anyway.
    """
    known = vocabularies.terms.get(name, {})
    options = []
    for code, term in known.items():
        label = vocabularies.label(name, code)
        speaks = len(known) <= LONG and code != code.lower() and not label.startswith(code)
        options.append(Option(code, f"{code} {label}" if speaks else label, bool(term.broader)))
    return options


def _entries(session: Session, kind: str, user: User) -> list[Option]:
    """List what can be referred to; what was taken down or merged cannot."""
    rows = session.exec(
        select(Entry)
        .where(Entry.kind == kind, col(Entry.state).in_([State.PUBLISHED, State.DRAFT]))
        .order_by(col(Entry.title))
        .limit(MOST_ENTRIES)
    )
    return [
        Option(e.slug, e.title)
        for e in rows
        if e.state is State.PUBLISHED or may_on(session, user, "read drafts", e)
    ]
