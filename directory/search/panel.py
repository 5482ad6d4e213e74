"""The list of filters as HTML.

A page shows some two hundred values, which costs more in a template than the search itself.
What never changes of a value is therefore put together once, and only counts and ticks each time.
"""

from collections.abc import Iterator
from functools import lru_cache

from markupsafe import Markup, escape

from directory.languages import gettext, locale, number_in
from directory.search.query import FACETS
from directory.search.results import Counted, FacetValue, Results

OPEN_AT_FIRST = {"kind", "action_line", "policy_area", "cost"}
MOST_RENDERED = 3
"""In so many orders, or with so many shortlists, the filters of one question are kept."""

ORDER = (
    "kind",
    "open",
    "action_line",
    "policy_area",
    "audience",
    "cost",
    "language",
    "region",
    "country",
)
"""What visitors ask first; the other facets follow as they are declared."""


@lru_cache(maxsize=50_000)
def _value(parameter: str, value: str, label: str) -> tuple[str, str]:
    """Return what stands before and after the tick of one value."""
    name, code = escape(parameter), escape(value)
    said = f'<i class="unstated">{escape(label)}</i>' if value == "not-stated" else escape(label)
    before = f'<li><label><input type="checkbox" name="{name}" value="{code}" id="{name}-{code}"'
    return before, f'><span>{said}</span><span class="num quiet">'


def _values(parameter: str, values: list[FacetValue]) -> Iterator[str]:
    code = locale()
    for v in values:
        before, after = _value(parameter, v.value, v.label)
        tick = " checked" if v.selected else ""
        yield f"{before}{tick}{after}{number_in(v.count, code)}</span></label></li>"


def _more(address: str, parameter: str) -> str:
    joint = "&" if "?" in address else "?"
    href = escape(f"{address}{joint}more={parameter}#facet-{parameter}")
    said = gettext("All values")
    return f'<a class="small" href="{href}">{escape(said)}</a>'


def panel(results: Results, shown_at_most: int, more: str | None) -> Markup:
    """Return every facet that has something to choose, the most asked first."""
    # All values of a facet are looked through on the first page: whoever ticks one is there.
    address, rendered = results.query.at_page(1).url(), results.facets.rendered
    key = (address, shown_at_most, more)
    if (drawn := rendered.get(key)) is None:
        drawn = _drawn(results.facets, address, shown_at_most, more)
        if len(rendered) >= MOST_RENDERED:
            rendered.clear()
        rendered[key] = drawn
    return drawn


def _drawn(facets: Counted, address: str, shown_at_most: int, more: str | None) -> Markup:
    names = [*ORDER, *(name for name in FACETS if name not in ORDER)]
    parts = []
    for name in names:
        values = facets.get(name, [])
        chosen = any(v.selected for v in values)
        if not chosen and not any(v.count and v.value != "not-stated" for v in values):
            continue
        opened = " open" if chosen or name in OPEN_AT_FIRST or name == more else ""
        parts.append(
            f'<details id="facet-{name}"{opened}>'
            f"<summary>{escape(FACETS[name].title)}</summary><ul>"
        )
        parts += _values(name, values)
        parts.append("</ul>")
        if name != more and len(values) >= shown_at_most:
            parts.append(_more(address, name))
        parts.append("</details>")
    return Markup("".join(parts))
