"""Profiles and claims of every kind, drawn from the declarations, awkward where they may be."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from directory.curation.service import Draft, read_draft
from directory.entries.fields import Vocabulary, base_type, is_model, parts_of
from directory.entries.kinds import Kind
from directory.errors import Invalid
from directory.sources.claims import Claim

ODD = [
    "=1+1", "'=1+1", "-", "+41 22", "@here", "'tis", '"', '""', '"quoted"', 'a "b" c', "a; b", ";",
    "a\nb", "a\r\nb", "a\rb", "a\tb", "a|b", "label: x | start: y", "(", "a) b (", "a:b", "#1",
    "true", "1,5", "2026-01-02", "5/6/2026", "עברית", "Женева", "日内瓦", "👩‍👩‍👧",
    "_x000D_", "\u2028",
    "\x7f", "\ufffe", "not stated", "null", "~", "- a", "&a *a", "%", "x" * 299,
]  # fmt: skip
texts = st.one_of(
    st.sampled_from(ODD), st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
).filter(str.strip)
CODES = st.sampled_from(["C1", "online", "x-y.z", "0"])
SLUGS = st.sampled_from(["gcsp", "a-b-c", "0"])
DATES = st.dates(date(1990, 1, 1), date(2100, 1, 1)).map(date.isoformat)


def one_value(kind: Any, marks: Any) -> st.SearchStrategy[Any]:
    """Return values for a field, or a part, with one value."""
    if is_model(kind):
        return part(kind)
    base = base_type(kind)
    if base is bool:
        return st.booleans()
    if base is int:
        return st.integers(1800, 2100)
    if base is Decimal:
        return st.decimals(0, 160, places=1).map(str)
    if base is date:
        return DATES
    if any(isinstance(mark, Vocabulary) for mark in marks):
        return CODES
    return st.one_of(
        texts,
        SLUGS,
        st.just("https://example.org/?a=1;b=2"),
        st.just("office@example.org"),
    )


def part(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Return structured values with some of their parts, all that must be there among them."""
    needed: dict[str, st.SearchStrategy[Any]] = {}
    free: dict[str, st.SearchStrategy[Any]] = {}
    for name, (kind, is_list) in parts_of(model).items():
        info = model.model_fields[name]
        one = one_value(kind, info.metadata)
        value = st.lists(one, min_size=1, max_size=3) if is_list else one
        (needed if info.is_required() else free)[name] = value
    return st.fixed_dictionaries(needed, optional=free)


def values_of(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    """Return profiles of a kind as JSON, some of which are not valid."""
    fields = {}
    for name, declared in kind.public_fields.items():
        one = one_value(declared.type, declared.limits)
        fields[name] = st.lists(one, min_size=1, max_size=3) if declared.many else one
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def drafts(draw: st.DrawFn, kind: Kind) -> Draft:
    """Return valid drafts: what does not fit is left out."""
    values = draw(values_of(kind))
    claims = {
        name: draw(st.lists(part(Claim), min_size=1, max_size=2))
        for name in draw(st.lists(st.sampled_from(list(kind.public_fields)), max_size=3))
    }
    while True:
        try:
            return read_draft(kind, "an-entry", values, claims)
        except Invalid as error:
            for where in error.by_field:
                first, _, rest = where.partition(".")
                held, name = (
                    (claims, rest.partition(".")[0]) if first == "claims" else (values, first)
                )
                held.pop(name, None)
