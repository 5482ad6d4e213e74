"""A visitor without an account keeps a few entries in the address, and takes them along."""

import csv
import io
import re
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

from directory.entries.kinds import TRAINING
from directory.entries.models import Redirect
from directory.entries.queries import find_published
from directory.settings import Settings
from tests.journeys.test_visitor import text
from tests.people import writing

Site = TestClient[Any]

SCHOOL, BUILDERS = "training/cyber-school-initiative", "training/cyberpeace-builders"
GCSP = "organisation/gcsp"


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', html)]


def listed(html: str) -> list[str]:
    """Return the paths of the entries that a page lists, without what they carry along."""
    return [link.split("?")[0] for link in re.findall(r'<h2><a href="([^"]+)"', html)]


def pressed(site: Site, html: str, name: str, value: str) -> Any:
    """Press the button of a card, as a browser without scripts does."""
    assert re.search(rf'<button[^>]*form="pick"[^>]*name="{name}" value="{value}"', html)
    form = re.search(r'<form id="pick" action="([^"#]+)[^>]*>(.*?)</form>', html, re.DOTALL)
    assert form
    beside = "".join(re.findall(r'<input type="hidden" form="pick"[^>]*>', html))
    fields = re.findall(r'name="([^"]*)" value="([^"]*)"', beside + form[2])
    return site.get(form[1], params=[*((n, unescape(v)) for n, v in fields), (name, value)])


def test_a_first_entry_begins_a_list_and_a_search_goes_on_with_it(site: Site) -> None:
    entry = site.get("/trainings/cyber-school-initiative").text
    begun = f"/shortlist?entry={SCHOOL}"
    assert begun in links(entry) and "Add to shortlist" in text(entry)
    page = site.get(begun).text
    assert "Shortlist: 1 entry" in text(page)
    assert listed(page) == ["/trainings/cyber-school-initiative"]
    assert f'<input type="hidden" name="entry" value="{SCHOOL}">' in page
    found = site.get("/search", params={"q": "cyberpeace", "entry": SCHOOL}).text
    assert "Your shortlist: 1 entry" in text(found)
    added = pressed(site, found, "add", BUILDERS)
    assert added.request.url.params.get_list("entry") == [SCHOOL, BUILDERS]
    assert added.request.url.params["q"] == "cyberpeace"
    assert "add" not in added.request.url.params
    assert f"/shortlist?entry={SCHOOL}&entry={BUILDERS}" in links(added.text)


def test_a_list_does_not_change_what_a_search_finds(site: Site) -> None:
    plain = site.get("/search", params={"q": "cyber"}).text
    with_list = site.get("/search", params={"q": "cyber", "entry": [BUILDERS, GCSP]}).text
    assert listed(plain) == listed(with_list)
    again = site.get("/search", params={"q": "cyber"}).text
    assert again == plain, "what is kept of a card must not know whose list it was drawn for"


def test_every_step_of_a_search_takes_the_list_along(site: Site) -> None:
    asked = {"q": "cyber", "kind": "training", "per_page": "5", "entry": BUILDERS}
    page = site.get("/search", params=asked).text
    steps = [link for link in links(page) if link.startswith("/search?") and "per_page" in link]
    assert any("page=2" in link for link in steps)
    assert steps and all(f"entry={BUILDERS}" in link for link in steps)
    ways = re.findall(r'<h2><a href="([^"]+)"', page)
    assert ways and all(way.endswith(f"?entry={BUILDERS}") for way in ways)
    entry = site.get(ways[0]).text
    assert f"/search?entry={BUILDERS}" in links(entry)
    assert any(li.startswith(f"/shortlist?entry={BUILDERS}&entry=training/") for li in links(entry))


def test_adding_stays_on_the_page_of_results_one_is_on(site: Site) -> None:
    page = site.get("/search?kind=training&per_page=5&page=2").text
    value = re.findall(r'name="add" value="([^"]+)" id="pick', page)[0]
    added = pressed(site, page, "add", value)
    assert listed(added.text) == listed(page)


def test_an_entry_is_taken_off_again_in_a_search_and_on_the_list(site: Site) -> None:
    asked = {"q": "cyberpeace", "entry": [BUILDERS, GCSP]}
    left = pressed(site, site.get("/search", params=asked).text, "remove", BUILDERS)
    assert left.request.url.params.get_list("entry") == [GCSP]
    assert "remove" not in left.request.url.params
    page = site.get("/shortlist", params={"entry": [BUILDERS, GCSP]}).text
    left = pressed(site, page, "remove", BUILDERS)
    assert str(left.request.url).endswith(f"/shortlist?entry={GCSP}")
    assert listed(left.text) == ["/organisations/gcsp"]
    nothing = pressed(site, left.text, "remove", GCSP)
    assert "Nothing is on the list yet" in text(nothing.text)


