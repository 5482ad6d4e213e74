"""What somebody needs: declared once; form, address, API and scoring read the declaration.

A need lives in the address of a page or in the body of a request. It is never logged, and stored
only by whoever is signed in and saves it (what a need holds follows what users.md of the plan asks
of one).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from directory.entries.fields import Code, Vocabulary
from directory.entries.sentences import sentence
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid
from directory.languages import day, gettext, marked, worded

MOST_VALUES = 20
LONGEST_TEXT = 500
NO_MONEY = "none"
MUST = "must"
TOPICS = ("policy_area", "action_line")
"""The questions that say in codes what a need is about."""

WRONG = marked("Some answers need another look.")


class Step(StrEnum):
    """The parts of a need, in the order of the form."""

    WHO = "Who asks"
    WHAT = "What you look for"
    WHOM = "For whom"
    HOW = "How and when"
    COST = "What it may cost"


@dataclass(frozen=True)
class Condition:
    """The field is a condition that offers fit, fail or leave open.

    `term` names it where nobody is addressed. `question` is what one asks a provider who leaves it
    open; None where there is nothing to ask. `must` says whether it is hard, when it is given and
    nobody says otherwise.
    """

    term: str
    question: str | None
    must: bool = False


@dataclass(frozen=True)
class Beside:
    """The field says more about the condition of this name, and is none of its own."""

    condition: str


def _readable(value: Any) -> Any:
    """Turn what nobody can see into spaces; it is never what somebody means."""
    if not isinstance(value, str):
        return value
    return " ".join("".join(c if c.isprintable() else " " for c in value).split()) or None


def _in_figures(value: Any) -> Any:
    """Read the word for no money at all."""
    return 0 if isinstance(value, str) and value.strip().lower() == NO_MONEY else value


WHO, WHAT, WHOM, HOW, COST = Step
Codes = Annotated[list[Code], Field(max_length=MOST_VALUES)]


def _one(title: str, help: str, **limits: Any) -> Any:
    return Field(default=None, title=title, description=help, **limits)


def _many(title: str, help: str) -> Any:
    return Field(default_factory=list, title=title, description=help)


class Need(BaseModel):
    """A need. What is left out does not matter to who asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation_type: Annotated[
        Code | None,
        WHO,
        Vocabulary("organisation-types"),
        Condition("Who asks", "May an organisation of our kind take part?"),
    ] = _one("Who you are", "The kind of organisation that asks.")
    country: Annotated[
        Code | None,
        WHO,
        Vocabulary("countries"),
        Condition("Country", "Is it open to people from our country?"),
    ] = _one("Your country", "Offers for its region, or for the whole world, fit too.")
    text: Annotated[
        str | None, WHAT, BeforeValidator(_readable), Condition("In own words", None)
    ] = _one(
        "In your own words",
        "What you look for, in a sentence. Please name no person.",
        max_length=LONGEST_TEXT,
    )
    policy_area: Annotated[
        Codes,
        WHAT,
        Vocabulary("policy-areas"),
        Condition("Policy areas", "Does it cover our policy areas?"),
    ] = _many("Policy areas", "Any of them will do. What lies within a wider area fits it.")
    action_line: Annotated[
        Codes,
        WHAT,
        Vocabulary("action-lines"),
        Condition("WSIS action lines", "Does it serve these WSIS action lines?"),
    ] = _many("WSIS action lines", "Any of them will do. C7 stands for its eight applications.")
    capability: Annotated[
        Codes,
        WHAT,
        Vocabulary("capabilities"),
        Condition("Capability to build", "Does it build the capability that we name?"),
    ] = _many("Capability to build", "What your side should be able to do better.")
    audience: Annotated[
        Codes,
        WHOM,
        Vocabulary("audiences"),
        Condition("Who takes part", "Is it made for the people who would take part?", must=True),
    ] = _many("Who takes part", "Any of these groups. What is open to everybody fits each group.")
    head_count: Annotated[
        int | None, WHOM, Condition("How many people", "How many people can take part?")
    ] = _one("How many people", "In figures, such as 20.", ge=1, le=1_000_000)
    language: Annotated[
        Codes,
        HOW,
        Vocabulary("languages"),
        Condition("Languages", "In which languages is it given?", must=True),
    ] = _many("Languages", "Any of them will do. Begin to type and choose.")
    mode: Annotated[
        Codes,
        HOW,
        Vocabulary("modes"),
        Condition("Online or in person", "Is it given online or in person?"),
    ] = _many("Online or in person", "Any of them will do.")
    by: Annotated[date | None, HOW, Condition("By when", "When can it begin?")] = _one(
        "By when", "The last day to begin."
    )
    low_bandwidth: Annotated[
        bool, HOW, Condition("Weak line", "Does it work on a slow or costly connection?")
    ] = Field(
        default=False,
        title="Works on a weak line",
        description="The people who take part have a slow or costly internet connection.",
    )
    budget: Annotated[
        int | None,
        COST,
        BeforeValidator(_in_figures),
        Condition("Budget", "What would it cost us?", must=True),
    ] = _one(
        "Budget",
        "For all people together, in whole units. Write 0 when it must be free.",
        ge=0,
        le=1_000_000_000,
    )
    currency: Annotated[Code | None, COST, Vocabulary("currencies"), Beside("budget")] = _one(
        "Currency of the budget", "We do not convert between currencies."
    )
    must: Annotated[list[str] | None, Field(max_length=MOST_VALUES)] = Field(
        default=None,
        title="What must be so",
        description="The conditions that exclude an offer which fails them; the others only rank.",
    )

    @property
    def given(self) -> list[str]:
        """Return the names of the conditions that are asked for, in order."""
        return [name for name in conditions() if _says_something(getattr(self, name))]

    @property
    def has_topic(self) -> bool:
        """Say whether it names a policy area or an action line."""
        return any(getattr(self, name) for name in TOPICS)

    @property
    def hard(self) -> frozenset[str]:
        """Return the names of the conditions that must be fulfilled."""
        chosen = self.must
        if chosen is None:
            chosen = [name for name, asked in conditions().items() if asked.must]
        return frozenset(chosen).intersection(self.given)

    def without(self, condition: str) -> "Need":
        """Return the need without one condition."""
        gone = {
            condition: type(self).model_fields[condition].get_default(call_default_factory=True)
        }
        return self.model_copy(update=gone)

    def softened(self, condition: str) -> "Need":
        """Return the need in which this condition only ranks."""
        hard = [name for name in conditions() if name in self.hard and name != condition]
        return self.model_copy(update={MUST: hard})

    def params(self) -> list[tuple[str, str]]:
        """Return the parameters of its address; nothing that is empty."""
        found: list[tuple[str, str]] = []
        for name in questions():
            value = getattr(self, name)
            if not _says_something(value):
                continue
            if isinstance(value, bool):
                value = "yes"
            found += [(name, str(v)) for v in (value if isinstance(value, list) else [value])]
        if self.must is not None and found:
            # An empty one says that nothing must be so; without any the defaults hold.
            found += [(MUST, name) for name in self.must or [""]]
        return found

    def url(self, path: str = "/match", more: Iterable[tuple[str, str]] = ()) -> str:
        """Return the address of a page with this need, and with further parameters."""
        params = [*self.params(), *more]
        return f"{path}?{urlencode(params, safe='/')}" if params else path

    def unknown(self, words: Vocabularies) -> dict[str, str]:
        """Return a sentence for each field with a code nobody knows."""
        wrong: dict[str, str] = {}
        for name, asked in questions().items():
            value = getattr(self, name)
            if asked.vocabulary and value:
                codes = value if isinstance(value, list) else [value]
                if unknown := words.unknown(asked.vocabulary, codes):
                    wrong[name] = gettext(
                        "There is no %(values)s in the list.", values=", ".join(unknown)
                    )
        if unknown := [name for name in self.must or [] if name not in conditions()]:
            wrong[MUST] = gettext(
                "There is no condition called %(names)s.", names=", ".join(unknown)
            )
        return wrong

    def over(self, today: date) -> dict[str, str]:
        """Return a sentence for `by` when its day is over: nothing can begin by then."""
        if not self.by or self.by >= today:
            return {}
        said = gettext(
            "%(day)s is over. Name a day from today on, or leave it out.", day=day(self.by)
        )
        return {"by": said}

    def contradictions(self, today: date) -> dict[str, str]:
        """Return a sentence for each field that contradicts another, or the calendar."""
        wrong = self.over(today)
        idle = [name for name in dict.fromkeys(self.must or []) if name not in self.given]
        if idle:
            wrong[MUST] = gettext(
                "Marked as a must, but not answered: %(names)s.", names=", ".join(idle)
            )
        if self.currency and self.budget is None:
            wrong["currency"] = gettext("Say how large the budget is, or leave the currency out.")
        return wrong

    def check(self, words: Vocabularies, today: date) -> None:
        """Raise Invalid that names all that is wrong; for programs, which fill in no form.

        A form always sends its ticks and its currency, whether they belong to an answer or not.
        """
        if wrong := self.contradictions(today) | self.unknown(words):
            raise Invalid(worded(WRONG), wrong)


