"""The whole catalogue as files that need no server: a Data Package, made anew every night.

A folder holds each kind as JSON Lines (the entries as the API gives them) and as CSV, the claims,
links, vocabularies and crosswalks as CSV, a `datapackage.json` that describes the tables
(Frictionless Data, Data Package 1), checksums, and a text for people.

The folder appears whole, under a name of its own, and a link named `latest` then points to it: who
reads the old one while the new one is made, or when that fails half-way, still has the old one.
"""

import csv
import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from sqlmodel import Session, col, select

from directory.db import Database, now
from directory.entries.cells import harmless
from directory.entries.fields import Declared, is_model
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry
from directory.entries.queries import Published, is_published, published_by_id
from directory.entries.vocabularies import Crosswalk, Term, Vocabularies, Vocabulary
from directory.errors import SourceFailed
from directory.exports.json import Claim, Link, entry_of
from directory.exports.results import BATCH
from directory.settings import Settings

LATEST = "latest"
DESCRIPTION = "datapackage.json"
SUMS = "SHA256SUMS"
_TYPES: dict[Any, str] = {
    bool: "boolean",
    int: "integer",
    Decimal: "number",
    date: "date",
    datetime: "datetime",
}
_ABOUT = ("id", "slug", "url", "version", "published_at", "updated_at", "confirmed_at", "stale")


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its type in the words of Table Schema, what it means."""

    name: str
    type: str
    title: str = ""
    description: str = ""

    def described(self) -> dict[str, str]:
        """Return it as `datapackage.json` has it."""
        found = {"name": self.name, "type": self.type}
        return found | {k: v for k in ("title", "description") if (v := getattr(self, k))}


@dataclass(frozen=True)
class Table:
    """A table of the dump; `keys` name the columns that together are unique."""

    name: str
    title: str
    columns: list[Column]
    keys: tuple[str, ...] = ()
    foreign: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Dump:
    """A dump that stands in a folder: when it was made, and its files with their size in bytes."""

    folder: Path
    made_at: datetime
    files: dict[str, int]


def _type(annotation: Any) -> str:
    kinds = [k for k in get_args(annotation) or (annotation,) if k is not NoneType]
    return next((_TYPES[k] for k in kinds if k in _TYPES), "string")


def _column(declared: Declared) -> Column:
    """Describe a field: lists and structured values are JSON in their cell."""
    kind = "array" if declared.many else "object" if is_model(declared.type) else ""
    plain = get_args(declared.type)[0] if get_args(declared.type) else declared.type
    return Column(declared.name, kind or _type(plain), declared.title, declared.help)


def _table(kind: Kind) -> Table:
    fields = ENTRY_FIELDS[kind.name]
    return Table(kind.path, kind.plural, fields, ("id",))


def _about(name: str) -> Column:
    from directory.exports.json import Entry as Shape

    info = Shape.model_fields[name]
    kind = {uuid.UUID: "string"}.get(info.annotation) or _type(info.annotation)  # type: ignore[arg-type]
    return Column(name, kind, description=info.description or "")


ENTRY_FIELDS = {
    kind.name: [
        *map(_about, _ABOUT),
        *(_column(declared) for declared in kind.public_fields.values()),
    ]
    for kind in KINDS.values()
}
_CLAIMS = Table(
    "claims",
    "Where each value comes from",
    [
        Column("entry_id", "string"),
        Column("kind", "string"),
        Column("field", "string"),
        *(
            Column(name, "array" if name == "values" else _type(info.annotation),
                   description=info.description or "")
            for name, info in Claim.model_fields.items()
        ),
    ],
)  # fmt: skip
_LINKS = Table(
    "links",
    "Which entry points to which",
    [
        Column("entry_id", "string"),
        Column("entry_kind", "string"),
        *(
            Column(name, "string", description=info.description or "")
            for name, info in Link.model_fields.items()
        ),
    ],
)


def _stored(name: str, title: str, model: Any, *skip: str, keys: tuple[str, ...] = ()) -> Table:
    columns = [
        Column(
            column,
            "object" if column == "labels" else "array" if column == "alt_labels"
            else _type(info.annotation),
            description=info.description or "",
        )
        for column, info in model.model_fields.items()
        if column not in skip
    ]  # fmt: skip
    return Table(name, title, columns, keys)


_VOCABULARIES = _stored("vocabularies", "Vocabularies", Vocabulary, "digest", keys=("name",))
_TERMS = _stored("terms", "Terms of the vocabularies", Term, keys=("vocabulary", "code"))
_CROSSWALKS = _stored("crosswalks", "Links between terms", Crosswalk, "id")


def _cell(value: Any) -> str:
    """Write a value for Table Schema; a text cannot run as a formula in a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return str(value)
    return harmless(str(value))


