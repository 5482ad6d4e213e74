"""All published entries in one file, which `directory import` reads back as no change."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

import yaml
from sqlmodel import Session, col, select

from directory.db import Database
from directory.entries.kinds import KINDS, Kind, kind_named
from directory.entries.models import Entry
from directory.entries.queries import Published, is_published, published_by_id
from directory.errors import Invalid
from directory.exports.csv import write_csv
from directory.exports.json import entry_of
from directory.exports.results import BATCH
from directory.exports.xlsx import write_xlsx

Entries = Callable[[Kind], Iterator[list[Published]]]


def export_file(
    db: Database, file: Path, *, kind: str | None = None, ending: str | None = None
) -> int:
    """Write every published entry, of one kind or of all, as CSV, XLSX, JSON or YAML.

    The format is `ending`, or else what the name of the file ends with. A workbook has a sheet for
    each kind; in a CSV file all kinds share the columns that they share.

    The file appears whole or not at all. Returns the number of entries; raises Invalid for a name
    without a known format, NotFound for an unknown kind.
    """
    ending = ending or file.suffix.lower().lstrip(".").replace("yml", "yaml")
    if ending not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise Invalid(f"{file.name}: name the file {known}, or say which with --format.")
    kinds = [kind_named(kind)] if kind else list(KINDS.values())
    partial = file.with_name(f"{file.name}.partial")
    with db.reading() as session:
        ids = {one.name: _ids(session, one) for one in kinds}
        try:
            FORMATS[ending](partial, kinds, lambda one: _batches(session, ids[one.name]))
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    partial.replace(file)
    return sum(map(len, ids.values()))


def _ids(session: Session, kind: Kind) -> Sequence[UUID]:
    wanted = select(Entry.id).where(is_published(), Entry.kind == kind.name)
    return session.exec(wanted.order_by(col(Entry.slug))).all()


def _batches(session: Session, ids: Sequence[UUID]) -> Iterator[list[Published]]:
    for start in range(0, len(ids), BATCH):
        yield published_by_id(session, ids[start : start + BATCH])
        session.expunge_all()


def _all(kinds: Sequence[Kind], entries: Entries) -> Iterator[list[Published]]:
    for kind in kinds:
        yield from entries(kind)


def _csv(file: Path, kinds: Sequence[Kind], entries: Entries) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        out.writelines(write_csv(kinds, _all(kinds, entries), claims=True))


def _xlsx(file: Path, kinds: Sequence[Kind], entries: Entries) -> None:
    write_xlsx(
        file, ((kind.plural_in_english, [kind], entries(kind)) for kind in kinds), claims=True
    )


def _json(file: Path, kinds: Sequence[Kind], entries: Entries) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write('{"items": [')
        comma = ""
        for batch in _all(kinds, entries):
            for published in batch:
                entry = entry_of(published).model_dump(mode="json")
                out.write(comma + json.dumps(entry, ensure_ascii=False))
                comma = ",\n"
        out.write("]}\n")


def _yaml(file: Path, kinds: Sequence[Kind], entries: Entries) -> None:
    with file.open("w", encoding="utf-8") as out:
        head = "items:\n"
        for batch in _all(kinds, entries):
            for published in batch:
                out.write(head)
                head = ""
                entry = entry_of(published).model_dump(mode="json")
                yaml.dump([entry], out, yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        out.write(head and "items: []\n")


FORMATS: dict[str, Callable[[Path, Sequence[Kind], Entries], None]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
    "yaml": _yaml,
}
