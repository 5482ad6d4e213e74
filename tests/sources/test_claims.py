"""Claims come again and again in a long table; each is read once, and as itself."""

from datetime import date

import pytest
from pydantic import ValidationError

from directory.sources.claims import Claim, read_claim

SAID = {"source": "who", "status": "stated", "locator": "3", "checked_on": "2026-11-22"}


def test_the_same_words_are_the_same_claim() -> None:
    found = read_claim(SAID)
    assert found is read_claim(dict(SAID))
    assert found == Claim.model_validate(SAID)
    assert found.as_json == SAID
    assert read_claim({**SAID, "locator": "4"}).locator == "4"


def test_a_claim_without_a_day_was_looked_at_on_the_day_it_is_read() -> None:
    undated = {name: said for name, said in SAID.items() if name != "checked_on"}
    first = read_claim(undated)
    assert first.checked_on == date.today()
    assert read_claim(undated) is not first


def test_two_answers_are_kept_as_a_list() -> None:
    both = {**SAID, "status": "contradicted", "values": ["2003", "2004"]}
    assert read_claim(both).values == ["2003", "2004"]


@pytest.mark.parametrize(
    ("part", "value"), [("source", ["who"]), ("note", {}), ("checked_on", "soon"), ("what", "x")]
)
def test_what_is_no_claim_is_refused_each_time(part: str, value: object) -> None:
    for _ in range(2):
        with pytest.raises(ValidationError):
            read_claim({**SAID, part: value})
