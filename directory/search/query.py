"""What a visitor asks: the parameters of `/search`, read from a URL and written back to it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING
from directory.entries.shortlist import Shortlist
from directory.errors import Invalid
from directory.languages import gettext, languages, marked, worded

SORTS = {
    "relevance": marked("Best match"),
    "title": marked("Title"),
    "newest": marked("Newest first"),
    "deadline": marked("Closes first"),
}
"""The orders of a result, in English until they are shown."""
PER_PAGE = 20
MOST_PER_PAGE = 100
LONGEST_TEXT = 500
MOST_VALUES = 300
"""Values of one filter: every country may be ticked at once."""

DEEPEST_PAGE = 1_000_000
LOOKED_AT = ("sort", "page", "per_page", "lang")
"""The parameters that say how a result is looked at."""

YES = "1"
SAID_YES = {YES, "true", "yes", "on"}
SAID_NO = {"", "0", "false", "no", "off"}
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True)
class FacetParameter:
    """A parameter that filters, and counts: its title, and the fields of each kind behind it."""

    name: str
    title_in_english: str
    vocabulary: str | None = None
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return the title in the language that is read."""
        return worded(self.title_in_english)


def _collect() -> dict[str, FacetParameter]:
    """Gather the `Facet` markers of all kinds; the richest kind sets the order."""
    titles: dict[str, set[str]] = {}
    vocabularies: dict[str, str | None] = {}
    fields: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind in (TRAINING, PROGRAMME, ORGANISATION):
        for name, declared in kind.public_fields.items():
            if not declared.facet:
                continue
            titles.setdefault(declared.facet, set()).add(declared.title_in_english)
            vocabularies.setdefault(declared.facet, declared.vocabulary)
            of_kind = fields.setdefault(declared.facet, {})
            of_kind[kind.name] = (*of_kind.get(kind.name, ()), name)
    found = {
        "kind": FacetParameter("kind", marked("Kind")),
        "open": FacetParameter("open", marked("Open now")),
    }
    for parameter, words in titles.items():
        # Kinds may name the same facet differently; then the parameter itself says it best.
        title = words.pop() if len(words) == 1 else parameter.replace("_", " ").capitalize()
        found[parameter] = FacetParameter(
            parameter, title, vocabularies[parameter], fields[parameter]
        )
    return found


FACETS: dict[str, FacetParameter] = _collect()
PARAMETERS = ("q", *FACETS, *LOOKED_AT)


