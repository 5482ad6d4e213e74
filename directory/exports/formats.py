"""Every format in which the directory is given out: one row each.

The page for developers, the catalogue for open-data portals and the links of a search derive from
it. What one entry, term or vocabulary has at its own address stands in `exports/endings.py`. A row
that is missing here is a format that nobody finds.
"""

from dataclasses import dataclass

from directory.entries.kinds import KINDS, TRAINING
from directory.exports.xlsx import XLSX
from directory.languages import marked

ENTRIES, VOCABULARIES = "entries", "vocabularies"
"""Data sets of the catalogue, beside one for each kind of entry, which is named by its path."""

_ENTRIES_AND_KINDS = (ENTRIES, *(kind.path for kind in KINDS.values()))
_OF_A_SEARCH = "/search."


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format: its name, what it is for, where it is answered, and where to look at it.

    A file has a media type (IANA), and names the data sets that it holds whole, if it holds any. A
    service answers questions of programs; some describe themselves at an address of their own.
    """

    name: str
    words: str
    address: str
    example: str = ""
    media_type: str | None = None
    data_sets: tuple[str, ...] = ()
    in_order: bool = True
    """Whether the order that somebody chose for a search counts."""
    is_service: bool = False
    described_at: str | None = None


FORMATS = (
    Format(
        name="CSV",
        words=marked("Any search as a table, with the same filters."),
        address="/search.csv",
        example="/search.csv?q=cyber",
        media_type="text/csv",
        data_sets=_ENTRIES_AND_KINDS,
    ),
    Format(
        name="Excel",
        words=marked("Any search as a workbook (XLSX), with the same filters."),
        address="/search.xlsx",
        example="/search.xlsx?q=cyber",
        media_type=XLSX,
        data_sets=_ENTRIES_AND_KINDS,
    ),
    Format(
        name="JSON",
        words=marked("Any search with whole entries."),
        address="/search.json",
        example="/search.json?q=cyber",
        media_type="application/json",
        data_sets=_ENTRIES_AND_KINDS,
    ),
    Format(
        name=marked("Feed"),
        words=marked("Any search, newest first, to follow (Atom)."),
        address="/search.atom",
        example="/search.atom?q=cyber",
        media_type="application/atom+xml",
        data_sets=_ENTRIES_AND_KINDS,
        in_order=False,
    ),
    Format(
        name=marked("Calendar"),
        words=marked("Dates and deadlines of any search (iCalendar)."),
        address="/search.ics",
        media_type="text/calendar",
        data_sets=(ENTRIES, TRAINING.path),
        in_order=False,
    ),
    Format(
        name="schema.org",
        words=marked("Every entry, as search engines read it; also inside its page (JSON-LD)."),
        address="/trainings/cyber-school-initiative.jsonld",
    ),
    Format(
        name="HSDS 3.1",
        words=marked("Trainings as services, for referral directories."),
        address="/hsds",
        is_service=True,
        described_at="/hsds/openapi.json",
    ),
    Format(
        name="OAI-PMH 2.0",
        words=marked("All entries for libraries and aggregators."),
        address="/oai",
        example="/oai?verb=Identify",
        is_service=True,
    ),
    Format(
        name="SKOS (Turtle)",
        words=marked("The vocabularies and the links between their terms."),
        address="/vocabularies.ttl",
        media_type="text/turtle",
        data_sets=(VOCABULARIES,),
    ),
    Format(
        name="SKOS (JSON-LD)",
        words=marked("The vocabularies and the links between their terms, as JSON."),
        address="/vocabularies.jsonld",
        media_type="application/ld+json",
        data_sets=(VOCABULARIES,),
    ),
    Format(
        name="MOOChub 3",
        words=marked("Courses whose material has a licence."),
        address="/moochub/courses",
        is_service=True,
    ),
    Format(
        name="DCAT (Turtle)",
        words=marked("What there is to take away, for open-data portals."),
        address="/catalog.ttl",
        media_type="text/turtle",
    ),
    Format(
        name="DCAT (JSON-LD)",
        words=marked("What there is to take away, for open-data portals, as JSON."),
        address="/catalog.jsonld",
        media_type="application/ld+json",
    ),
    Format(
        name=marked("Everything as files"),
        words=marked("JSON Lines and CSV, made anew every night."),
        address="/dump",
    ),
    Format(
        name="MCP",
        words=marked("How an assistant asks the directory, at /mcp."),
        address="/mcp",
        example="/about/assistants",
        is_service=True,
    ),
    Format(
        name=marked("Embed"),
        words=marked("A list or a search box on your own website."),
        address="/embed",
    ),
    Format(
        name=marked("Feed of what closes"),
        words=marked("Offers that close soon, to follow (Atom)."),
        address="/closing.atom",
        media_type="application/atom+xml",
    ),
    Format(
        name=marked("Calendar of what closes"),
        words=marked("The last days of offers that close soon (iCalendar)."),
        address="/closing.ics",
        media_type="text/calendar",
    ),
    Format(
        name=marked("CSV of the gap map"),
        words=marked("How many entries stand at each topic."),
        address="/gaps.csv",
        media_type="text/csv",
    ),
    Format(
        name=marked("Site map"),
        words=marked("The address of every entry, with its last change."),
        address="/sitemap.xml",
        media_type="application/xml",
    ),
)
API = Format(
    name="Programming interface, version 1",
    words=marked("All entries, the search and the vocabularies as JSON, and what changed."),
    address="/api/v1",
    is_service=True,
    described_at="/api/v1/openapi.json",
)
"""What the page for developers is about itself; portals find it beside the others."""

OF_A_SEARCH = [format for format in FORMATS if format.address.startswith(_OF_A_SEARCH)]
"""What the result of a search, or the entries of a topic, can be taken away as."""


def files_of(data_set: str) -> list[Format]:
    """Return the formats of which a file holds this data set of the catalogue."""
    return [format for format in FORMATS if data_set in format.data_sets]


def services() -> list[Format]:
    """Return what answers questions of programs."""
    return [format for format in (API, *FORMATS) if format.is_service]
