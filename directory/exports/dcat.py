"""What can be taken away from here, as a catalogue for open-data portals (DCAT 3).

No licence is stated, because the people who run a site have not stated one: the facts come from
public documents. A row that is missing here is a format that no portal finds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from directory.entries.kinds import KINDS, Kind
from directory.settings import Settings

if TYPE_CHECKING:
    from rdflib import Graph

_ORIGIN = "Every value names the document it comes from; what no source states is left open."
_ABOUT_ALL = (
    "Organisations, programmes and trainings of digital policy and capacity building, mapped to "
    f"the WSIS action lines. {_ORIGIN}"
)
_WORDS = (
    "The lists of terms that entries are described with, and the links between them, each with its "
    "origin and version."
)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS = {
    "ttl": ("turtle", "text/turtle"),
    "jsonld": ("json-ld", "application/ld+json"),
}


@dataclass(frozen=True)
class Offered:
    """A file or feed one can fetch: its title, path and media type (IANA)."""

    title: str
    path: str
    media_type: str


@dataclass(frozen=True)
class Service:
    """An interface for programs: its title, path, and the path of its description, if any."""

    title: str
    path: str
    described_at: str | None = None


SERVICES = (
    Service("Programming interface, version 1", "/api/v1", "/api/v1/openapi.json"),
    Service("Courses with a licence, as MOOChub 3", "/moochub/courses"),
    Service("Trainings as services, by HSDS 3.1", "/hsds", "/hsds/openapi.json"),
    Service("All entries for harvesters, by OAI-PMH 2.0", "/oai"),
    Service("For assistants, by the Model Context Protocol", "/mcp"),
)

VOCABULARIES = (
    Offered("All vocabularies as SKOS, Turtle", "/vocabularies.ttl", "text/turtle"),
    Offered("All vocabularies as SKOS, JSON-LD", "/vocabularies.jsonld", "application/ld+json"),
)

WHOLE = (
    Offered("All entries, newest first, as a feed", "/search.atom", "application/atom+xml"),
    Offered("Dates and deadlines as a calendar", "/search.ics", "text/calendar"),
)
"""Of all entries together; whoever runs a site with a dump adds its files here."""


def _of_kind(kind: Kind) -> tuple[Offered, ...]:
    many = kind.plural_in_english
    return (
        Offered(f"{many} as CSV", f"/search.csv?kind={kind.name}", "text/csv"),
        Offered(f"{many} as a workbook", f"/search.xlsx?kind={kind.name}", _XLSX),
        Offered(f"{many} as JSON", f"/search.json?kind={kind.name}", "application/json"),
        Offered(f"{many} as a feed", f"/search.atom?kind={kind.name}", "application/atom+xml"),
    )


def write_catalogue(settings: Settings, changed: datetime, ending: str) -> bytes:
    """Return the catalogue as a file; `changed` is when any entry was last changed."""
    format_, _ = FORMATS[ending]
    graph = catalogue(settings, changed)
    # Only JSON-LD has what the last word is about.
    return graph.serialize(format=format_, encoding="utf-8", auto_compact=True)


def catalogue(settings: Settings, changed: datetime) -> "Graph":
    """Return the catalogue: the whole, each kind of entry, the vocabularies, and the services."""
    from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, Graph, Literal, URIRef

    site = settings.base_url
    graph = Graph(bind_namespaces="none")
    for prefix, space in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("xsd", XSD)):
        graph.bind(prefix, space)
    root, publisher = URIRef(f"{site}/catalog"), URIRef(f"{site}/catalog#publisher")
    graph.add((publisher, RDF.type, FOAF.Agent))
    graph.add((publisher, FOAF.name, Literal(settings.site_name)))
    graph.add((publisher, FOAF.homepage, URIRef(f"{site}/about")))
    _add_resource(graph, root, "Catalog", settings.site_name, _ABOUT_ALL, publisher, changed)
    graph.add((root, FOAF.homepage, URIRef(f"{site}/")))
    whole = "All entries of the directory"
    datasets: list[tuple[str, str, str, str, Iterable[Offered]]] = [
        ("entries", whole, _ABOUT_ALL, f"{site}/search", WHOLE)
    ]
    datasets += [
        (k.path, k.plural_in_english, f"{_sentence(k)} {_ORIGIN}", f"{site}/{k.path}", _of_kind(k))
        for k in KINDS.values()
    ]
    datasets.append(("vocabularies", "Vocabularies", _WORDS, f"{site}/vocabularies", VOCABULARIES))
    for name, title, words, page, offered in datasets:
        dataset = URIRef(f"{root}#{name}")
        _add_resource(graph, dataset, "Dataset", title, words, publisher, changed)
        graph.add((root, DCAT.dataset, dataset))
        graph.add((dataset, DCAT.landingPage, URIRef(page)))
        if name in {k.path for k in KINDS.values()}:
            graph.add((dataset, DCTERMS.isPartOf, URIRef(f"{root}#entries")))
        for one in offered:
            _add_distribution(graph, dataset, one, site)
    for service in SERVICES:
        _add_service(graph, root, service, site)
    return graph


def _sentence(kind: Kind) -> str:
    """Return what a kind is, as its profile says."""
    return (kind.profile.__doc__ or kind.plural_in_english).strip().splitlines()[0]


def _add_resource(
    graph: "Graph",
    node: object,
    type_: str,
    title: str,
    words: str,
    publisher: object,
    changed: datetime,
) -> None:
    from rdflib import DCAT, DCTERMS, RDF, XSD, Literal, URIRef

    english = URIRef("http://publications.europa.eu/resource/authority/language/ENG")
    for predicate, value in (
        (RDF.type, DCAT[type_]),
        (DCTERMS.title, Literal(title, lang="en")),
        (DCTERMS.description, Literal(words, lang="en")),
        (DCTERMS.publisher, publisher),
        (DCTERMS.language, english),
        (DCTERMS.modified, Literal(changed.isoformat(timespec="seconds"), datatype=XSD.dateTime)),
    ):
        graph.add((node, predicate, value))  # type: ignore[arg-type]


def _add_distribution(graph: "Graph", dataset: object, one: Offered, site: str) -> None:
    from rdflib import DCAT, DCTERMS, RDF, Literal, URIRef

    address = URIRef(site + one.path)
    node = URIRef(f"{address}#distribution")
    media_type = URIRef(f"https://www.iana.org/assignments/media-types/{one.media_type}")
    for triple in (
        (dataset, DCAT.distribution, node),
        (node, RDF.type, DCAT.Distribution),
        (node, DCTERMS.title, Literal(one.title, lang="en")),
        (node, DCAT.accessURL, address),
        (node, DCAT.downloadURL, address),
        (node, DCAT.mediaType, media_type),
    ):
        graph.add(triple)  # type: ignore[arg-type]


def _add_service(graph: "Graph", root: object, service: Service, site: str) -> None:
    from rdflib import DCAT, DCTERMS, RDF, Literal, URIRef

    node = URIRef(f"{site}{service.path}#service")
    triples = [
        (root, DCAT.service, node),
        (node, RDF.type, DCAT.DataService),
        (node, DCTERMS.title, Literal(service.title, lang="en")),
        (node, DCAT.endpointURL, URIRef(site + service.path)),
        (node, DCAT.servesDataset, URIRef(f"{root}#entries")),
    ]
    if service.described_at:
        triples.append((node, DCAT.endpointDescription, URIRef(site + service.described_at)))
    for triple in triples:
        graph.add(triple)  # type: ignore[arg-type]
