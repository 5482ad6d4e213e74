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
    Format("JSON of a search", "/search.json?q=cyber", "Any search with whole entries."),
    Format("CSV of the gap map", "/gaps.csv", "How many entries stand at each topic."),
    Format("Site map", "/sitemap.xml", "The address of every entry, with its last change."),
)
