"""One row of a table, or one item of a list, as what it says of an entry; still unchecked."""

from dataclasses import dataclass, field
from typing import Any

from directory.curation.addresses import slug_from
from directory.entries.cells import KEPT, as_meant, claims_from_cell, from_cell, read_part
from directory.entries.fields import parts_of
from directory.entries.kinds import Kind, kind_named
from directory.entries.written import Order, read_whole
from directory.errors import NotFound
from directory.imports.columns import Columns, PartColumn, read_header
from directory.imports.readers.opened import Opened, Raw
from directory.imports.readers.xlsx import kind_called
from directory.imports.survey import Survey
from directory.languages import marked

_NEVER = 10**9


@dataclass
class Row:
    """What a file says of one entry. A field that is not among `values` is not spoken of.

    `version` is the number of the revision that was exported. `claims` is None where the file has
    no place for them. `wrong` maps a field to a sentence.
    """

    number: int
    place: str
    name: str
    kind: Kind | None = None
    slug: str = ""
    version: int | None = None
    source: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, list[dict[str, Any]]] | None = None
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """How the rows of one file are read.

    `word` is what one of them is called. `harmless` says that what could be a formula has a mark
    in front. `kind` and `source` stand in where a row names none; `order` says how dates are
    written where no value of a column gives that away.
    """

    survey: Survey
    word: str = "row"
    harmless: bool = False
    kind: str | None = None
    source: str | None = None
    order: Order | None = None

    @classmethod
    def of(
        cls,
        opened: Opened,
        survey: Survey,
        *,
        kind: str | None = None,
        source: str | None = None,
        order: Order | None = None,
    ) -> "Reading":
        """Return how the rows of a file are read, with what somebody said of it."""
        return cls(survey, opened.word, opened.harmless, kind, source, order)

    def row(self, raw: Raw) -> Row:
        """Return what one row says."""
        where = f"{self.word} {raw.number}"
        place = f"{raw.sheet}, {where}" if raw.sheet else where
        row = Row(raw.number, place, "", source=self.source)
        if raw.problem:
            row.wrong[self.word] = raw.problem
        elif raw.item is not None:
            _read_item(row, raw.item, self.kind)
        else:
            _read_cells(row, raw, self.kind, self.harmless, self.survey, self.order)
        row.name = f"{row.kind.name if row.kind else '?'}/{row.slug or '?'}"
        return row


def _find_kind(row: Row, named: Any) -> Kind | None:
    if not named:
        row.wrong["kind"] = marked(
            "The row does not say what it is: add a column called kind, or choose what the file "
            "holds when you send it."
        )
        return None
    words = str(named).strip()
    try:
        row.kind = kind_named(kind_called(words) or words)
    except NotFound as error:
        row.wrong["kind"] = str(error)
    return row.kind


def _find_slug(row: Row, kind: Kind, slug: Any) -> None:
    """Take the slug, or make one of the title; whoever writes a table knows none."""
    title = row.values.get(kind.title_field)
    if isinstance(slug, str) and slug.strip():
        # The address of a page does as well.
        row.slug = slug.strip().rstrip("/").rpartition("/")[2][:200]
    elif isinstance(title, str):
        row.slug = slug_from(title)
    if not row.slug:
        row.wrong["slug"] = (
            f"The row names no entry: write a {kind.title_field}, or the slug of an entry that "
            "is here."
        )


def _find_version(row: Row, version: Any) -> None:
    if version in (None, ""):
        return
    try:
        number = version if type(version) is int else read_whole(str(version).strip())
    except ValueError:
        number = 0
    if 0 < number < _NEVER:
        row.version = number
    else:
        row.wrong["version"] = marked("This is no version: leave it as it was exported, or empty.")


# Lists of objects


