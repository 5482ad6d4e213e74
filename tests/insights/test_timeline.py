"""What opens and closes within a year, soonest first."""

from datetime import date, timedelta
from typing import Any

import pytest

from directory.insights import timeline as timeline_module
from directory.insights.charts import run_chart, year_chart
from directory.insights.timeline import Timeline, table_of, timeline
from directory.search.service import SearchService
from tests.search.conftest import TODAY, Library


def ahead(shelf: Library) -> Timeline:
    service = SearchService(shelf.db, shelf.folder / "data", today=lambda: TODAY)
    try:
        with shelf.db.reading() as session:
            return timeline(session, service.refresh(), TODAY)
    finally:
        service.close()


def run(start: str | None = None, *deadlines: str, **more: Any) -> dict[str, Any]:
    return {"start": start, "tracks": [{"application_deadline": d} for d in deadlines], **more}


def test_runs_stand_in_the_order_of_their_next_date(shelf: Library) -> None:
    shelf.training("third", "Third", runs=[run("2027-03-01")])
    shelf.training("second", "Second", runs=[run("2027-05-01", "2026-11-20", "2027-01-05")])
    shelf.training(
        "first", "First", runs=[run(None, "2026-12-01", "2026-12-01"), run("2024-01-01")]
    )
    found = ahead(shelf)
    assert [r.title for r in found.runs] == ["First", "Second", "Third"]
    assert found.runs[0].deadlines == [date(2026, 12, 1)]
    assert found.runs[1].deadlines == [date(2026, 11, 20), date(2027, 1, 5)]
    assert not found.more_runs


def test_what_is_called_off_withdrawn_over_or_far_away_is_left_out(shelf: Library) -> None:
    shelf.training("off", "Off", runs=[run("2027-01-01", cancelled=True)])
    shelf.training("over", "Over", runs=[run("2026-11-21")])
    shelf.training("far", "Far", runs=[run(str(TODAY + timedelta(days=366)))])
    gone = shelf.training("gone", "Gone", runs=[run("2027-01-01", "2026-12-01")])
    shelf.withdraw(gone)
    shelf.training("today", "Today", runs=[run(str(TODAY))])
    assert [r.title for r in ahead(shelf).runs] == ["Today"]


def test_only_the_next_runs_are_drawn(shelf: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline_module, "MOST", 2)
    for n in range(3):
        shelf.training(f"t{n}", f"T{n}", runs=[run(f"2027-01-0{3 - n}")])
    found = ahead(shelf)
    assert [r.title for r in found.runs] == ["T2", "T1"]
    assert found.more_runs


def test_help_without_a_date_is_counted(shelf: Library) -> None:
    shelf.training("a", "A", availability="any-time")
    shelf.training("b", "B")
    shelf.programme("p", "P", programme_kind="project")
    counts = {u.label: u.count for u in ahead(shelf).undated}
    assert {label: n for label, n in counts.items() if n} == {"At any time": 1, "Not stated": 1}
    assert counts["On request"] == 0


def test_programmes_stand_by_year_with_the_ends_that_are_stated(shelf: Library) -> None:
    shelf.programme("old", "Old", programme_kind="project", start_year=1998, end_year=2004)
    shelf.programme("new", "New", programme_kind="project", start_year=2024)
    shelf.programme("end", "End", programme_kind="project", end_year=2010)
    shelf.programme("none", "None", programme_kind="project")
    found = ahead(shelf)
    assert [p.title for p in found.programmes] == ["New", "End", "Old"]
    bars = {bar.label.text: bar for bar in year_chart(found).bars}
    assert (bars["New"].opens, bars["New"].ends) == (True, False)
    assert (bars["End"].opens, bars["End"].ends) == (False, True)
    assert bars["New"].x + bars["New"].width == pytest.approx(year_chart(found).today)
    assert bars["Old"].x < bars["End"].x < bars["New"].x


def test_a_run_is_drawn_where_its_dates_are(shelf: Library) -> None:
    shelf.training("a", "A", runs=[run("2027-02-01", "2026-12-01", end="2027-03-01")])
    shelf.training("b", "B", runs=[run(None, "2027-01-01")])
    chart = run_chart(ahead(shelf))
    first, second = chart.bars
    (deadline, said) = first.marks[0]
    assert chart.today < deadline < first.x < first.x + first.width
    assert "1 December 2026" in said
    assert second.width == 0 and second.marks, "only a deadline is known"


def test_a_spreadsheet_gets_the_same_dates(shelf: Library) -> None:
    shelf.training("a", "A", runs=[run("2027-02-01", "2026-12-01", "2026-12-24")])
    shelf.programme("p", "P", programme_kind="project", start_year=2024)
    assert list(table_of(ahead(shelf), "https://x.example")) == [
        ("training", "A", "", "2026-12-01; 2026-12-24", "2027-02-01", "",
         "https://x.example/trainings/a"),
        ("programme", "P", "", "", 2024, "", "https://x.example/programmes/p"),
    ]  # fmt: skip


def test_an_empty_directory_has_an_empty_timeline(shelf: Library) -> None:
    found = ahead(shelf)
    assert not found.runs and not found.programmes
    assert not run_chart(found).bars and not year_chart(found).bars
