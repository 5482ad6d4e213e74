"""A form as it is drawn: each control with what stands in it, what is wrong, what to choose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.curation.controls import Control
from directory.curation.forms import Form, claim_row
from directory.curation.options import SOURCES, Option, Options
from directory.entries.fields import Section
from directory.entries.kinds import Kind
from directory.languages import gettext, ngettext, worded
from directory.sources.claims import Status


@dataclass(frozen=True)
class Row:
    """One row of a repeated group; `fresh` marks the one that was just added."""

    name: str
    boxes: list["Box"]
    fresh: bool = False
    error: str = ""

    @property
    def id(self) -> str:
        """Return the id of the row."""
        return field_id(self.name)


@dataclass(frozen=True)
class ClaimBox:
    """One claim in the form, or the empty one after the last."""

    name: str
    row: dict[str, Any]
    source_label: str


@dataclass(frozen=True)
class Box:
    """One control as it is drawn.

    `alone` says that it stands in no form of an entry, where one could add a row or an entry.
    """

    name: str
    control: Control
    value: Any
    options: Options = field(repr=False)
    error: str = ""
    blanks: int = 0
    fresh: bool = False
    rows: list[Row] = field(default_factory=list)
    has_claims: bool = False
    claims: list[ClaimBox] = field(default_factory=list)
    claims_error: str = ""
    claims_open: bool = False
    required: bool = False
    alone: bool = False

    @property
    def id(self) -> str:
        """Return the id of the first thing to fill in."""
        return field_id(self.name)

    @property
    def list_name(self) -> str | None:
        """Return the name of the list to choose from."""
        return self.control.options_name

    @property
    def is_long(self) -> bool:
        """Say whether the list is too long to lay out."""
        return self.options.is_long(self.list_name)

    @property
    def choices(self) -> list[Option]:
        """Return what to choose from; a value that nobody knows any more is kept in view."""
        known = self.options.of(self.list_name)
        values = self.value if isinstance(self.value, list) else [self.value]
        codes = {o.value for o in known}
        return [Option(v, v) for v in values if v and v not in codes] + known

    def label(self, value: str) -> str:
        """Return the words for a value of the list, empty when they would only repeat it."""
        label = self.options.label(self.list_name, value)
        return "" if label == value else label

    @property
    def described_by(self) -> str:
        """Return the ids of what explains the control: the error first, then the help."""
        ids = [f"{self.id}-error"] if self.error else []
        return " ".join([*ids, f"{self.id}-help"] if self.control.help else ids)

    @property
    def claims_said(self) -> str:
        """Return the claims in a few words, for the closed line below the control."""
        said = []
        for box in self.claims:
            if box.row["source"] or box.row["locator"]:
                words = _status_said(box.row["status"])
                parts = [words, box.source_label, box.row["locator"]]
                said.append(", ".join(p for p in parts if p))
        if len(said) > 2:
            more = len(said) - 1
            return ngettext(
                "%(first)s; and %(count)s more",
                "%(first)s; and %(count)s more",
                more,
                first=said[0],
            )
        return "; ".join(said)


def field_id(name: str) -> str:
    """Return the id in the page for a name in the form, or for the key of an error."""
    return "f-" + name.strip(".").replace(".", "-")


def _status_said(text: str) -> str:
    return worded(Status(text).words) if text in {s.value for s in Status} else ""


def sections_of(
    kind: Kind,
    controls: Mapping[str, Control],
    form: Form,
    options: Options,
    errors: Mapping[str, str],
) -> list[tuple[Section, list[Box]]]:
    """Lay a form out by section, in the order of the public page."""
    found: dict[Section, list[Box]] = {}
    for name, control in controls.items():
        declared = kind.fields[name]
        box = _field_box(control, form, options, errors, declared.private, declared.required)
        found.setdefault(declared.section, []).append(box)
    return list(found.items())


def _field_box(
    control: Control,
    form: Form,
    options: Options,
    errors: Mapping[str, str],
    private: bool,
    required: bool,
) -> Box:
    name = control.name
    drawn = _box(control, name, form.values.get(name, ""), options, errors, form.add)
    key = f"claims.{name}"
    wrong = [text for k, text in errors.items() if k == key or k.startswith(key + ".")]
    return Box(
        **{k: v for k, v in vars(drawn).items()}
        | {
            "required": required,
            "has_claims": not private,
            "claims": _claims(form, name, options),
            "claims_error": " ".join(dict.fromkeys(wrong)),
            "claims_open": bool(wrong) or form.add == key,
        }
    )


def _claims(form: Form, name: str, options: Options) -> list[ClaimBox]:
    rows = form.claims.get(name, [])
    blanks = 2 if form.add == f"claims.{name}" else 1
    empty = claim_row({"status": Status.STATED.value})
    return [
        ClaimBox(f"claims.{name}.{n}", row, options.label(SOURCES, row["source"]))
        for n, row in enumerate([*rows, *[empty] * blanks])
    ]


def _box(
    control: Control, name: str, value: Any, options: Options, errors: Mapping[str, str], add: str
) -> Box:
    added = add == name
    rows = _rows(control, name, value, options, errors, add) if control.parts else []
    return Box(
        name=name,
        control=control,
        value=value,
        options=options,
        error=_error(control, name, errors),
        blanks=2 if added else 1,
        fresh=added,
        rows=rows,
    )


def _error(control: Control, name: str, errors: Mapping[str, str]) -> str:
    """Return what is wrong with a control itself, or with a value of its plain list."""
    if name in errors:
        return errors[name]
    if control.parts:
        return ""
    return " ".join(dict.fromkeys(t for k, t in errors.items() if k.startswith(name + ".")))


def _rows(
    control: Control,
    name: str,
    value: Any,
    options: Options,
    errors: Mapping[str, str],
    add: str,
) -> list[Row]:
    """Draw every row there is, an empty one where rows are short, and one more if asked for."""
    values = list(value or [])
    there = len(values)
    empty: dict[str, Any] = {part.name: [] if part.many else "" for part in control.parts}
    if not any(part.parts for part in control.parts):
        values.append(empty)
    if add == name:
        values.append(empty)
    return [
        Row(
            f"{name}.{n}",
            [
                _box(part, f"{name}.{n}.{part.name}", row.get(part.name, ""), options, errors, add)
                for part in control.parts
            ],
            fresh=add == name and n == there,
            error=errors.get(f"{name}.{n}", ""),
        )
        for n, row in enumerate(values)
    ]


def titles_of(boxes: Iterable[Box]) -> dict[str, str]:
    """Return the title of everything that has a place in the page, in the order of the page."""
    found: dict[str, str] = {}
    for box in boxes:
        found[box.name] = box.control.title
        for n, row in enumerate(box.rows, start=1):
            found[row.name] = f"{box.control.title}, {n}"
            inside = titles_of(row.boxes)
            found |= {name: f"{found[row.name]}, {title}" for name, title in inside.items()}
        found[f"claims.{box.name}"] = gettext(
            "%(field)s, where this comes from", field=box.control.title
        )
    return found


def about(field: str, sentence: str) -> str:
    """Return a sentence that begins with the field it is about."""
    return gettext("%(field)s: %(sentence)s", field=field, sentence=sentence)


def with_places(errors: Mapping[str, str], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return errors in the order of the page, each with the id of its place and its title.

    What has no place of its own is shown where it belongs to: an error in a list at the list.
    """
    titles = {**titles, "_slug": gettext("Address"), "_comment": gettext("What you changed")}
    order = {name: n for n, name in enumerate(titles)}
    found = []
    for key, text in errors.items():
        place = f"_{key}" if key in ("slug", "comment") else key
        while place not in titles and "." in place:
            place = place.rpartition(".")[0]
        said = about(titles[place], text) if place in titles else text
        found.append((order.get(place, len(order)), field_id(place), said))
    return [(anchor, said) for _, anchor, said in sorted(found)]


def lists_of(boxes: Iterable[Box]) -> set[str]:
    """Return the names of the lists that the page must carry for its suggestions."""
    found: set[str] = set()
    for box in boxes:
        # A claim may be about one value of a list, however short the list of terms is.
        if box.list_name and (box.is_long or (box.has_claims and box.control.many)):
            found.add(box.list_name)
        for row in box.rows:
            found |= lists_of(row.boxes)
    return found
