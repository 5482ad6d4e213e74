"""What an assistant can ask the catalogue. Every tool only reads.

The schemas come from the declarations that the pages and the API read: the parameters of the
search, the fields of a need, the choices of the gap map.
"""

from directory.api.tools.base import Tool
from directory.api.tools.entry import ENTRY
from directory.api.tools.gaps import GAPS
from directory.api.tools.match import MATCH
from directory.api.tools.overview import OVERVIEW
from directory.api.tools.search import SEARCH

TOOLS: dict[str, Tool] = {t.name: t for t in (OVERVIEW, SEARCH, ENTRY, MATCH, GAPS)}
"""By name, in the order in which they are best used."""
