"""Synthetic entries, to measure with: many, valid, and the same ones again for the same seed.

What is filled in follows from the declarations: the texts of the first screen, every field with a
vocabulary, every reference, and dated runs. The rest stays open, as it mostly does in real sources.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, product
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from directory.audit import Happened, record_all
from directory.curation.service import seal
from directory.db import Change
from directory.entries.fields import Declared, Reference, is_model
from directory.entries.freshness import review_by
from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.entries.models import (
    Entry,
    EntryLink,
    EntryTerm,
    Revision,
    RunRow,
    State,
    TrackRow,
)
from directory.entries.profiles import Involvement, Run, Track
from directory.entries.vocabularies import Vocabularies
from directory.errors import Conflict
from directory.imports.seed import is_empty
from directory.imports.vocabularies import load_vocabularies
from directory.languages import gettext
from directory.sources.claims import Claim, Status
from directory.sources.models import ClaimRow, Source

WORDS, EXPONENT = 60_000, 1.05
"""How many words there are, and how fast their frequency falls (Zipf's law)."""

SHARES = {ORGANISATION: 0.15, PROGRAMME: 0.25, TRAINING: 0.6}
STATED_WHEN_REQUIRED, STATED, DATED = 0.9, 0.4, 0.2
"""In what share of the entries a field has a value; dates are rarer."""

UNEVEN = 0.8
"""How fast the frequency of terms falls, in the order of their vocabulary."""

HOW_MANY = (1, 1, 1, 2, 2, 3, 4)
FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2029, 12, 31)
FIRST_MOMENT, BETWEEN_ENTRIES = datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=1)
ENTRIES_AT_ONCE = 1_000
SOURCE, CHECKED_ON = "demo", FIRST_DAY
_CLAIM = Claim(source=SOURCE, checked_on=CHECKED_ON)


def fill(session: Session, seed_folder: Path, entries: int, seed: int) -> None:
    """Fill an empty database with so many synthetic entries; the caller commits.

    The same seed and vocabularies give the same entries. Raises Conflict when entries exist.
    """
    if not is_empty(session):
        raise Conflict(
            gettext("The database holds entries already; synthetic ones want an empty database.")
        )
    load_vocabularies(session, seed_folder / "vocabularies")
    session.merge(_source())
    session.flush()
    making = _Making(Random(seed), Vocabularies.read(session))
    for start in range(0, entries, ENTRIES_AT_ONCE):
        some = [making.entry() for _ in range(min(ENTRIES_AT_ONCE, entries - start))]
        _write(session, some)


def _source() -> Source:
    return Source(
        slug=SOURCE,
        title="Synthetic entries",
        short_title="synthetic",
        kind="note",
        note="Made up to measure with; nothing in them is true.",
        checked_on=CHECKED_ON,
    )


# Words


def _words(rng: Random) -> list[str]:
    """Return words that one can pronounce, in the order of their frequency."""
    syllables = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]
    long = ["".join(parts) for parts in product(syllables, repeat=3)]
    short = ["".join(parts) for parts in product(syllables, repeat=2)]
    return rng.sample(short, 2_000) + rng.sample(long, WORDS - 2_000)


@dataclass
class _Weighted:
    """Things that are drawn, the first ones more often."""

    things: list[str]
    sums: list[float]

    @classmethod
    def of(cls, things: list[str], exponent: float) -> "_Weighted":
        return cls(things, list(accumulate((n + 1) ** -exponent for n in range(len(things)))))

    def draw(self, rng: Random, count: int) -> list[str]:
        return rng.choices(self.things, cum_weights=self.sums, k=count)


# Values


