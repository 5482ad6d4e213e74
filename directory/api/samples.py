"""Made-up things for the page of components: one for each state that a component can be in.

They are the very objects that the pages hand to their templates. The texts are samples in English
and Arabic and not translated; nobody and nothing in them exists.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from directory.curation.boxes import Box
from directory.curation.controls import controls_of
from directory.curation.options import Options, terms
from directory.entries.deadlines import Deadline
from directory.entries.fields import Declared
from directory.entries.kinds import TRAINING
from directory.entries.models import Entry, State, Waiting
from directory.entries.queries import Linked
from directory.entries.shown import Item, Origin, Value
from directory.entries.translations import Said
from directory.entries.vocabularies import Vocabularies
from directory.languages import marked
from directory.search.cards import Card, Chip, Fact
from directory.search.query import FACETS, SearchQuery
from directory.search.results import Counted, FacetValue, Hit, Results
from directory.search.why import Reason, Why
from directory.sources.claims import Status
from directory.sources.models import Source

DAY = date(2026, 3, 2)
MOMENT = datetime(2026, 2, 25, 12, tzinfo=UTC)
NOBODY = UUID(int=0)
SHORT = "A course on open data"
LONG = (
    "A course on open data for officials of ministries, municipalities and regulators who want to "
    "publish what they hold, and for the associations that work with them"
)
UNBROKEN = "Datenschutzfolgenabschätzungsverfahrensrichtlinienentwurf" * 2
ARABIC = "دورة تدريبية حول البيانات المفتوحة"
TERMS = 6
"""A sample of a list has so many."""

PROBLEM = "This is too short: write at least ten letters."

SAY = {
    "search": "Search", "link": "A link as a button", "show": "Show", "remove": "Remove",
    "filters": "Filters", "before": "Read first", "within": "how entries are made",
    "line": "Capacity building", "area": "Cybersecurity", "cost": "Cost", "free": "Free",
    "clear": "Clear all", "answers": "two answers", "term": "Term", "entries": "Entries",
    "saved": "The draft is saved.", "changed": "The entry has changed since you opened it.",
    "clash": "Results: the source gives two answers.", "one": "99 certified",
    "other": "200 people", "errors": "Some fields need another look. Nothing was saved yet.",
    "nothing": "Nothing here fits.", "whole": "Show the whole list",
    "past": "This is past the last page.", "last": "Go to page 20",
    "languages": "In other languages",
}  # fmt: skip
"""Words of the samples that no template has of its own."""

_SOURCE = Source(slug="", title="A profile", short_title="profile", kind="profile", checked_on=DAY)


def boxes(words: Vocabularies) -> Iterator[tuple[str, Box]]:
    """Yield each widget of a form as it begins, filled in, and with something wrong."""
    drawn: set[str] = set()
    for control in controls_of(TRAINING, private=False).values():
        if control.widget in drawn or control.parts:
            continue
        drawn.add(control.widget)
        listed = terms(words, control.vocabulary)[:TERMS] if control.vocabulary else []
        options = Options({control.options_name: listed} if control.options_name else {})
        empty: str | list[str] = [] if control.many else ""
        first = listed[0].value if listed else ""
        plain: str = {"number": "12", "date": str(DAY)}.get(control.widget, first or SHORT)
        whole = Box(f"sample-{control.widget}", control, empty, options, alone=True)
        yield marked("Empty"), whole
        filled = [plain] if control.many else plain
        yield marked("Filled in"), replace(whole, name=f"{whole.name}-full", value=filled)
        if control.widget == "line":
            yield marked("Long text"), replace(whole, name=f"{whole.name}-long", value=LONG)
            yield (
                marked("From right to left"),
                replace(whole, name=f"{whole.name}-rtl", value=ARABIC),
            )
        yield (
            marked("With an error"),
            replace(whole, name=f"{whole.name}-wrong", value=filled, error=PROBLEM, required=True),
        )


def values() -> Iterator[tuple[str, Value]]:
    """Yield a value of an entry in every state of its origin."""
    fields = TRAINING.public_fields.values()
    text = next(d for d in fields if d.widget == "line")
    lines = next(d for d in fields if d.vocabulary == "action-lines")
    for words, status in (
        (marked("A source states it"), Status.STATED),
        (marked("Our reading"), Status.DERIVED),
        (marked("Confirmed"), Status.CONFIRMED),
        (marked("Two answers"), Status.CONTRADICTED),
    ):
        yield words, Value(text, SHORT, [Item(SHORT)], [_origin(status)])
    yield marked("No source states it"), Value(text, None, [], [_origin(Status.NOT_STATED)])
    yield marked("Terms"), Value(lines, ["C4"], _lines(), [_origin(Status.DERIVED)])
    broken = Item("https://example.org/", "https://example.org/", broken=MOMENT)
    yield marked("A broken link"), _plain(text, broken)
    yield marked("Long text"), _plain(text, Item(LONG))
    yield marked("One long word"), _plain(text, Item(UNBROKEN))
    yield marked("From right to left"), _plain(text, Item(ARABIC))


def _plain(declared: Declared, item: Item) -> Value:
    return Value(declared, item.text, [item], [])


def _lines() -> list[Item]:
    return [
        Item("Capacity building", "/action-lines/C4", "C4"),
        Item("Confidence & security", "/action-lines/C5", "C5"),
    ]


def _origin(status: Status) -> Origin:
    note = "The list names fewer topics than the number of modules."
    return Origin(status, _SOURCE, "line 12", "12", note, None, [], DAY)


def hits() -> Iterator[tuple[str, Hit]]:
    """Yield a result of a search in every state."""
    yield marked("Open until a day"), Hit(_card(SHORT), 1.0, True, DAY, False)
    yield (
        marked("Not confirmed, two answers"),
        Hit(_card(SHORT, clash=True), 1.0, False, None, True),
    )
    yield marked("Why it was found"), Hit(_card(SHORT), 1.0, False, None, False, WHY)
    yield marked("Only named in a source"), Hit(_card(SHORT, bare=True), 1.0, False, None, False)
    yield marked("Long text"), Hit(_card(f"{LONG} {UNBROKEN}"), 1.0, False, None, False)
    yield marked("From right to left"), Hit(_card(ARABIC), 1.0, True, None, False)


SUMMARY = Said("Eight weeks online, with a tutor, for officials and associations.", "en")


WHY = Why(
    summary=[
        ("Eight weeks online, with a ", False),
        ("tutor", True),
        (", for officials and associations.", False),
    ],
    reasons=[
        Reason("action_line", "WSIS action lines", [("Capacity building", True)]),
        Reason("description", "Description", [("… who ", False), ("learn", True)], "en"),
    ],
)


def _card(title: str, *, clash: bool = False, bare: bool = False) -> Card:
    leader = Linked("provider", "", "organisation", "", "An institute")
    return Card(
        id=NOBODY,
        kind=TRAINING,
        slug="",
        title=title,
        version=1,
        kind_label=TRAINING.label,
        summary=None if bare else SUMMARY,
        leaders=[] if bare else [leader],
        facts=[] if bare else [Fact("", "What it costs", "Free"), Fact("", "Language", None)],
        chips=[] if bare else [Chip("action_line", "C4", "Capacity building")],
        contradicted=clash,
    )


def results(words: Vocabularies) -> Results:
    """Return what the list of filters is drawn from: one facet, with a value that is chosen."""
    parameter = next(name for name, facet in FACETS.items() if facet.vocabulary == "action-lines")
    codes = list(words.terms.get("action-lines", {}))[:4]
    shown = [
        FacetValue(code, words.label("action-lines", code), 1200 // (n + 1) ** 3, n == 1)
        for n, code in enumerate(codes)
    ]
    facets = Counted()
    facets[parameter] = shown
    return Results(SearchQuery(), 0, [], facets)


def deadlines() -> Iterator[tuple[str, Deadline]]:
    """Yield what closes: soon, today, and for a scholarship."""
    for words, day, zone, scholarship in (
        (marked("In some days"), DAY, "Europe/Zurich", False),
        (marked("Today"), MOMENT.date(), "Europe/Zurich", False),
        (marked("For a scholarship, zone not stated"), DAY, None, True),
    ):
        yield (
            words,
            Deadline(NOBODY, SHORT, "/closing", None, None, day, zone, scholarship, MOMENT),
        )


def states() -> Iterator[Entry]:
    """Yield an entry in every state, with and without a change that waits."""
    for state in State:
        yield Entry(kind=TRAINING.name, slug="", title=SHORT, state=state)
    for waiting in Waiting:
        yield Entry(kind="training", slug="", title="", state=State.PUBLISHED, waiting=waiting)
