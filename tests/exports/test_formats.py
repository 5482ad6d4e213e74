"""What is given out is declared once, and found wherever one looks for it."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from rdflib import DCAT, DCTERMS, Graph, URIRef

from directory.entries.kinds import KINDS
from directory.exports.formats import FORMATS, OF_A_SEARCH, Format, files_of, services
from directory.web.origins import OPEN_ENDINGS
from tests.exports.test_dcat import SITE

Client = TestClient[Any]

pytestmark = pytest.mark.filterwarnings("ignore:.*ConjunctiveGraph:DeprecationWarning")

ELSEWHERE = ("/admin", "/account", "/curation", "/shortlist.", "/compare.", "/gaps/", "/api/",
             "/hsds/")  # fmt: skip
"""Files of a desk, of what one person chose, of one drawing, and descriptions of services."""
OF_AN_ENTRY = {"/trainings/cyber-school-initiative.jsonld"}


@pytest.mark.parametrize("format", [f for f in FORMATS if f.media_type], ids=lambda f: f.name)
def test_a_file_is_sent_as_what_is_said_of_it(site: Client, format: Format) -> None:
    answer = site.get(format.address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == format.media_type


def test_no_file_that_everybody_may_have_is_left_out(site: Client) -> None:
    app: Any = site.app
    while not isinstance(app, Litestar):
        app = next(c.cell_contents for c in app.__closure__ if callable(c.cell_contents))
    paths = {route.path for route in app.routes}
    files = {p for p in paths if p.endswith(OPEN_ENDINGS) and not p.startswith(ELSEWHERE)}
    assert files == {f.address for f in FORMATS if f.address.endswith(OPEN_ENDINGS)} - OF_AN_ENTRY


def test_portals_find_what_the_page_for_developers_shows(site: Client) -> None:
    catalogue = Graph().parse(data=site.get("/catalog.ttl").content, format="turtle")
    page = site.get("/developers").text
    for data_set in ("entries", "vocabularies", *(k.path for k in KINDS.values())):
        node = URIRef(f"{SITE}/catalog#{data_set}")
        of = {
            str(catalogue.value(one, DCTERMS.description))
            for one in catalogue.objects(node, DCAT.distribution)
        }
        assert of == {format.words for format in files_of(data_set)}
    endpoints = {str(o).removeprefix(SITE) for o in catalogue.objects(None, DCAT.endpointURL)}
    assert endpoints == {service.address for service in services()}
    for format in FORMATS:
        assert format.name in page and format.words in page


@pytest.mark.parametrize("address", ["/search?q=cyber", "/policy-areas/cybersecurity"])
def test_what_one_found_can_be_taken_away_in_every_format(site: Client, address: str) -> None:
    page = site.get(address).text
    for format in OF_A_SEARCH:
        ending = format.address.removeprefix("/search")
        assert f"{ending}?" in page or f'{ending}"' in page, format.name


def test_the_result_of_a_search_is_announced_to_readers_of_feeds(site: Client) -> None:
    page = site.get("/search?q=cyber&sort=title").text
    assert '<link rel="alternate" type="application/atom+xml" title="cyber" ' in page
    assert 'href="/search.atom?q=cyber"' in page
    assert 'href="/search.csv?q=cyber&amp;sort=title"' in page