@dataclass(frozen=True)
class Asked:
    """One field of a need as everything else reads it.

    `in_english` are its title, help, term and question; where there is nothing to ask, the last is
    empty.
    """

    name: str
    in_english: tuple[str, str, str, str]
    step: Step
    many: bool
    vocabulary: str | None
    condition: str
    must: bool

    @property
    def title(self) -> str:
        """Return the title in the language that is read."""
        return worded(self.in_english[0])

    @property
    def help(self) -> str:
        """Return the help in the language that is read."""
        return worded(self.in_english[1])

    @property
    def term(self) -> str:
        """Return the name of the condition where nobody is addressed."""
        return worded(self.in_english[2])

    @property
    def question(self) -> str | None:
        """Return what one asks a provider who leaves it open."""
        return worded(self.in_english[3]) or None


@cache
def questions() -> dict[str, Asked]:
    """Return every field that is answered in the form, in order."""
    found = {}
    for name, info in Need.model_fields.items():
        marks: dict[type, Any] = {type(m): m for m in info.metadata}
        if Step not in marks:
            continue
        beside, condition = marks.get(Beside), marks.get(Condition)
        found[name] = Asked(
            name=name,
            in_english=(
                str(info.title),
                str(info.description),
                condition.term if condition else str(info.title),
                (condition.question if condition else None) or "",
            ),
            step=marks[Step],
            many=info.default_factory is list,
            vocabulary=marks[Vocabulary].name if Vocabulary in marks else None,
            condition=beside.condition if beside else name,
            must=bool(condition and condition.must),
        )
    return found


