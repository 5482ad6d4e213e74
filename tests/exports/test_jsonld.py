"""A search engine reads our pages, and another program an entry, in the words of schema.org."""

import json
from pathlib import Path
from typing import Any

import extruct
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from pyshacl import validate
from rdflib import SDO, Graph

from directory.entries.kinds import KINDS, Kind
from directory.entries.vocabularies import Vocabularies
from directory.exports import schema_org
from directory.exports.jsonld import LinkedData, document, entry_node, write
from directory.exports.licences import licence_in
from directory.exports.schema_org import FAMILIES, FIELDS, TYPES, Left, Roles, To
from directory.settings import Settings
from tests.exports.conftest import FULL
from tests.exports.generated import an_entry, published

pytestmark = pytest.mark.filterwarnings("ignore:.*ConjunctiveGraph:DeprecationWarning")
"""The parser of rdflib itself."""

Client = TestClient[Any]
SITE = "http://testserver.local"
SHAPES = Graph().parse(Path(__file__).parent / "shapes.ttl")
# The real context is on the network; it makes an address of these, and text of everything else.
ADDRESSES = ("url", "sameAs", "targetUrl", "item", "license", "eventStatus", "eventAttendanceMode")
CONTEXT = {"@vocab": "https://schema.org/", **{n: {"@type": "@id"} for n in ADDRESSES}}
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def graph_of(data: dict[str, Any]) -> Graph:
    assert data["@context"] == "https://schema.org"
    return Graph().parse(data=json.dumps({**data, "@context": CONTEXT}), format="json-ld")


def faults(data: dict[str, Any]) -> str:
    """Return what does not fit the shapes, or an empty text."""
    fits, _, report = validate(graph_of(data), shacl_graph=SHAPES, advanced=True)
    return "" if fits else str(report)


def blocks(html: str) -> list[dict[str, Any]]:
    """Return what a crawler finds in a page."""
    found: list[dict[str, Any]] = extruct.extract(html, syntaxes=["json-ld"])["json-ld"]
    return found


def types_of(data: dict[str, Any]) -> list[str]:
    return [node["@type"] for node in data.get("@graph", [data])]


PAGES = {
    "/": ["WebSite"],
    "/trainings": ["ItemList", "BreadcrumbList"],
    "/organisations/gcsp": ["Organization", "BreadcrumbList"],
    "/organisations/cyberpeace-institute": ["NGO", "BreadcrumbList"],
    "/trainings/cyber-school-initiative": ["Course", "BreadcrumbList"],
    "/action-lines/C5": ["DefinedTerm", "BreadcrumbList"],
    "/policy-areas/cybersecurity": ["DefinedTerm", "BreadcrumbList"],
    "/vocabularies/audiences": ["DefinedTermSet", "BreadcrumbList"],
    "/about": ["WebPage"],
    "/search?q=cyber": ["WebPage"],
    "/sources/gcsp-profile": ["WebPage"],
}


@pytest.mark.parametrize(("address", "expected"), PAGES.items())
def test_a_crawler_reads_every_public_page(site: Client, address: str, expected: list[str]) -> None:
    (data,) = blocks(site.get(address).text)
    assert types_of(data) == expected
    assert not faults(data)


@pytest.mark.parametrize("address", ["/account/sign-in", "/report", "/nothing-here", "/claim"])
def test_pages_for_one_person_and_errors_say_nothing_to_crawlers(
    site: Client, address: str
) -> None:
    assert not blocks(site.get(address).text)


def test_what_a_visitor_types_is_no_markup(site: Client) -> None:
    typed = "</script><script>alert(1)</script>"
    html = site.get("/search", params={"q": typed}).text
    assert "<script>alert" not in html
    (data,) = blocks(html)
    assert data["name"].startswith(typed)


