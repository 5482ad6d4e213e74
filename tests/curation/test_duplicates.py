"""Entries that look the same: what is found, what is not, and what people are asked."""

from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.audit import AuditRow, verify_chain
from directory.curation.duplicates import likely_pairs, say_different, similar, take_back_different
from directory.curation.likeness import compare, page_of, signs_of
from directory.db import Database
from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.entries.models import Entry
from directory.settings import Settings
from tests.curation.together import add, change, curator_in
from tests.people import enter_as, form_in, send, writing

NEW = "/curation/organisations/new"


def like(kind: Kind, one: dict[str, Any], other: dict[str, Any]) -> tuple[float, str]:
    found = compare(signs_of(kind, "one", one), signs_of(kind, "other", other))
    return found.score, "; ".join(map(str, found.reasons))


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"name": "Access Now"}, {"name": "ACCESS NOW!"}, "the same name"),
        ({"name": "Kofi Annan Foundation"}, {"name": "Kofi Annan"}, "small or legal words"),
        ({"name": "Diplo Foundation"}, {"name": "DiploFoundation"}, "but for spaces"),
        ({"name": "Policy Lab Immigration"}, {"name": "Immigration Policy Lab"}, "another order"),
        ({"name": "Strategic Foresight Group"}, {"name": "Strategic Forsight Group"}, "one letter"),
        ({"name": "Consumers International"}, {"name": "Comsumers Internatonal"}, "two letters"),
        ({"name": "Лаборатория Данных"}, {"name": "Laboratoriya Dannykh"}, "another script"),
        ({"name": "Fundación Karisma"}, {"name": "Fundacion Karisma"}, "the same name"),
        (
            {"name": "GCSP"},
            {"name": "Geneva Centre for Security Policy"},
            "the initials of its name are GCSP",
        ),
        (
            {"name": "Geneva Centre", "acronym": "GCSP"},
            {"name": "Center of Security Policies", "acronym": "gcsp"},
            "the same acronym, GCSP",
        ),
        (
            {"name": "One", "website": "https://www.example.org/"},
            {"name": "Two", "website": "http://example.org/index.html#top"},
            "the same website",
        ),
        (
            {"name": "One", "identifiers": [{"scheme": "ror", "value": "012 345"}]},
            {"name": "Two", "identifiers": [{"scheme": "ror", "value": "012345"}]},
            "the same identifier in ROR",
        ),
        (
            {"name": "Ministry of Digital Affairs", "aliases": ["Digital Poland"]},
            {"name": "Digital Poland"},
            "another name of one of them",
        ),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_two_organisations_look_the_same_for_a_reason(
    one: dict[str, Any], other: dict[str, Any], why: str
) -> None:
    score, reasons = like(ORGANISATION, one, other)
    assert score >= 0.5
    assert why in reasons
    assert like(ORGANISATION, other, one)[0] == score


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Geneva Internet Platform", "Geneva Science-Policy Interface"),
        ("Internet Governance Forum Kenya", "Internet Governance Forum Ghana"),
        ("Working group 1", "Working group 2"),
        ("Diplo Academy courses on e-diplomacy", "Diplo Academy courses on tech diplomacy"),
        ("Zurich", "Zug"),
        ("ITU", "ITC"),
    ],
)
def test_names_that_only_share_words_are_left_alone(one: str, other: str) -> None:
    for kind in KINDS.values():
        assert like(kind, {kind.title_field: one}, {kind.title_field: other})[0] < 0.5


def test_a_seat_in_another_country_speaks_against_it_and_does_not_settle_it() -> None:
    name = {"name": "Centre for Digital Rights"}
    here, there = name | {"headquarters_country": "NL"}, name | {"headquarters_country": "KE"}
    score, reasons = like(ORGANISATION, here, there)
    assert 0.6 <= score < like(ORGANISATION, name, name)[0]
    assert "but seats in different countries" in reasons


