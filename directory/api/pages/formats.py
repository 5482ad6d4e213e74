"""Where our data stands in other formats: one row a format, for the page for developers."""

from dataclasses import dataclass

from directory.languages import marked


@dataclass(frozen=True)
class Format:
    """A format, an address at which to look at it, and what it is for."""

    name: str
    address: str
    words: str


FORMATS = (
    Format("CSV", "/search.csv?q=cyber", marked("Any search as a table, with the same filters.")),
    Format("Excel (XLSX)", "/search.xlsx?q=cyber", marked("The same as a workbook.")),
    Format(
        marked("JSON of a search"), "/search.json?q=cyber", marked("Any search with whole entries.")
    ),
    Format(
        marked("Feed (Atom)"),
        "/search.atom?q=cyber",
        marked("Any search, newest first, to follow."),
    ),
    Format(
        marked("Calendar (iCalendar)"), "/search.ics", marked("Dates and deadlines of any search.")
    ),
    Format(
        "schema.org (JSON-LD)",
        "/trainings/cyber-school-initiative.jsonld",
        marked("Every entry, as search engines read it; also inside its page."),
    ),
    Format("HSDS 3.1", "/hsds", marked("Trainings as services, for referral directories.")),
    Format(
        "OAI-PMH 2.0", "/oai?verb=Identify", marked("All entries for libraries and aggregators.")
    ),
    Format(
        "SKOS", "/vocabularies.ttl", marked("The vocabularies and the links between their terms.")
    ),
    Format("MOOChub 3", "/moochub/courses", marked("Courses whose material has a licence.")),
    Format("DCAT", "/catalog.ttl", marked("What there is to take away, for open-data portals.")),
    Format(
        marked("Everything as files"), "/dump", marked("JSON Lines and CSV, made anew every night.")
    ),
    Format("MCP", "/about/assistants", marked("How an assistant asks the directory, at /mcp.")),
    Format(marked("Embed"), "/embed", marked("A list or a search box on your own website.")),
    Format(
        marked("CSV of the gap map"), "/gaps.csv", marked("How many entries stand at each topic.")
    ),
    Format(
        marked("Site map"),
        "/sitemap.xml",
        marked("The address of every entry, with its last change."),
    ),
)
