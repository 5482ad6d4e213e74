"""The words in which a field of a profile is declared.

A field stands once, in `entries/profiles.py`, as one annotated line: its type, its
markers, its title and its help. Everything else (form, page, API, import, export,
index, printed help) reads these markers through `fields_of`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, StringConstraints
from sqlalchemy import JSON
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from directory.languages import gettext, worded

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
JSON_COLUMN = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _no_control_characters(text: str) -> str:
    """Refuse characters that no reader can see and that PostgreSQL or XML cannot hold."""
    if _INVISIBLE.search(text):
        raise ValueError(gettext("Remove the invisible control characters from this text."))
    return text


def _written_with(places: int) -> AfterValidator:
    """Write an amount with as many places as the database keeps: 12.5 and 12.50 are the same.

    More places, and huge amounts, are left for the limits of the field to refuse.
    """

    def write(amount: Decimal) -> Decimal:
        exponent = amount.as_tuple().exponent
        short = isinstance(exponent, int) and -places <= exponent and amount.adjusted() < 15
        return amount.quantize(Decimal(1).scaleb(-places)) if short else amount

    return AfterValidator(write)


Amount = Annotated[Decimal, _written_with(2)]
Hours = Annotated[Decimal, _written_with(1)]
Readable = AfterValidator(_no_control_characters)
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), Readable
]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000), Readable
]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,79}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120)]
Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s<>\"']+$", max_length=2000),
    Readable,
]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, pattern=r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$", max_length=254
    ),
    Readable,
]


class Section(StrEnum):
    """The parts of an entry page and of its form, in reading order."""

    WHAT = "What it is"
    WHO = "Who it is for"
    HOW = "How it works"
    COST = "What it costs"
    GET = "How to get it"
    PEOPLE = "Who is behind it"
    WHERE = "Where and when"
    RESULTS = "What came of it"
    STANDS = "Where it stands"
    DESK = "For curators only"


@dataclass(frozen=True)
class Vocabulary:
    """The values are codes of this vocabulary (a file of seed/vocabularies)."""

    name: str


@dataclass(frozen=True)
class Facet:
    """Search filters and counts by this field under this URL parameter."""

    parameter: str


@dataclass(frozen=True)
class Searchable:
    """Text search reads this field; the weight group decides how much a word in it counts."""

    group: Literal["name", "alias", "summary", "text"]


@dataclass(frozen=True)
class Reference:
    """The values name other entries of this kind by slug; `rel` names the link."""

    kind: str
    rel: str


@dataclass(frozen=True)
class Answers:
    """The field answers one of a visitor's first questions, at the top of the entry page."""

    in_english: str
    order: int

    @property
    def question(self) -> str:
        """Return the question in the language that is read."""
        return worded(self.in_english)


@dataclass(frozen=True)
class Reach:
    """The values say for which countries or regions something is.

    With `or_place` they may also say no more than where it takes place.
    """

    or_place: bool = False


@dataclass(frozen=True)
class RequiredToPublish:
    """Publication needs a value, or a claim that the source does not state one."""


@dataclass(frozen=True)
class Private:
    """Only curators see the field; it stands in no public output."""


@dataclass(frozen=True)
class Ours:
    """The field is about our own work on the entry: it needs no source, and is never a gap."""


@dataclass(frozen=True)
class Ages:
    """How soon a value goes out of date: `entries/freshness.py` says how long each kind holds."""

    like: Literal["deadline", "fee", "contact", "mission"]


@dataclass(frozen=True)
class Phrase:
    """One line that is said in other words in another language, unlike a name or a figure."""


@dataclass(frozen=True)
class WrittenIn:
    """The value is the language in which the sentences of the entry are written."""


@dataclass(frozen=True)
class Widget:
    """How the field is drawn where its type alone does not say: a file of templates/widgets."""

    name: str


def one(title: str, help: str, **limits: Any) -> Any:
    """Declare a field with one value. `limits` are those of pydantic (ge, le, max_digits …)."""
    return Field(default=None, title=title, description=help, **limits)


def part(title: str, help: str) -> Any:
    """Declare a part that a structured value cannot do without."""
    return Field(title=title, description=help)


def many(title: str, help: str) -> Any:
    """Declare a field with a list of values, stored as one JSON column."""
    return Field(default=None, title=title, description=help, sa_type=JSON_COLUMN)


@dataclass(frozen=True)
class Declared:
    """One field as everything else reads it."""

    name: str
    title_in_english: str
    help_in_english: str
    section: Section
    type: Any
    many: bool
    widget: str
    required: bool = False
    private: bool = False
    ours: bool = False
    vocabulary: str | None = None
    facet: str | None = None
    searchable: str | None = None
    reference: Reference | None = None
    answers: Answers | None = None
    reach: Reach | None = None
    ages: str = "mission"
    phrase: bool = False
    written_in: bool = False
    limits: tuple[Any, ...] = field(default=(), repr=False)

    @cached_property
    def base(self) -> Any:
        """Return the Python type of a plain value, without its limits."""
        return base_type(self.type)

    @cached_property
    def coded(self) -> bool:
        """Say whether values are codes of a vocabulary, or may hold some."""
        return bool(self.vocabulary) or (is_model(self.type) and bool(_parts_with_codes(self.type)))

    @property
    def translatable(self) -> bool:
        """Say whether the value is public prose of ours: said in other words in each language.

        Names, titles, figures and addresses stay as their organisation writes them.
        """
        ours = self.private or self.ours
        return not (ours or self.many) and (self.type == Text or self.phrase)

    @property
    def title(self) -> str:
        """Return the title in the language that is read."""
        return worded(self.title_in_english)

    @property
    def help(self) -> str:
        """Return the help in the language that is read."""
        return worded(self.help_in_english)


