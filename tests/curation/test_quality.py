"""The figure of completeness, and what would raise it."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from directory.curation.quality import measure
from directory.entries.kinds import KINDS, TRAINING
from directory.sources.claims import Claim, Status

LOOKED, TODAY = date(2026, 11, 22), date(2026, 11, 25)
Shape = dict[str, str]


def figure(shape: Shape, kind: Any = TRAINING) -> tuple[int, list[str]]:
    """Measure an entry whose fields are sourced, unsourced, contradicted, old or not stated."""
    profile = {name: "x" for name, how in shape.items() if how not in ("silent", "open")}
    claims: dict[str, list[Claim]] = {}
    for name, how in shape.items():
        looked = date(2000, 1, 1) if how == "old" else LOOKED
        if how in ("sourced", "old"):
            claims[name] = [Claim(source="a-paper", checked_on=looked)]
        elif how == "clash":
            claims[name] = [
                Claim(
                    source="a-paper",
                    status=Status.CONTRADICTED,
                    values=["one", "two"],
                    checked_on=looked,
                )
            ]
        elif how == "silent":
            claims[name] = [Claim(source="a-paper", status=Status.NOT_STATED, checked_on=looked)]
    found = measure(kind, profile, claims, None, TODAY)
    return found.figure, [gain.words for gain in found.gains]


def test_nothing_is_0_and_everything_is_100() -> None:
    for kind in KINDS.values():
        every = dict.fromkeys(kind.public_fields, "sourced")
        if "runs" in every:
            every["runs"] = "open"
        whole, gains = figure(every, kind)
        assert whole >= 99 and len(gains) <= 1
        assert figure({}, kind)[0] == 0
        silent = dict.fromkeys(kind.public_fields, "silent")
        assert 48 <= figure(silent, kind)[0] <= 50


def test_what_visitors_ask_first_would_raise_it_most() -> None:
    _, gains = figure({"title": "sourced"})
    first = [g.split(":")[0] for g in gains[:6]]
    asked = [d.title for d in TRAINING.fields.values() if d.answers and d.required]
    assert set(first) <= set(asked)


def test_each_gain_says_what_to_do() -> None:
    shape = {"cost": "clash", "mode": "old", "level": "plain", "eligibility": "silent"}
    gains = " ".join(figure(shape)[1])
    assert "Cost: settle which of the two answers is right." in gains
    assert "Mode: look at it again; nobody has for long." in gains
    assert "Level: say where it comes from." in gains
    assert "Who is eligible: no source states it. Ask the provider." in gains
    assert "Duration" not in gains


HOW = st.sampled_from(["open", "silent", "plain", "old", "clash", "sourced"])
NAMES = sorted(n for n, d in TRAINING.public_fields.items() if not d.ours and n != "runs")


@given(st.dictionaries(st.sampled_from(NAMES), HOW), st.sampled_from(NAMES))
def test_a_sourced_value_never_lowers_the_figure(shape: Shape, name: str) -> None:
    before, _ = figure(shape)
    after, _ = figure(shape | {name: "sourced"})
    assert 0 <= before <= after <= 100
    assert figure(shape | {name: "silent"})[0] >= figure(shape | {name: "open"})[0]
    assert figure(shape | {name: "plain"})[0] <= after
    assert figure(shape | {name: "old"})[0] <= after
