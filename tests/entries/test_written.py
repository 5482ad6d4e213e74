"""Dates, amounts and answers as people write them in spreadsheets of the world."""

import pytest

from directory.entries.written import (
    Order,
    orders_in,
    read_amount,
    read_date,
    read_switch,
    read_whole,
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-31", "2026/12/31", "2026-12-31 00:00:00", "2026-12-31T00:00:00", "31.12.2026",
        "31/12/2026", "31-12-2026", "12/31/2026", "31 December 2026", "31-Dec-2026", "31. Dec 2026",
        "46387",
    ],
)  # fmt: skip
def test_the_last_day_of_a_year_in_every_style(text: str) -> None:
    assert read_date(text) == "2026-12-31"


def test_a_date_that_can_be_two_days_is_asked_about() -> None:
    with pytest.raises(ValueError, match=r"5 June or 6 May.*2026-06-05 or 2026-05-06"):
        read_date("5/6/2026")
    assert read_date("5/6/2026", Order.DAY) == "2026-06-05"
    assert read_date("5/6/2026", Order.MONTH) == "2026-05-06"
    assert read_date("5/5/2026") == "2026-05-05"
    # A dot is never American.
    assert read_date("5.6.2026", Order.MONTH) == "2026-06-05"


@pytest.mark.parametrize(
    "text", ["31.13.2026", "30.02.2026", "1.1.26", "soon", "2026", "99999", "12/12", "0000-01-01"]
)
def test_what_is_no_date_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read_date(text)


def test_dates_give_away_how_a_column_is_written() -> None:
    assert orders_in("start: 31/12/2026 | end: 1/2/2027") == {Order.DAY}
    assert orders_in("12/31/2026") == {Order.MONTH}
    assert orders_in("5/6/2026, and page 12/31 of 1/2/26") == set()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.5", "12.5"), ("12,5", "12.5"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"),
        ("1 234,50", "1234.50"), ("1\u00a0234,5", "1234.5"), ("1'234.50", "1234.50"), ("0", "0"),
        ("1,234,567", "1234567"), ("0,125", "0.125"), ("1250", "1250"),
    ],
)  # fmt: skip
def test_amounts_with_commas_points_and_gaps(text: str, amount: str) -> None:
    assert read_amount(text) == amount


@pytest.mark.parametrize("text", ["1,234", "1.234", "CHF 12", "12.-", "1e5", "", "NaN", "1.2.3"])
def test_an_amount_that_can_be_two_or_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_amount(text)


def test_whole_numbers_and_answers() -> None:
    assert [read_whole(t) for t in ("1,234", "2026", "2026.0", "1 000")] == [1234, 2026, 2026, 1000]
    assert all(read_switch(t) for t in ("yes", "TRUE", "1", "WAHR", "Oui", "x", "да", "نعم", "是"))
    assert not any(read_switch(t) for t in ("no", "FALSE", "0", "FALSCH", "Non", "нет", "لا", "否"))
    for text in ("perhaps", "", "2"):
        with pytest.raises(ValueError):
            read_switch(text)
