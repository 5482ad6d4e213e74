"""Tables as people send them: from Excel, in any encoding and style, with rows that are wrong."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from directory.curation.service import get_entry, latest_revision, read_draft, save_draft
from directory.db import Database
from directory.entries.kinds import KINDS, ORGANISATION, TRAINING
from directory.entries.models import Entry, State
from directory.entries.written import Order
from directory.exports.file import export_file
from directory.exports.template import columns_of, write_template
from directory.imports import entries
from directory.imports.entries import Action, Plan, Planned, in_batches
from directory.imports.merging import Side
from directory.imports.readers import open_file
from directory.imports.rows import Reading
from directory.imports.saving import apply
from directory.imports.survey import survey
from tests.imports.files import bring_in, items, table

HEADER = ["kind", "slug", "title", "summary", "mode", "languages", "source"]
SOURCE = "gcsp-profile"


def training(title: str = "A new course", **cells: str) -> list[str]:
    values = {"kind": "training", "title": title, "source": SOURCE, **cells}
    return [values.get(name, "") for name in HEADER]


def values(planned: Planned) -> dict[str, Any]:
    assert planned.draft, planned.notes
    return planned.draft.values


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "Женева 日内瓦 جنيف é"),
        ("utf-8-sig", "Женева 日内瓦 جنيف é"),
        ("utf-16", "Женева 日内瓦 جنيف é"),
        ("utf-16-le", "Female founders of Zürich"),
        ("cp1252", "Formation à la gestion des données à Genève, où l’équipe a été réunie à l’été"),
        ("cp1251", "Курс по управлению данными для государственных служащих в Женеве"),
        ("cp1256", "دورة تدريبية في حوكمة الإنترنت للدبلوماسيين العرب في جنيف"),
        ("gb18030", "面向政府官员的互联网治理与网络安全培训课程在日内瓦举行"),
    ],
)
def test_a_table_of_excel_in_any_encoding_and_separator(
    database: Database, tmp_path: Path, encoding: str, words: str, separator: str
) -> None:
    row = training(words, slug="x-y", summary=f'{words}; {words}, "{words}"')
    file = table(tmp_path / "t.csv", HEADER, row, encoding=encoding, separator=separator)
    [planned] = bring_in(database, file)
    assert planned.action is Action.CREATE
    assert values(planned)["title"] == words


def test_labels_titles_of_columns_and_answers_in_words(database: Database, tmp_path: Path) -> None:
    header = ["Kind", "Title", "MODE", "Languages of teaching", "Countries", "Trains trainers",
              "Fee", "Source", "Colour"]  # fmt: skip
    row = ["Trainings", "A course", "Online", "English; fr", "France, Kenya", "yes", "1.250,50",
           SOURCE, "blue"]  # fmt: skip
    [planned] = bring_in(database, table(tmp_path / "t.csv", header, row, separator=";"))
    found = values(planned)
    assert (found["mode"], found["languages"]) == ("online", ["en", "fr"])
    assert (found["countries"], found["train_the_trainer"]) == (["FR", "KE"], True)
    assert found["cost_amount"] == "1250.50"


def test_one_bad_row_stops_nothing_and_says_where_and_why(
    database: Database, tmp_path: Path
) -> None:
    file = table(
        tmp_path / "t.csv",
        [*HEADER, "providers"],
        [*training("First"), "gcsp"],
        [*training("Second", mode="Onlin e"), "gcsp"],
        [*training("Third"), "nobody-at-all"],
        [*training("First"), ""],
        [*training(""), ""],
        ["robot", *training("Robot")[1:], ""],
        [*training("No source", source=""), ""],
        [*training("Last", languages="en"), "gcsp", "", "too much"],
        [*training("Really last", languages="en"), "gcsp"],
    )
    planned = bring_in(database, file, applied=True)
    assert [str(p.action) for p in planned] == ["create", *["error"] * 7, "create"]
    by_place = {p.place: p.notes for p in planned}
    assert by_place["row 3"]["mode"].endswith("Do you mean online?")
    assert "no organisation called nobody-at-all" in by_place["row 4"]["providers"]
    assert "stands in row 2 already" in by_place["row 5"]["slug"]
    assert "slug" in by_place["row 6"] and "kind" in by_place["row 7"]
    assert set(by_place["row 8"]) == {"title"}
    assert "more cells" in by_place["row 9"]["row"]
    with database.reading() as session:
        for slug in ("first", "really-last"):
            assert get_entry(session, TRAINING, slug).state is State.DRAFT
    again = bring_in(database, file, applied=True)
    assert [str(p.action) for p in again] == ["no change", *["error"] * 7, "no change"]


def test_rows_of_a_file_may_refer_to_each_other(database: Database, tmp_path: Path) -> None:
    header = ["kind", "slug", "title", "providers", "name", "source"]
    file = table(
        tmp_path / "t.csv",
        header,
        ["training", "", "By the new one", "a-new-house", "", SOURCE],
        ["organisation", "a-new-house", "", "", "A new house", SOURCE],
        ["organisation", "other", "A title", "", "Other", SOURCE],
    )
    first, second, third = bring_in(database, file)
    assert (first.action, second.action) == (Action.CREATE, Action.CREATE)
    assert "no such field" in third.notes["title"]


def test_what_was_changed_here_and_in_the_file_is_told_apart(
    database: Database, tmp_path: Path
) -> None:
    """Three texts: as exported, as it is now, and as the file has it."""
    file = tmp_path / "all.csv"
    export_file(database, file, kind="organisation")
    lines = file.read_text(encoding="utf-8-sig")
    with database.reading() as session:
        old = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
    mine = {"slug": "gcsp", "kind": "organisation", "version": old.number}
    here = {**mine, "profile": {"legal_form": "As here.", "funding": "As here."}, "source": SOURCE}
    assert bring_in(database, items(here), applied=True)[0].action is Action.UPDATE

    changed = {"funding": "As in the file.", "acronym": "New", "summary": old.profile["summary"]}
    theirs = {**mine, "profile": changed, "source": SOURCE}
    [planned] = bring_in(database, items(theirs), applied=True)
    assert planned.action is Action.CONFLICT
    assert planned.notes == {
        "acronym": f"{old.profile['acronym']} → New",
        "funding": "here: As here.; in the file: As in the file.",
    }
    now = values(planned)
    assert (now["legal_form"], now["funding"], now["acronym"]) == ("As here.", "As here.", "New")
    [settled] = bring_in(database, items(theirs), applied=True, prefer=Side.FILE)
    assert values(settled)["funding"] == "As in the file."
    assert bring_in(database, items(theirs), prefer=Side.FILE)[0].action is Action.NO_CHANGE

    # The whole table as it was exported changes nothing of what was done since.
    assert {p.action for p in bring_in(database, file)} == {Action.NO_CHANGE}
    assert lines == file.read_text(encoding="utf-8-sig")


def test_a_long_text_is_shown_from_where_it_differs(database: Database) -> None:
    """Its first words, which are the same, would say that nothing has changed."""
    with database.reading() as session:
        summary = latest_revision(session, get_entry(session, ORGANISATION, "gcsp")).profile[
            "summary"
        ]
    longer = {
        "slug": "gcsp",
        "kind": "organisation",
        "profile": {"summary": f"{summary} Looked at again."},
        "source": SOURCE,
    }
    [planned] = bring_in(database, items(longer))
    assert planned.notes == {
        "summary": f"…{summary[-20:]} → …{summary[-20:]} Looked at again.",
    }


def test_an_empty_cell_clears_a_field_only_where_the_row_says_its_version(
    database: Database, tmp_path: Path
) -> None:
    header = ["kind", "slug", "version", "summary", "acronym"]
    with database.reading() as session:
        old = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
    without = ["organisation", "gcsp", "", old.profile["summary"], ""]
    assert bring_in(database, table(tmp_path / "t.csv", header, without))[0].notes == {}
    exported = ["organisation", "gcsp", str(old.number), old.profile["summary"], ""]
    [planned] = bring_in(database, table(tmp_path / "t.csv", header, exported))
    assert planned.notes == {"acronym": f"{old.profile['acronym']} → not stated"}
    assert "acronym" not in values(planned)
    assert planned.draft and "acronym" not in planned.draft.claims


@pytest.mark.parametrize("state", [State.MERGED, State.WITHDRAWN, State.ARCHIVED])
def test_what_was_taken_down_is_not_edited_behind_its_back(
    database: Database, tmp_path: Path, state: State
) -> None:
    with database.writing() as session:
        entry = get_entry(session, ORGANISATION, "gcsp")
        entry.state, entry.state_reason = state, "It is closed"
        session.add(entry)
    item = {"kind": "organisation", "slug": "gcsp", "profile": {"acronym": "X"}, "source": SOURCE}
    [planned] = bring_in(database, items(item), applied=True)
    assert planned.action is Action.ERROR
    assert str(state) in planned.notes["entry"]


def workbook(file: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(file)
    book.close()
    return file


def test_a_workbook_with_dates_numbers_and_a_sheet_for_each_kind(
    database: Database, tmp_path: Path
) -> None:
    from datetime import date, datetime

    header = ["title", "workload_hours", "cost_amount", "on_request", "source", "runs.1.start",
              "runs.1.end", "runs.1.tracks.1.application_deadline"]  # fmt: skip
    row = ["A course", 8.5, 1250, True, SOURCE, date(2027, 3, 1), datetime(2027, 3, 5), 46387]
    file = workbook(
        tmp_path / "t.xlsx",
        {
            "Notes": [["nothing", "here"]],
            "Trainings": [header, row],
            "Organisations": [["name", "founded_year", "source"], ["A house", 1999, SOURCE]],
        },
    )
    course, house = bring_in(database, file)
    found = values(course)
    assert (found["workload_hours"], found["cost_amount"], found["on_request"]) == (
        "8.5", "1250.00", True,
    )  # fmt: skip
    [run] = found["runs"]
    assert (run["start"], run["end"]) == ("2027-03-01", "2027-03-05")
    assert run["tracks"][0]["application_deadline"] == "2026-12-31"
    assert values(house)["founded_year"] == 1999
    assert (course.place, house.place) == ("Trainings, row 2", "Organisations, row 2")


def test_a_column_decides_how_its_dates_are_read_or_a_person_does(
    database: Database, tmp_path: Path
) -> None:
    header = ["kind", "title", "source", "runs.1.start"]
    unclear = ["training", "One", SOURCE, "5/6/2027"]
    american = ["training", "Two", SOURCE, "12/31/2027"]
    [planned] = bring_in(database, table(tmp_path / "a.csv", header, unclear))
    assert "Is 5/6/2027 5 June or 6 May?" in planned.notes["runs.1.start"]
    first, _ = bring_in(database, table(tmp_path / "b.csv", header, unclear, american))
    assert values(first)["runs"][0]["start"] == "2027-05-06"
    [asked] = bring_in(database, tmp_path / "a.csv", order=Order.DAY)
    assert values(asked)["runs"][0]["start"] == "2027-06-05"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_is_filled_in_and_brought_in(
    database: Database, tmp_path: Path, kind: Any, ending: str
) -> None:
    file = tmp_path / f"empty.{ending}"
    with database.reading() as session:
        write_template(session, file, kind.name)
    names = [column.name for column in columns_of(kind)]
    assert {name.partition(".")[0] for name in names} >= set(kind.public_fields)
    row = [
        "A fine thing" if n == kind.title_field else SOURCE if n == "source" else "" for n in names
    ]
    if ending == "csv":
        text = file.read_text(encoding="utf-8-sig")
        file.write_text(text + ",".join(row) + "\r\n", encoding="utf-8")
    else:
        book = openpyxl.load_workbook(file)
        sheet = book[kind.plural]
        assert len(sheet.data_validations.dataValidation) > 3
        sheet.append(row)
        book.save(file)
        book.close()
    [planned] = bring_in(database, file, kind=kind.name)
    assert values(planned) == {kind.title_field: "A fine thing"}


def test_a_draft_is_saved_like_one_from_the_form(database: Database) -> None:
    item = {
        "kind": "training",
        "slug": "one-more",
        "source": SOURCE,
        "profile": {"title": "One more"},
    }
    [planned] = bring_in(database, items(item), applied=True)
    assert planned.draft
    with database.writing() as session:
        by_file = get_entry(session, TRAINING, "one-more")
        first = latest_revision(session, by_file)
        other = read_draft(TRAINING, "two-more", planned.draft.values, planned.draft.claims)
        by_form, second = save_draft(session, other, by=None)
        assert (first.profile, first.claims) == (second.profile, second.claims)
        free = {"id", "slug", "created_at", "updated_at", "waiting_since"}
        assert by_file.model_dump(exclude=free) == by_form.model_dump(exclude=free)
        assert isinstance(by_file, Entry)


def test_who_is_stopped_half_way_goes_on_where_they_were(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "BATCH", 2)
    file = table(tmp_path / "t.csv", HEADER, *(training(f"Course {n}") for n in range(5)))
    opened = open_file(file)
    found = survey(opened)
    batches = in_batches(opened, Reading.of(opened, found))
    begun = apply(database, batches, Plan(found), "t.csv", by=None)
    assert [p.action for p in next(begun)] == [Action.CREATE] * 2
    del begun
    again = [str(p.action) for p in bring_in(database, file, applied=True)]
    assert again == ["no change", "no change", "create", "create", "create"]
    with database.reading() as session:
        for number in range(5):
            entry = get_entry(session, TRAINING, f"course-{number}")
            assert latest_revision(session, entry).number == 1
