"""The map shows every country where one looks for it, and counts what one finds."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from directory.db import Database
from directory.insights.reach import ReachQuery, reach, table_of, tiles_of
from directory.search.query import SearchQuery
from directory.search.service import SearchService
from tests.search.conftest import TODAY

UNINHABITED = {"BV", "HM"}


def codes(database: Database, folder: Path) -> tuple[str, ...]:
    service = SearchService(database, folder)
    try:
        return tuple(service.vocabularies.terms["countries"])
    finally:
        service.close()


def test_every_inhabited_country_has_a_tile_of_its_own(database: Database, tmp_path: Path) -> None:
    every = codes(database, tmp_path)
    tiles = tiles_of(every)
    assert set(every) - set(tiles) == UNINHABITED
    assert len(set(tiles.values())) == len(tiles)
    assert tiles_of.__wrapped__(tuple(reversed(every))) == tiles, "the order decides nothing"


def test_countries_lie_where_one_looks_for_them(database: Database, tmp_path: Path) -> None:
    at = tiles_of(codes(database, tmp_path))
    west_to_east = [at[c][0] for c in ("US", "BR", "SN", "NG", "KE", "IN", "CN", "JP", "NZ")]
    north_to_south = [at[c][1] for c in ("FI", "DE", "DZ", "NG", "AO", "ZA")]
    assert west_to_east == sorted(west_to_east)
    assert north_to_south == sorted(north_to_south)
    # It lies on both sides of the line where the date changes, and not in Africa in between.
    assert at["KI"][0] > at["AU"][0]
    assert at["FJ"][0] > at["AU"][0]


def test_unknown_codes_are_left_out_of_the_map() -> None:
    assert tiles_of(()) == {}
    assert set(tiles_of(("CH", "XX"))) == {"CH"}


def test_the_counts_are_what_the_links_find(database: Database, tmp_path: Path) -> None:
    service = SearchService(database, tmp_path, today=lambda: TODAY)
    try:
        for query in (ReachQuery(), ReachQuery("training")):
            found = reach(service.refresh(), query, TODAY)
            linked = {p.url: p.count for p in (*found.countries, *found.regions)}
            linked[found.unstated_url] = found.unstated
            for url, count in linked.items():
                asked = SearchQuery.read(parse_qsl(urlsplit(url).query), strict=True)
                assert service.search(asked, values=1).total == count, url
    finally:
        service.close()


def test_a_region_says_how_many_of_its_countries_are_named(
    database: Database, tmp_path: Path
) -> None:
    service = SearchService(database, tmp_path, today=lambda: TODAY)
    found = reach(service.refresh(), ReachQuery(), TODAY)
    service.close()
    world = next(r for r in found.regions if r.code == "001")
    assert world.named == len(found.named) > 0
    assert world.countries == len(found.countries)
    continents = ("002", "009", "019", "142", "150")
    inside = sum(r.countries for r in found.regions if r.code in continents)
    assert inside == len(found.countries) - 1, "all but Antarctica lie in a continent"
    assert len(list(table_of(found, ""))) == len(found.regions) + len(found.countries)


def test_an_unknown_kind_is_repaired() -> None:
    assert ReachQuery.read([("kind", "frog")]) == ReachQuery("", ("kind",))
    assert ReachQuery.read([("kind", "training")]).url() == "/gaps/map?kind=training"
