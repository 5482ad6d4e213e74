"""What can be taken away from here, as a catalogue for open-data portals (DCAT 3).

No licence is stated, because the people who run a site have not stated one: the facts come from
public documents. Its files and services are those of `exports/formats.py`.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from directory.entries.kinds import KINDS, Kind
from directory.exports.formats import ENTRIES, VOCABULARIES, Format, files_of, services
from directory.exports.graphs import write_graph
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


def write_catalogue(settings: Settings, changed: datetime, ending: str) -> bytes:
    """Return the catalogue as a file; `changed` is when any entry was last changed."""
    return write_graph(catalogue(settings, changed), ending)


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
    for name, title, words, kind in _data_sets():
        dataset = URIRef(f"{root}#{name}")
        _add_resource(graph, dataset, "Dataset", title, words, publisher, changed)
        graph.add((root, DCAT.dataset, dataset))
        page = "search" if name == ENTRIES else name
        graph.add((dataset, DCAT.landingPage, URIRef(f"{site}/{page}")))
        if kind:
            graph.add((dataset, DCTERMS.isPartOf, URIRef(f"{root}#{ENTRIES}")))
        for format in files_of(name):
            _add_distribution(graph, dataset, format, title, kind, site)
    for service in services():
        _add_service(graph, root, service, site)
    return graph


def _data_sets() -> list[tuple[str, str, str, Kind | None]]:
    """Return the name, title and description of each data set, and the one kind that it holds."""
    of_kinds = [(k.path, k.plural, f"{_sentence(k)} {_ORIGIN}", k) for k in KINDS.values()]
    return [
        (ENTRIES, "All entries of the directory", _ABOUT_ALL, None),
        *of_kinds,
        (VOCABULARIES, "Vocabularies", _WORDS, None),
    ]


def _sentence(kind: Kind) -> str:
    """Return what a kind is, as its profile says."""
    return (kind.profile.__doc__ or kind.plural).strip().splitlines()[0]


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


def _add_distribution(
    graph: "Graph", dataset: object, format: Format, title: str, kind: Kind | None, site: str
) -> None:
    from rdflib import DCAT, DCTERMS, RDF, Literal, URIRef

    of_kind = f"?kind={kind.name}" if kind else ""
    address = URIRef(f"{site}{format.address}{of_kind}")
    node = URIRef(f"{address}#distribution")
    media_type = URIRef(f"https://www.iana.org/assignments/media-types/{format.media_type}")
    for triple in (
        (dataset, DCAT.distribution, node),
        (node, RDF.type, DCAT.Distribution),
        (node, DCTERMS.title, Literal(f"{title}: {format.name}", lang="en")),
        (node, DCTERMS.description, Literal(format.words, lang="en")),
        (node, DCAT.accessURL, address),
        (node, DCAT.downloadURL, address),
        (node, DCAT.mediaType, media_type),
    ):
        graph.add(triple)  # type: ignore[arg-type]


def _add_service(graph: "Graph", root: object, service: Format, site: str) -> None:
    from rdflib import DCAT, DCTERMS, RDF, Literal, URIRef

    node = URIRef(f"{site}{service.address}#service")
    triples = [
        (root, DCAT.service, node),
        (node, RDF.type, DCAT.DataService),
        (node, DCTERMS.title, Literal(service.name, lang="en")),
        (node, DCTERMS.description, Literal(service.words, lang="en")),
        (node, DCAT.endpointURL, URIRef(site + service.address)),
        (node, DCAT.servesDataset, URIRef(f"{root}#{ENTRIES}")),
    ]
    if service.described_at:
        triples.append((node, DCAT.endpointDescription, URIRef(site + service.described_at)))
    for triple in triples:
        graph.add(triple)  # type: ignore[arg-type]