@dataclass(frozen=True)
class SearchQuery:
    """One question to the directory. It writes itself back as its canonical URL.

    `kept` is the shortlist that a page carries along; it changes nothing about the answer.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "relevance"
    page: int = 1
    per_page: int = PER_PAGE
    lang: str = ""
    kept: Shortlist = field(default_factory=Shortlist)

    @classmethod
    def read(cls, params: Iterable[tuple[str, str]], *, strict: bool) -> "SearchQuery":
        """Read the parameters of a URL.

        Pages repair what does not fit; `strict`, for programs, raises Invalid that names each
        parameter instead. Codes of vocabularies are checked by `SearchService.check`.
        """
        reading = _Reading(params)
        query = cls(
            q=clean(reading.last("q")),
            filters=reading.filters(),
            sort=reading.choice("sort", tuple(SORTS), "relevance"),
            page=reading.number("page", 1, DEEPEST_PAGE),
            per_page=reading.number("per_page", PER_PAGE, MOST_PER_PAGE),
            lang=reading.choice("lang", tuple(languages()), ""),
        )
        if strict and reading.wrong:
            raise Invalid(gettext("Some parameters need another look."), reading.wrong)
        return query

    @property
    def open(self) -> bool:
        """Say whether only offers that take applications now are asked for."""
        return bool(self.filters.get("open"))

    @property
    def offset(self) -> int:
        """Return how many results stand before this page."""
        return (self.page - 1) * self.per_page

    def selected(self, parameter: str) -> tuple[str, ...]:
        """Return the values chosen for a parameter."""
        return self.filters.get(parameter, ())

    def params(self) -> list[tuple[str, str]]:
        """Return the canonical parameters: a fixed order, and nothing that is the default."""
        return self._asking() + self._looking()

    def _asking(self) -> list[tuple[str, str]]:
        """Return the words and filters."""
        found = [("q", self.q)] if self.q else []
        for parameter in FACETS if self.filters else ():
            found += [(parameter, value) for value in self.selected(parameter)]
        return found

    def _looking(self) -> list[tuple[str, str]]:
        """Return how the result is looked at."""
        found = [
            (name, str(value))
            for name in LOOKED_AT
            if (value := getattr(self, name)) != getattr(SearchQuery, name)
        ]
        return found + self.kept.params() if self.kept else found

    def url(self, path: str = "/search") -> str:
        """Return the canonical address."""
        return f"{path}?{self._written}" if self._written else path

    @cached_property
    def _written(self) -> str:
        # A page of results has twenty addresses of its own query.
        looking = self._looking()
        if not looking:
            return self._asking_written
        written = urlencode(looking, safe="/")
        return f"{self._asking_written}&{written}" if self._asking_written else written

    @cached_property
    def _asking_written(self) -> str:
        return urlencode(self._asking(), safe="/")

    def asked(self) -> "SearchQuery":
        """Return the words and filters alone: what the result is, however one looks at it."""
        return self._asked

    @cached_property
    def _asked(self) -> "SearchQuery":
        return SearchQuery(self.q, self.filters)

    def toggled(self, parameter: str, value: str) -> "SearchQuery":
        """Return the query with this value added, or removed when it was there."""
        chosen = self.selected(parameter)
        now = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        return self._with({**self.filters, parameter: now})

    def without(self, *parameters: str) -> "SearchQuery":
        """Return the query without these filters; without any when none is named."""
        gone = parameters or tuple(FACETS)
        return self._with({k: v for k, v in self.filters.items() if k not in gone})

    def at_page(self, page: int) -> "SearchQuery":
        """Return another page of the same result."""
        return self._looked_at(page=page)

    def page_url(self, page: int) -> str:
        """Return the address of another page of the same result."""
        return self.at_page(page).url()

    def sorted_by(self, sort: str) -> "SearchQuery":
        """Return the same result in another order, from its first page."""
        return self._looked_at(sort=sort, page=1)

    def asking(self, text: str) -> "SearchQuery":
        """Return the same filters with another text, from the first page."""
        return replace(self, q=text, page=1)

    def _looked_at(self, **how: Any) -> "SearchQuery":
        """Return the same result seen otherwise; its words and filters are written once."""
        other = replace(self, **how)
        other.__dict__["_asking_written"] = self._asking_written
        return other

    def _with(self, filters: Mapping[str, tuple[str, ...]]) -> "SearchQuery":
        return replace(self, filters={k: v for k, v in filters.items() if v}, page=1)


def clean(text: str) -> str:
    """Return a text on one line, without characters nobody can see, cut to a sane length."""
    return " ".join(_UNREADABLE.sub(" ", text).split())[:LONGEST_TEXT].rstrip()


def _one_of(name: str, allowed: Iterable[str]) -> str:
    return gettext("%(name)s is one of %(values)s.", name=name, values=", ".join(allowed))


class _Reading:
    """Reads parameter by parameter and notes what does not fit."""

    def __init__(self, params: Iterable[tuple[str, str]]) -> None:
        self.given: dict[str, list[str]] = {}
        self.wrong: dict[str, str] = {}
        for name, value in params:
            if name in PARAMETERS:
                self.given.setdefault(name, []).append(value)
            else:
                self.wrong[name] = gettext("There is no parameter %(name)s.", name=name)

    def last(self, name: str) -> str:
        """Return the value given last, or an empty text."""
        return self.given.get(name, [""])[-1]

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """Return the value when it is allowed, else the default."""
        value = self.last(name)
        if value and value not in allowed:
            self.wrong[name] = _one_of(name, allowed)
        return value if value in allowed else default

    def number(self, name: str, default: int, most: int) -> int:
        """Return a number from 1 to `most`: the default when it is none, the end when beyond."""
        text = self.last(name).strip()
        if not text:
            return default
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
            self.wrong[name] = gettext("%(name)s is a number.", name=name)
            return default
        value = int(text)
        if not 1 <= value <= most:
            self.wrong[name] = gettext(
                "%(name)s is a number from 1 to %(most)s.", name=name, most=str(most)
            )
        return min(max(value, 1), most)

    def filters(self) -> dict[str, tuple[str, ...]]:
        """Return the chosen values of every facet, each once, in the order of the facets."""
        found = {}
        for parameter in FACETS:
            values = tuple(dict.fromkeys(clean(v) for v in self.given.get(parameter, []) if v))
            if parameter == "kind":
                values = self._kinds(values)
            elif parameter == "open":
                values = self._open(values)
            if values := tuple(v for v in values if v):
                found[parameter] = values[:MOST_VALUES]
            if len(values) > MOST_VALUES:
                self.wrong[parameter] = gettext(
                    "%(name)s has more than %(most)s values.", name=parameter, most=str(MOST_VALUES)
                )
        return found

    def _kinds(self, values: tuple[str, ...]) -> tuple[str, ...]:
        if any(v not in KINDS for v in values):
            self.wrong["kind"] = _one_of("kind", KINDS)
        return tuple(v for v in values if v in KINDS)

    def _open(self, values: tuple[str, ...]) -> tuple[str, ...]:
        said = {v.lower() for v in values}
        if said - SAID_YES - SAID_NO:
            self.wrong["open"] = gettext("open is 1 or 0.")
        return (YES,) if said & SAID_YES else ()
