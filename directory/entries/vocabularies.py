"""Controlled vocabularies: terms, their relations, and crosswalks between vocabularies.

They are data (`seed/vocabularies/*.csv`), never code: the United Nations will replace some of
them. A `Vocabularies` is a snapshot in memory, cheap enough to ask for every label of a page.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from directory.entries.fields import JSON_COLUMN
from directory.errors import NotFound
from directory.languages import SOURCE, gettext, language

NOT_STATED = "not-stated"


class Vocabulary(SQLModel, table=True):
    """A list of terms with one purpose, version and origin."""

    name: str = Field(primary_key=True)
    title: str
    description: str
    version: str
    mark: str = Field(description="verified, partly, unverified or ours.")
    source: str
    broader_in: str | None = Field(
        default=None, description="The vocabulary that holds the broader terms, if not this one."
    )
    labels_note: str | None = Field(
        default=None, description="Who worded the labels in other languages than English."
    )
    digest: str = Field(description="Of the file it was loaded from, and of the crosswalks.")


class Term(SQLModel, table=True):
    """One term. `labels` are by language; `alt_labels` are what people also call it."""

    vocabulary: str = Field(primary_key=True, foreign_key="vocabulary.name")
    code: str = Field(primary_key=True)
    position: int
    label: str
    short: str | None = None
    labels: dict[str, str] = Field(sa_type=JSON_COLUMN)
    alt_labels: list[str] = Field(sa_type=JSON_COLUMN)
    broader: str | None = None
    definition: str | None = None
    mark: str = "ours"
    source: str | None = None
    note: str | None = None

    @property
    def shown(self) -> str:
        """Return the label in the language that is read; in English the short one, if any."""
        code = language().code
        named = None if code == SOURCE else self.labels.get(code)
        return named or self.short or self.label

    def label_in(self, code: str) -> str:
        """Return the whole label in a language (BCP 47); the English one where it has none."""
        return self.labels.get(code) or self.label

    @property
    def labels_elsewhere(self) -> dict[str, str]:
        """Return the labels in other languages than the one that is read, by language."""
        read = language().code
        return {code: label for code, label in sorted(self.labels.items()) if code != read}

    @property
    def in_full(self) -> str:
        """Return the same for a heading: in English the long one."""
        return self.labels.get(language().code) or self.label


class Crosswalk(SQLModel, table=True):
    """A link between two terms, with its origin, source and version."""

    __table_args__ = (
        sa.ForeignKeyConstraint(["from_vocabulary", "from_code"], ["term.vocabulary", "term.code"]),
        sa.ForeignKeyConstraint(["to_vocabulary", "to_code"], ["term.vocabulary", "term.code"]),
        sa.UniqueConstraint(
            "from_vocabulary", "from_code", "relation", "to_vocabulary", "to_code", "version"
        ),
        sa.Index("ix_crosswalk_to", "to_vocabulary", "to_code"),
    )

    id: int | None = Field(default=None, primary_key=True)
    from_vocabulary: str
    from_code: str
    relation: str
    to_vocabulary: str
    to_code: str
    origin: str = Field(description="official, published, derived or curator.")
    source: str
    version: str
    note: str | None = None


_read: "dict[tuple[str, ...], Vocabularies]" = {}


@dataclass(frozen=True, eq=False)
class Vocabularies:
    """All vocabularies at one moment."""

    vocabularies: dict[str, Vocabulary]
    terms: dict[str, dict[str, Term]]
    crosswalks: list[Crosswalk]
    _shown: dict[tuple[str, str, str], str] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def read(cls, session: Session) -> "Vocabularies":
        """Return what the database holds; read once, as long as the digests stay the same."""
        version = tuple(session.exec(select(Vocabulary.digest).order_by(col(Vocabulary.name))))
        found = _read.get(version)
        if found is None:
            found = cls._read(session)
            _read.clear()
            _read[version] = found
        return found

    @classmethod
    def _read(cls, session: Session) -> "Vocabularies":
        terms: dict[str, dict[str, Term]] = {}
        for term in session.exec(select(Term).order_by(col(Term.position))):
            terms.setdefault(term.vocabulary, {})[term.code] = term
        found = cls(
            {v.name: v for v in session.exec(select(Vocabulary))},
            terms,
            list(session.exec(select(Crosswalk).order_by(col(Crosswalk.id)))),
        )
        # They outlive the session: a rollback must not empty them.
        for row in (*found.vocabularies.values(), *found.crosswalks):
            session.expunge(row)
        for term in (t for group in terms.values() for t in group.values()):
            session.expunge(term)
        return found

    def of(self, name: str) -> dict[str, Term]:
        """Return the terms of a vocabulary in order; NotFound when there is no such vocabulary."""
        if name not in self.vocabularies:
            raise NotFound(gettext("There is no vocabulary called %(name)s.", name=name))
        return self.terms.get(name, {})

    def term(self, vocabulary: str, code: str) -> Term | None:
        """Return one term, or None."""
        return self.terms.get(vocabulary, {}).get(code)

    def label(self, vocabulary: str, code: str) -> str:
        """Return what to show for a code: the short label where there is one, else the label."""
        if code == NOT_STATED:
            return gettext("Not stated")
        # A page of results shows some hundred terms.
        key = (language().code, vocabulary, code)
        if (shown := self._shown.get(key)) is None:
            if (term := self.term(vocabulary, code)) is None:
                return code
            shown = self._shown[key] = term.shown
        return shown

    @cached_property
    def narrower(self) -> dict[tuple[str, str], list[str]]:
        """Map each term to the codes directly below it."""
        below: dict[tuple[str, str], list[str]] = {}
        for name, terms in self.terms.items():
            for term in terms.values():
                if term.broader:
                    above = self.vocabularies[name].broader_in or name
                    below.setdefault((above, term.broader), []).append(term.code)
        return below

    def above(self, vocabulary: str, code: str) -> Iterator[tuple[str, str]]:
        """Yield (vocabulary, code) of every term that contains this one, nearest first.

        C7-EGOV lies in C7; Kenya lies in Eastern Africa, in Africa and in the World, which are
        terms of another vocabulary, and groups of countries contain their members.
        """
        seen = {(vocabulary, code)}
        waiting = [(vocabulary, code)]
        while waiting:
            here = waiting.pop(0)
            term = self.term(*here)
            found = [(w.to_vocabulary, w.to_code) for w in self._memberships.get(here, [])]
            if term and term.broader:
                found.insert(0, (self.vocabularies[here[0]].broader_in or here[0], term.broader))
            for item in found:
                if item not in seen:
                    seen.add(item)
                    waiting.append(item)
                    yield item

    def with_broader(self, vocabulary: str, codes: Iterable[str]) -> list[str]:
        """Return the codes and all above them in the same vocabulary, each once."""
        found: dict[str, None] = {}
        for code in codes:
            found[code] = None
            for name, higher in self.above(vocabulary, code):
                if name == vocabulary:
                    found[higher] = None
        return list(found)

    @cached_property
    def _memberships(self) -> dict[tuple[str, str], list[Crosswalk]]:
        found: dict[tuple[str, str], list[Crosswalk]] = {}
        for walk in self.crosswalks:
            if walk.relation == "member-of":
                found.setdefault((walk.from_vocabulary, walk.from_code), []).append(walk)
        return found

    def links(self, vocabulary: str, code: str) -> Iterator[tuple[Crosswalk, Term]]:
        """Yield every crosswalk that touches a term, with the term at its other end."""
        for walk in self._by_term.get((vocabulary, code), []):
            here = (walk.from_vocabulary, walk.from_code) == (vocabulary, code)
            other = (
                self.term(walk.to_vocabulary, walk.to_code)
                if here
                else self.term(walk.from_vocabulary, walk.from_code)
            )
            if other:
                yield walk, other

    @cached_property
    def _by_term(self) -> dict[tuple[str, str], list[Crosswalk]]:
        found: dict[tuple[str, str], list[Crosswalk]] = {}
        for walk in self.crosswalks:
            found.setdefault((walk.from_vocabulary, walk.from_code), []).append(walk)
            found.setdefault((walk.to_vocabulary, walk.to_code), []).append(walk)
        return found

    def words(self, vocabulary: str, code: str) -> list[str]:
        """Return every word for a term: labels in all languages and alternate labels."""
        term = self.term(vocabulary, code)
        if term is None:
            return []
        return list(dict.fromkeys([term.label, *term.alt_labels, *term.labels.values()]))

    def unknown(self, vocabulary: str, codes: Iterable[Any]) -> list[str]:
        """Return the codes that the vocabulary does not have."""
        known = self.terms.get(vocabulary, {})
        return [str(code) for code in codes if code not in known]
