"""Linked data: entries, vocabularies and the description of the whole, as graphs."""

import json
from pathlib import Path
from typing import Any

from pyshacl import validate
from rdflib import RDF, Graph, Namespace
from rdflib.namespace import DCAT, SKOS

from tests.interop.registry import row
from tests.interop.site import Absent, Site

SCHEMA = Namespace("https://schema.org/")
SHAPES = Path(__file__).with_name("shapes.ttl")
KINDS = ("organisations", "programmes", "trainings")
SOME = 20
ACTION_LINES = 11


def check(graph: Graph, errors: list[str], what: str) -> None:
    """Add what the shapes do not accept."""
    fits, _, words = validate(graph, shacl_graph=str(SHAPES), advanced=False)
    if not fits:
        errors.append(f"{what}: {words}")


def json_ld(text: str, errors: list[str], what: str) -> Graph:
    """Read JSON-LD of schema.org without fetching its context from the network."""
    found: Any = json.loads(text)
    context = found.pop("@context", None)
    if "schema.org" not in json.dumps(context):
        errors.append(f"{what}: the context is {context}")
    local = {"@vocab": str(SCHEMA), "url": {"@type": "@id"}, "id": "@id", "type": "@type"}
    return Graph().parse(data=json.dumps({"@context": local, **found}), format="json-ld")


@row("JSON-LD, schema.org", "/{kind}/{slug}.jsonld", "pyshacl")
def entries(site: Site, errors: list[str]) -> int:
    """Read some entries of each kind and check them against our shapes."""
    read, whole = 0, Graph()
    for kind in KINDS:
        for slug in site.slugs(kind, SOME):
            path = f"/{kind}/{slug}.jsonld"
            graph = json_ld(site.get(path).text, errors, path)
            if not len(graph):
                errors.append(f"{path} says nothing")
            whole += graph
            read += 1
    check(whole, errors, "shapes")
    if not any(whole.triples((None, RDF.type, SCHEMA.Course))):
        errors.append("there is no Course")
    return read


def _vocabulary(site: Site, errors: list[str], name: str, ending: str, format: str) -> int:
    path = f"/vocabularies/{name}.{ending}"
    graph = Graph().parse(data=site.get(path).text, format=format)
    check(graph, errors, path)
    schemes = set(graph.subjects(RDF.type, SKOS.ConceptScheme))
    concepts = set(graph.subjects(SKOS.inScheme, None))
    if not schemes:
        errors.append(f"{path} has no scheme")
    held = len(site.json(f"/api/v1/vocabularies/{name}")["items"])
    if len(concepts) != held:
        errors.append(f"{path} has {len(concepts)} concepts of {held}")
    return len(concepts)


def _names(site: Site) -> list[str]:
    """Return the names of the vocabularies that are sure to be there."""
    found = ["action-lines", "policy-areas", "audiences", "countries", "languages"]
    for name in found:
        site.json(f"/api/v1/vocabularies/{name}")
    return found


@row("SKOS, Turtle", "/vocabularies/{name}.ttl", "rdflib")
def skos_turtle(site: Site, errors: list[str]) -> int:
    """Read the vocabularies, and find as many concepts as the API has terms."""
    return sum(_vocabulary(site, errors, name, "ttl", "turtle") for name in _names(site))


@row("SKOS, JSON-LD", "/vocabularies/{name}.jsonld", "rdflib")
def skos_json_ld(site: Site, errors: list[str]) -> int:
    """Read the same in the other notation: it says the same."""
    read = sum(_vocabulary(site, errors, name, "jsonld", "json-ld") for name in _names(site))
    one = Graph().parse(data=site.get("/vocabularies/action-lines.ttl").text, format="turtle")
    text = site.get("/vocabularies/action-lines.jsonld").text
    other = Graph().parse(data=text, format="json-ld")
    if len(one) != len(other):
        errors.append(f"action lines: {len(one)} statements in Turtle, {len(other)} in JSON-LD")
    return read


@row("DCAT", "/catalog.ttl", "pyshacl")
def dcat(site: Site, errors: list[str]) -> int:
    """Read the description of the whole, and open what it says can be downloaded."""
    graph = Graph().parse(data=site.get("/catalog.ttl").text, format="turtle")
    check(graph, errors, "shapes")
    if not any(graph.triples((None, RDF.type, DCAT.Catalog))):
        errors.append("there is no catalogue")
    for url in map(str, graph.objects(None, DCAT.downloadURL)):
        if url.startswith(site.address):
            try:
                site.get(url.removeprefix(site.address))
            except Absent:
                errors.append(f"there is nothing at {url}")
    return len(set(graph.subjects(RDF.type, DCAT.Distribution)))