class _Files:
    """Writes the files of a dump and keeps their checksums."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sums: dict[str, str] = {}

    @contextmanager
    def lines(self, name: str) -> Iterator[Callable[[str], None]]:
        """Open a file of text and give the function that writes to it."""
        digest = hashlib.sha256()
        with (self.folder / name).open("wb") as out:

            def write(text: str) -> None:
                data = text.encode()
                digest.update(data)
                out.write(data)

            yield write
            out.flush()
            os.fsync(out.fileno())
        self.sums[name] = digest.hexdigest()

    def whole(self, name: str, text: str) -> None:
        """Write a file at once."""
        with self.lines(name) as write:
            write(text)

    @contextmanager
    def table(self, table: Table) -> Iterator[Callable[[Any], None]]:
        """Open a CSV file (RFC 4180) with a header; give the function that writes a row."""
        with self.lines(f"{table.name}.csv") as write:
            writer = csv.writer(_Lines(write))
            names = [column.name for column in table.columns]
            writer.writerow(names)
            yield lambda row: writer.writerow([_cell(row.get(name)) for name in names])


class _Lines:
    """What the writer of CSV takes for a file."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write


def dump(database: Database, settings: Settings, folder: Path | None = None) -> Dump:
    """Write the whole catalogue to `folder`, or where the site gives it out; return what it is.

    Raises SourceFailed when `folder` is there already and is no dump of ours.
    """
    site = folder is None
    place = site_folder(settings) / f"{now():%Y%m%dT%H%M%S%f}" if folder is None else folder
    if not site and place.exists() and any(place.iterdir()) and not (place / SUMS).exists():
        raise SourceFailed(f"{place} holds other files. Name an empty or a new folder.")
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".dump-", dir=place.parent))
    try:
        _write(database, settings, _Files(partial))
        partial.chmod(0o755)
        _put(partial, place)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if site:
        _point(place)
    found = read_dump(place)
    assert found, "a dump that was just written can be read"
    return found


def site_folder(settings: Settings) -> Path:
    """Return where the dumps lie that the site gives out."""
    return settings.data_dir / "dump"


def _put(partial: Path, place: Path) -> None:
    """Put a finished folder in its place; an older dump there goes away whole."""
    if place.exists():
        old = place.with_name(f".old-{uuid.uuid4().hex}")
        place.rename(old)
        partial.rename(place)
        shutil.rmtree(old)
    else:
        partial.rename(place)


def _point(place: Path) -> None:
    """Let `latest` lead to a dump, in one step, and remove the ones before the last."""
    link = place.parent / f".link-{uuid.uuid4().hex}"
    link.symlink_to(place.name)
    link.replace(place.parent / LATEST)
    older = sorted(p for p in place.parent.iterdir() if p.is_dir() and p.name[0].isdigit())
    for one in older[:-2]:
        shutil.rmtree(one, ignore_errors=True)


def latest(settings: Settings) -> Dump | None:
    """Return the dump that the site gives out; None while there is none."""
    return read_dump(site_folder(settings) / LATEST)


def read_dump(folder: Path) -> Dump | None:
    """Return what a folder holds, None when it is no dump."""
    description = folder / DESCRIPTION
    try:
        made = datetime.fromisoformat(json.loads(description.read_text("utf-8"))["created"])
        real = folder.resolve(strict=True)
        files = {p.name: p.stat().st_size for p in sorted(real.iterdir()) if p.is_file()}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Dump(real, made, files)


