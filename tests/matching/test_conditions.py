"""What an offer says to each condition, in a visitor's words."""

from datetime import date
from typing import Any

import pytest

from directory.entries.kinds import ORGANISATION, PROGRAMME
from directory.entries.vocabularies import Vocabularies
from directory.matching.judges import JUDGES, audiences_of
from directory.matching.need import Need, conditions
from tests.matching.conftest import Say, offer

FITS, FAILS, UNKNOWN = "fits", "fails", "unknown"


def test_every_condition_has_its_judge() -> None:
    assert set(JUDGES) == set(conditions())


@pytest.mark.parametrize(
    ("need", "states", "verdict", "said"),
    [
        # A wider area is asked for: what lies within it fits.
        ({"policy_area": ["cybersecurity"]}, {"policy_areas": ["encryption"]}, FITS, "Encryption"),
        ({"policy_area": ["cybersecurity"]}, {"policy_areas": ["access"]}, FAILS, "Access"),
        # Only a part is asked for: what is filed under the whole may or may not cover it.
        ({"policy_area": ["encryption"]}, {"policy_areas": ["cybersecurity"]}, UNKNOWN, "wider"),
        ({"action_line": ["C7"]}, {"action_lines": ["C7-EHEA"]}, FITS, "E-health"),
        ({"action_line": ["C7-EHEA"]}, {"action_lines": ["C7-EGOV"]}, FAILS, "E-government"),
        ({"audience": ["students"]}, {"audiences": ["students", "media"]}, FITS, "Students."),
        ({"audience": ["students"]}, {"audiences": ["general-public"]}, FITS, "General public"),
        ({"audience": ["students"]}, {"audiences": ["media"]}, FAILS, "Media"),
        ({"audience": ["students"]}, {}, UNKNOWN, "Not stated"),
        ({"language": ["fr"]}, {"languages": ["en", "fr"]}, FITS, "French"),
        ({"language": ["fr"]}, {"languages": ["en"], "other_languages": ["fr"]}, FITS, "French"),
        ({"language": ["fr"]}, {"languages": ["en"]}, FAILS, "English"),
        ({"mode": ["online"]}, {"mode": "online-live"}, FITS, "live"),
        ({"mode": ["online-self-paced"]}, {"mode": "online"}, UNKNOWN, "wider"),
        ({"capability": ["people-skills"]}, {"capabilities": ["technology"]}, FAILS, "Technology"),
        # Where people come from.
        ({"country": "KE"}, {"regions": ["002"]}, FITS, "Africa"),
        ({"country": "KE"}, {"regions": ["001"]}, FITS, "World"),
        ({"country": "KE"}, {"regions": ["150"]}, FAILS, "Europe"),
        ({"country": "FJ"}, {"regions": ["722"]}, FITS, "Small island"),
        ({"country": "KE"}, {"countries": ["KE", "CH"]}, FITS, "Kenya"),
        ({"country": "KE"}, {"countries": ["CH"]}, UNKNOWN, "Switzerland: whether"),
        # Who asks.
        ({"organisation_type": "government"}, {"audiences": ["diplomats"]}, FITS, "Diplomats"),
        ({"organisation_type": "government"}, {"audiences": ["students"]}, FAILS, "Students"),
        (
            {"organisation_type": "civil-society"},
            {"audiences": ["students"], "eligibility": "Any charity of the region."},
            UNKNOWN,
            "Any charity",
        ),
        # Money.
        ({"budget": 0}, {"cost": "free"}, FITS, "Free"),
        ({"budget": 0}, {"cost": "fee"}, FAILS, "Fee"),
        ({"budget": 0}, {"cost": "fee-with-scholarships"}, UNKNOWN, "how much you would pay"),
        ({"budget": 0}, {}, UNKNOWN, "not stated"),
        (
            {"budget": 500, "currency": "CHF"},
            {"cost": "fee", "cost_amount": "450", "cost_currency": "CHF"},
            FITS,
            "CHF 450",
        ),
        (
            {"budget": 500, "currency": "CHF", "head_count": 2},
            {"cost": "fee", "cost_amount": "450", "cost_currency": "CHF"},
            FAILS,
            "CHF 900 for 2",
        ),
        (
            {"budget": 500, "currency": "CHF"},
            {"cost": "fee", "cost_amount": "450", "cost_currency": "USD"},
            UNKNOWN,
            "USD 450",
        ),
        ({"budget": 500}, {"cost_amount": "4", "cost_currency": "CHF"}, UNKNOWN, "CHF 4"),
        # The line.
        ({"low_bandwidth": True}, {"mode": "in-person"}, FITS, "in a room"),
        ({"low_bandwidth": True}, {"technical_needs": "Works by SMS."}, UNKNOWN, "Works by SMS."),
        ({"low_bandwidth": True}, {"mode": "online"}, UNKNOWN, "not stated"),
    ],
)
def test_what_a_training_says(
    say: Say, need: dict[str, Any], states: dict[str, Any], verdict: str, said: str
) -> None:
    asked = Need(**need)
    condition = next(name for name in need if name in conditions())
    found = say(asked, offer(**states), condition)
    assert found
    assert (found.verdict.value, said in found.words) == (verdict, True), found.words


