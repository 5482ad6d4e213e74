"""How long an entry can be trusted, by the kind of each of its fields."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.entries.freshness import MONTHS, limits_of, review_by
from directory.entries.kinds import KINDS, TRAINING, Kind
from directory.sources.claims import Claim, Status

LOOKED = date(2026, 11, 22)


def claims(**checked: date) -> dict[str, list[Claim]]:
    return {name: [Claim(source="a-paper", checked_on=day)] for name, day in checked.items()}


def training(looked: date = LOOKED, confirmed: date | None = None, **profile: Any) -> date | None:
    at = datetime.combine(confirmed, time(9), UTC) if confirmed else None
    return review_by(TRAINING, profile, claims(**dict.fromkeys(profile, looked)), at)


def test_a_summary_holds_three_years() -> None:
    assert training(summary="Four evenings.") == date(2029, 11, 22)


@pytest.mark.parametrize("field", ["cost", "apply_url", "contact_email", "website", "how_to_get"])
def test_a_fee_and_a_way_in_hold_one_year(field: str) -> None:
    profile: dict[str, Any] = {"summary": "Four evenings.", field: "x"}
    assert training(**profile) == date(2027, 11, 22)


def test_a_year_from_a_leap_day_ends_with_february() -> None:
    assert training(date(2028, 2, 29), cost="free") == date(2029, 2, 28)


def test_a_deadline_holds_until_a_week_after_it_closes() -> None:
    runs = [
        {"start": "2027-01-10", "tracks": [{"application_deadline": "2026-12-01"}]},
        {"start": "2026-12-05", "end": "2027-02-01", "cancelled": False},
        {"start": "2027-05-05", "cancelled": True},
    ]
    assert training(runs=runs) == date(2027, 2, 8)


def test_who_looked_after_it_closed_has_said_that_it_is_over() -> None:
    runs = [{"start": "2026-03-10", "end": "2026-03-12"}]
    assert training(runs=runs) == date(2027, 11, 22)
    assert training(date(2026, 2, 1), confirmed=date(2026, 3, 13), runs=runs) == date(2027, 3, 13)


def test_a_date_far_ahead_is_looked_at_every_year() -> None:
    assert training(runs=[{"start": "2031-03-10"}]) == date(2027, 11, 22)


def test_the_newest_look_counts_whoever_looked() -> None:
    found = claims(cost=LOOKED)
    found["cost"].append(
        Claim(source="b-paper", checked_on=date(2027, 2, 1), status=Status.NOT_STATED)
    )
    assert review_by(TRAINING, {"cost": "free"}, found, None) == date(2028, 2, 1)
    assert training(cost="free", confirmed=date(2027, 6, 30)) == date(2028, 6, 30)
    assert training(cost="free", confirmed=date(2020, 6, 30)) == date(2027, 11, 22)


def test_nothing_stated_never_goes_out_of_date() -> None:
    assert training() is None
    assert review_by(TRAINING, {"curator_note": "Ring them."}, {}, None) is None


def test_the_end_of_time_is_a_day() -> None:
    assert training(date.max, summary="For ever.", runs=[{"end": "9999-12-31"}]) == date.max


DAYS = st.dates()


@st.composite
def entries(draw: st.DrawFn) -> tuple[Kind, dict[str, Any], dict[str, list[Claim]], Any]:
    """Draw an entry with some fields, each looked at on days of its own."""
    kind = draw(st.sampled_from(list(KINDS.values())))
    names = draw(st.sets(st.sampled_from(list(kind.public_fields)), min_size=1))
    run = st.fixed_dictionaries({}, optional={"start": DAYS.map(str), "end": DAYS.map(str)})
    profile = {
        name: draw(st.lists(run, min_size=1, max_size=3)) if name == "runs" else "x"
        for name in names
    }
    looked = {
        name: [
            Claim(source="a-paper", checked_on=day)
            for day in draw(st.lists(DAYS, min_size=1, max_size=3))
        ]
        for name in names
    }
    moments = st.datetimes(timezones=st.just(UTC))
    return kind, profile, looked, draw(st.none() | moments)


@given(entries())
def test_no_entry_outlives_any_of_its_fields(
    entry: tuple[Kind, dict[str, Any], dict[str, list[Claim]], datetime | None],
) -> None:
    """The limit of a field is written down here once more, from the last look at it alone."""
    kind, profile, looked, confirmed_at = entry
    end = review_by(kind, profile, looked, confirmed_at)
    for name in profile:
        if kind.fields[name].ours:
            continue
        days = [c.checked_on for c in looked[name]]
        last = max([*days, confirmed_at.date()] if confirmed_at else days)
        longest = timedelta(days=366 * MONTHS[kind.fields[name].ages] // 12)
        assert end and (end - last) <= longest
        if name == "runs":
            closes = max(
                (date.fromisoformat(d) for r in profile[name] for d in r.values()), default=None
            )
            if closes and last <= closes:
                assert (end - closes).days <= 7


@given(entries(), st.datetimes(timezones=st.just(UTC)))
def test_to_confirm_never_makes_an_entry_older(
    entry: tuple[Kind, dict[str, Any], dict[str, list[Claim]], Any], later: datetime
) -> None:
    kind, profile, looked, _ = entry
    before = limits_of(kind, profile, looked, None)
    after = limits_of(kind, profile, looked, later)
    for name, limit in before.items():
        # Only a date that is over asks for a look, which a confirmation is.
        assert after[name] >= limit or name == "runs"
