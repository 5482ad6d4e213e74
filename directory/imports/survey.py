"""A first walk through a file: how long it is, what it names, how its dates are written."""

from dataclasses import dataclass, field

from directory.curation.addresses import slug_from
from directory.entries.kinds import KINDS, Kind
from directory.entries.written import Order, orders_in
from directory.errors import SourceFailed
from directory.imports.columns import holds_dates, read_header
from directory.imports.readers.opened import Opened, Raw
from directory.imports.readers.xlsx import kind_called
from directory.languages import gettext

MOST_ROWS = 200_000


@dataclass
class Survey:
    """What is known of a file before any row is judged.

    `slugs` are the entries that it holds, by kind: they may refer to each other. `unknown` are the
    columns that are none of ours.
    """

    total: int = 0
    slugs: dict[str, set[str]] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    _orders: dict[int, set[Order]] = field(default_factory=dict)
    _kinds: dict[str, Kind | None] = field(default_factory=dict)

    def order_of(self, column: int, default: Order | None) -> Order | None:
        """Return how the dates of a column are written: as those that give it away."""
        found = self._orders.get(column)
        return next(iter(found)) if found and len(found) == 1 else default

    def kind_of(self, raw: Raw, default: str | None) -> str:
        """Return which kind a row says it is, or its sheet, or what stands in for that."""
        return _cell(raw, "kind") or kind_called(raw.sheet) or default or ""


def _cell(raw: Raw, name: str) -> str:
    """Return what stands in a column that every kind has."""
    about = read_header(next(iter(KINDS.values())), raw.header).about
    index = about.get(name)
    return str(raw.cells[index]).strip() if index is not None and index < len(raw.cells) else ""


def survey(opened: Opened, kind: str | None = None) -> Survey:
    """Walk through a file once; raises SourceFailed when it cannot be read, or holds nothing."""
    found = Survey(told=list(opened.told))
    header: tuple[str, ...] = ()
    for raw in opened.rows():
        found.total += 1
        if found.total > MOST_ROWS:
            raise SourceFailed(
                gettext(
                    "%(name)s has more than %(number)s rows: split it.",
                    name=opened.name,
                    number=MOST_ROWS,
                )
            )
        if raw.item is not None:
            _note(found, str(raw.item.get("kind") or kind or ""), raw.item.get("slug"))
        elif not raw.problem:
            if raw.header != header:
                header = raw.header
                _note_header(found, opened.name, raw, kind)
            _note_cells(found, raw, kind)
    if not found.total:
        raise SourceFailed(gettext("%(name)s has no rows below its header.", name=opened.name))
    if found.unknown:
        names = ", ".join(found.unknown)
        found.told.append(f"These columns are not read, because no field has their name: {names}.")
    return found


def _kind(found: Survey, words: str) -> Kind | None:
    if words not in found._kinds:
        found._kinds[words] = KINDS.get(kind_called(words))
    return found._kinds[words]


def _note(found: Survey, words: str, slug: object) -> None:
    kind = _kind(found, words)
    if kind and isinstance(slug, str):
        found.slugs.setdefault(kind.name, set()).add(slug)


def _note_header(found: Survey, name: str, raw: Raw, kind: str | None) -> None:
    chosen = _kind(found, kind_called(raw.sheet) or kind or "")
    kinds = [chosen] if chosen else list(KINDS.values())
    columns = [read_header(one, raw.header) for one in kinds]
    if not any(c.fields or c.parts for c in columns):
        shown = ", ".join(raw.header[:8])
        raise SourceFailed(
            gettext(
                "%(name)s: none of the columns is a field (%(columns)s). The first row names the "
                "columns; the template says which there are.",
                name=name,
                columns=shown,
            )
        )
    for text in columns[0].unknown:
        if all(text in c.unknown for c in columns):
            found.unknown[text] = None


def _note_cells(found: Survey, raw: Raw, default: str | None) -> None:
    kind = _kind(found, found.kind_of(raw, default))
    if kind is None:
        return
    slug = _cell(raw, "slug").rstrip("/").rpartition("/")[2]
    columns = read_header(kind, raw.header)
    if not slug:
        title = next((i for i, d in columns.fields if d.name == kind.title_field), None)
        slug = slug_from(raw.cells[title]) if title is not None and title < len(raw.cells) else ""
    if slug:
        found.slugs.setdefault(kind.name, set()).add(slug)
    for index in holds_dates(kind, raw.header):
        if index < len(raw.cells) and raw.cells[index]:
            found._orders.setdefault(index, set()).update(orders_in(raw.cells[index]))