def test_the_address_is_there_to_copy_and_is_the_list(site: Site) -> None:
    page = site.get("/shortlist", params={"entry": [SCHOOL, "gcsp"]}).text
    address = unescape(re.findall(r'<input readonly value="([^"]+)"', page)[0])
    assert address == f"http://testserver.local/shortlist?entry={SCHOOL}&entry={GCSP}"
    assert listed(site.get(address).text) == listed(page)


def test_the_list_can_be_taken_away_in_its_order(site: Site) -> None:
    asked = {"entry": [GCSP, SCHOOL, "no-such-entry", BUILDERS]}
    table = site.get("/shortlist.csv", params=asked)
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
    assert [f"{row['kind']}/{row['slug']}" for row in rows] == [GCSP, SCHOOL, BUILDERS]
    assert table.headers["content-disposition"] == 'attachment; filename="shortlist.csv"'
    data = site.get("/shortlist.json", params=asked).json()
    assert data["query"] == f"/shortlist?entry={GCSP}&entry={SCHOOL}&entry={BUILDERS}"
    assert data["total"] == 3
    assert data["items"][0] == site.get("/api/v1/organisations/gcsp").json()


def test_an_empty_list_is_a_page_and_a_file(site: Site) -> None:
    assert "Nothing is on the list yet" in text(site.get("/shortlist").text)
    assert site.get("/shortlist.json").json()["items"] == []
    assert len(site.get("/shortlist.csv").text.splitlines()) == 1


def test_a_list_that_is_too_long_is_cut_and_says_so(site: Site) -> None:
    slugs = [item["slug"] for item in site.get("/api/v1/trainings?per_page=60").json()["items"]]
    assert len(slugs) == 60
    page = site.get("/shortlist", params={"entry": [f"training/{slug}" for slug in slugs]}).text
    assert len(listed(page)) == 50
    assert "A list holds 50 entries; the 10 last are left out." in text(page)


def test_an_old_address_of_an_entry_keeps_the_list(desk: Site, desk_settings: Settings) -> None:
    with writing(desk_settings) as session:
        entry = find_published(session, TRAINING, "cyberpeace-builders")
        session.add(Redirect(kind="training", slug="builders-of-old", entry_id=entry.id))
    moved = desk.get("/trainings/builders-of-old", params={"entry": GCSP}, follow_redirects=False)
    assert moved.headers["location"] == f"/trainings/cyberpeace-builders?entry={GCSP}"
    page = desk.get("/shortlist?entry=training/builders-of-old").text
    assert listed(page) == ["/trainings/cyberpeace-builders"]


def test_the_api_has_no_shortlist(site: Site) -> None:
    answer = site.get("/api/v1/search", params={"entry": GCSP})
    assert answer.status_code == 400 and "entry" in answer.text


ODD = [
    "entry=", "entry=%00", "entry=%ED%A0%80", "entry=../../etc/passwd", "entry=training/",
    "entry=/", "entry=circus/x", "entry=Training/CYBER", "entry=%3Cscript%3Ealert(1)%3C/script%3E",
    "entry=" + "a" * 5000, "&".join(f"entry=x{n}" for n in range(500)), "entry[]=1", "remove=",
    "remove=%00&entry=gcsp", "entry=%F0%9F%98%80", "entry=a%0D%0ASet-Cookie:%20x=1", "&&&==",
    "entry=' OR 1=1 --", "entry=1&entry=1&entry=1", "remove=training/x", "add=gcsp",
    "add=%00&remove=%00", "lang=%00&entry=%0A",
]  # fmt: skip


@pytest.mark.parametrize("query", ODD)
@pytest.mark.parametrize("path", ["/shortlist", "/compare", "/search", "/trainings/ai-campus"])
def test_an_odd_address_is_a_page_that_says_what_it_could_not_read(
    site: Site, path: str, query: str
) -> None:
    page = site.get(f"{path}?{query}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("query", ODD)
@pytest.mark.parametrize("path", ["/shortlist.csv", "/shortlist.json", "/compare.csv"])
def test_an_odd_address_is_still_a_file(site: Site, path: str, query: str) -> None:
    assert site.get(f"{path}?{query}").status_code == 200
