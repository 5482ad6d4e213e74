"""A long file, judged by several processes: the same answers, and nothing older than the save."""

import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from directory.curation.service import get_entry, latest_revision, read_draft, save_draft
from directory.db import Database, last_change
from directory.entries.kinds import TRAINING
from directory.errors import DirectoryError
from directory.imports import entries, processes
from directory.imports.entries import Batch, Judged, Plan, Planned, in_batches, preview
from directory.imports.processes import batches_of
from directory.imports.readers import open_file
from directory.imports.rows import Reading
from directory.imports.saving import apply
from directory.imports.survey import survey
from tests.imports.files import bring_in, table

HEADER = ["kind", "slug", "version", "title", "summary", "mode", "source"]
SOURCE = "gcsp-profile"


@pytest.fixture(autouse=True)
def long_already(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows are a long file here, and there are two cores."""
    monkeypatch.setattr(processes, "LONG", 3)
    monkeypatch.setattr(entries, "BATCH", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def courses(file: Path, *rows: Sequence[str]) -> Path:
    return table(file, HEADER, *rows)


def course(title: str, slug: str = "", version: str = "", **cells: str) -> list[str]:
    values = {"kind": "training", "title": title, "slug": slug, "version": version,
              "source": SOURCE, **cells}  # fmt: skip
    return [values.get(name, "") for name in HEADER]


def bring_in_together(engine: Engine, file: Path, *, applied: bool) -> list[Planned]:
    """Do as the command does with a long file."""
    opened = open_file(file)
    found = survey(opened)
    reading, plan, database = Reading.of(opened, found), Plan(found), Database(engine)
    address = engine.url.render_as_string(hide_password=False)
    with batches_of(opened, reading, plan, address) as batches:
        done = (
            apply(database, batches, plan, file.name, by=None)
            if applied
            else preview(database, batches, plan)
        )
        return [one for batch in done for one in batch]


def told(planned: Sequence[Planned]) -> list[object]:
    return [
        (p.place, p.name, p.action, p.notes, p.base, p.draft and (p.draft.values, p.draft.claims))
        for p in planned
    ]


def test_several_processes_say_what_one_says(any_seeded: Engine, tmp_path: Path) -> None:
    file = courses(
        tmp_path / "t.csv",
        course("One"),
        course("Two", mode="Onlin e"),
        course("Three", summary="What it is."),
        course("", slug="nobody/here!"),
        course("One", summary="Again."),
        ["robot", "", "", "Six", "", "", SOURCE],
        course("Seven", source="no-such-source"),
    )
    alone = bring_in(Database(any_seeded), file)
    together = bring_in_together(any_seeded, file, applied=False)
    assert told(together) == told(alone)
    actions = [str(p.action) for p in together]
    assert actions == ["create", "error", "create", "error", "error", "error", "error"]
    assert together[4].notes["slug"] == "This entry stands in row 2 already: remove one of them."


def test_what_several_processes_save_is_no_change_afterwards(
    any_seeded: Engine, tmp_path: Path
) -> None:
    rows = [course(f"Course {n}", summary="What it is.") for n in range(7)]
    file = courses(tmp_path / "t.csv", *rows)
    saved = bring_in_together(any_seeded, file, applied=True)
    assert [str(p.action) for p in saved] == ["create"] * 7
    again = bring_in_together(any_seeded, file, applied=True)
    assert [str(p.action) for p in again] == ["no change"] * 7
    with Database(any_seeded).reading() as session:
        entry = get_entry(session, TRAINING, "course-6")
        assert latest_revision(session, entry).profile["summary"] == "What it is."


def test_who_saves_between_the_look_and_the_save_loses_nothing(
    any_seeded: Engine, tmp_path: Path
) -> None:
    database = Database(any_seeded)
    bring_in(database, courses(tmp_path / "1.csv", course("Our course")), applied=True)
    theirs = course("Our course", "our-course", "1", summary="From the file.")
    file = courses(tmp_path / "2.csv", theirs, course("Another one"))
    opened = open_file(file)
    found = survey(opened)
    plan = Plan(found)
    [batch] = in_batches(opened, Reading.of(opened, found))
    with database.reading() as session:
        judged = Judged(plan.rows(session, batch.rows()), last_change(session))
    with database.writing() as session:
        here = {"title": "Our course", "summary": "Written here meanwhile."}
        claims = {name: [{"source": SOURCE}] for name in here}
        save_draft(session, read_draft(TRAINING, "our-course", here, claims), by=None)
        claims = {"title": [{"source": SOURCE}]}
        other = read_draft(TRAINING, "another-one", {"title": "Of somebody else"}, claims)
        save_draft(session, other, by=None)
    [done] = apply(database, [Batch(batch.raws, batch.reading, judged)], plan, "2.csv", by=None)
    assert [str(p.action) for p in done] == ["conflict", "update"]
    with database.reading() as session:
        entry = get_entry(session, TRAINING, "our-course")
        assert latest_revision(session, entry).profile["summary"] == "Written here meanwhile."
        assert latest_revision(session, get_entry(session, TRAINING, "another-one")).number == 2


def test_a_process_that_is_killed_is_told_and_leaves_what_was_saved(
    any_seeded: Engine, tmp_path: Path
) -> None:
    file = courses(tmp_path / "t.csv", *[course(f"Course {n}") for n in range(40)])
    opened = open_file(file)
    found = survey(opened)
    plan, address = Plan(found), any_seeded.url.render_as_string(hide_password=False)
    with (
        pytest.raises(DirectoryError, match="run the command again"),
        batches_of(opened, Reading.of(opened, found), plan, address) as batches,
    ):
        done = apply(Database(any_seeded), batches, plan, "t.csv", by=None)
        next(done)
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        list(done)
    with Database(any_seeded).reading() as session:
        assert latest_revision(session, get_entry(session, TRAINING, "course-1")).number == 1
    again = bring_in_together(any_seeded, file, applied=True)
    assert {str(p.action) for p in again} == {"no change", "create"}
    assert not multiprocessing.active_children()