def _write(database: Database, settings: Settings, files: _Files) -> None:
    with database.reading() as session:
        words = Vocabularies.read(session)
        ids = {
            kind.name: list(
                session.exec(
                    select(Entry.id)
                    .where(is_published(), Entry.kind == kind.name)
                    .order_by(col(Entry.slug))
                )
            )
            for kind in KINDS.values()
        }
        with files.table(_CLAIMS) as claim, files.table(_LINKS) as link:
            for kind in KINDS.values():
                _write_kind(session, files, kind, ids[kind.name], claim, link)
    _write_words(files, words)
    _describe(files, settings, {kind.plural: len(ids[kind.name]) for kind in KINDS.values()})


def _write_kind(
    session: Session,
    files: _Files,
    kind: Kind,
    ids: list[uuid.UUID],
    claim: Callable[[Any], None],
    link: Callable[[Any], None],
) -> None:
    with files.lines(f"{kind.path}.jsonl") as line, files.table(_table(kind)) as row:
        for start in range(0, len(ids), BATCH):
            for published in published_by_id(session, ids[start : start + BATCH]):
                shape = entry_of(published)
                line(shape.model_dump_json() + "\n")
                _write_rows(published, shape.model_dump(mode="json"), row, claim, link)
            session.expunge_all()


def _write_rows(
    published: Published,
    entry: dict[str, Any],
    row: Callable[[Any], None],
    claim: Callable[[Any], None],
    link: Callable[[Any], None],
) -> None:
    row({**entry, **entry["profile"]})
    about = {"entry_id": entry["id"], "kind": entry["kind"]}
    for field, claims in entry["claims"].items():
        for one in claims:
            claim({**about, "field": field, **one})
    for one in entry["links"]:
        link({**one, "entry_id": entry["id"], "entry_kind": entry["kind"]})


def _write_words(files: _Files, words: Vocabularies) -> None:
    for table, rows in (
        (_VOCABULARIES, words.vocabularies.values()),
        (_TERMS, (t for terms in words.terms.values() for t in terms.values())),
        (_CROSSWALKS, words.crosswalks),
    ):
        found: Iterable[Any] = rows
        with files.table(table) as write:
            for one in found:
                write(one.model_dump(mode="json"))


def _describe(files: _Files, settings: Settings, counts: dict[str, int]) -> None:
    """Write what the files are: for machines, for people, and their checksums."""
    tables = [*map(_table, KINDS.values()), _CLAIMS, _LINKS, _VOCABULARIES, _TERMS, _CROSSWALKS]
    resources = [_resource(files, table) for table in tables]
    package = {
        "name": "capacity-directory",
        "title": settings.site_name,
        "homepage": settings.base_url,
        "created": now().isoformat(timespec="seconds"),
        "profile": "data-package",
        "resources": resources,
    }
    files.whole(DESCRIPTION, json.dumps(package, ensure_ascii=False, indent=1) + "\n")
    files.whole("README.txt", _text(settings, counts))
    sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.sums.items()))
    files.whole(SUMS, sums)


def _resource(files: _Files, table: Table) -> dict[str, Any]:
    name = f"{table.name}.csv"
    schema: dict[str, Any] = {"fields": [column.described() for column in table.columns]}
    if table.keys:
        schema["primaryKey"] = list(table.keys)
    return {
        "name": table.name,
        "title": table.title,
        "path": name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": (files.folder / name).stat().st_size,
        "hash": f"sha256:{files.sums[name]}",
        "schema": schema,
    }


def _text(settings: Settings, counts: dict[str, int]) -> str:
    held = "\n".join(f"  {plural}: {count:,}" for plural, count in counts.items())
    return f"""{settings.site_name}
{settings.base_url}

Everything that is public in the catalogue, as of {now():%d %B %Y, %H:%M} UTC.

{held}

For each kind there are two files. The one that ends in .jsonl holds one entry a line, as the API
gives it. The one that ends in .csv opens in a spreadsheet; lists stand in their cells as JSON.
claims.csv says from which source each value comes, links.csv which entry names which other one.
vocabularies.csv, terms.csv and crosswalks.csv explain the codes. datapackage.json describes the
tables for programs (Frictionless Data). {SUMS} holds the SHA-256 of each file.

An empty cell means: not stated in any source we have read. Listed means listed, not endorsed.
A text that a spreadsheet would run as a formula begins with an apostrophe.
"""