def test_runs_of_other_years_are_the_same_course_and_so_is_the_provider() -> None:
    first = {"title": "Summer School on Cyber 2025", "providers": ["gcsp"]}
    second = {"title": "Summer School on Cyber 2026", "providers": ["gcsp"]}
    other = {"title": "Summer School on Cyber 2026", "providers": ["diplofoundation"]}
    score, reasons = like(TRAINING, first, second)
    assert "the same name but for the year" in reasons
    assert "the same organisation behind them" in reasons
    assert like(TRAINING, first, other)[0] < score


@pytest.mark.parametrize("url", ["https://[", "https://", "https:// ", "x", ""])
def test_an_address_that_is_none_is_no_reason(url: str) -> None:
    assert not like(ORGANISATION, {"name": "A", "website": url}, {"name": "B", "website": url})[0]
    assert "/" not in page_of(url)


def test_the_seed_holds_few_likely_pairs_and_none_of_different_organisations(
    database: Database,
) -> None:
    """Each pair was looked at: successors of each other, which a curator says once."""
    with database.reading() as session:
        found = {(p.a.slug, p.b.slug) for p in likely_pairs(session)}
        organisations = likely_pairs(session, ORGANISATION)
    assert len(found) <= 3
    assert organisations == []


def test_what_changes_is_found_at_once_and_what_leaves_is_not(database: Database) -> None:
    with database.writing() as session:
        by = curator_in(session)

        def found(name: str) -> list[str]:
            return [s.known.slug for s in similar(session, PROGRAMME, {"title": name}, by)]

        assert found("Night Shift of Standards") == []
        entry = add(session, PROGRAMME, "night-shift", title="Night Shift of Standards")
        assert found("Night Shift of Standard") == ["night-shift"]
        change(session, entry, published=False, title="Day Shift of Norms")
        assert found("Night Shift of Standards") == []
        assert found("Day Shift of Norms") == ["night-shift"]
        session.rollback()
        assert found("Day Shift of Norms") == []


def test_a_pair_found_to_be_different_is_not_listed_until_that_is_taken_back(
    database: Database,
) -> None:
    with database.writing() as session:
        by = curator_in(session)
        pair = likely_pairs(session, PROGRAMME)[0]
        for _ in range(2):
            say_different(session, PROGRAMME, pair.b.slug, pair.a.slug, "Ten years apart.", by=by)
        assert pair not in likely_pairs(session, PROGRAMME)
        take_back_different(session, PROGRAMME, pair.a.slug, pair.b.slug, by=by)
        assert pair in likely_pairs(session, PROGRAMME)
        actions = session.exec(select(AuditRow.action).where(AuditRow.actor_id == by.id)).all()
        assert actions == ["not a duplicate", "maybe a duplicate"]
        assert verify_chain(session).broken is None


def test_who_may_not_read_a_draft_does_not_see_that_it_looks_the_same(database: Database) -> None:
    with database.writing() as session:
        add(session, ORGANISATION, "quiet-place", name="The Quiet Place of Norms")
        add_user(session, "p@example.org", "provider")
        session.flush()
        provider = session.exec(select(User).where(User.email == "p@example.org")).one()
        asked = {"name": "The Quiet Place of Norms"}
        assert similar(session, ORGANISATION, asked, provider) == []
        assert similar(session, ORGANISATION, asked, curator_in(session))
        assert similar(session, ORGANISATION, {"acronym": "GCSP"}, provider)


# While typing


def test_what_looks_the_same_is_named_while_one_types(contributor: TestClient[Any]) -> None:
    page = contributor.get(NEW).text
    assert 'data-hx-get="/curation/organisations/similar"' in page
    assert 'aria-live="polite"' in page
    ask = "/curation/organisations/similar"
    headers = {"HX-Request": "true"}
    found = contributor.get(
        ask, params={"title": "Geneva center for security policy"}, headers=headers
    )
    assert "Geneva Centre for Security Policy</a>" in found.text
    assert "(Organisation, published)" in found.text
    assert "<html" not in found.text
    assert 'href="/curation/organisations/gcsp"' in found.text
    by_acronym = contributor.get(ask, params={"acronym": "gcsp"}, headers=headers).text
    assert "the same acronym, GCSP" in by_acronym
    mine = contributor.get(ask, params={"acronym": "gcsp", "not": "gcsp"}, headers=headers).text
    assert mine.strip() == ""
    assert "Nothing looks the same" in contributor.get(ask, params={"name": "Zzz"}).text
    assert contributor.get(ask, params={"name": "\x00<b>" * 999, "not": "\x00"}).status_code == 200


