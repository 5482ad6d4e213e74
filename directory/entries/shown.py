"""A published entry as its reader sees it: answers first, then sections, gaps in view."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from directory.entries.fields import Declared, Section
from directory.entries.freshness import is_stale
from directory.entries.kinds import KINDS
from directory.entries.queries import Linked, Published
from directory.entries.translations import Translated
from directory.entries.vocabularies import Vocabularies
from directory.languages import gettext, language
from directory.sources.claims import Status
from directory.sources.models import ClaimRow, Source

_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Origin:
    """A claim with the document it cites, ready to be read."""

    status: Status
    source: Source
    locator: str | None
    number: str | None
    note: str | None
    item: str | None
    values: list[str]
    checked_on: date

    @property
    def url(self) -> str:
        """Return the address of the source, at the paragraph where there is one."""
        return f"/sources/{self.source.slug}" + (f"#p{self.number}" if self.number else "")


@dataclass(frozen=True)
class Item:
    """One value to draw: a text, with a link where it has one.

    `broken` says when the link was last found not to work.
    """

    text: str
    url: str | None = None
    code: str | None = None
    note: str | None = None
    broken: datetime | None = None


@dataclass(frozen=True)
class Value:
    """A field with what is known of it.

    `raw` is what the original says; of prose, `items` may be its translation, and `language` says
    in which language they are, and `written_in` in which our notes on its origins are.
    """

    declared: Declared
    raw: Any
    items: list[Item]
    origins: list[Origin] = field(default_factory=list)
    language: str | None = None
    written_in: str | None = None

    @property
    def text(self) -> str:
        """Return what it says, in the language in which it is read."""
        return ", ".join(item.text for item in self.items)

    @property
    def stated(self) -> bool:
        """Say whether there is a value at all."""
        return self.raw is not None

    @property
    def status(self) -> Status | None:
        """Return the status that a reader must know first: a contradiction before all."""
        order = (Status.CONTRADICTED, Status.CONFIRMED, Status.STATED, Status.DERIVED)
        found = {o.status for o in self.origins}
        return next((s for s in order if s in found), None)

    @property
    def silent(self) -> list[Source]:
        """Return the sources that do not state it."""
        return [o.source for o in self.origins if o.status is Status.NOT_STATED]


def _first_number(locator: str | None) -> str | None:
    """Return the paragraph or line that a locator begins with: "lines 114-116" gives 114."""
    for word in (locator or "").replace("-", " ").replace("–", " ").split():
        if (
            word[0].isdigit()
            or word.startswith("pp")
            or word in ("annex",)
            or (len(word) == 1 and word.isupper())
        ):
            return word.rstrip(",;:.")
    return None


def _reading(published: Published, text: str | None) -> Translated | None:
    """Return the translation to read, None for the original; what is not there is not wanted."""
    there = published.translations
    wanted = text if text in there or text == published.language else language().code
    return there.get(wanted or "")


class Shown:
    """Everything an entry page draws, in the words of one reader.

    `broken` holds the addresses that do not work, with the day they were last checked. `text` is
    the language that the prose is wanted in, if it is not that of the reader; a field that is not
    translated into it is read as it was written.
    """

    def __init__(
        self,
        published: Published,
        vocabularies: Vocabularies,
        sources: dict[str, Source],
        broken: Mapping[str, datetime] | None = None,
        text: str | None = None,
    ) -> None:
        self.published = published
        self.reading = _reading(published, text)
        self._broken = broken or {}
        self._words = vocabularies
        self._sources = sources
        self._links = {(link.field, link.slug): link for link in published.links}
        self.values = {name: self._value(d) for name, d in published.kind.public_fields.items()}

    def _value(self, declared: Declared) -> Value:
        raw = self.published.profile.get(declared.name)
        origins = [self._origin(claim) for claim in self.published.claims.get(declared.name, [])]
        if raw is None or not declared.translatable:
            items = [] if raw is None else list(self._items(declared, raw))
            return Value(declared, raw, items, origins, written_in=self.published.language)
        said = self.reading.texts.get(declared.name) if self.reading else None
        tongue = self.reading.language if self.reading and said else self.published.language
        items = list(self._items(declared, said or raw))
        return Value(declared, raw, items, origins, tongue, self.published.language)

    def _origin(self, claim: ClaimRow) -> Origin:
        return Origin(
            Status(claim.status),
            self._sources[claim.source_slug],
            claim.locator,
            _first_number(claim.locator),
            claim.note,
            claim.item,
            [str(v) for v in claim.values or []],
            claim.checked_on,
        )

    def _items(self, declared: Declared, raw: Any) -> Iterator[Item]:
        for value in raw if declared.many else [raw]:
            yield self._item(declared, value)

    def _item(self, declared: Declared, value: Any) -> Item:
        if declared.reference:
            return self._reference(declared, value)
        if declared.vocabulary:
            url = f"/search?{declared.facet}={value}" if declared.facet else None
            if declared.vocabulary in ("policy-areas", "action-lines"):
                url = f"/{declared.vocabulary}/{value}"
            code = value if declared.vocabulary == "action-lines" else None
            return Item(self._words.label(declared.vocabulary, value), url, code)
        if isinstance(value, bool):
            return Item(gettext("Yes") if value else gettext("No"))
        if isinstance(value, dict):
            return Item(" ".join(str(v) for v in value.values()))
        text = str(value)
        if text.startswith(("http://", "https://")):
            return Item(text, text, broken=self._broken.get(text))
        return Item(text, f"mailto:{text}" if _MAILBOX.fullmatch(text) else None)

    def _reference(self, declared: Declared, value: Any) -> Item:
        """Draw a reference with its role; an entry that is not public is only a name."""
        slug, role = (
            (value["organisation"], value["role"]) if isinstance(value, dict) else (value, None)
        )
        link = self._links.get((declared.name, slug))
        note = self._words.label("roles", role) if role else None
        return Item(link.title if link else slug, link.url if link else None, note=note)

    @property
    def title(self) -> str:
        """Return the name or title."""
        return self.published.entry.title

    @property
    def kind_label(self) -> str:
        """Return what it is: Course, Working group, or the plain kind."""
        kind = self.published.kind
        items = self.values[kind.kind_field].items
        return items[0].text if items else kind.label

    @property
    def has_prose(self) -> bool:
        """Say whether there is any text that has a language."""
        return any(value.language for value in self.values.values())

    @property
    def others(self) -> list[str]:
        """Return the other languages in which the prose can be read, the original first."""
        there = [self.published.language, *self.published.translations]
        read = self.reading.language if self.reading else self.published.language
        return [code for code in there if code != read]

    @property
    def outdated(self) -> list[Declared]:
        """Return the fields whose original has changed since the translation that is read."""
        names = self.reading.outdated if self.reading else ()
        return [self.values[name].declared for name in names]

    @property
    def untranslated(self) -> bool:
        """Say whether some of the prose is read as it was written, though the rest is not."""
        return self.reading is not None and any(
            value.language == self.published.language for value in self.values.values()
        )

    @property
    def answers(self) -> list[tuple[str, Value]]:
        """Return the visitor's first questions with what is known of each."""
        asked = [v for v in self.values.values() if v.declared.answers]
        asked.sort(key=lambda v: v.declared.answers.order if v.declared.answers else 0)
        return [(v.declared.answers.question, v) for v in asked if v.declared.answers]

    @property
    def answered(self) -> bool:
        """Say whether any of these questions has an answer."""
        return any(value.stated for _, value in self.answers) or bool(self.coming)

    @property
    def unanswered(self) -> list[str]:
        """Return the questions that are left to ask."""
        dated = {"availability"} if self.coming else set()
        return [
            question
            for question, value in self.answers
            if not (value.stated or value.declared.facet in dated)
        ]

    @property
    def coming(self) -> list[tuple[str, str]]:
        """Return the dates of the next run that are still to come, the first to act on first.

        Each is one of `scholarship`, `apply` and `start`, with its day.
        """
        today = date.today().isoformat()
        runs = [run for run in self.published.profile.get("runs") or [] if not run["cancelled"]]
        for run in sorted(runs, key=lambda run: run["start"] or "9999"):
            tracks = run["tracks"] or []
            days = [("scholarship", t["scholarship_deadline"]) for t in tracks]
            days += [("apply", t["application_deadline"]) for t in tracks]
            days.append(("start", run["start"]))
            if ahead := [(what, day) for what, day in days if day and day >= today]:
                # Of several tracks the earliest day is shown, so that nobody comes too late.
                return list(dict(sorted(ahead, key=lambda pair: pair[1], reverse=True)).items())[
                    ::-1
                ]
        return []

    @property
    def sections(self) -> list[tuple[Section, list[Value]]]:
        """Return what else is known, by section; the title, summary and answers stand above."""
        above = {self.published.kind.title_field, "summary", "acronym"}
        found: dict[Section, list[Value]] = {}
        for name, value in self.values.items():
            if name in above or value.declared.answers or value.declared.ours:
                continue
            if value.stated:
                found.setdefault(value.declared.section, []).append(value)
        return list(found.items())

    @property
    def silent(self) -> list[Value]:
        """Return the fields that the sources leave open and that no question above shows.

        Where no question has an answer, none is shown above, and all stand here.
        """
        return [
            v
            for v in self.values.values()
            if not (v.stated or v.declared.ours or (v.declared.answers and self.answered))
        ]

    @property
    def contradictions(self) -> list[tuple[Value, Origin]]:
        """Return every contradiction with the value it is about."""
        return [
            (value, origin)
            for value in self.values.values()
            for origin in value.origins
            if origin.status is Status.CONTRADICTED
        ]

    @property
    def read_from(self) -> list[Source]:
        """Return the documents this entry was read from."""
        slugs = dict.fromkeys(o.source.slug for v in self.values.values() for o in v.origins)
        return [self._sources[slug] for slug in slugs]

    @property
    def checked_on(self) -> date | None:
        """Return when somebody last compared the entry with its sources."""
        return max((o.checked_on for v in self.values.values() for o in v.origins), default=None)

    def unconfirmed_since(self, today: date) -> date | None:
        """Return the day of the last look at an entry that waits for one; None while it holds."""
        entry = self.published.entry
        if not is_stale(entry, today):
            return None
        confirmed = entry.confirmed_at.date() if entry.confirmed_at else None
        return max(filter(None, (confirmed, self.checked_on)), default=entry.review_by)

    def role_groups(self) -> list[tuple[str, list[Linked]]]:
        """Return who points here, grouped by what this entry is to them."""
        found: dict[str, list[Linked]] = {}
        for link in self.published.linked_from:
            found.setdefault(self._heading(link), []).append(link)
        return list(found.items())

    def _heading(self, link: Linked) -> str:
        """Name the group of entries that point here in the same way."""
        kind = KINDS[link.kind].plural
        if link.rel == "provider":
            return gettext("%(kind)s it gives", kind=kind)
        if link.rel in ("lead", "co-lead", "operator"):
            return gettext("%(kind)s it leads or runs", kind=kind)
        if link.rel in ("part_of", "programme"):
            return gettext("%(kind)s in it", kind=kind)
        if link.rel == "member-of":
            return gettext("%(kind)s that are members", kind=kind)
        role = self._words.label("roles", link.rel)
        return gettext("%(kind)s in which its role is: %(role)s", kind=kind, role=role)
