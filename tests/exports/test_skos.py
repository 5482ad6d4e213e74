"""Another catalogue takes our vocabularies, and the links between them."""

import re
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from pyshacl import validate
from rdflib import DCTERMS, OWL, RDF, SKOS, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from directory.entries.vocabularies import Vocabularies
from directory.exports import skos

pytestmark = pytest.mark.filterwarnings("ignore:.*ConjunctiveGraph:DeprecationWarning")
"""The parser and the writer of rdflib itself."""

Client = TestClient[Any]
SITE = "http://testserver.local"
SHAPES = Graph().parse(Path(__file__).parent / "skos_shapes.ttl")
TYPES = {"ttl": "text/turtle; charset=utf-8", "jsonld": "application/ld+json"}


def read(site: Client, address: str) -> Graph:
    answer = site.get(address)
    ending = address.rpartition(".")[2]
    assert (answer.status_code, answer.headers["content-type"]) == (200, TYPES[ending])
    return Graph().parse(data=answer.content, format={"ttl": "turtle"}.get(ending, "json-ld"))


@pytest.fixture(scope="module")
def whole(site: Client) -> Graph:
    return read(site, "/vocabularies.ttl")


def uri(vocabulary: str, code: str = "") -> URIRef:
    return URIRef(f"{SITE}/vocabularies/{vocabulary}" + (f"/{code}" if code else ""))


@pytest.mark.parametrize("name", ["action-lines", "countries", "sdgs", "roles"])
def test_both_ways_of_writing_say_the_same(site: Client, name: str) -> None:
    turtle = read(site, f"/vocabularies/{name}.ttl")
    assert isomorphic(turtle, read(site, f"/vocabularies/{name}.jsonld"))
    assert (uri(name), RDF.type, SKOS.ConceptScheme) in turtle


def test_all_together_hold_every_term_and_link(
    site: Client, whole: Graph, words: Vocabularies
) -> None:
    concepts = set(whole.subjects(RDF.type, SKOS.Concept))
    assert concepts == {uri(v, c) for v, terms in words.terms.items() for c in terms}
    statements = set(whole.subjects(RDF.type, RDF.Statement))
    assert len(statements) == len(words.crosswalks)
    assert isomorphic(whole, read(site, "/vocabularies.jsonld"))


@pytest.mark.parametrize("name", ["action-lines", "regions", "sdgs", "igf-clusters"])
def test_a_vocabulary_fits_the_shapes(site: Client, name: str) -> None:
    fits, _, report = validate(read(site, f"/vocabularies/{name}.ttl"), shacl_graph=SHAPES)
    assert fits, report


def test_no_name_is_the_preferred_and_another_one_at_once(whole: Graph) -> None:
    """SKOS, section 5, S13 and S14."""
    for concept in whole.subjects(RDF.type, SKOS.Concept):
        preferred = list(whole.objects(concept, SKOS.prefLabel))
        assert len({label.language for label in preferred}) == len(preferred)  # type: ignore[attr-defined]
        assert not set(preferred) & set(whole.objects(concept, SKOS.altLabel))


def test_a_term_says_what_it_is_and_where_it_stands(whole: Graph) -> None:
    line = uri("action-lines", "C7-EGOV")
    assert (line, SKOS.broader, uri("action-lines", "C7")) in whole
    assert (uri("action-lines", "C7"), SKOS.narrower, line) in whole
    assert (line, SKOS.notation, Literal("C7-EGOV")) in whole
    assert (line, SKOS.topConceptOf, None) not in whole
    assert (uri("action-lines"), SKOS.hasTopConcept, uri("action-lines", "C7")) in whole
    assert (uri("countries", "KE"), SKOS.broadMatch, uri("regions", "014")) in whole
    assert (uri("countries", "KE"), SKOS.prefLabel, Literal("肯尼亚", lang="zh")) in whole
    assert list(whole.objects(uri("action-lines"), OWL.versionInfo))


def test_a_link_keeps_its_origin(whole: Graph, words: Vocabularies) -> None:
    for walk in words.crosswalks[:50] + words.crosswalks[-50:]:
        here, there = (
            uri(walk.from_vocabulary, walk.from_code),
            uri(walk.to_vocabulary, walk.to_code),
        )
        found = [
            s
            for s in whole.subjects(RDF.object, there)
            if (s, RDF.subject, here) in whole
            and (s, DCTERMS.type, Literal(walk.relation)) in whole
        ]
        (statement,) = found
        predicate = whole.value(statement, RDF.predicate)
        assert (here, predicate, there) in whole
        assert (statement, DCTERMS.provenance, Literal(walk.origin)) in whole
        assert (statement, DCTERMS.source, Literal(walk.source)) in whole


def test_the_address_of_a_term_leads_to_what_is_said_of_it(site: Client) -> None:
    def leads(address: str, accept: str) -> str:
        answer = site.get(address, headers={"Accept": accept}, follow_redirects=False)
        assert answer.status_code == 303 and "Accept" in answer.headers["vary"].split(",")
        return answer.headers["location"]

    assert leads("/vocabularies/action-lines/C5", "text/html") == "/action-lines/C5"
    assert leads("/vocabularies/sdgs/10.c", "*/*") == "/vocabularies/sdgs#10.c"
    assert leads("/vocabularies/roles/lead", "text/turtle") == "/vocabularies/roles.ttl"
    assert leads("/vocabularies/roles/lead", "application/ld+json") == "/vocabularies/roles.jsonld"
    assert 'id="10.c"' in site.get("/vocabularies/sdgs").text
    assert site.get("/vocabularies/roles/no-such-role").status_code == 404


@pytest.mark.parametrize("address", ["/vocabularies/none.ttl", "/vocabularies/none.jsonld"])
def test_a_vocabulary_that_there_is_not(site: Client, address: str) -> None:
    answer = site.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_file_is_made_once_for_each_state_of_the_lists(
    words: Vocabularies, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    real = skos.skos

    def counted(*arguments: Any) -> Graph:
        made.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(skos, "skos", counted)
    first = skos.write_skos(words, "levels", "ttl", "https://once.example")
    assert skos.write_skos(words, "levels", "ttl", "https://once.example") is first
    assert len(made) == 1


def test_every_relation_of_the_links_has_a_mapping(words: Vocabularies) -> None:
    assert {w.relation for w in words.crosswalks} == set(skos._MAPPINGS)
    assert not [m for m in skos._MAPPINGS.values() if not re.fullmatch(r"\w+Match", m)]


def test_labels_are_in_six_languages_and_say_who_worded_them(whole: Graph) -> None:
    concept = uri("policy-areas", "cybersecurity")
    found: Any = whole.objects(concept, SKOS.prefLabel)
    labels = {label.language: str(label) for label in found}
    assert set(labels) == {"ar", "en", "es", "fr", "ru", "zh"}
    assert labels["zh"] == "网络安全"
    notes = [str(note) for note in whole.objects(uri("policy-areas"), SKOS.note)]
    assert any("own translation" in note for note in notes)