@dataclass
class _Made:
    """An entry with its values as JSON, its links and its runs."""

    kind: Kind
    id: uuid.UUID
    slug: str
    title: str
    moment: datetime
    values: dict[str, Any] = field(default_factory=dict)
    links: list[dict[str, Any]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


class _Making:
    """Makes one entry after the other; later ones refer to earlier ones."""

    def __init__(self, rng: Random, vocabularies: Vocabularies) -> None:
        self._rng = rng
        self._words = _Weighted.of(_words(rng), EXPONENT)
        self._terms = {
            name: _Weighted.of(list(terms), UNEVEN) for name, terms in vocabularies.terms.items()
        }
        self._there: dict[str, list[tuple[str, uuid.UUID]]] = {name: [] for name in KINDS}
        self._count = 0

    def entry(self) -> _Made:
        """Make the next entry."""
        (kind,) = self._rng.choices(list(SHARES), list(SHARES.values()))
        moment = FIRST_MOMENT + self._count * BETWEEN_ENTRIES
        self._count += 1
        title = self._text(4, 9).capitalize()
        slug = f"{title.lower().replace(' ', '-')}-{self._count}"
        made = _Made(kind, self._id(moment), slug, title, moment)
        texts = {"summary": self._text(15, 25), "text": self._text(80, 120)}
        made.values[kind.title_field] = title
        for declared in kind.fields.values():
            if declared.searchable in texts:
                made.values[declared.name] = texts.pop(declared.searchable)
            elif (value := self._value(made, declared)) is not None:
                made.values[declared.name] = value
        self._there[kind.name].append((slug, made.id))
        return made

    def _id(self, moment: datetime) -> uuid.UUID:
        """Return a UUID of version 7 (RFC 9562) that the seed decides."""
        stamp = int(moment.timestamp() * 1_000)
        high, low = self._rng.getrandbits(12), self._rng.getrandbits(62)
        return uuid.UUID(int=stamp << 80 | 7 << 76 | high << 64 | 2 << 62 | low)

    def _text(self, least: int, most: int) -> str:
        return " ".join(self._words.draw(self._rng, self._rng.randint(least, most)))

    def _value(self, made: _Made, declared: Declared) -> Any:
        """Return the value of a field as JSON; None where it stays open."""
        if declared.private or self._rng.random() >= _share(declared):
            return None
        count = self._rng.choice(HOW_MANY) if declared.many else 1
        if declared.reference:
            values = self._references(made, declared, declared.reference, count)
        elif declared.vocabulary:
            drawn = self._terms[declared.vocabulary].draw(self._rng, count)
            values = list(dict.fromkeys(drawn))
        else:
            made.runs = [self._run() for _ in range(count)]
            values = [run.model_dump(mode="json") for run in made.runs]
        return (values or None) if declared.many else next(iter(values), None)

    def _references(self, made: _Made, declared: Declared, to: Reference, count: int) -> list[Any]:
        """Refer to earlier entries, the earliest more often; to none while there is none."""
        there = self._there[to.kind]
        if not there:
            return []
        drawn = {there[int(len(there) * self._rng.random() ** 3)]: to.rel for _ in range(count)}
        if is_model(declared.type):
            drawn = {target: self._terms["roles"].draw(self._rng, 1)[0] for target in drawn}
        made.links += [
            {
                "entry_id": made.id,
                "field": declared.name,
                "position": position,
                "rel": rel,
                "target_id": target,
            }
            for position, ((_, target), rel) in enumerate(drawn.items())
        ]
        if is_model(declared.type):
            parts = [Involvement(organisation=slug, role=rel) for (slug, _), rel in drawn.items()]
            return [part.model_dump(mode="json") for part in parts]
        return [slug for slug, _ in drawn]

    def _run(self) -> Run:
        """Return a dated run with one track, which closes before it."""
        span = (LAST_DAY - FIRST_DAY).days
        closes, start, end = sorted(
            FIRST_DAY + timedelta(self._rng.randrange(span)) for _ in range(3)
        )
        return Run(start=start, end=end, tracks=[Track(application_deadline=closes)])


def _share(declared: Declared) -> float:
    """Return in how many entries a field has a value; texts beyond the first stay open."""
    if declared.type is Run:
        return DATED
    if not (declared.vocabulary or declared.reference):
        return 0
    return STATED_WHEN_REQUIRED if declared.required else STATED


# Rows, as `publish` would write them one by one


def _write(session: Session, some: list[_Made]) -> None:
    """Write entries in bulk: what `publish` writes, without asking the database for each."""
    _insert(session, Entry, map(_entry, some))
    for kind in KINDS.values():
        _insert(session, kind.table, [_row(made) for made in some if made.kind is kind])
    _insert(session, EntryLink, (link for made in some for link in made.links))
    _insert(session, EntryTerm, (term for made in some for term in _terms(made)))
    _insert(session, ClaimRow, (claim for made in some for claim in _claim_rows(made)))
    revisions = [_revision(made) for made in some]
    _insert(session, Revision, revisions)
    record_all(session, map(_happened, some, revisions), by=None)
    lines = ({"entry_id": m.id, "at": m.moment, "what": "published"} for m in some)
    _insert(session, Change, lines)
    _write_runs(session, some)


def _insert(session: Session, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    if found := list(rows):
        session.connection().execute(sa.insert(_table(table)), found)


def _table(model: type[SQLModel]) -> sa.Table:
    """Return the table behind a class; rows for it need no objects, which cost ten times more."""
    table = sa.inspect(model).local_table
    assert isinstance(table, sa.Table)
    return table


def _entry(made: _Made) -> dict[str, Any]:
    return {
        "id": made.id,
        "kind": made.kind.name,
        "slug": made.slug,
        "title": made.title,
        "version": 1,
        "created_at": made.moment,
        "updated_at": made.moment,
        "published_at": made.moment,
        "review_by": review_by(made.kind, made.values, _checked(made), None),
        "state": State.PUBLISHED,
    }


def _checked(made: _Made) -> dict[str, list[Claim]]:
    return {name: [_CLAIM] for name in made.values}


def _row(made: _Made) -> dict[str, Any]:
    return {"id": made.id} | {name: made.values.get(name) for name in made.kind.fields}


def _terms(made: _Made) -> Iterator[dict[str, Any]]:
    for name, value in made.values.items():
        declared = made.kind.fields[name]
        if declared.vocabulary:
            for code in value if declared.many else [value]:
                yield {
                    "entry_id": made.id,
                    "field": name,
                    "vocabulary": declared.vocabulary,
                    "code": code,
                }


def _claims(made: _Made) -> dict[str, Status]:
    """Return what the source does about each field: publication asks for no more."""
    return {
        name: Status.STATED if name in made.values else Status.NOT_STATED
        for name, declared in sorted(made.kind.fields.items())
        if name in made.values or declared.required
    }


def _claim_rows(made: _Made) -> Iterator[dict[str, Any]]:
    for name, status in _claims(made).items():
        yield {
            "entry_id": made.id,
            "field": name,
            "source_slug": SOURCE,
            "status": status.value,
            "checked_on": CHECKED_ON,
        }


def _revision(made: _Made) -> dict[str, Any]:
    claim = {"source": SOURCE, "checked_on": CHECKED_ON.isoformat()}
    return {
        "id": made.id,
        "entry_id": made.id,
        "number": 1,
        "profile": made.values,
        "claims": {n: [claim | {"status": status}] for n, status in _claims(made).items()},
        "comment": "Made up.",
        "created_at": made.moment,
        "published_at": made.moment,
    }


def _happened(made: _Made, revision: dict[str, Any]) -> Happened:
    sealed = seal(revision["number"], revision["profile"], revision["claims"])
    return Happened("demo", made.title, made.id, sealed)


def _write_runs(session: Session, some: list[_Made]) -> None:
    """Write the runs, then their tracks under the numbers the database gave them."""
    runs = [(made, n, run) for made in some for n, run in enumerate(made.runs)]
    if not runs:
        return
    table = _table(RunRow)
    written = session.connection().execute(
        sa.insert(table).returning(table.c.id, sort_by_parameter_order=True),
        [
            {"entry_id": made.id, "position": n, **run.model_dump(exclude={"tracks"})}
            for made, n, run in runs
        ],
    )
    _insert(
        session,
        TrackRow,
        (
            {"run_id": key, "position": n, **track.model_dump()}
            for key, (_, _, run) in zip(written.scalars(), runs, strict=True)
            for n, track in enumerate(run.tracks or [])
        ),
    )
