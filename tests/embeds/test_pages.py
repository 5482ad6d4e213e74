"""A webmaster makes a snippet; a visitor of that website reads what is in the frame."""

import re
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

from directory.embeds.query import MOST_ENTRIES, Embed

Client = TestClient[Any]
FRAMED = ["/embed/list", "/embed/list?kind=training&per_page=3", "/embed/search?kind=training"]
REFUSE = [
    "/",
    "/search",
    "/embed",
    "/embed/theme.css",
    "/embed/nothing",
    "/account/sign-in",
    "/mcp",
]


def snippets(site: Client, query: str) -> dict[str, str]:
    found = re.findall(
        r'aria-labelledby="s-(\w+)">(.*?)</textarea>', site.get(f"/embed?{query}").text, re.S
    )
    return {name: unescape(text) for name, text in found}


def address_in(snippet: str) -> str:
    found = re.search(r'src="http://testserver.local([^"]+)"', snippet)
    assert found
    return unescape(found[1])


@pytest.mark.parametrize("address", FRAMED)
def test_any_site_may_frame_it_and_it_leaves_nothing_behind(site: Client, address: str) -> None:
    answer = site.get(address, headers={"Cookie": "session=attacker"})
    assert answer.status_code == 200
    assert "frame-ancestors *;" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers
    assert "cookie" not in answer.headers.get("vary", "").lower()
    # Nothing that could be clicked by mistake changes anything: links, and one form that asks.
    assert not re.search(r"<form[^>]*post|<button[^>]*name=|_csrf_token", answer.text)


@pytest.mark.parametrize("address", REFUSE)
def test_no_other_page_may_be_framed(site: Client, address: str) -> None:
    policy = site.get(address).headers["content-security-policy"]
    assert "frame-ancestors 'none';" in policy


@pytest.mark.parametrize("address", FRAMED)
def test_what_a_browser_keeps_may_still_be_framed(site: Client, address: str) -> None:
    first = site.get(address)
    again = site.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    # A browser takes the headers of a 304 over to what it keeps.
    for name in ("content-security-policy", "cross-origin-resource-policy"):
        assert again.headers[name] == first.headers[name]


def test_the_list_is_what_the_search_finds(site: Client) -> None:
    query = "kind=training&action_line=C5&sort=title"
    api = site.get(f"/api/v1/search?{query}&per_page=4").json()
    shown = site.get(f"/embed/list?{query}&per_page=4").text
    assert re.findall(r'<a href="(/trainings/[^"]+)"', shown) == [i["url"] for i in api["items"]]
    assert f"See all {api['total']} at" in shown
    links = re.findall(r"<a [^>]+>", shown)
    assert links and all('target="_blank" rel="noopener"' in link for link in links)
    here = site.get(f"/embed/list?{query}&links=here").text
    assert all('target="_top"' in link for link in re.findall(r"<a [^>]+>", here))


def test_a_list_is_short_and_bad_parameters_break_nothing(site: Client) -> None:
    assert site.get("/embed/list?per_page=100").text.count("<li>") == MOST_ENTRIES
    odd = "page=9&per_page=0&kind=planet&policy_area=zz&theme=%00&accent=%22%3E&links=%ff&q=%00"
    answer = site.get(f"/embed/list?{odd}")
    assert answer.status_code == 200 and "Nothing is listed that fits" in answer.text
    assert site.get(f"/embed/search?{odd}").status_code == 200
    assert site.get(f"/embed?{odd}").status_code == 422


def test_words_of_an_address_are_only_ever_text(site: Client) -> None:
    evil = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    query = f"q={evil}&provider={evil}&accent={evil}&theme={evil}&shape={evil}"
    for address in ("/embed", "/embed/list", "/embed/search", "/embed/theme.css"):
        assert "<script>alert" not in site.get(f"{address}?{query}").text, address
    # Once more, after the HTML of the snippet has been read as HTML.
    for snippet in snippets(site, f"q={evil}&provider={evil}").values():
        assert "<script>alert" not in snippet


def test_the_search_box_opens_our_results_with_its_filters(site: Client) -> None:
    box = site.get("/embed/search?kind=training&action_line=C5").text
    assert '<form action="/search" target="_top"' in box
    assert '<input type="hidden" name="action_line" value="C5">' in box
    assert "Among:" in box


def test_each_snippet_leads_to_what_was_chosen(site: Client) -> None:
    made = snippets(
        site, "kind=training&action_line=C5&per_page=3&accent=c0392b&theme=dark&q=a%26b"
    )
    assert set(made) == {"frame", "script", "link"}
    chosen = address_in(made["frame"])
    assert chosen == (
        "/embed/list?q=a%26b&kind=training&action_line=C5&per_page=3&theme=dark&accent=c0392b"
    )
    assert site.get(chosen).status_code == 200
    assert 'data-directory-list="q=a%26b&amp;kind=training' in made["script"]
    assert address_in(made["script"]) == "/embed/embed.js"
    whole = re.search(r'href="http://testserver.local([^"]+)"', made["link"])
    assert whole and site.get(unescape(whole[1])).status_code == 200
    assert "/embed/search?kind=training" in snippets(site, "shape=search&kind=training")["frame"]


def test_the_form_says_which_colour_it_cannot_read_and_keeps_it(site: Client) -> None:
    answer = site.get("/embed?accent=reddish&paper=fff")
    assert answer.status_code == 422
    assert "Error: On your website" in answer.text and 'href="#f-accent"' in answer.text
    assert 'value="reddish"' in answer.text and 'aria-invalid="true"' in answer.text
    faint = site.get("/embed?accent=ffee00&theme=light")
    assert faint.status_code == 200 and "#ffee00 would be hard to read" in faint.text
    assert "would be hard" not in site.get("/embed?accent=ffee00&theme=dark").text


def test_an_address_is_written_back_in_one_way() -> None:
    one = Embed.read([("per_page", "5"), ("theme", "auto"), ("page", "3"), ("links", "new")])
    assert one.url == "/embed/list"
    other = Embed.read([("shape", "search"), ("q", "x"), ("sort", "title"), ("links", "new")])
    assert other.url == "/embed/search?links=new"
    assert Embed.read([("links", "new")], "search").url == other.url


def test_the_script_is_small_and_served_to_everybody(site: Client) -> None:
    answer = site.get("/embed/embed.js")
    assert len(answer.content) < 3000
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    again = site.get("/embed/embed.js", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