def test_a_new_entry_that_looks_the_same_is_asked_about_once(
    contributor: TestClient[Any], desk_settings: Settings
) -> None:
    form = form_in(contributor.get(NEW).text).fill(name="Access now", summary="My own words.")
    asked = send(contributor, form.fill(_slug="access-now-kenya"))
    assert asked.status_code == 422
    assert "Is it here already?" in asked.text
    assert "Access Now</a>" in asked.text
    again = form_in(asked.text)
    assert again["summary"] == "My own words."
    assert send(contributor, again).status_code == 422
    saved = send(contributor, form_in(asked.text).fill(_is_different="yes"))
    assert saved.url.path == "/curation/organisations/access-now-kenya"
    # Whoever edits it is not asked again.
    page = contributor.get("/curation/organisations/access-now-kenya").text
    assert send(contributor, form_in(page).fill(summary="Other words.")).status_code == 200


def test_the_answer_is_remembered_while_other_mistakes_are_put_right(
    contributor: TestClient[Any],
) -> None:
    form = form_in(contributor.get(NEW).text).fill(
        name="Access Now", _slug="access-now-2", founded_year="long ago", _is_different="yes"
    )
    wrong = send(contributor, form)
    assert wrong.status_code == 422
    saved = send(contributor, form_in(wrong.text).fill(founded_year="2009"))
    assert saved.url.path == "/curation/organisations/access-now-2"


# The queue


def test_a_curator_works_through_the_queue_without_scripts(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    page = curator.get("/curation/duplicates").text
    assert "Working Group on Enhanced Cooperation" in page
    assert "the same name but for the year" in page
    assert "keep=working-group-on-enhanced-cooperation-2013-2014" in page
    only = curator.get("/curation/duplicates", params={"kind": "organisation"}).text
    assert "Nothing here looks the same" in only
    by_words = curator.get("/curation/duplicates", params={"q": "ENHANCED"}).text
    assert "1 pair" in by_words
    form = form_in(by_words, "/curation/duplicates/different").fill(reason="Ten years apart.")
    told = send(curator, form)
    assert "Remembered" in told.text
    assert "Working Group on Enhanced Cooperation" not in told.text
    remembered = curator.get("/curation/duplicates/different").text
    assert "Ten years apart." in remembered
    back = send(curator, form_in(remembered, "/curation/duplicates/different/take-back"))
    assert back.status_code == 200
    assert "Working Group on Enhanced Cooperation" in curator.get("/curation/duplicates").text


@pytest.mark.parametrize(
    "params", [{"page": "0"}, {"page": "99999"}, {"page": "x"}, {"kind": "wonder", "q": "\x00"}]
)
def test_a_strange_question_gets_a_page(curator: TestClient[Any], params: dict[str, str]) -> None:
    assert curator.get("/curation/duplicates", params=params).status_code == 200


@pytest.mark.parametrize("address", ["duplicates", "duplicates/different", "merge", "merges"])
def test_a_contributor_does_not_merge(contributor: TestClient[Any], address: str) -> None:
    assert contributor.get(f"/curation/{address}").status_code == 403


def test_a_pair_needs_two_entries(curator: TestClient[Any], desk_settings: Settings) -> None:
    form = form_in(curator.get("/curation/duplicates").text, "/curation/duplicates/different")
    assert send(curator, form, other=form["one"]).status_code == 422
    assert send(curator, form, other="nobody").status_code == 404
    assert send(curator, form, kind="wonder").status_code == 404
    with writing(desk_settings) as session:
        assert session.exec(select(Entry).where(Entry.slug == form["one"])).first()


def test_a_provider_sees_no_queue(desk: TestClient[Any], desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "provider")
    assert desk.get("/curation/duplicates").status_code == 403
