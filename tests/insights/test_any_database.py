"""The whole is counted alike on either database."""

from pathlib import Path

from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

from directory.db import Database
from directory.insights.gaps import gap_map
from directory.insights.network import network
from directory.insights.query import GapQuery
from directory.insights.reach import ReachQuery, reach
from directory.insights.timeline import timeline
from directory.search.service import SearchService
from tests.search.conftest import TODAY, Library, fill_vocabularies


class LibraryOn(Library):
    """A library in a database that somebody else made."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.folder, self.engine, self.db = folder, engine, Database(engine)
        SQLModel.metadata.create_all(engine)
        with self.db.writing() as session:
            fill_vocabularies(session)


def test_all_four_views(any_engine: Engine, tmp_path: Path) -> None:
    library = LibraryOn(any_engine, tmp_path)
    for slug in ("itu", "undp"):
        library.organisation(slug, slug, organisation_type="civil-society")
    carried = [{"organisation": slug, "role": "lead"} for slug in ("itu", "undp")]
    library.programme(
        "p", "P", programme_kind="project", organisations=carried, start_year=2020, regions=["002"]
    )
    runs = [{"start": "2027-02-01", "tracks": [{"application_deadline": "2026-12-01"}]}]
    library.training("t", "T", action_lines=["C5"], mode="online", countries=["KE"], runs=runs)
    service = SearchService(library.db, tmp_path / "data", today=lambda: TODAY)
    snapshot = service.refresh()
    with library.db.reading() as session:
        found = gap_map(session, snapshot, GapQuery(by="mode"), TODAY)
        dates = timeline(session, snapshot, TODAY)
        joint = network(session, library.vocabularies())
    places = reach(snapshot, ReachQuery(), TODAY)
    service.close()
    row = next(row for row in found.rows if row.value == "C5")
    assert (row.count, row.checked) == (1, TODAY)
    assert [cell.count for cell in row.cells if cell.column.value == "online"] == [1]
    assert [run.title for run in dates.runs] == ["T"]
    assert [programme.start for programme in dates.programmes] == [2020]
    assert [(p.title, len(p.partners)) for p in joint.joint] == [("P", 2)]
    assert {r.code: r.count for r in places.regions}["002"] == 2
