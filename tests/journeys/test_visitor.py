"""What a visitor does, over HTTP, in words that stand on the pages."""

import re
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

Site = TestClient[Any]


def text(html: str) -> str:
    """Return what a reader sees: no tags, one space between words."""
    body = html[html.index("<main") :] if "<main" in html else html
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def first_result(html: str) -> str:
    links: list[str] = re.findall(r'<h2><a href="([^"]+)">', html)
    return links[0]


def test_an_ngo_finds_free_cybersecurity_help_in_two_steps(site: Site) -> None:
    home = site.get("/").text
    assert "free cybersecurity help for an NGO" in home
    found = site.get("/search", params={"q": "free cybersecurity help for an NGO"}).text
    assert first_result(found) == "/trainings/cyberpeace-builders"
    entry = text(site.get("/trainings/cyberpeace-builders").text)
    assert "What it costs Free" in entry
    assert "How to get it" in entry


def test_an_officer_filters_trainings_by_action_line(site: Site) -> None:
    page = site.get("/search", params={"kind": "training", "action_line": "C5"})
    assert page.status_code == 200
    links = re.findall(r'<h2><a href="([^"]+)">', page.text)
    assert links and all(link.startswith("/trainings/") for link in links)
    for link in links[:5]:
        assert "/action-lines/C5" in site.get(link).text


def test_the_contradiction_of_the_cyber_school_is_in_view(site: Site) -> None:
    seen = text(site.get("/trainings/cyber-school-initiative").text)
    assert "the source gives two answers" in seen
    assert "99 certified" in seen and "152 women and 48 men" in seen


def test_an_action_line_leads_to_paragraph_59_of_the_outcome(site: Site) -> None:
    line = site.get("/action-lines/C4").text
    address = "/sources/wsis-plus-20-outcome#p59"
    assert f'href="{address}"' in line
    assert '<li id="p59">' in site.get(address.split("#")[0]).text


def test_what_no_source_states_is_said_so(site: Site) -> None:
    seen = text(site.get("/trainings/cyber-school-initiative").text)
    assert "What it costs Not stated in the CyberPeace Institute profile" in seen


def test_every_value_opens_its_origin(site: Site) -> None:
    html = site.get("/trainings/general-cybersecurity-assessment").text
    assert re.search(r'href="/sources/cyberpeace-institute-profile#p\d+"', html)
    assert "our reading" in html


def test_an_acronym_puts_its_organisation_first(site: Site) -> None:
    assert first_result(site.get("/search", params={"q": "GCSP"}).text) == "/organisations/gcsp"


@pytest.mark.parametrize(
    "path",
    [
        "/trainings/nothing",
        "/nowhere",
        "/sources/none",
        "/action-lines/C99",
        "/policy-areas/x",
        "/vocabularies/none",
    ],
)
def test_an_address_that_leads_nowhere_offers_a_search(site: Site, path: str) -> None:
    page = site.get(path)
    assert page.status_code == 404
    assert 'action="/search"' in page.text
    assert "content-security-policy" in page.headers


@pytest.mark.parametrize(
    "asked",
    [
        "(",
        '"',
        "a AND",
        "NOT",
        "*",
        "title:x",
        "\\",
        "a" * 10_000,
        "\x00\x07",
        "🦆",
        "' OR 1=1",
        "[2 TO",
        "~~",
        "^2",
        "é" * 500,
    ],
)
def test_no_query_breaks_the_page(site: Site, asked: str) -> None:
    page = site.get("/search", params={"q": asked})
    assert page.status_code == 200
    assert "<h1>" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "page=-3",
        "page=x",
        "page=99999999999999999999",
        "per_page=0",
        "sort=none",
        "kind=circus",
        "action_line=C99",
        "nonsense=1",
        "page=2&page=3",
    ],
)
def test_a_page_repairs_parameters_that_do_not_fit(site: Site, query: str) -> None:
    assert site.get(f"/search?{query}").status_code == 200


def test_a_text_with_markup_is_shown_as_text(site: Site) -> None:
    page = site.get("/search", params={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_pages_do_not_follow_a_visitor(site: Site) -> None:
    for path in ("/", "/search?q=a", "/trainings", "/organisations/gcsp", "/nowhere"):
        assert "set-cookie" not in site.get(path).headers, path


PAGES = [
    "/", "/search", "/trainings", "/programmes", "/organisations", "/organisations/gcsp",
    "/programmes/cyberpeace-builders", "/trainings/ai-campus", "/policy-areas",
    "/policy-areas/cybersecurity", "/action-lines", "/action-lines/C7", "/action-lines/C7-EGOV",
    "/vocabularies", "/vocabularies/countries", "/sources", "/sources/tunis-agenda", "/about",
    "/accessibility", "/account/sign-in", "/shortlist?entry=ai-campus&entry=gcsp", "/shortlist",
    "/compare?entry=ai-campus&entry=gcsp&entry=x", "/compare", "/search?q=ai&entry=gcsp",
]  # fmt: skip


@pytest.mark.parametrize(("name", "counted"), [("policy-areas", True), ("phrases", False)])
def test_a_list_counts_entries_where_entries_can_carry_its_terms(
    site: Site, name: str, counted: bool
) -> None:
    assert (">Entries</th>" in site.get(f"/vocabularies/{name}").text) is counted


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_a_title_and_one_heading_and_asks_no_other_host(site: Site, path: str) -> None:
    page = site.get(path)
    assert page.status_code == 200
    assert re.search(r"<title>[^<]{5,}</title>", page.text)
    assert page.text.count("<h1") == 1
    assert not re.search(r'(?:src|srcset|data)="https?://', page.text)
    assert not re.search(r'<link (?!rel="alternate")[^>]+href="https?://', page.text)
    assert not re.search(r"\sstyle=|\son[a-z]+=", page.text), "the policy forbids inline code"


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(site: Site, path: str) -> None:
    for link in sorted(set(re.findall(r'href="(/[^"#]*)', site.get(path).text)))[:60]:
        answer = site.get(unescape(link), follow_redirects=True)
        assert answer.status_code == 200, link
    # One of them asked for another language, which the next test must not see.
    site.cookies.clear()


def test_machines_that_watch_get_plain_answers(site: Site) -> None:
    assert site.get("/healthz").text == "ok\n"
    assert site.get("/readyz").text == "ready\n"
    assert "Sitemap: " in site.get("/robots.txt").text
    assert "Contact: " in site.get("/.well-known/security.txt").text
    assert "/organisations/gcsp</loc>" in site.get("/sitemap.xml").text


def test_the_list_of_a_kind_names_every_entry(site: Site) -> None:
    total = site.get("/api/v1/organisations").json()["total"]
    listed = set()
    for number in range(1, total // 50 + 2):
        html = site.get("/organisations", params={"page": number}).text
        listed |= set(re.findall(r'<h2><a href="(/organisations/[^"]+)"', html))
    assert len(listed) == total


def test_head_answers_like_get(site: Site) -> None:
    whole, head = site.get("/about"), site.head("/about")
    assert head.status_code == 200 and head.content == b""
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_typing_gets_only_the_part_of_the_page_that_changes(site: Site) -> None:
    part = site.get("/search", params={"q": "cyber"}, headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div id="found">')
    assert part.headers["HX-Replace-Url"] == "/search?q=cyber"
    assert "HX-Request" in part.headers["Vary"]


def test_going_back_gets_the_whole_page(site: Site) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<!doctype html>" in site.get("/search?q=cyber", headers=headers).text
