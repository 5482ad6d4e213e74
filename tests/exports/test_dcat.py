"""An open-data portal reads what there is to take away."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from litestar.testing import TestClient
from pyshacl import validate
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, URIRef
from rdflib.compare import isomorphic

from directory.entries.kinds import KINDS

pytestmark = pytest.mark.filterwarnings("ignore:.*ConjunctiveGraph:DeprecationWarning")
"""The parser and the writer of rdflib itself."""

Client = TestClient[Any]
SITE = "http://testserver.local"
SHAPES = Graph().parse(Path(__file__).parent / "dcat_shapes.ttl")


@pytest.fixture(scope="module")
def catalogue(site: Client) -> Graph:
    answer = site.get("/catalog.ttl")
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    return Graph().parse(data=answer.content, format="turtle")


def test_a_portal_finds_what_it_asks_for(catalogue: Graph) -> None:
    fits, _, report = validate(catalogue, shacl_graph=SHAPES)
    assert fits, report


def test_both_ways_of_writing_say_the_same(site: Client, catalogue: Graph) -> None:
    answer = site.get("/catalog.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    assert isomorphic(catalogue, Graph().parse(data=answer.content, format="json-ld"))


def test_the_whole_each_kind_and_the_vocabularies_are_data_sets(catalogue: Graph) -> None:
    expected = {"entries", "vocabularies", *(k.path for k in KINDS.values())}
    found = set(catalogue.objects(URIRef(f"{SITE}/catalog"), DCAT.dataset))
    assert found == {URIRef(f"{SITE}/catalog#{name}") for name in expected}
    assert set(catalogue.subjects(RDF.type, DCAT.Dataset)) == found


def test_every_address_answers_with_what_is_promised(site: Client, catalogue: Graph) -> None:
    for one in catalogue.subjects(RDF.type, DCAT.Distribution):
        url = urlsplit(str(catalogue.value(one, DCAT.downloadURL)))
        answer = site.get(f"{url.path}?{url.query}")
        promised = str(catalogue.value(one, DCAT.mediaType)).partition("media-types/")[2]
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(promised), url.path
    for predicate in (DCAT.landingPage, DCAT.endpointDescription, FOAF.homepage):
        for address in catalogue.objects(None, predicate):
            assert site.get(urlsplit(str(address)).path).status_code == 200


def test_no_licence_is_made_up(catalogue: Graph) -> None:
    assert not list(catalogue.subject_objects(DCTERMS.license))
    assert not list(catalogue.subject_objects(DCTERMS.rights))


def test_the_address_of_the_catalogue_leads_to_its_file(site: Client) -> None:
    answer = site.get("/catalog", headers={"Accept": "application/ld+json"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/catalog.jsonld")
    assert site.get("/catalog", follow_redirects=False).headers["location"] == "/catalog.ttl"