def test_the_file_says_the_same_as_the_page(site: Client) -> None:
    address = "/trainings/cyber-school-initiative"
    answer = site.get(f"{address}.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    (data,) = blocks(site.get(address).text)
    assert answer.json() == {"@context": data["@context"], **data["@graph"][0]}


def test_every_seeded_entry_fits_the_shapes(site: Client) -> None:
    """All in one graph, as an aggregator would hold them."""
    nodes = []
    for kind in KINDS.values():
        for item in site.get(f"/api/v1/{kind.path}?per_page=100").json()["items"]:
            nodes.append(site.get(f"{item['url']}.jsonld").json())
    whole = {"@context": "https://schema.org", "@graph": nodes}
    for node in nodes:
        del node["@context"]
    assert len(nodes) > 250
    assert not faults(whole)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_an_entry_with_every_field_fits_the_shapes(full: Client, kind: Kind) -> None:
    data = full.get(f"{kind.url(FULL)}.jsonld").json()
    assert not faults(data)


def test_a_dated_course_says_when_where_and_for_how_much(full: Client) -> None:
    node = full.get(f"/trainings/{FULL}.jsonld").json()
    (run,) = node["hasCourseInstance"]
    assert (run["startDate"], run["endDate"]) == ("2027-03-01", "2027-03-05")
    assert run["offers"][0]["validThrough"] == "2027-02-01"
    assert run["offers"][0]["price"] == "100.00" and run["offers"][0]["priceCurrency"] == "CHF"
    assert run["maximumAttendeeCapacity"] == 20
    lines = [
        a for a in node["educationalAlignment"] if a["educationalFramework"].startswith("WSIS")
    ]
    assert lines[0]["targetUrl"] == f"{SITE}/vocabularies/action-lines/C1"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_every_public_field_is_said_or_left_with_a_reason(kind: Kind) -> None:
    assert not set(kind.public_fields) - set(FIELDS)
    for name in kind.public_fields:
        rules = FIELDS[name]
        assert not isinstance(rules, Left) or len(rules.reason) > 15
    known = {name for k in KINDS.values() for name in k.fields}
    assert not set(FIELDS) - known, "a field that is no more"


def test_every_property_and_type_is_one_of_schema_org() -> None:
    said = {t for general, by_code in TYPES.values() for t in (general, *by_code.values())}
    assert said <= set(FAMILIES)
    for rules in FIELDS.values():
        if isinstance(rules, To):
            rules = (rules,)
        if isinstance(rules, tuple):
            said |= {
                p.removeprefix(schema_org.INSTANCE) for r in rules for p in r.properties.values()
            }
        elif isinstance(rules, Roles):
            said |= {p for by_family in rules.properties.values() for p in by_family.values()}
    assert [name for name in said if name not in SDO] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_every_code_of_the_kind_of_an_entry_has_a_type(kind: Kind, words: Vocabularies) -> None:
    vocabulary = kind.fields[kind.kind_field].vocabulary
    assert vocabulary
    assert set(TYPES[kind.name][1]) == set(words.terms[vocabulary])


def test_every_role_is_said_where_schema_org_has_a_word(words: Vocabularies) -> None:
    relations = FIELDS["relations"]
    assert isinstance(relations, Roles)
    assert set(relations.properties) == set(words.terms["roles"])


@QUIET
@given(st.data())
def test_whatever_an_entry_says_it_fits_the_shapes(
    words: Vocabularies, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(list(KINDS.values())))
    entry = data.draw(published(kind, words))
    node = document(entry_node(entry, words, SITE))
    assert json.loads(write(node)) == node
    assert not faults(node)
    assert "not-public" not in write(node)


@QUIET
@given(st.data())
def test_nothing_in_an_entry_leaves_its_element(words: Vocabularies, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(KINDS.values())))
    entry = data.draw(published(kind, words))
    linked = LinkedData(Settings(base_url=SITE))
    element = str(linked.entry(entry, words))
    inside = element.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set(inside) & set("<>&\u2028\u2029")
    (found,) = blocks(f"<html><head>{element}</head></html>")
    assert found["@graph"][0]["name"] == entry.entry.title


def test_an_event_that_takes_place_once_has_its_own_dates(words: Vocabularies) -> None:
    training = KINDS["training"]
    run = {"label": "May", "start": "2027-05-04", "end": "2027-05-04", "cancelled": True}
    profile = {"title": "A talk", "training_kind": "webinar-briefing", "mode": "online-live"}
    once = entry_node(an_entry(training, {**profile, "runs": [run]}), words, SITE)
    assert once["@type"] == "EducationEvent" and once["startDate"] == "2027-05-04"
    assert once["eventStatus"] == "https://schema.org/EventCancelled"
    twice = entry_node(an_entry(training, {**profile, "runs": [run, run]}), words, SITE)
    assert "startDate" not in twice and len(twice["subEvent"]) == 2
    assert not faults(document(once)) and not faults(document(twice))


def test_identifiers_become_addresses_only_where_they_fit(words: Vocabularies) -> None:
    identifiers = [
        {"scheme": "ror", "value": "01swzsf04"},
        {"scheme": "wikidata", "value": "Q42"},
        {"scheme": "wikidata", "value": "forty-two"},
        {"scheme": "digital-watch", "value": "https://dig.watch/actor/x"},
    ]
    profile = {"name": "Somebody", "identifiers": identifiers}
    node = entry_node(an_entry(KINDS["organisation"], profile), words, SITE)
    assert node["sameAs"] == [
        "https://ror.org/01swzsf04",
        "https://www.wikidata.org/entity/Q42",
        "https://dig.watch/actor/x",
    ]
    assert node["identifier"]["value"] == "forty-two"


def test_a_school_is_one_only_when_it_says_that_it_gives_degrees(words: Vocabularies) -> None:
    profile = {"name": "Institute", "organisation_type": "academia", "services": ["course"]}
    node = entry_node(an_entry(KINDS["organisation"], profile), words, SITE)
    assert node["@type"] == "Organization"
    profile["services"] = ["degree"]
    node = entry_node(an_entry(KINDS["organisation"], profile), words, SITE)
    assert node["@type"] == "EducationalOrganization"


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("CC BY 4.0", "CC-BY-4.0"),
        ("Creative Commons BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"),
        ("https://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-3.0"),
        ("CC0 1.0", "CC0-1.0"),
        ("CC BY", None),
        ("CC BY 4.0, texts CC BY-NC 4.0", None),
        ("May be reused with permission", None),
        ("All rights reserved", None),
    ],
)
def test_a_licence_is_known_only_by_its_whole_name(text: str, identifier: str | None) -> None:
    found = licence_in(text)
    assert (found.identifier if found else None) == identifier