@cache
def conditions() -> dict[str, Asked]:
    """Return the fields that are conditions of their own."""
    return {name: asked for name, asked in questions().items() if asked.condition == name}


def _says_something(value: Any) -> bool:
    """Say whether a field was answered; a budget of 0 is an answer."""
    return value is not None and value is not False and value != []


Given = Mapping[str, list[str]]


def given_in(params: Iterable[tuple[str, str]]) -> Given:
    """Return what the parameters of an address say about a need; other parameters are not ours.

    An empty answer is none, but an empty `must` says that nothing must be so.
    """
    found: dict[str, list[str]] = {}
    for name, value in params:
        if name == MUST:
            found.setdefault(MUST, []).extend([value] if value else [])
        elif name in questions() and value.strip():
            found.setdefault(name, []).append(value.strip())
    return found


def read_need(given: Given, words: Vocabularies, today: date | None = None) -> Need:
    """Read a need from the parameters of an address; raises Invalid that names each field.

    With `today`, a day that is over is wrong, too.
    """
    raw: dict[str, Any] = {}
    for name, values in given.items():
        asked = questions().get(name)
        if asked and asked.vocabulary:
            values = [_code(words, asked.vocabulary, value) for value in values]
        raw[name] = list(dict.fromkeys(values)) if not asked or asked.many else values[-1]
    wrong: dict[str, str] = {}
    try:
        need = Need.model_validate(raw)
    except ValidationError as error:
        wrong = {str(e["loc"][0]): sentence(e) for e in reversed(error.errors())}
        # What is wrong with the rest is said at once, too.
        need = Need.model_validate({k: v for k, v in raw.items() if k not in wrong})
    wrong |= need.unknown(words)
    if today:
        wrong |= need.over(today)
    if wrong:
        raise Invalid(worded(WRONG), wrong)
    return need


def _code(words: Vocabularies, vocabulary: str, said: str) -> str:
    """Return the code that somebody means who wrote the words for it."""
    terms = words.terms.get(vocabulary, {})
    if said in terms:
        return said
    wanted = said.casefold()
    found = [c for c in terms if wanted in (c.casefold(), words.label(vocabulary, c).casefold())]
    return found[0] if len(found) == 1 else said
