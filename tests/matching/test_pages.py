"""A visitor says what they need, and reads why an offer fits."""

import logging
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from litestar.testing import TestClient

from directory.matching.need import Need, conditions, questions
from tests.people import form_in

Site = TestClient[Any]
OFFER = re.compile(r'<article class="offer" id="([a-z]+)-([a-z0-9-]+)">(.*?)</article>', re.S)


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def offers(html: str) -> list[tuple[str, str]]:
    return [(kind, slug) for kind, slug, _ in OFFER.findall(html)]


def said_of(html: str, slug: str) -> dict[str, str]:
    """Return the three lists of an offer."""
    block = next(block for _, found, block in OFFER.findall(html) if found == slug)
    parts = re.split(r"<h4>(.*?)</h4>", block)
    return {title: text(body) for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_the_form_asks_every_question_and_explains_it(site: Site) -> None:
    html = site.get("/match").text
    for asked in questions().values():
        assert f'name="{asked.name}"' in html
        assert asked.title in unescape(html) and asked.help in unescape(html)
    assert not offers(html)


def test_the_usual_musts_are_ticked_before_anybody_chose(site: Site) -> None:
    form = form_in(site.get("/match").text, "/match")
    assert set(form.all("must")) - {""} == {"audience", "language", "budget"}


def test_an_ngo_sees_free_help_first_with_the_line_that_says_so(site: Site) -> None:
    html = site.get(
        "/match?organisation_type=civil-society&policy_area=cybersecurity"
        "&audience=ngos-civil-society&budget=0"
    ).text
    assert offers(html)[0] == ("training", "cyberpeace-builders")
    said = said_of(html, "cyberpeace-builders")
    assert "NGOs and civil society." in said["Fits"] and "Free." in said["Fits"]
    block = next(b for _, slug, b in OFFER.findall(html) if slug == "cyberpeace-builders")
    assert re.search(r'href="/sources/cyberpeace-institute-profile#p\d+"', block)


def test_what_no_source_states_is_neither_a_yes_nor_a_no(site: Site) -> None:
    html = site.get("/match?language=fr&audience=students").text
    found = offers(html)
    assert found, "an offer whose language nobody states must stay"
    said = said_of(html, found[0][1])
    assert "Languages: must Not stated." in said["Not known"]
    assert "Languages" not in said["Fits"] and "Languages" not in said["Does not fit"]
    assert "no source is clear on what must be so: Languages" in text(html)


def test_trainings_come_before_those_who_could_be_asked(site: Site) -> None:
    kinds = [kind for kind, _ in offers(site.get("/match?policy_area=cybersecurity").text)]
    assert kinds == sorted(kinds, key=["training", "programme", "organisation"].index)
    assert set(kinds) == {"training", "programme", "organisation"}


def test_a_must_leaves_out_and_a_wish_does_not(site: Site) -> None:
    must = text(site.get("/match?audience=refugees&must=audience").text)
    assert re.search(r"Who takes part left out \d+\. Prefer it", must)
    wish = text(site.get("/match?audience=refugees&must=").text)
    assert "left out" not in wish
    count = re.compile(r"(\d+) offers may suit you")
    found_must, found_wish = count.search(must), count.search(wish)
    assert found_must and found_wish and int(found_must[1]) < int(found_wish[1]) == 306


def test_the_need_can_be_changed_in_the_form_and_condition_by_condition(site: Site) -> None:
    html = site.get("/match?audience=students&language=French&head_count=20&must=language").text
    form = form_in(html, "/match")
    assert form.all("audience") == ["students"] and "fr" in form.all("language")
    assert form["head_count"] == "20"
    assert set(form.all("must")) == {"", "language"}
    assert 'href="/match?audience=students&amp;head_count=20&amp;must=language"' in html


def test_an_unticked_must_stays_unticked_when_the_form_is_sent(site: Site) -> None:
    form = form_in(site.get("/match?audience=students&must=").text, "/match")
    pairs = [p for p in form.pairs if p[1] or p[0] == "must"]
    again = site.get("/match?" + urlencode(pairs)).text
    assert "left out" not in text(again)


def test_a_list_is_carried_along_and_leads_to_papers(site: Site) -> None:
    start = "/match?policy_area=cybersecurity"
    html = site.get(start).text
    kind, slug = offers(html)[0]
    add = f"{start}&entry={kind}/{slug}".replace("&", "&amp;")
    assert f'href="{add}#{kind}-{slug}"' in html
    html = site.get(unescape(add)).text
    assert "On your shortlist." in text(html)
    query = f"?policy_area=cybersecurity&amp;entry={kind}/{slug}"
    assert f'href="/match/briefing{query}"' in html and f'href="/match/letter{query}"' in html
    assert f'href="/compare?entry={kind}/{slug}"' in html


def test_more_of_a_kind_can_be_seen(site: Site) -> None:
    few = offers(site.get("/match?policy_area=cybersecurity").text)
    more = offers(site.get("/match?policy_area=cybersecurity&more=programme").text)
    programmes = [o for o in more if o[0] == "programme"]
    assert len(programmes) == 50
    assert programmes[:10] == [o for o in few if o[0] == "programme"]


def test_nobody_else_keeps_the_page_and_nothing_is_logged(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    # The client of the tests logs its own requests; the site must not.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    caplog.set_level(logging.DEBUG)
    secret = "zqsecretneed"
    # The reader takes a briefing along; on her own device it opens again without a network.
    kept = "private, max-age=0, stale-if-error=2592000"
    unkept = "private, no-store"
    for path, wanted in (
        ("/match", unkept), ("/match/briefing", kept), ("/match/letter.pdf", unkept)
    ):  # fmt: skip
        answer = site.get(f"{path}?text={secret}&entry=organisation/gcsp")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == wanted
        assert "etag" not in answer.headers
    answer = site.post("/api/v1/match", json={"text": secret})
    assert answer.headers["cache-control"] == "no-store"
    assert secret not in caplog.text
    assert secret not in site.get("/metrics").text


BAD: list[tuple[str, str]] = [
    ("head_count", "many"),
    ("head_count", "0"),
    ("head_count", "9" * 400),
    ("budget", "-1"),
    ("budget", "1e99"),
    ("budget", "١٢٣x"),
    ("currency", "Thaler"),
    ("country", "XX"),
    ("country", "Atlantis"),
    ("language", "Klingon"),
    ("policy_area", "../../etc/passwd"),
    ("action_line", "C99"),
    ("audience", "<script>alert(1)</script>"),
    ("mode", "telepathy"),
    ("by", "2026-02-30"),
    ("by", "tomorrow"),
    ("by", "2020-01-01"),
    ("low_bandwidth", "perhaps"),
    ("organisation_type", "\x00"),
    ("text", "x" * 501),
    ("must", "colour"),
]


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda v: v[:20])
def test_a_wrong_answer_is_named_and_stays_in_the_form(site: Site, name: str, value: str) -> None:
    answer = site.get("/match", params={name: value, "entry": "organisation/gcsp"})
    if name == "organisation_type":  # What nobody can see is no answer.
        assert answer.status_code in (200, 422)
        return
    assert answer.status_code == 422
    title = questions()[name].title if name in questions() else "What must be so"
    assert f"{title}:" in text(answer.text)
    assert "<script>alert" not in answer.text
    assert not offers(answer.text)


def test_all_that_is_wrong_is_said_at_once(site: Site) -> None:
    seen = text(site.get("/match?by=2020-01-01&head_count=0&country=Atlantis&budget=-1").text)
    for said in ("Your country: There is no", "How many people: Write", "Budget:", "is over."):
        assert said in seen


def test_a_day_that_is_over_is_asked_again_and_the_rest_is_kept(site: Site) -> None:
    answer = site.get("/match?by=2020-01-01&audience=students&head_count=20")
    assert answer.status_code == 422
    assert "is over. Name a day from today on, or leave it out." in text(answer.text)
    form = form_in(answer.text, "/match")
    assert form["by"] == "2020-01-01" and form["head_count"] == "20"
    assert form.all("audience") == ["students"]


@pytest.mark.parametrize(
    "query",
    [
        "zzz=1&page=9",
        "must=",
        "must=budget",
        "text=%00%01%ff%fe",
        "text=" + "%F0%9F%98%80" * 400,
        "text=" + "a+" * 200,
        "entry=x&entry=training/none&entry=%00",
        "&".join(f"policy_area={n}" for n in range(400)),
        "audience=students&" * 60,
        "by=0001-01-01&must=by",
        "by=9999-12-31&must=by",
        "budget=0&currency=CHF&must=budget",
        "mode=in-person&low_bandwidth=yes&must=mode&must=low_bandwidth",
        "more=training&more=nothing&policy_area=access",
        "text=%D9%85%D8%B1%D8%AD%D8%A8%D8%A7+%E4%BD%A0%E5%A5%BD",
    ],
)
@pytest.mark.parametrize("path", ["/match", "/match/briefing", "/match/letter.pdf"])
def test_no_address_breaks_a_page(site: Site, path: str, query: str) -> None:
    assert site.get(f"{path}?{query}").status_code in (200, 404, 422)


def test_the_page_and_the_api_agree(site: Site) -> None:
    need = Need(
        organisation_type="government",
        country="KE",
        policy_area=["cybersecurity"],
        audience=["diplomats"],
        language=["fr"],
        budget=0,
        text="cyber norms",
    )
    html = site.get(need.url()).text
    body = {name: value for name in need.given if (value := getattr(need, name)) is not None}
    answer = site.post("/api/v1/match", json=body).json()
    for kind in ("training", "programme", "organisation"):
        shown = [slug for k, slug in offers(html) if k == kind]
        given = [o["slug"] for o in answer["offers"] if o["kind"] == kind]
        assert shown and shown == given[: len(shown)]
    first = answer["offers"][0]
    said = said_of(html, first["slug"])
    for key, title in (("fits", "Fits"), ("fails", "Does not fit"), ("unknown", "Not known")):
        for finding in first[key]:
            assert finding["words"] in said[title]
            assert conditions()[finding["condition"]]