def run(start: str | None = None, **more: Any) -> dict[str, Any]:
    closes = more.pop("closes", None)
    tracks = [{"application_deadline": closes}] if closes else None
    return {"start": start, "tracks": tracks, **more}


@pytest.mark.parametrize(
    ("by", "states", "verdict", "said"),
    [
        ("2027-03-31", {"runs": [run("2027-03-01")]}, FITS, "1 March 2027"),
        ("2027-02-28", {"runs": [run("2027-03-01")]}, FAILS, "1 March 2027"),
        ("2027-03-31", {"runs": [run("2027-03-01", closes="2026-11-01")]}, FAILS, "last known"),
        ("2027-03-31", {"runs": [run("2027-03-01", cancelled=True)]}, UNKNOWN, "No date"),
        ("2027-03-31", {"runs": [run("2020-03-01")]}, FAILS, "1 March 2020"),
        ("2027-03-31", {"runs": [run()]}, UNKNOWN, "No date"),
        ("2027-03-31", {"availability": "any-time"}, FITS, "any time"),
        ("2027-03-31", {"availability": "on-request"}, UNKNOWN, "to be agreed"),
        ("2027-03-31", {"availability": "past"}, FAILS, "over"),
        ("2027-03-31", {}, UNKNOWN, "No date"),
        ("2020-01-01", {"availability": "any-time"}, FAILS, "The day you name"),
    ],
)
def test_whether_it_begins_in_time(
    say: Say, by: str, states: dict[str, Any], verdict: str, said: str
) -> None:
    found = say(Need(by=date.fromisoformat(by)), offer(**states))
    assert found
    assert (found.verdict.value, said in found.words) == (verdict, True), found.words


def test_what_is_over_is_said_even_if_nobody_asks_when(say: Say) -> None:
    found = say(Need(audience=["students"]), offer(availability="past"), "by")
    assert found
    assert (found.title, found.verdict.value, found.hard) == ("Still offered", FAILS, False)


def test_places_are_compared_with_people(say: Say) -> None:
    small = offer(runs=[run("2027-03-01", places=20)])
    fits, fails = say(Need(head_count=20), small), say(Need(head_count=21), small)
    assert fits and fails
    assert (fits.verdict.value, fails.verdict.value) == (FITS, FAILS)


def test_an_organisation_is_asked_about_what_its_entry_never_says(say: Say) -> None:
    found = say(Need(mode=["online"]), offer(ORGANISATION))
    assert found
    assert (found.verdict.value, found.words) == (UNKNOWN, "To be asked.")


def test_the_seat_of_an_organisation_is_not_its_reach(say: Say) -> None:
    seat = offer(ORGANISATION, headquarters_country="KE")
    found = say(Need(country="KE"), seat)
    assert found and found.verdict.value == UNKNOWN
    found = say(Need(country="KE"), offer(ORGANISATION, countries_served=["CH"]))
    assert found and found.verdict.value == FAILS


def test_a_programme_that_ended_can_no_longer_be_asked(say: Say) -> None:
    found = say(Need(by=date(2027, 1, 1)), offer(PROGRAMME, status="ended"))
    assert found and found.verdict.value == FAILS


def test_two_answers_are_not_an_answer(say: Say) -> None:
    clash = offer(cost="free", disputed=frozenset({("cost", None)}))
    found = say(Need(budget=0), clash)
    assert found and found.verdict.value == UNKNOWN and "two answers" in found.words
    other = offer(audiences=["students", "media"], disputed=frozenset({("audiences", "media")}))
    assert (found := say(Need(audience=["students"]), other)) and found.verdict.value == FITS
    assert (found := say(Need(audience=["media"]), other)) and found.verdict.value == UNKNOWN


def test_every_kind_of_organisation_leads_to_audiences(words: Vocabularies) -> None:
    for code in words.terms["organisation-types"]:
        assert audiences_of(words, code), f"no crosswalk leads from {code} to an audience"