def _plain_type(annotation: Any) -> tuple[Any, bool]:
    """Return the type without `None` and `Annotated`, and whether it is a list."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(a for a in get_args(annotation) if a is not NoneType)
    if get_origin(annotation) is list:
        return get_args(annotation)[0], True
    return annotation, False


def _widget(kind: Any, many_values: bool, marks: dict[type, Any]) -> str:
    """Name the widget: the marker's, else what the type suggests."""
    if Widget in marks:
        return str(marks[Widget].name)
    if Reference in marks:
        return "references" if many_values else "reference"
    if Vocabulary in marks:
        return "choices" if many_values else "choice"
    if many_values:
        return "lines"
    base = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if kind is Text:
        return "text"
    return {bool: "switch", str: "line"}.get(base, "number")


@cache
def fields_of(profile: type[SQLModel]) -> dict[str, Declared]:
    """Read every declared field of a profile class, in page order (section, then declaration).

    Raises KeyError when a field names no section: a field without a place is a mistake.
    """
    found = {}
    for name, info in profile.model_fields.items():
        marks = {type(m): m for m in info.metadata}
        kind, is_list = _plain_type(info.annotation)
        found[name] = Declared(
            name=name,
            title_in_english=str(info.title or ""),
            help_in_english=str(info.description or ""),
            section=marks[Section],
            type=kind,
            many=is_list,
            widget=_widget(kind, is_list, marks),
            required=RequiredToPublish in marks,
            private=Private in marks,
            ours=Ours in marks,
            vocabulary=marks[Vocabulary].name if Vocabulary in marks else None,
            facet=marks[Facet].parameter if Facet in marks else None,
            searchable=marks[Searchable].group if Searchable in marks else None,
            reference=marks.get(Reference),
            answers=marks.get(Answers),
            reach=marks.get(Reach),
            ages=marks[Ages].like if Ages in marks else "mission",
            phrase=Phrase in marks,
            written_in=WrittenIn in marks,
            limits=tuple(info.metadata),
        )
    order = list(Section)
    return dict(
        sorted(
            found.items(),
            key=lambda item: (order.index(item[1].section), item[1].searchable != "name"),
        )
    )


def codes_within(model: type[BaseModel], value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (vocabulary, code) for each code inside a structured value, however deep."""
    for name, inner, is_list, vocabulary in _parts_with_codes(model):
        found = value.get(name)
        if found is None:
            continue
        for item in found if is_list else [found]:
            if vocabulary:
                yield vocabulary, item
            else:
                yield from codes_within(inner, item)


@cache
def _parts_with_codes(model: type[BaseModel]) -> list[tuple[str, Any, bool, str | None]]:
    """Return name, type, whether a list, and vocabulary of the parts that are or hold codes."""
    found = []
    for name, info in model.model_fields.items():
        inner, is_list = _plain_type(info.annotation)
        marked = next((m.name for m in info.metadata if isinstance(m, Vocabulary)), None)
        if marked or is_model(inner):
            found.append((name, inner, is_list, marked))
    return found


def is_url(kind: Any, marks: Sequence[Any]) -> bool:
    """Say whether the values of a field are web addresses.

    A part of a structured value that is always given keeps the marks of its type, not its name.
    """
    return kind is Url or get_args(Url)[1] in marks


@cache
def holds_urls(model: type[BaseModel]) -> bool:
    """Say whether a structured value has a web address somewhere inside."""
    for info in model.model_fields.values():
        inner, _ = _plain_type(info.annotation)
        if is_url(inner, info.metadata) or (is_model(inner) and holds_urls(inner)):
            return True
    return False


def urls_within(model: type[BaseModel], value: dict[str, Any]) -> Iterator[str]:
    """Yield each web address inside a structured value, however deep."""
    for kind, marks, item in _parts_within(model, value):
        if is_url(kind, marks):
            yield item


def dates_within(model: type[BaseModel], value: dict[str, Any]) -> Iterator[date]:
    """Yield each date inside a structured value as JSON, however deep."""
    for kind, _, item in _parts_within(model, value):
        if kind is date:
            yield date.fromisoformat(item)


def _parts_within(
    model: type[BaseModel], value: dict[str, Any]
) -> Iterator[tuple[Any, Sequence[Any], Any]]:
    """Yield (type, marks, value) of each plain part of a structured value, however deep."""
    for name, info in model.model_fields.items():
        inner, is_list = _plain_type(info.annotation)
        found = value.get(name)
        if found is None:
            continue
        for item in found if is_list else [found]:
            if is_model(inner):
                yield from _parts_within(inner, item)
            else:
                yield inner, info.metadata, item


def is_model(kind: Any) -> bool:
    """Say whether the values of a field are structured (runs, involvements), not plain."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


@cache
def parts_of(model: type[BaseModel]) -> dict[str, tuple[Any, bool]]:
    """Return the type of each part of a structured value, and whether it is a list."""
    found = {}
    for name, info in model.model_fields.items():
        kind, is_list = _plain_type(info.annotation)
        if get_origin(kind) is Annotated and get_origin(get_args(kind)[0]) is list:
            kind, is_list = _plain_type(get_args(kind)[0])
        found[name] = (kind, is_list)
    return found


@cache
def base_type(kind: Any) -> Any:
    """Return the Python type of a plain value, without its limits."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind
