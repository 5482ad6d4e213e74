"""Which formats an entry, a term or a vocabulary has at its own address: one row each."""

from directory.entries.kinds import BY_PATH, TRAINING
from directory.languages import marked
from directory.web.formats import Ending

INSIDE = "/as"
"""Where the formats of this package are answered; people and machines use the endings."""

TERMS = ("policy-areas", "action-lines")

ENDINGS = (
    Ending("json", tuple(BY_PATH), "/api/v1", "JSON", "application/json"),
    Ending("jsonld", tuple(BY_PATH), f"{INSIDE}/jsonld", "schema.org", "application/ld+json"),
    Ending("ics", (TRAINING.path,), f"{INSIDE}/ics", marked("Calendar (.ics)"), "text/calendar"),
    Ending("atom", TERMS, f"{INSIDE}/atom", marked("Feed (Atom)"), "application/atom+xml"),
    Ending("ttl", ("vocabularies",), f"{INSIDE}/ttl", "SKOS (Turtle)", "text/turtle"),
    Ending("jsonld", ("vocabularies",), f"{INSIDE}/skos", "SKOS (JSON-LD)", "application/ld+json"),
)

PICTURE = Ending("png", tuple(BY_PATH), f"{INSIDE}/png", marked("Picture"), "image/png")
"""What other sites show where an entry is shared; it holds nothing to take away as data."""


def formats_of(path: str) -> list[Ending]:
    """Return the formats of what stands below `/{path}/`."""
    return [e for e in ENDINGS if path in e.paths]
