"""Where our data stands in other formats: one row a format, for the page for developers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A format, an address at which to look at it, and what it is for."""

    name: str
    address: str
    words: str


FORMATS = (
    Format("CSV", "/search.csv?q=cyber", "Any search as a table, with the same filters."),
    Format("Excel (XLSX)", "/search.xlsx?q=cyber", "The same as a workbook."),
    Format("JSON of a search", "/search.json?q=cyber", "Any search with whole entries."),
    Format("Feed (Atom)", "/search.atom?q=cyber", "Any search, newest first, to follow."),
    Format("Calendar (iCalendar)", "/search.ics", "Dates and deadlines of any search."),
    Format(
        "schema.org (JSON-LD)",
        "/trainings/cyber-school-initiative.jsonld",
        "Every entry, as search engines read it; also inside its page.",
    ),
    Format("HSDS 3.1", "/hsds", "Trainings as services, for referral directories."),
    Format("OAI-PMH 2.0", "/oai?verb=Identify", "All entries for libraries and aggregators."),
    Format("SKOS", "/vocabularies.ttl", "The vocabularies and the links between their terms."),
    Format("MOOChub 3", "/moochub/courses", "Courses whose material has a licence."),
    Format("DCAT", "/catalog.ttl", "What there is to take away, for open-data portals."),
    Format("Everything as files", "/dump", "JSON Lines and CSV, made anew every night."),
    Format("MCP", "/about/assistants", "How an assistant asks the directory, at /mcp."),
    Format("Embed", "/embed", "A list or a search box on your own website."),
    Format("CSV of the gap map", "/gaps.csv", "How many entries stand at each topic."),
    Format("Site map", "/sitemap.xml", "The address of every entry, with its last change."),
)
