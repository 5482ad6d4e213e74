"""Forms as nobody fills them in by mistake: every control, drawn from the declarations."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from directory.curation.controls import Control
from directory.curation.forms import CLAIM_PARTS
from directory.sources.claims import Status

Pairs = list[tuple[str, str]]

ODD_TEXTS = [
    "", " ", "\t", "\r\n\r\n", "\x00", "a\x00b", "bell \x07", "\x1b[2J", "\x7f", "\x85", "\u2028",
    "\ufeff", "\ufffe", "\ud800", "\udcff\udcfe", "\U0010ffff", "\u202egpj.exe\u202c", "\u2066rtl",
    "עברית ואנגלית", "e" + "\u0301" * 500, "İıẞſ", "👩‍👩‍👧‍👦" * 40, "%00", "%s%n%d",
    "../../etc/passwd",
    "'; DROP TABLE entry; --", '" OR 1=1', "\\", "\\x00", "<script>alert(1)</script>",
    "<b onmouseover=alert(1)>", "]]>", "<!--", "{{ 7 * 7 }}", "{% include 'x' %}", "${7*7}", "#{7}",
    "None", "null", "true", "[]", "{}", '{"a": 1}', "yes", "no", "on", "x" * 301, "x" * 8001,
    "x" * 100_000, "é" * 100_000, "\n" * 100_000, "a\n" * 3_000, "," * 10_000,
]  # fmt: skip
ODD_NUMBERS = [
    "0", "-0", "-1", "1.5", "1,5", "1e5", "1e999", "1e-999", "1e999999999",
    "1e99999999999999999999",
    "-1e999999999", "NaN", "-NaN", "sNaN", "NaN123", "Infinity", "-inf", "0x10", "1_000", "١٢",
    "٣.٥",
    "½", "²", "+5", "5.", ".5", "9" * 400, "9" * 5_000, "2147483647", "2147483648", "99999999999",
    "9223372036854775807", "9223372036854775808", "0.1234567890123456789", "12 500", "1e5e5",
]  # fmt: skip
ODD_DATES = [
    "2027-02-30", "2027-13-01", "2027-00-00", "0000-01-01", "0001-01-01", "9999-12-31",
    "10000-01-01",
    "-2027-01-01", "20270101", "2027-W01-1", "2027-1-1", "27-01-01", "2027-01-01T00:00:00",
    "2027-01-01T25:00", "1e10", "1700000000", "99999999999999", "-99999999999999", "٢٠٢٧-٠١-٠١",
    "2027-02-29", "soon", "2027-01-01 ", "2027/01/01",
]  # fmt: skip
ODD_CODES = [
    "C99", "c5", "C5 ", "a b", "-", ".", "a" * 81, "C5\x00", "not-stated", "Not A Slug", "-a-",
    "a--b",
    "gcsp", "GCSP", "new", "nobody-at-all", "a" * 121, "https://", "http://[::1", "https://a\u202e.b",
    "javascript:alert(1)", "data:text/html,x", "https://" + "a" * 2_000, "https://example.org/\u0000",
    "https://example.org:99999/", "a@b", "a@b.c", "a@b@c.d", "@.", "x" * 250 + "@example.org",
]  # fmt: skip

texts = st.one_of(
    st.sampled_from(ODD_TEXTS),
    st.sampled_from(ODD_NUMBERS),
    st.sampled_from(ODD_DATES),
    st.sampled_from(ODD_CODES),
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.integers().map(str),
    st.dates().map(str),
)
rows = st.sampled_from(["0", "0", "0", "1", "2", "7", "9999", "00", "0001", "10000", "-1", "x", ""])


def places(control: Control, before: str = "") -> st.SearchStrategy[str]:
    """Draw the name of a control in the form, or of a part of a part of it."""
    name = before + control.name
    if not control.parts:
        return st.just(name)
    inside = st.one_of([places(part) for part in control.parts])
    return st.tuples(rows, inside).map(lambda found: f"{name}.{found[0]}.{found[1]}")


def fields(controls: dict[str, Control]) -> st.SearchStrategy[Pairs]:
    """Draw some values for one control."""
    any_place = st.one_of([places(control) for control in controls.values()])
    values = st.lists(texts, min_size=1, max_size=4)
    return st.tuples(any_place, values).map(lambda f: [(f[0], text) for text in f[1]])


def claims(controls: dict[str, Control]) -> st.SearchStrategy[Pairs]:
    """Draw a claim, sound in some of its parts."""
    sound = {
        "source": st.sampled_from(["gcsp-profile", "curator-check"]),
        "status": st.sampled_from([status.value for status in Status]),
    }
    parts = st.fixed_dictionaries(
        {}, optional={part: sound.get(part, texts) | texts for part in CLAIM_PARTS}
    )
    found = st.tuples(st.sampled_from([*controls, "nothing", ""]), rows, parts)
    return found.map(
        lambda f: [(f"claims.{f[0]}.{f[1]}.{part}", text) for part, text in f[2].items()]
    )


def about_the_form(controls: dict[str, Control]) -> st.SearchStrategy[Pairs]:
    """Draw what is not about the entry: address, base, comment, source for all."""
    names = ["_slug", "_slug", "_base", "_comment", "_source", "_locator", "_silent_on_the_rest"]
    return st.tuples(st.sampled_from(names), texts).map(lambda pair: [pair])


def buttons(controls: dict[str, Control]) -> st.SearchStrategy[Pairs]:
    """Draw a wish for one row more or less, of something there or not."""
    any_place = st.one_of([places(control) for control in controls.values()])
    rowed = [f"{c.name}.0" for c in controls.values() if c.parts]
    wishes = (
        any_place | texts | st.sampled_from([*controls, *rowed, "claims.title", "runs.0.tracks"])
    )
    return st.tuples(st.sampled_from(["add", "drop"]), wishes).map(lambda pair: [pair])


def crowds(controls: dict[str, Control]) -> st.SearchStrategy[Pairs]:
    """Draw thousands of rows, or of values, for one control."""
    any_name = st.sampled_from(list(controls))
    many = st.sampled_from([2_000, 9_000, 10_001])
    return st.tuples(any_name, many, texts, st.booleans()).map(
        lambda f: [
            (_first_part(controls[f[0]], n) if not f[3] else f"claims.{f[0]}.{n}.note", f[2][:50])
            for n in range(f[1])
        ]
    )


def _first_part(control: Control, number: int) -> str:
    return f"{control.name}.{number}.{control.parts[0].name}" if control.parts else control.name


def forms(controls: dict[str, Control]) -> st.SearchStrategy[Pairs]:
    """Draw what is changed in a form: a few things, rarely a crowd."""
    stray = st.tuples(texts, texts).map(lambda pair: [pair])
    kinds = [fields(controls)] * 6 + [claims(controls)] * 3 + [about_the_form(controls)] * 2
    one = st.one_of(*kinds, buttons(controls), stray)
    few = st.lists(one, min_size=1, max_size=3).map(
        lambda found: [p for pairs in found for p in pairs]
    )
    return st.integers(0, 60).flatmap(lambda n: few if n else crowds(controls))


def over(pairs: Iterable[tuple[str, Any]], changes: Pairs) -> Pairs:
    """Write over the fields of a form."""
    names = {name for name, _ in changes}
    return [(name, text) for name, text in pairs if name not in names] + changes
