"""Providers see how much is looked for, and can work out nothing about fewer than five people."""

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from sqlmodel import Session, select

from directory.accounts.models import User
from directory.db import Database, make_engine, now
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.matching.counting import judge_due
from directory.matching.demand import Cell, Place, is_met, lines_of, places_of, tables_of, unmet
from directory.matching.models import Demand, SavedNeed
from directory.matching.need import Need
from directory.matching.saved import Wish, change_counted, save_need
from directory.search.service import SearchService
from directory.settings import Settings
from tests.conftest import settings_for
from tests.matching.conftest import TODAY
from tests.people import enter_as, form_in, quick_hashes, send, writing

__all__ = ["quick_hashes"]
Client = TestClient[Any]

TOPICS = ("cybersecurity", "access")
REGIONS = ("002", "150", NOT_STATED)
PLACES = [Place("policy_area", t, r) for t in TOPICS for r in REGIONS]
CROWDS = st.lists(  # For each person the places of their needs.
    st.lists(st.sampled_from(PLACES), max_size=3), max_size=24
)
BOUNDED = settings(
    max_examples=40, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def quiet(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    folder = tmp_path_factory.mktemp("demand")
    engine = make_engine(f"sqlite:///{shutil.copy(seeded_file, folder / 'directory.db')}")
    yield engine
    engine.dispose()


def shown_of(engine: sa.Engine, crowd: list[list[Place]]) -> tuple[list[Cell], Vocabularies]:
    """Return what is shown of a crowd, each of whom has saved a need for each of their places."""
    with Session(engine) as session:
        for number, places in enumerate(crowd):
            user = User(email=f"p{number}@example.org", role="contributor")
            session.add(user)
            session.flush()
            for place in places:
                need = SavedNeed(user_id=user.id, sealed="", counted=True, judged_on=TODAY)
                session.add(need)
                session.flush()
                session.add(
                    Demand(
                        need_id=need.id, facet=place.facet, topic=place.topic,
                        region=place.region, until=TODAY,
                    )
                )  # fmt: skip
        session.flush()
        found = unmet(session, TODAY)
        words = Vocabularies.read(session)
        session.rollback()
    return found, words


def people_in(crowd: list[list[Place]]) -> dict[Place, int]:
    return {place: sum(place in places for places in crowd) for place in PLACES}


def test_no_figure_and_no_difference_of_figures_tells_of_fewer_than_five(quiet: sa.Engine) -> None:
    @BOUNDED
    @given(crowd=CROWDS)
    def check(crowd: list[list[Place]]) -> None:
        cells, words = shown_of(quiet, crowd)
        truth = people_in(crowd)
        assert {c.place for c in cells} == {p for p, n in truth.items() if n >= 5}
        numbers = [n for t in tables_of(cells, words) for _, row in t.rows for n in row]
        numbers += [int(line[-1]) for line in lines_of(cells, words)]
        numbers += [sum(row) for t in tables_of(cells, words) for _, row in t.rows]
        for one, other in combinations([0, *numbers], 2):
            assert abs(one - other) not in range(1, 5)
        for cell in cells:
            assert cell.people <= truth[cell.place] < cell.people + 5

    check()


def test_every_country_lies_in_one_region_of_the_world(database: Database) -> None:
    with database.reading() as session:
        words = Vocabularies.read(session)
    found = {
        code: places_of(Need(policy_area=["access"], country=code), words)[0].region
        for code in words.terms["countries"]
    }
    assert {c for c, region in found.items() if region == NOT_STATED} == {"AQ"}
    assert set(found.values()) == {"002", "009", "019", "142", "150", NOT_STATED}


def test_what_is_shown_is_the_same_whoever_is_in_the_small_cells(quiet: sa.Engine) -> None:
    """Nothing at all can be worked out about a cell of fewer than five: it changes nothing."""

    @BOUNDED
    @given(crowd=CROWDS)
    def check(crowd: list[list[Place]]) -> None:
        truth = people_in(crowd)
        without = [[place for place in places if truth[place] >= 5] for places in crowd]
        assert shown_of(quiet, crowd) == shown_of(quiet, without)

    check()


def test_one_person_with_many_needs_is_one(quiet: sa.Engine) -> None:
    assert not shown_of(quiet, [[PLACES[0]] * 9, *[[PLACES[0]]] * 3])[0]
    assert shown_of(quiet, [[PLACES[0]] * 9, *[[PLACES[0]]] * 4])[0] == [Cell(PLACES[0], 5)]


def test_a_need_counts_under_the_widest_topics_and_in_one_region(database: Database) -> None:
    with database.reading() as session:
        words = Vocabularies.read(session)
    need = Need(policy_area=["encryption", "cybersecurity"], action_line=["C7-EHEA"], country="KE")
    places = places_of(need, words)
    assert Place("action_line", "C7", "002") in places and len(places) < 4
    assert {p.region for p in places} == {"002"}
    assert all(not words.terms["policy-areas"][p.topic].broader for p in places if p.topic != "C7")
    assert {p.region for p in places_of(need.without("country"), words)} == {NOT_STATED}
    for country, region in (("FJ", "009"), ("CH", "150"), ("HT", "019"), ("AQ", NOT_STATED)):
        there = need.model_copy(update={"country": country})
        assert {p.region for p in places_of(there, words)} == {region}, "in no group of countries"


# What counts as unmet


@pytest.fixture
def search(database: Database, tmp_path: Path) -> Iterator[SearchService]:
    service = SearchService(database, tmp_path)
    yield service
    service.close()


def test_only_a_known_fit_meets_a_need(database: Database, search: SearchService) -> None:
    met = Need(policy_area=["cybersecurity"], audience=["ngos-civil-society"], budget=0)
    with database.reading() as session:
        assert is_met(session, search, met, TODAY)
        hard = met.model_copy(update={"language": ["sw"]})
        assert not is_met(session, search, hard, TODAY), "nobody states that it is in Swahili"
        soft = hard.model_copy(update={"must": ["audience", "budget"]})
        assert is_met(session, search, soft, TODAY)


def test_needs_are_compared_with_the_offers_of_each_day(
    any_seeded: sa.Engine, tmp_path: Path
) -> None:
    database, held = Database(any_seeded), Settings(data_dir=tmp_path, secret_key="k" * 40)
    search = SearchService(database, tmp_path)
    words = search.refresh().vocabularies
    unmet_need = Need(policy_area=["cybersecurity"], language=["sw"], country="KE")
    with database.writing() as session:
        people = [User(email=f"p{n}@example.org", role="contributor") for n in range(6)]
        session.add_all(people)
        session.flush()
        rows = [
            save_need(session, words, Wish("N", unmet_need, True), by=user, settings=held)
            for user in people
        ]
        until = TODAY + timedelta(3)
        session.add(rows[0])
    assert judge_due(database, search, held, today=TODAY, only=rows[0].id) == 1
    assert judge_due(database, search, held, today=TODAY) == 5
    assert judge_due(database, search, held, today=TODAY) == 0, "once a day is enough"
    with database.reading() as session:
        place = places_of(unmet_need, words)[0]
        assert unmet(session, TODAY) == [Cell(place, 5)]
        assert not unmet(session, TODAY + timedelta(400)), "nobody may need it any more"
    with database.writing() as session:
        for row, user in zip(rows[:2], people, strict=False):
            change_counted(session, row.id, False, by=user)
    with database.reading() as session:
        assert not unmet(session, TODAY), "two of six have taken their word back"
    assert judge_due(database, search, held, today=until) == 4
    search.close()


# The page


@pytest.fixture
def crowded(
    seeded_file: Path, tmp_path: Path, quick_hashes: None
) -> Iterator[tuple[Client, Settings]]:
    from directory.app import create_app

    copy = shutil.copy(seeded_file, tmp_path / "directory.db")
    held = settings_for(tmp_path, f"sqlite:///{copy}")
    engine = make_engine(held.database_url)
    with TestClient(create_app(held), base_url="http://testserver.local") as client:
        database = Database(engine)
        search = SearchService(database, tmp_path / "other")
        words = search.refresh().vocabularies
        with database.writing() as session:
            for n in range(7):
                user = User(email=f"p{n}@example.org", role="contributor")
                session.add(user)
                session.flush()
                areas = ["cybersecurity"] if n < 6 else ["access"]
                need = Need(policy_area=areas, language=["sw"], country="KE" if n < 6 else "FJ")
                save_need(session, words, Wish("N", need, True), by=user, settings=held)
        assert judge_due(database, search, held, today=now().date()) == 7
        search.close()
        yield client, held
    engine.dispose()


def test_a_provider_and_a_curator_see_figures_in_fives(crowded: tuple[Client, Settings]) -> None:
    client, held = crowded
    for role in ("provider", "curator", "admin"):
        client.cookies.clear()
        enter_as(client, held, role)
        assert "/curation/demand" in client.get("/curation").text
        page = client.get("/curation/demand")
        assert "5 or more" in page.text and "Africa" in page.text
        assert (
            "Oceania" not in page.text
            and "6 " not in page.text.split("<tbody>")[1].split("</tbody>")[0]
        )
        rows = list(
            csv.DictReader(io.StringIO(client.get("/curation/demand.csv").text.lstrip("\ufeff")))
        )
        assert [(r["region"], r["people_at_least"]) for r in rows] == [("002", "5")]


def test_nobody_else_sees_them(crowded: tuple[Client, Settings]) -> None:
    client, held = crowded
    for path in ("/curation/demand", "/curation/demand.csv"):
        assert client.get(path, follow_redirects=False).status_code == 303
    enter_as(client, held, "contributor")
    for path in ("/curation/demand", "/curation/demand.csv"):
        assert client.get(path).status_code == 403


def test_to_be_counted_is_asked_first_and_can_be_taken_back(
    desk: Client, desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "contributor")
    page = desk.get("/account/needs/new?policy_area=cybersecurity&language=sw").text
    assert "at least 5 people, rounded down" in page
    form = form_in(page, "/account/needs")
    assert not form.all("counted"), "nobody is counted who did not say so"
    done = send(desk, form.fill(name="A", counted="yes"))
    assert "Counted, without your name, while no training fits." in done.text
    with writing(desk_settings) as session:
        key = session.exec(select(SavedNeed.id)).one()
        assert session.exec(select(Demand)).one()
    back = send(desk, form_in(done.text, f"/account/needs/{key}"), act="uncount")
    assert "It is no longer counted." in back.text and "Not counted." in back.text
    with writing(desk_settings) as session:
        assert not session.exec(select(Demand)).all()
    again = send(desk, form_in(back.text, f"/account/needs/{key}"), act="count")
    assert "It is counted now, without your name." in again.text
    with writing(desk_settings) as session:
        assert session.exec(select(Demand)).one()


def test_without_a_topic_nothing_can_be_counted(desk: Client, desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "contributor")
    page = desk.get("/account/needs/new?text=anything").text
    assert "It is in no figure" in page and 'name="counted"' not in page
