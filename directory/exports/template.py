"""An empty table for one kind of entry: a column a field, with help and the allowed values."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sqlmodel import Session

from directory.entries.cells import harmless
from directory.entries.fields import Declared, Vocabulary, base_type, is_model, parts_of
from directory.entries.kinds import Kind, kind_named
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid
from directory.exports.csv import BYTE_ORDER_MARK, csv_lines
from directory.languages import gettext, marked, worded

FORMATS = ("csv", "xlsx")
_ROWS = 1000
_MOST_NAMED = 30
_LONGEST_TITLE = 32  # What Excel takes.
_ABOUT = {
    "slug": marked(
        "Leave empty for a new entry. For one that is here: the last part of its address."
    ),
    "source": marked("The source of all values in this row, by its short name; see /sources."),
}


class Column:
    """One column of a template: its name, what it is for, and which values it takes."""

    def __init__(self, name: str, title: str, help: str, vocabulary: str | None, many: bool):
        self.name, self.title, self.help = name, title, help
        self.vocabulary, self.many = vocabulary, many

    def allowed(self, words: Vocabularies) -> str:
        """Return the values in short; a long list is named and not copied."""
        if not self.vocabulary:
            return ""
        terms = words.of(self.vocabulary)
        if len(terms) > _MOST_NAMED:
            address = f"/vocabularies/{self.vocabulary}"
            return gettext(
                "One of %(count)s terms: see %(address)s", count=len(terms), address=address
            )
        return "; ".join(f"{code} = {term.label}" for code, term in terms.items())

    def explained(self) -> str:
        """Return title and help as one text."""
        several = gettext("Several values stand side by side, with ; between.")
        return f"{self.title}. {self.help}" + (f" {several}" if self.many else "")


def columns_of(kind: Kind) -> list[Column]:
    """Return the columns, from the declarations; dates of runs stand in columns of their own."""
    found = [Column("slug", gettext("Short name"), worded(_ABOUT["slug"]), None, False)]
    for declared in kind.public_fields.values():
        found += _columns(declared)
    return [*found, Column("source", gettext("Source"), worded(_ABOUT["source"]), None, False)]


def _columns(declared: Declared) -> Iterator[Column]:
    if is_model(declared.type) and any(
        not info.is_required() for info in declared.type.model_fields.values()
    ):
        yield from _parts(f"{declared.name}.1", declared.title, declared.type)
        return
    help = declared.help
    if is_model(declared.type):
        parts = ":".join(parts_of(declared.type))
        help += " " + gettext("Write %(parts)s.", parts=parts)
    elif declared.reference:
        help += " " + gettext("Write the last part of its address.")
    elif base_type(declared.type) is bool:
        help += " " + gettext("Write yes or no.")
    yield Column(declared.name, declared.title, help, declared.vocabulary, declared.many)


def _parts(path: str, title: str, model: type) -> Iterator[Column]:
    """Yield a column for each part of the first structured value, those inside it as well."""
    for name, (kind, many) in parts_of(model).items():
        info = model.model_fields[name]  # type: ignore[attr-defined]
        if is_model(kind):
            yield from _parts(f"{path}.{name}.1", f"{title}, {worded(info.title or name)}", kind)
            continue
        vocabulary = next((m.name for m in info.metadata if isinstance(m, Vocabulary)), None)
        words = f"{title}: {worded(info.title or name.capitalize())}"
        help = worded(info.description or "") or gettext("Write yes or no.")
        yield Column(f"{path}.{name}", words, help, vocabulary, many)


def write_template(
    session: Session, to: Path | IO[bytes], kind: str, ending: str | None = None
) -> None:
    """Write the template of a kind; raises Invalid for another format, NotFound for the kind."""
    ending = ending or (to.suffix.lower().lstrip(".") if isinstance(to, Path) else "")
    if ending not in FORMATS:
        raise Invalid(gettext("A template is a .csv or an .xlsx file."))
    words, found = Vocabularies.read(session), kind_named(kind)
    if ending == "csv":
        text = _csv(found, words).encode()
        to.write_bytes(text) if isinstance(to, Path) else to.write(text)
    else:
        _write_xlsx(to, found, words)


def _csv(kind: Kind, words: Vocabularies) -> str:
    columns = columns_of(kind)
    rows = [
        [column.name for column in columns],
        ["# " + columns[0].explained(), *(column.explained() for column in columns[1:])],
        ["# " + gettext("Allowed values"), *(column.allowed(words) for column in columns[1:])],
    ]
    return BYTE_ORDER_MARK + csv_lines([harmless(cell) for cell in row] for row in rows)


def _write_xlsx(to: Path | IO[bytes], kind: Kind, words: Vocabularies) -> None:
    import xlsxwriter

    columns = columns_of(kind)
    with xlsxwriter.Workbook(to if not isinstance(to, Path) else str(to)) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet, help, lists = (
            book.add_worksheet(n) for n in (kind.plural_in_english, "Help", "Lists")
        )
        sheet.freeze_panes(1, 1)
        vocabularies = list(dict.fromkeys(c.vocabulary for c in columns if c.vocabulary))
        for index, name in enumerate(vocabularies):
            lists.write_column(0, index, [f"{name}: {words.vocabularies[name].title}"], bold)
            lists.write_column(1, index, [term.label for term in words.of(name).values()])
            lists.set_column(index, index, 30)
        for index, column in enumerate(columns):
            sheet.write_string(0, index, column.name, bold)
            sheet.write_comment(0, index, column.explained(), {"x_scale": 2})
            sheet.set_column(index, index, 24)
            if column.vocabulary:
                place = vocabularies.index(column.vocabulary)
                _offer(sheet, index, place, len(words.of(column.vocabulary)), column.many)
        help.set_column(0, 0, 32)
        help.set_column(1, 2, 70)
        help.write_row(
            0, 0, [gettext("Column"), gettext("What to write"), gettext("Allowed values")], bold
        )
        for number, column in enumerate(columns, start=1):
            help.write_string(number, 0, column.name, wrap)
            help.write_string(number, 1, column.explained(), wrap)
            help.write_string(number, 2, column.allowed(words), wrap)


def _offer(sheet: object, index: int, place: int, count: int, many: bool) -> None:
    """Offer the terms in each cell of a column; of several the first is chosen, more are typed."""
    from xlsxwriter.utility import xl_col_to_name

    letter = xl_col_to_name(place)
    sheet.data_validation(  # type: ignore[attr-defined]
        1,
        index,
        _ROWS,
        index,
        {
            "validate": "list",
            "source": f"=Lists!${letter}$2:${letter}${count + 1}",
            "ignore_blank": True,
            "error_type": "information" if many else "stop",
            "error_title": gettext("Not in the list")[:_LONGEST_TITLE],
            "error_message": gettext("Choose from the list, or write several with ; between.")
            if many
            else gettext("Choose from the list."),
        },
    )