def _read_item(row: Row, item: Any, default: str | None) -> None:
    kind = _find_kind(row, item.get("kind") or default)
    if kind is None:
        return
    profile, claims = item.get("profile"), item.get("claims")
    if isinstance(profile, dict):
        row.values = {name: v for name, v in profile.items() if name in kind.fields}
        row.wrong |= {
            str(name): marked("There is no such field.")
            for name in profile
            if name not in kind.fields
        }
    else:
        row.wrong["profile"] = marked("The entry has no profile.")
    _find_slug(row, kind, item.get("slug"))
    _find_version(row, item.get("version"))
    if isinstance(source := item.get("source"), str):
        row.source = source
    if isinstance(claims, dict):
        row.claims = {}
        for name, of_field in claims.items():
            if isinstance(of_field, list) and all(isinstance(c, dict) for c in of_field):
                row.claims[str(name)] = of_field
            else:
                row.wrong[f"claims.{name}"] = marked("This is no list of claims.")
    elif claims is not None:
        row.wrong["claims"] = marked("These are no claims by field.")


# Tables


def _read_cells(
    row: Row, raw: Raw, default: str | None, harmless: bool, survey: Survey, order: Order | None
) -> None:
    cells = list(raw.cells) + [""] * (len(raw.header) - len(raw.cells))
    if harmless:
        cells = [as_meant(t) if t and t[0] == "'" else t for t in cells]
    named = survey.kind_of(raw, default)
    kind = _find_kind(row, named)
    if kind is None:
        return
    columns = read_header(kind, raw.header)
    if columns.twice:
        row.wrong["row"] = f"Two columns are called {columns.twice[0]}: remove one."
        return
    if any(text.strip() for text in cells[len(raw.header) :]):
        row.wrong["row"] = marked(
            "The row has more cells than the table has columns; nothing was read."
        )
        return
    _read_fields(row, columns, cells, survey, order)
    _read_parts(row, columns, cells, survey, order)
    for index, header in columns.foreign:
        if cells[index] and cells[index].strip():
            row.wrong[header] = (
                f"{kind.plural_in_english} have no such field: leave the cell empty."
            )
    about = {n: cells[i].strip() for n, i in columns.about.items()}
    _find_slug(row, kind, about.get("slug"))
    _find_version(row, about.get("version"))
    row.source = about.get("source") or row.source
    if claims := about.get("claims"):
        if claims == KEPT:
            return
        try:
            row.claims = claims_from_cell(claims, order)
        except ValueError as error:
            row.wrong["claims"] = str(error)


def _read_fields(
    row: Row, columns: Columns, cells: Any, survey: Survey, order: Order | None
) -> None:
    for index, declared in columns.fields:
        text = cells[index]
        if not text or not text.strip():
            row.values[declared.name] = None
            continue
        if text == KEPT:
            continue
        try:
            row.values[declared.name] = from_cell(declared, text, survey.order_of(index, order))
        except ValueError as error:
            row.wrong[declared.name] = str(error)


def _read_parts(
    row: Row, columns: Columns, cells: Any, survey: Survey, order: Order | None
) -> None:
    """Put structured values together whose parts have columns of their own."""
    for part in columns.parts:
        text = cells[part.index].strip()
        if not text:
            continue
        try:
            _put(row, part, text, survey.order_of(part.index, order))
        except ValueError as error:
            row.wrong[part.header] = str(error)
    for name in {part.declared.name for part in columns.parts}:
        if isinstance(row.values.get(name), list):
            row.values[name] = [item for item in row.values[name] if item]


def _put(row: Row, part: PartColumn, text: str, order: Order | None) -> None:
    items = row.values.get(part.declared.name) or []
    row.values[part.declared.name] = items
    model = part.declared.type
    *above, (place, name) = part.path
    for number, list_name in above:
        _reach(items, number)
        items = items[number].setdefault(list_name, [])
        model = parts_of(model)[list_name][0]
    _reach(items, place)
    items[place][name] = read_part(model, name, text, order)


def _reach(items: list[Any], place: int) -> None:
    while len(items) <= place:
        items.append({})
