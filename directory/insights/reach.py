"""The world map of reach: one tile for each country, as near as can be to where it lies.

Tiles, not outlines. A map of outlines shows large countries and hides the small island States that
ask for help most; the outlines that Python packages ship leave out some seventy countries; and it
takes sides on every disputed border. The places come from the time zone database of IANA, which
gives coordinates for every inhabited country and territory; the rest follows by itself.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from urllib.parse import urlencode

from directory.entries.kinds import KINDS
from directory.entries.vocabularies import NOT_STATED
from directory.search.query import FACETS, SearchQuery
from directory.search.snapshot import Snapshot

COUNTRY, REGION = "country", "region"
ACROSS, DOWN = 34, 20
WEST, NORTH, SOUTH = -168.0, 78.0, -55.0
"""The map is cut in the Bering Strait; hardly anybody lives north or south of it."""

NEAR = 3.0
Tile = tuple[int, int]


@dataclass(frozen=True)
class ReachQuery:
    """Of which kind of entry the reach is asked for; of all when none is named."""

    kind: str = ""
    repaired: tuple[str, ...] = ()

    @classmethod
    def read(cls, params: Iterable[tuple[str, str]]) -> "ReachQuery":
        """Read the parameters of a URL; an unknown kind means all kinds."""
        kind = dict(params).get("kind", "")
        return cls(kind) if kind in ("", *KINDS) else cls("", ("kind",))

    def url(self, path: str = "/gaps/map") -> str:
        """Return the canonical address."""
        return f"{path}?{urlencode({'kind': self.kind})}" if self.kind else path

    def search(self, **filters: str) -> str:
        """Return the search for these values."""
        chosen = {name: (value,) for name, value in filters.items()}
        if self.kind:
            chosen["kind"] = (self.kind,)
        return SearchQuery(filters=chosen).url()


@dataclass(frozen=True)
class Place:
    """A country, or a region with how many of its countries are named."""

    code: str
    label: str
    count: int
    url: str
    tile: Tile | None = None
    depth: int = 0
    countries: int = 0
    named: int = 0


@dataclass(frozen=True)
class Reach:
    """Where entries say that they reach."""

    query: ReachQuery
    total: int
    countries: list[Place]
    regions: list[Place]
    unstated: int
    unstated_url: str

    @property
    def named(self) -> list[Place]:
        """Return the countries that any entry names, the most named first."""
        return sorted((c for c in self.countries if c.count), key=lambda c: (-c.count, c.label))


def reach(snapshot: Snapshot, query: ReachQuery, today: date) -> Reach:
    """Count the entries of each country and region."""
    facets, words = snapshot.facets, snapshot.vocabularies
    base = facets.having("kind", [query.kind], today) if query.kind else facets.all
    codes = tuple(words.terms.get(_vocabulary(COUNTRY), {}))
    tiles = tiles_of(codes)

    def place(parameter: str, code: str) -> Place:
        count = facets.count(parameter, code, base, today)
        label = snapshot.label(parameter, code)
        tile = tiles.get(code) if parameter == COUNTRY else None
        return Place(code, label, count, query.search(**{parameter: code}), tile)

    countries = [place(COUNTRY, code) for code in codes]
    return Reach(
        query=query,
        total=len(base),
        countries=countries,
        regions=list(_regions(snapshot, countries, place)),
        unstated=facets.count(REGION, NOT_STATED, base, today),
        unstated_url=query.search(**{REGION: NOT_STATED}),
    )


def _vocabulary(parameter: str) -> str:
    return FACETS[parameter].vocabulary or ""


def _regions(snapshot: Snapshot, countries: list[Place], place: object) -> Iterator[Place]:
    """Yield every region with its entries, and how many of its countries any entry names."""
    assert callable(place)
    words, vocabulary = snapshot.vocabularies, _vocabulary(REGION)
    inside: dict[str, list[Place]] = {}
    for country in countries:
        for name, code in words.above(_vocabulary(COUNTRY), country.code):
            if name == vocabulary:
                inside.setdefault(code, []).append(country)
    for code in words.terms.get(vocabulary, {}):
        members = inside.get(code, [])
        found: Place = place(REGION, code)
        yield Place(
            code,
            found.label,
            found.count,
            found.url,
            depth=sum(name == vocabulary for name, _ in words.above(vocabulary, code)),
            countries=len(members),
            named=sum(bool(country.count) for country in members),
        )


# Where a country lies


def _degrees(text: str) -> float:
    """Read ±DDMM, ±DDDMM, or the same with seconds (ISO 6709)."""
    digits = text[1:]
    whole = 2 if len(digits) in (4, 6) else 3
    value = int(digits[:whole]) + int(digits[whole : whole + 2]) / 60
    return -value if text[0] == "-" else value


@lru_cache
def _centres() -> dict[str, tuple[float, float]]:
    """Return latitude and longitude of each country: the middle of its time zones."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    found: dict[str, list[tuple[float, float]]] = {}
    for line in table.splitlines():
        if line.startswith("#"):
            continue
        code, where, *_ = line.split("\t")
        if parts := re.fullmatch(r"([+-]\d+)([+-]\d+)", where):
            found.setdefault(code, []).append((_degrees(parts[1]), _degrees(parts[2])))
    return {code: _middle(points) for code, points in found.items()}


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the mean of some places; around the circle, as Kiribati lies on both ends of a map."""
    east = sum(math.sin(math.radians(longitude)) for _, longitude in points)
    along = sum(math.cos(math.radians(longitude)) for _, longitude in points)
    latitude = sum(latitude for latitude, _ in points) / len(points)
    return latitude, math.degrees(math.atan2(east, along))


@lru_cache(maxsize=4)
def tiles_of(codes: tuple[str, ...]) -> dict[str, Tile]:
    """Give every country that has a place a tile of its own; (0, 0) is in the north-west.

    Where it is crowded one chooses first; then neighbours swap, and countries move, as long as
    that brings them nearer to where they lie. The same countries always get the same tiles.
    """
    want = {code: _wanted(*_centres()[code]) for code in sorted(codes) if code in _centres()}
    free = {(x, y) for x in range(ACROSS) for y in range(DOWN)}

    def far(code: str, tile: Tile) -> float:
        x, y = want[code]
        return (x - tile[0]) ** 2 + (y - tile[1]) ** 2

    def nearest(code: str) -> Tile:
        return min(free, key=lambda tile: (far(code, tile), tile))

    crowd = {
        code: sum((x - a) ** 2 + (y - b) ** 2 < NEAR**2 for a, b in want.values())
        for code, (x, y) in want.items()
    }
    at: dict[str, Tile] = {}
    for code in sorted(want, key=lambda code: -crowd[code])[: ACROSS * DOWN]:
        at[code] = nearest(code)
        free.remove(at[code])
    for code in at:
        for other in at:
            now = far(code, at[code]) + far(other, at[other])
            if far(code, at[other]) + far(other, at[code]) < now:
                at[code], at[other] = at[other], at[code]
        better = nearest(code)
        if far(code, better) < far(code, at[code]):
            free.add(at[code])
            free.remove(better)
            at[code] = better
    return at


def _wanted(latitude: float, longitude: float) -> tuple[float, float]:
    """Return where on the grid a place lies."""
    inside = min(max(latitude, SOUTH), NORTH)
    return (
        (longitude - WEST) % 360 / 360 * ACROSS - 0.5,
        (NORTH - inside) / (NORTH - SOUTH) * DOWN - 0.5,
    )


TABLE = ("place", "code", "label", "entries", "countries", "countries_named", "url")


def table_of(found: Reach, site: str) -> Iterator[tuple[str | int, ...]]:
    """Yield regions, then countries, one line each; `site` is the address of the site."""
    for r in found.regions:
        yield REGION, r.code, r.label, r.count, r.countries, r.named, site + r.url
    for c in found.countries:
        yield COUNTRY, c.code, c.label, c.count, "", "", site + c.url
