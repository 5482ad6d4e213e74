"""Vocabularies and the links between them as SKOS (W3C Recommendation of 2009).

A link stands as a mapping between two concepts, and beside it as a statement (`rdf:Statement`)
that says in which relation, from which source, in which version, and who made the link: official,
published elsewhere, derived by us, or set by a curator. A mapping without its origin would look
like a fact.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from directory.entries.vocabularies import Crosswalk, Term, Vocabularies, Vocabulary
from directory.exports.graphs import write_graph
from directory.exports.terms import term_uri, vocabulary_uri

if TYPE_CHECKING:
    from rdflib import Graph

_MAPPINGS = {
    # A country is a part of its group; a body that looks after a line is something else than it.
    "member-of": "broadMatch",
    "related": "relatedMatch",
    "facilitator": "relatedMatch",
    "lead": "relatedMatch",
}


def write_skos(words: Vocabularies, name: str | None, ending: str, site: str) -> bytes:
    """Return one vocabulary, or all of them, as a file; made once for each state of the lists.

    Raises NotFound for a vocabulary that there is not, KeyError for an unknown ending.
    """
    if name is not None:
        words.of(name)
    return _written(words, name, ending, site)


# `Vocabularies.read` returns the same object as long as the digests are the same.
@lru_cache(maxsize=128)
def _written(words: Vocabularies, name: str | None, ending: str, site: str) -> bytes:
    graph = skos(words, [name] if name else sorted(words.vocabularies), site)
    return write_graph(graph, ending)


def skos(words: Vocabularies, names: Iterable[str], site: str) -> "Graph":
    """Return these vocabularies as a graph, with the links that begin in them."""
    from rdflib import DCTERMS, OWL, RDF, SKOS, Graph

    graph = Graph(bind_namespaces="none")
    for prefix, space in (("skos", SKOS), ("dct", DCTERMS), ("owl", OWL), ("rdf", RDF)):
        graph.bind(prefix, space)
    wanted = set(names)
    for name in sorted(wanted):
        _add_scheme(graph, words.vocabularies[name], site)
        for term in words.of(name).values():
            _add_concept(graph, words, term, site)
    for walk in words.crosswalks:
        if walk.from_vocabulary in wanted:
            _add_walk(graph, walk, site)
    return graph


def _add_scheme(graph: "Graph", vocabulary: Vocabulary, site: str) -> None:
    from rdflib import DCTERMS, OWL, RDF, SKOS, Literal, URIRef

    scheme = URIRef(vocabulary_uri(site, vocabulary.name))
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, SKOS.notation, Literal(vocabulary.name)))
    graph.add((scheme, DCTERMS.title, Literal(vocabulary.title, lang="en")))
    graph.add((scheme, DCTERMS.description, Literal(vocabulary.description, lang="en")))
    graph.add((scheme, DCTERMS.source, Literal(vocabulary.source)))
    graph.add((scheme, OWL.versionInfo, Literal(vocabulary.version)))
    graph.add((scheme, SKOS.editorialNote, Literal(f"Wording: {vocabulary.mark}", lang="en")))


def _add_concept(graph: "Graph", words: Vocabularies, term: Term, site: str) -> None:
    from rdflib import DCTERMS, RDF, SKOS, Literal, URIRef

    concept = URIRef(term_uri(site, term.vocabulary, term.code))
    scheme = URIRef(vocabulary_uri(site, term.vocabulary))
    graph.add((concept, RDF.type, SKOS.Concept))
    graph.add((concept, SKOS.inScheme, scheme))
    graph.add((concept, SKOS.notation, Literal(term.code)))
    for language, label in term.labels.items():
        graph.add((concept, SKOS.prefLabel, Literal(label, lang=language)))
    if term.short and term.short != term.label:
        graph.add((concept, SKOS.altLabel, Literal(term.short, lang="en")))
    for label in term.alt_labels:
        # Other names come from many languages, and the lists do not say from which.
        graph.add((concept, SKOS.altLabel, Literal(label)))
    if term.definition:
        graph.add((concept, SKOS.definition, Literal(term.definition, lang="en")))
    if term.note:
        graph.add((concept, SKOS.note, Literal(term.note, lang="en")))
    if term.source:
        graph.add((concept, DCTERMS.source, Literal(term.source)))
    graph.add((concept, SKOS.editorialNote, Literal(f"Wording: {term.mark}", lang="en")))
    elsewhere = words.vocabularies[term.vocabulary].broader_in
    if term.broader and elsewhere and elsewhere != term.vocabulary:
        above = URIRef(term_uri(site, elsewhere, term.broader))
        graph.add((concept, SKOS.broadMatch, above))
    elif term.broader:
        above = URIRef(term_uri(site, term.vocabulary, term.broader))
        graph.add((concept, SKOS.broader, above))
        graph.add((above, SKOS.narrower, concept))
        return
    graph.add((scheme, SKOS.hasTopConcept, concept))
    graph.add((concept, SKOS.topConceptOf, scheme))


def _add_walk(graph: "Graph", walk: Crosswalk, site: str) -> None:
    from rdflib import DCTERMS, OWL, RDF, SKOS, Literal, URIRef

    here = URIRef(term_uri(site, walk.from_vocabulary, walk.from_code))
    there = URIRef(term_uri(site, walk.to_vocabulary, walk.to_code))
    mapping = getattr(SKOS, _MAPPINGS.get(walk.relation, "relatedMatch"))
    graph.add((here, mapping, there))
    ends = f"{walk.relation}.{walk.to_vocabulary}.{walk.to_code}"
    statement = URIRef(f"{here}#{ends}")
    graph.add((statement, RDF.type, RDF.Statement))
    graph.add((statement, RDF.subject, here))
    graph.add((statement, RDF.predicate, mapping))
    graph.add((statement, RDF.object, there))
    graph.add((statement, DCTERMS.type, Literal(walk.relation)))
    graph.add((statement, DCTERMS.provenance, Literal(walk.origin)))
    graph.add((statement, DCTERMS.source, Literal(walk.source)))
    graph.add((statement, OWL.versionInfo, Literal(walk.version)))
    if walk.note:
        graph.add((statement, SKOS.note, Literal(walk.note, lang="en")))
