"""The messages of the interface, and the files of their translations: `make messages`.

Messages are gathered from the code (`gettext`, `ngettext`, `marked`), from the templates (`_`,
`ngettext`, `trans`) and from what is declared once and unmarked: fields, kinds, and who may do
what. Each file of `seed/languages` then holds exactly these, and what nobody has translated yet
is named.
"""

import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import ModuleType

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from pydantic import BaseModel

from directory.accounts.permissions import ACTIONS
from directory.entries import profiles
from directory.entries.fields import Section, fields_of
from directory.entries.kinds import KINDS
from directory.languages import FOLDER
from directory.matching.need import Step, questions
from directory.search.query import FACETS

ROOT = Path(__file__).parents[2]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "gettext": None,
    "ngettext": (1, 2),
    "marked": None,
    "_": None,
}
WAYS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.svg", "jinja2")]
OPTIONS = {"jinja2": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
NEVER_CHANGES = datetime(2026, 11, 26, tzinfo=UTC)


def messages() -> Catalog:
    """Return every message that the interface says, with the files it stands in."""
    found = Catalog(
        project="directory", copyright_holder="the authors", creation_date=NEVER_CHANGES
    )
    for folder in ("directory", "templates"):
        for file, _, message, comments, _ in extract_from_dir(
            ROOT / folder,
            method_map=WAYS,
            options_map={pattern: OPTIONS.get(way, {}) for pattern, way in WAYS},
            keywords=KEYWORDS,
            comment_tags=("For translators:",),
            strip_comment_tags=True,
        ):
            found.add(message, locations=[(f"{folder}/{file}", 0)], auto_comments=comments)
    for message in declared():
        found.add(message, locations=[("directory/entries/profiles.py", 0)])
    for message in listed():
        found.add(message, locations=[("seed/vocabularies/vocabularies.csv", 0)])
    return found


def listed() -> Iterator[str]:
    """Yield what the vocabularies are called and what is said of each."""
    file = ROOT / "seed" / "vocabularies" / "vocabularies.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            yield from (row["title"], row["description"], row["labels_note"])


def declared() -> Iterator[str]:
    """Yield what is declared once: fields, what a need asks, who may do what."""
    for kind in KINDS.values():
        yield from (kind.label_in_english, kind.plural_in_english, kind.new_in_english)
        for field in fields_of(kind.profile).values():
            yield from (field.title_in_english, field.help_in_english)
            if field.answers:
                yield field.answers.in_english
    yield from (str(section.value) for section in Section)
    yield from (action.words for action in ACTIONS.values())
    yield from _parts(profiles)
    yield from (facet.title_in_english for facet in FACETS.values())
    for asked in questions().values():
        yield from filter(None, asked.in_english)
    yield from (str(step.value) for step in Step)


def _parts(module: ModuleType) -> Iterator[str]:
    """Yield what parts of structured values are called, and what their choices are."""
    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, BaseModel):
            for info in thing.model_fields.values():
                yield from (text for text in (info.title, info.description) if text)
        elif isinstance(thing, type) and issubclass(thing, Enum):
            yield from (str(member.value) for member in thing)


def is_translated(message: Message) -> bool:
    """Say whether a message has every form, and nobody has to look at it again."""
    said = message.string
    forms = [said] if isinstance(said, str) else list(said or ())
    return bool(forms) and all(forms) and not message.fuzzy


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return the messages of a file that need work, in their order."""
    return [m for m in catalogue if m.id and not is_translated(m)]


def read(file: Path) -> Catalog:
    """Return the catalogue of one language."""
    with file.open("rb") as opened:
        return read_po(opened, locale=file.stem.replace("-", "_"))


def write(file: Path, catalogue: Catalog) -> None:
    """Write the catalogue of one language, so that the same messages make the same file."""
    catalogue.revision_date = catalogue.creation_date = NEVER_CHANGES
    with file.open("wb") as opened:
        write_po(
            opened,
            catalogue,
            width=100,
            sort_output=True,
            include_lineno=False,
            ignore_obsolete=True,
        )


def main() -> int:
    """Bring every file up to date; new languages are named on the command line."""
    template = messages()
    FOLDER.mkdir(exist_ok=True)
    files = {*FOLDER.glob("*.po"), *(FOLDER / f"{code}.po" for code in sys.argv[1:])}
    print(f"{len(template)} messages")
    for file in sorted(files):
        catalogue = read(file) if file.exists() else Catalog(locale=file.stem.replace("-", "_"))
        catalogue.update(template, no_fuzzy_matching=True)
        write(file, catalogue)
        print(f"{file.stem:8} {len(untranslated(catalogue)):5} to translate")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
