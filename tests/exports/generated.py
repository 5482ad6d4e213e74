"""Entries made up from the declarations, for tests of laws."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from directory.entries.fields import (
    Declared,
    Email,
    Slug,
    Text,
    Url,
    Vocabulary,
    _plain_type,
    is_model,
)
from directory.entries.kinds import Kind
from directory.entries.models import Entry, State
from directory.entries.queries import Linked, Published
from directory.entries.vocabularies import Vocabularies

DAYS = st.dates(date(2020, 1, 1), date(2031, 12, 31)).map(str)
NASTY = st.sampled_from(
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        '=HYPERLINK("https://evil.example")',
        "]]>&amp;&lt;",
        "BEGIN:VEVENT\r\nUID:evil",
        "a;b,c\\n\\,d: e",
        "\u2028\u2029\x7f\u0085\ufeff\ufffe\uffff\U0001f600\U00020000",
        "العربية \u202eRLO",
    ]
)
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
TEXTS = st.one_of(NASTY, WORDS.map(str.strip).filter(bool), st.just("Plain words"))
LINES = TEXTS.map(lambda t: " ".join(t.split()) or "x")
URLS = st.sampled_from(
    ["https://example.org/a?b=c&d=%3C", "http://example.org/ä", "https://example.org/x"]
)


def _value(kind: Any, vocabulary: str | None, words: Vocabularies) -> st.SearchStrategy[Any]:
    if vocabulary:
        return st.sampled_from(list(words.terms[vocabulary]))
    if is_model(kind):
        return _part(kind, words)
    if kind is Slug:
        return st.sampled_from(["gcsp", "not-public"])
    if kind is Url:
        return URLS
    if kind is Email:
        return st.just("office@example.org")
    if kind is Text:
        return TEXTS
    base = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return {
        bool: st.booleans(),
        int: st.integers(1800, 2100),
        date: DAYS,
        Decimal: st.decimals(0, 9999, places=2).map(str),
        str: LINES,
    }[base]


def _part(model: type[BaseModel], words: Vocabularies) -> st.SearchStrategy[dict[str, Any]]:
    parts = {}
    for name, info in model.model_fields.items():
        kind, many = _plain_type(info.annotation)
        listed = next((m.name for m in info.metadata if isinstance(m, Vocabulary)), None)
        one = LINES if kind is str else _value(kind, listed, words)
        value = st.lists(one, min_size=1, max_size=3) if many else one
        parts[name] = value if info.is_required() or kind is bool else st.none() | value
    return st.fixed_dictionaries(parts).map(_in_order)


def _in_order(part: dict[str, Any]) -> dict[str, Any]:
    """Return a run that ends after it starts."""
    if part.get("start") and part.get("end"):
        part["start"], part["end"] = sorted((part["start"], part["end"]))
    return part


def _of_field(field: Declared, words: Vocabularies) -> st.SearchStrategy[Any]:
    one = _value(field.type, field.vocabulary, words)
    if field.name.endswith("website"):
        one = URLS
    unique = field.vocabulary is not None
    return st.lists(one, min_size=1, max_size=3, unique=unique) if field.many else one


def published(kind: Kind, words: Vocabularies) -> st.SearchStrategy[Published]:
    """Return made-up entries of a kind; of what they refer to, only `gcsp` is public."""
    fields = {
        name: _of_field(d, words)
        if name in (kind.title_field, kind.kind_field)
        else st.none() | _of_field(d, words)
        for name, d in kind.public_fields.items()
    }
    return st.fixed_dictionaries(fields).map(lambda profile: an_entry(kind, profile))


def an_entry(kind: Kind, profile: dict[str, Any], version: int = 3) -> Published:
    """Return a published entry that says this."""
    moment = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
    entry = Entry(
        id=uuid.UUID(int=1),
        kind=kind.name,
        slug="made-up",
        title=profile[kind.title_field],
        version=version,
        updated_at=moment,
        published_at=moment,
        state=State.PUBLISHED,
    )
    links = [
        Linked(d.reference.rel, name, "organisation", "gcsp", "Geneva Centre")
        for name, d in kind.public_fields.items()
        if d.reference and d.reference.kind == "organisation"
    ]
    whole = {**dict.fromkeys(kind.public_fields), **profile}
    return Published(entry, kind, whole, {}, links, [])
