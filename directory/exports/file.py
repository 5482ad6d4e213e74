"""All published entries in one file, which `directory import` reads back as no change."""

import json
from pathlib import Path

import yaml
from sqlmodel import col, select

from directory.db import Database
from directory.entries.kinds import kind_named
from directory.entries.models import Entry
from directory.entries.queries import is_published, published_by_id
from directory.errors import Invalid
from directory.exports.json import entry_of
from directory.exports.results import BATCH

FORMATS = ("json", "yaml")


def export_file(
    db: Database, file: Path, *, kind: str | None = None, ending: str | None = None
) -> int:
    """Write every published entry, of one kind or of all, as JSON or YAML.

    The format is `ending`, or else what the name of the file ends with.

    The file appears whole or not at all. Returns the number of entries; raises Invalid for a name
    without a known format, NotFound for an unknown kind.
    """
    ending = ending or file.suffix.lstrip(".").replace("yml", "yaml")
    if ending not in FORMATS:
        raise Invalid(f"{file.name}: name the file .json or .yaml, or say which with --format.")
    wanted = select(Entry.id).where(is_published()).order_by(col(Entry.kind), col(Entry.slug))
    if kind:
        wanted = wanted.where(Entry.kind == kind_named(kind).name)
    partial = file.with_name(f"{file.name}.partial")
    with db.reading() as session, partial.open("w", encoding="utf-8") as out:
        ids = session.exec(wanted).all()
        as_json = ending == "json"
        out.write('{"items": [' if as_json else "items:\n")
        comma = ""
        for start in range(0, len(ids), BATCH):
            for published in published_by_id(session, ids[start : start + BATCH]):
                entry = entry_of(published).model_dump(mode="json")
                if as_json:
                    out.write(comma + json.dumps(entry, ensure_ascii=False))
                    comma = ",\n"
                else:
                    yaml.dump([entry], out, yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
            session.expunge_all()
        out.write("]}\n" if as_json else "")
    partial.replace(file)
    return len(ids)
