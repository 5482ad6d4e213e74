"""What a form asks for: one control for each declared field, and for each part of a value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from directory.entries.fields import (
    Declared,
    Email,
    Reference,
    Url,
    Vocabulary,
    is_model,
)
from directory.entries.kinds import Kind
from directory.languages import worded


@dataclass(frozen=True)
class Control:
    """One question of a form. `parts` are the controls inside one row of a structured value.

    Controls are made once for all readers: their words are kept in English.
    """

    name: str
    title_in_english: str
    help_in_english: str
    widget: str
    many: bool
    needed: bool = False
    input_type: str = "text"
    vocabulary: str | None = None
    reference: str | None = None
    parts: tuple["Control", ...] = ()

    @property
    def title(self) -> str:
        """Return what it is called in the language that is read."""
        return worded(self.title_in_english)

    @property
    def help(self) -> str:
        """Return what explains it in the language that is read."""
        return worded(self.help_in_english)

    @property
    def options_name(self) -> str | None:
        """Return the name of the list of options it offers."""
        return self.vocabulary or (f"entries-{self.reference}" if self.reference else None)


def _input_type(kind: Any) -> str:
    if kind is date:
        return "date"
    if kind is Url:
        return "url"
    return "email" if kind is Email else "text"


def _of_field(declared: Declared) -> Control:
    structured = is_model(declared.type)
    widget = declared.widget
    if structured and widget != "runs":
        widget = "rows"
    elif declared.type is date:
        widget = "date"
    return Control(
        name=declared.name,
        title_in_english=declared.title_in_english,
        help_in_english=declared.help_in_english,
        widget=widget,
        many=declared.many,
        input_type=_input_type(declared.type),
        vocabulary=declared.vocabulary,
        reference=declared.reference.kind if declared.reference and not structured else None,
        parts=_of_model(declared.type) if structured else (),
    )


@cache
def _of_model(model: type[BaseModel]) -> tuple[Control, ...]:
    return tuple(_of_part(name, info) for name, info in model.model_fields.items())


def _of_part(name: str, info: FieldInfo) -> Control:
    """Read one field of a structured value, by the same markers as the fields of a profile."""
    kinds: list[Any] = [info.annotation]
    if get_origin(info.annotation) in (Union, UnionType):
        kinds = [a for a in get_args(info.annotation) if a is not NoneType]
    optional = NoneType in get_args(info.annotation)
    kind: Any = kinds[0]
    many = False
    if get_origin(kind) is list:
        kind, many = get_args(kind)[0], True
    marks: dict[type, Any] = {type(m): m for m in info.metadata}
    return Control(
        name=name,
        title_in_english=info.title or name.replace("_", " ").capitalize(),
        help_in_english=info.description or "",
        widget=_widget_of_part(kind, many, marks),
        many=many,
        needed=not optional and info.is_required(),
        input_type=_input_type(kind),
        vocabulary=marks[Vocabulary].name if Vocabulary in marks else None,
        reference=marks[Reference].kind if Reference in marks else None,
        parts=_of_model(kind) if is_model(kind) else (),
    )


def _widget_of_part(kind: Any, many: bool, marks: dict[type, Any]) -> str:
    if is_model(kind):
        return "rows"
    if Reference in marks:
        return "references" if many else "reference"
    if Vocabulary in marks:
        return "choices" if many else "choice"
    if many:
        return "lines"
    base = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return {bool: "tick", str: "line", date: "date"}.get(base, "number")


@cache
def controls_of(kind: Kind, private: bool) -> dict[str, Control]:
    """Return the controls of a kind in page order, with or without those only curators see."""
    return {
        name: _of_field(declared)
        for name, declared in kind.fields.items()
        if private or not declared.private
    }


def all_within(controls: Iterable[Control]) -> Iterable[Control]:
    """Yield controls with the parts inside them, however deep."""
    for control in controls:
        yield control
        yield from all_within(control.parts)
