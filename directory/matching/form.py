"""The form of a need, from its declaration: what stands in it, what is wrong, what to choose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from directory.entries.vocabularies import Vocabularies
from directory.languages import gettext
from directory.matching.need import MUST, Asked, Given, Need, Step, conditions, questions

LONG = 60
"""A longer list is written with the browser's suggestions where one may choose several."""


@dataclass(frozen=True)
class Control:
    """What the widgets read of a question."""

    title: str
    help: str
    widget: str
    input_type: str = "text"


@dataclass(frozen=True)
class Option:
    """One thing to choose; `below` says that it stands under the one before it."""

    value: str
    label: str
    below: bool = False


@dataclass(frozen=True)
class Box:
    """One question as the widgets draw it. `must` is None where it is no condition of its own."""

    name: str
    control: Control
    value: Any
    choices: list[Option] = field(default_factory=list, repr=False)
    error: str = ""
    must: bool | None = None
    list_name: str | None = None
    is_long: bool = False
    required: bool = False

    @property
    def id(self) -> str:
        """Return the id of the first thing to fill in."""
        return f"f-{self.name}"

    @property
    def described_by(self) -> str:
        """Return the ids of what explains the control: the error first, then the help."""
        return " ".join([*([f"{self.id}-error"] if self.error else []), f"{self.id}-help"])

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {option.value: option.label for option in self.choices}

    @property
    def chosen(self) -> list[str]:
        """Return the labels of what is chosen in a list."""
        return [self._labels.get(value, value) for value in self.value]

    def label(self, value: str) -> str:
        """Return the words for a code, empty where there are none."""
        return self._labels.get(value, "")


@dataclass(frozen=True)
class NeedForm:
    """The whole form."""

    steps: list[tuple[Step, list[Box]]]
    errors: list[tuple[str, str]]

    @property
    def lists(self) -> list[Box]:
        """Return the questions whose list the page must carry for its suggestions."""
        return [box for _, boxes in self.steps for box in boxes if box.is_long]


def form_of(
    given: Given, words: Vocabularies, errors: Mapping[str, str], need: Need | None = None
) -> NeedForm:
    """Return the form with what was answered; what was understood stands in it as understood."""
    steps: dict[Step, list[Box]] = {}
    hard = _hard(given)
    for name, asked in questions().items():
        value = _value(asked, given, need)
        steps.setdefault(asked.step, []).append(
            _box(asked, value, words, errors.get(name, ""), hard if name in conditions() else None)
        )
    titles = {name: asked.title for name, asked in questions().items()} | {
        MUST: gettext("What must be so")
    }
    order = list(titles)
    said = [
        (f"f-{name}", gettext("%(title)s: %(error)s", title=titles[name], error=errors[name]))
        for name in sorted(errors, key=lambda n: order.index(n) if n in order else len(order))
        if name in titles
    ]
    return NeedForm(list(steps.items()), said)


def _hard(given: Given) -> set[str]:
    """Return the conditions whose “must” is ticked: the usual ones until somebody chose."""
    if MUST in given:
        return set(given[MUST])
    return {name for name, asked in conditions().items() if asked.must}


def _value(asked: Asked, given: Given, need: Need | None) -> Any:
    if need is not None and asked.many:
        return list(getattr(need, asked.name))
    if need is not None and asked.vocabulary:
        return getattr(need, asked.name) or ""
    values = given.get(asked.name, [])
    if asked.many:
        return values
    return values[-1] if values else ""


def _box(asked: Asked, value: Any, words: Vocabularies, error: str, hard: set[str] | None) -> Box:
    choices = _options(words, asked.vocabulary) if asked.vocabulary else []
    is_long = asked.many and len(choices) > LONG
    return Box(
        name=asked.name,
        control=Control(asked.title, asked.help, _widget(asked, is_long)),
        value=value,
        choices=choices,
        error=error,
        must=None if hard is None else asked.name in hard,
        list_name=asked.vocabulary,
        is_long=is_long,
    )


def _widget(asked: Asked, is_long: bool) -> str:
    """Name the widget that suits the type of a question."""
    if asked.vocabulary:
        return "pickers" if is_long else "ticks" if asked.many else "select"
    kinds = [a for a in get_args(Need.model_fields[asked.name].annotation) if a is not NoneType]
    kind = kinds[0] if kinds else Need.model_fields[asked.name].annotation
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return {bool: "tick", date: "date", int: "number"}.get(kind, "text")  # type: ignore[arg-type]


def _options(words: Vocabularies, name: str) -> list[Option]:
    """List the terms; the code of an action line stands before its words."""
    options = []
    # Before the vocabularies are loaded there is nothing to choose.
    elsewhere = name in words.vocabularies and words.vocabularies[name].broader_in
    for code, term in words.terms.get(name, {}).items():
        label = words.label(name, code)
        speaks = name == "action-lines" and not label.startswith(code)
        below = bool(term.broader) and not elsewhere
        options.append(Option(code, f"{code} {label}" if speaks else label, below))
    if elsewhere or len(options) > LONG:
        options.sort(key=lambda option: option.label)
    return options
