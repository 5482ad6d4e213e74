"""Where everything stands in a chart: plain numbers, drawn by templates/insights/*.svg.

The drawings carry their colours as attributes, for whoever downloads them, and classes, with which
the stylesheet of the page overrides them. Lengths are units of the drawing, pixels at full size.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from directory.insights.drawing import Box, Chart, Text, fitted, shade, wrapped
from directory.insights.gaps import Confidence, GapMap
from directory.insights.network import Joint, Network
from directory.insights.reach import Reach
from directory.insights.timeline import DatedRun, Timeline, Years
from directory.languages import day, gettext, locale, month, ngettext, number, worded

# The heat map


@dataclass(frozen=True)
class HeatChart(Chart):
    """The gap map as a drawing."""

    cell: tuple[int, int]
    rows: list[Text]
    columns: list[Text]
    boxes: list[Box]
    legend: list[Text]


CELL, HEADS, FIRST, LINE = (46, 26), 170, 290, 16


def heat_chart(found: GapMap) -> HeatChart:
    """Lay the gap map out: topics down, columns across, last what is not stated."""
    across, down = CELL
    boxes, rows = [], []
    for n, row in enumerate(found.rows):
        y = HEADS + n * down
        rows.append(Text(8 + 14 * row.depth, y + 17, fitted(row.label, FIRST - 30, 13), row.url))
        hatched = row.confidence is Confidence.UNKNOWN
        for m, cell in enumerate(row.cells):
            said = gettext(
                "%(topic)s, %(column)s: %(count)s; %(confidence)s",
                topic=row.label,
                column=cell.column.label,
                count=cell.count,
                confidence=worded(row.confidence.value),
            )
            level = shade(cell.count, found.most)
            boxes.append(
                Box(FIRST + m * across, y, number(cell.count), said, cell.url, level, hatched)
            )
        said = gettext("%(topic)s, not stated: %(count)s", topic=row.label, count=row.unstated)
        x = FIRST + len(row.cells) * across + 12
        boxes.append(Box(x, y, number(row.unstated), said, row.unstated_url, 0))
    heads = [c.label for c in found.columns] + [gettext("Not stated")]
    columns = [
        Text(FIRST + (m + 0.6) * across + (12 if m == len(found.columns) else 0), HEADS - 8,
             fitted(label, HEADS * 1.25, 12))
        for m, label in enumerate(heads)
    ]  # fmt: skip
    description = ngettext(
        "Counts of %(count)s published entry. Hatched: most of what lies in the row does not "
        "state it, so that an empty cell may not be a gap.",
        "Counts of %(count)s published entries. Hatched: most of what lies in the row does not "
        "state it, so that an empty cell may not be a gap.",
        found.total,
    )
    width = FIRST + len(heads) * across + 110
    under = HEADS + len(found.rows) * down
    legend = [
        Text(8, under + 28 + n * LINE, line)
        for n, line in enumerate(wrapped(description, width - 16, 12))
    ]
    return HeatChart(
        title=gettext(
            "%(kind)s by topic and %(by)s",
            kind=found.kind.plural,
            by=found.here.facet.title,
        ),
        description=description,
        width=width,
        height=under + 24 + len(legend) * LINE,
        cell=CELL,
        rows=rows,
        columns=columns,
        boxes=boxes,
        legend=legend,
    )


# The world


@dataclass(frozen=True)
class TileChart(Chart):
    """The world, one tile a country."""

    tile: int
    boxes: list[Box]


TILE, GAP, MARGIN = 34, 2, 6


def tile_chart(found: Reach) -> TileChart:
    """Lay the tiles out; rows without any country at the edges are cut off."""
    placed = [(c, c.tile) for c in found.countries if c.tile]
    most = max((c.count for c, _ in placed), default=0)
    left, top = (min((t[i] for _, t in placed), default=0) for i in (0, 1))
    right, bottom = (max((t[i] for _, t in placed), default=0) for i in (0, 1))
    step = TILE + GAP
    boxes = [
        Box(
            MARGIN + (x - left) * step, MARGIN + (y - top) * step, c.code,
            fitted(f"{c.label} ({c.code}): {number(c.count)}", 900, 12), c.url,
            shade(c.count, most), count=c.count,
        )
        for c, (x, y) in sorted(placed, key=lambda p: (p[1][1], p[1][0]))
    ]  # fmt: skip
    named = sum(bool(c.count) for c, _ in placed)
    return TileChart(
        title=gettext("World map of reach, one tile for each country"),
        description=ngettext(
            "%(count)s of %(all)s countries is named by an entry. Each tile stands near "
            "where the country lies, and all are equally large. A table with the figures follows.",
            "%(count)s of %(all)s countries are named by an entry. Each tile stands near "
            "where the country lies, and all are equally large. A table with the figures follows.",
            named,
            all=len(placed),
        ),
        width=2 * MARGIN + (right - left + 1) * step,
        height=2 * MARGIN + (bottom - top + 1) * step,
        tile=TILE,
        boxes=boxes,
    )


# Bars along a line of time


@dataclass(frozen=True)
class Bar:
    """From when to when; an end that no source states is open, and drawn so."""

    label: Text
    y: float
    x: float
    width: float
    opens: bool
    ends: bool
    marks: list[tuple[float, str]]


@dataclass(frozen=True)
class BarChart(Chart):
    """Bars along a line of time."""

    ticks: list[Text]
    bars: list[Bar]
    today: float
    row: int


LABELS, ACROSS_TIME, ROW, AXIS, STUB = 340, 700, 28, 34, 28


def run_chart(found: Timeline) -> BarChart:
    """Lay the dated runs out over the year ahead."""
    first = found.today.replace(day=1)
    months = [first]
    while len(months) < 14:
        months.append((months[-1] + timedelta(days=31)).replace(day=1))
    span = (months[-1] - first).days

    def at(day: date) -> float:
        return LABELS + min(max((day - first).days / span, 0.0), 1.0) * ACROSS_TIME

    bars = [_run_bar(n, run, at) for n, run in enumerate(found.runs)]
    return BarChart(
        title=gettext("Trainings that open or close within a year"),
        description=ngettext(
            "%(count)s dated run, soonest first: a diamond is a last day to apply, a bar "
            "goes from the first day to the last. A table with the same dates follows.",
            "%(count)s dated runs, soonest first: a diamond is a last day to apply, a bar "
            "goes from the first day to the last. A table with the same dates follows.",
            len(found.runs),
        ),
        width=LABELS + ACROSS_TIME + 30,
        height=AXIS + max(1, len(bars)) * ROW + 12,
        ticks=[Text(at(m), 18, month(m) if m.month == 1 else _name(m)) for m in months[:-1]],
        bars=bars,
        today=at(found.today),
        row=ROW,
    )


def _name(first: date) -> str:
    return format_date(first, "MMM", locale=locale())


def _run_bar(n: int, run: DatedRun, at: Callable[[date], float]) -> Bar:
    start = run.start or (run.deadlines[-1] if run.deadlines else run.end)
    end = run.end or start
    assert start and end
    title = f"{run.title}, {run.label}" if run.label else run.title
    x = at(start)
    return Bar(
        label=Text(8, AXIS + n * ROW + 18, fitted(title, LABELS - 24, 13), run.url, title),
        y=AXIS + n * ROW + 8,
        x=x,
        width=max(at(end) - x, 3.0) if run.start else 0.0,
        opens=True,
        ends=run.end is not None,
        marks=[(at(last), gettext("apply by %(day)s", day=day(last))) for last in run.deadlines],
    )


def year_chart(found: Timeline) -> BarChart:
    """Lay the programmes out by their years."""
    years = [y for p in found.programmes for y in (p.start, p.end) if y]
    first = min(years, default=found.today.year) - 1
    last = max([*years, found.today.year]) + 1

    def at(year: float) -> float:
        return LABELS + (year - first) / (last + 1 - first) * ACROSS_TIME

    now = at(found.today.year + found.today.timetuple().tm_yday / 366)
    bars = [_year_bar(n, p, at, now) for n, p in enumerate(found.programmes)]
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if (last - first) / s <= 14)
    return BarChart(
        title=gettext("Programmes by year"),
        description=ngettext(
            "%(count)s programme of which a source gives a year, the latest first. A "
            "torn edge has no stated beginning, or no stated end. A table follows.",
            "%(count)s programmes of which a source gives a year, the latest first. A "
            "torn edge has no stated beginning, or no stated end. A table follows.",
            len(bars),
        ),
        width=LABELS + ACROSS_TIME + 30,
        height=AXIS + max(1, len(bars)) * ROW + 12,
        ticks=[Text(at(y), 18, str(y)) for y in range(first, last + 1) if y % step == 0],
        bars=bars,
        today=now,
        row=ROW,
    )


def _year_bar(n: int, p: Years, at: Callable[[float], float], now: float) -> Bar:
    """Draw from year to year; without an end up to today, and only a stub without a beginning."""
    until = at(p.end + 1) if p.end else now
    x = at(p.start) if p.start else max(until - STUB, LABELS)
    label = Text(8, AXIS + n * ROW + 18, fitted(p.title, LABELS - 24, 13), p.url, p.title)
    return Bar(
        label=label,
        y=AXIS + n * ROW + 8,
        x=x,
        width=max(until - x, STUB / 2),
        opens=p.start is not None,
        ends=p.end is not None,
        marks=[],
    )


# Who works with whom


@dataclass(frozen=True)
class NetChart(Chart):
    """Two columns of names with lines between them."""

    left: list[Text]
    right: list[Text]
    lines: list[tuple[str, str]]


NAMES, BETWEEN, STEP, SWEEPS = 400, 260, 24, 6


def net_chart(found: Network) -> NetChart:
    """Lay programmes out on the left, organisations on the right, so that few lines cross.

    What hangs together stands together; within, each side takes in turn the order of the middle of
    its neighbours (the barycentre method of Sugiyama, Tagawa and Toda, 1981).
    """
    left, right, lines, y = [], [], [], 34.0
    for some in _parts(found.joint):
        programmes, organisations = _untangled(some)
        rows = max(len(programmes), len(organisations))
        at_left = _spaced(y, rows, len(programmes))
        at_right = dict(zip(organisations, _spaced(y, rows, len(organisations)), strict=True))
        names = {p.url: p.title for programme in programmes for p in programme.partners}
        for programme, here in zip(programmes, at_left, strict=True):
            text = fitted(programme.title, NAMES - 44, 13)
            left.append(Text(NAMES - 8, here + 4, text, programme.url, programme.title))
            for p in programme.partners:
                said = gettext(
                    "%(organisation)s: %(roles)s of %(programme)s",
                    organisation=p.title,
                    roles=", ".join(p.roles),
                    programme=programme.title,
                )
                lines.append((_curve(here, at_right[p.url]), fitted(said, 4000, 13)))
        right += [
            Text(
                NAMES + BETWEEN + 8,
                at_right[url] + 4,
                fitted(names[url], NAMES - 44, 13),
                url,
                names[url],
            )
            for url in organisations
        ]
        y += rows * STEP + 14
    return NetChart(
        title=gettext("Organisations and their joint programmes"),
        description=gettext(
            "%(programmes)s on the left, joined by lines with those who carry them on the right: "
            "%(organisations)s. A table with their roles follows.",
            programmes=ngettext("%(count)s programme", "%(count)s programmes", len(left)),
            organisations=ngettext(
                "%(count)s organisation", "%(count)s organisations", found.organisations
            ),
        ),
        width=2 * NAMES + BETWEEN,
        height=int(max(y, 60)),
        left=left,
        right=right,
        lines=lines,
    )


def _parts(joint: Sequence[Joint]) -> list[list[Joint]]:
    """Return the programmes in groups that share no organisation, the largest group first."""
    groups: list[tuple[set[str], list[Joint]]] = []
    for programme in joint:
        members, inside = {p.url for p in programme.partners}, [programme]
        for group in [g for g in groups if g[0] & members]:
            groups.remove(group)
            members |= group[0]
            inside = group[1] + inside
        groups.append((members, inside))
    return sorted((inside for _, inside in groups), key=lambda g: (-len(g), g[0].title))


def _untangled(joint: list[Joint]) -> tuple[list[Joint], list[str]]:
    """Return the programmes and the addresses of their organisations, so that few lines cross."""
    carried: dict[str, list[Joint]] = {}
    for programme in joint:
        for p in programme.partners:
            carried.setdefault(p.url, []).append(programme)
    programmes, organisations = list(joint), list(carried)
    for _ in range(SWEEPS):
        place = {programme.url: n for n, programme in enumerate(programmes)}
        organisations.sort(key=lambda url: _mean(place[p.url] for p in carried[url]))
        where = {url: n for n, url in enumerate(organisations)}
        programmes.sort(key=lambda p: _mean(where[partner.url] for partner in p.partners))
    return programmes, organisations


def _mean(values: Iterable[int]) -> float:
    found = list(values)
    return sum(found) / len(found)


def _spaced(top: float, rows: int, count: int) -> list[float]:
    """Return where `count` names stand, evenly over the height of `rows` names."""
    return [top + (n + 0.5) * rows * STEP / count for n in range(count)]


def _curve(left: float, right: float) -> str:
    """Return the path of a line from a name on the left to one on the right."""
    start, end = NAMES, NAMES + BETWEEN
    middle = (start + end) / 2
    return f"M{start} {left:.1f}C{middle:g} {left:.1f} {middle:g} {right:.1f} {end} {right:.1f}"
