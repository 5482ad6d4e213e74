"""The goals of the reading, on the source documents where they are at hand."""

import os
from pathlib import Path

import pytest

from directory.imports.intake.terms import Reader
from tests.benchmarks.intake.measure import GOALS, LAST_LINE, SHARED, measure


def test_the_goals_hold_on_the_profiles_of_the_seed(reader: Reader) -> None:
    folder = Path(os.environ.get("DIRECTORY_TEST_SHARED", SHARED))
    files = sorted(folder.glob("003_*.txt"))
    if not files:
        pytest.skip("the source documents are not here")
    text = "\n".join(files[0].read_text(encoding="utf-8").split("\n")[:LAST_LINE])
    found = measure(text, reader)
    for name, goal in GOALS.items():
        part, whole = found.figures[name]
        assert part / whole >= goal, (name, found.misses, found.false, found.lines)
    assert found.seconds < 20


def test_no_rule_knows_a_name_of_the_profiles() -> None:
    folder = Path(__file__).parents[3] / "directory" / "imports" / "intake"
    rules = "\n".join(f.read_text(encoding="utf-8") for f in folder.rglob("*.py"))
    names = ("CyberPeace", "GCSP", "GSPI", "Diplo", "Ecma", "CSTD", "HumAInism", "Geneva", "Builders",
             "MapMaker", "REDEHOPE", "Policy Meets", "Cyber 9/12", "Normandy", "Colour of")  # fmt: skip
    assert not [name for name in names if name in rules]
