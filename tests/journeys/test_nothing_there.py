"""Where nothing is there, a sentence says so and a link leads on, and the link works."""

import re
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

from directory.settings import Settings
from tests.people import enter_as, quick_hashes  # noqa: F401

Client = TestClient[Any]

FOR_ALL = [
    "/search?q=zzzzqqq", "/search?page=999", "/search?kind=training&kind=&country=AQ&q=xyzzy",
    "/trainings?page=999", "/shortlist", "/compare", "/closing", "/action-lines/C8",
    "/match?policy_area=cryptocurrencies&must=policy_area&budget=1&currency=EUR&must=budget"
    "&language=zh&must=language",
    "/alerts",
]  # fmt: skip
FOR_CURATORS = [
    "/curation", "/curation/lists/drafts", "/curation/lists/review",
    "/curation/lists/drafts?q=zzz", "/curation/duplicates?q=zzzz", "/curation/duplicates/different",
    "/curation/merges", "/curation/reports", "/curation/requests", "/curation/feeds",
    "/curation/intake", "/account/tokens", "/account/webhooks", "/account/organisations",
    "/admin/audit?page=999", "/curation/trainings/ai-campus/history?page=999",
]  # fmt: skip
BEFORE_ANYTHING = ["/", "/search", "/trainings", "/programmes", "/organisations", "/sources"]


def ways_on(client: Client, address: str) -> list[str]:
    """Return where the page leads from where nothing is; empty when it says nothing."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    # The head of a page says it where the whole page is empty.
    said = re.findall(r'class="(?:nothing|lead)">(.*?)</(?:p|div)>', answer.text, re.DOTALL)
    said += re.findall(r'<p class="quiet">([^<]*<a.*?)</p>', answer.text, re.DOTALL)
    return [unescape(a) for text in said for a in re.findall(r'href="([^"]+)"', text)]


def leads_on(client: Client, address: str) -> None:
    links = ways_on(client, address)
    assert links, f"{address} leaves the reader alone"
    for link in links:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in client.get(address).text, (address, link)
        elif link.startswith("?"):
            assert client.get(address.partition("?")[0] + link).status_code == 200
        else:
            status = client.get(link.partition("#")[0], follow_redirects=True).status_code
            assert status == 200, (address, link)


@pytest.mark.parametrize("address", FOR_ALL)
def test_a_reader_who_finds_nothing_is_led_on(site: Client, address: str) -> None:
    leads_on(site, address)


@pytest.fixture
def admin(desk: Client, desk_settings: Settings) -> Client:
    enter_as(desk, desk_settings, "admin")
    return desk


def test_an_admin_with_nothing_to_do_is_led_on(admin: Client) -> None:
    for address in FOR_CURATORS:
        leads_on(admin, address)


def test_a_new_installation_leads_on_too(bare: Client) -> None:
    for address in BEFORE_ANYTHING:
        leads_on(bare, address)
