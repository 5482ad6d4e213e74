"""Terms lie in wider terms, carry every word people use, and say where their links come from."""

import pytest

from directory.db import Database
from directory.entries.vocabularies import Vocabularies
from directory.errors import NotFound


@pytest.fixture
def words(database: Database) -> Vocabularies:
    with database.reading() as session:
        return Vocabularies.read(session)


def test_an_application_lies_in_c7(words: Vocabularies) -> None:
    assert words.with_broader("action-lines", ["C7-EGOV"]) == ["C7-EGOV", "C7"]
    assert len(words.narrower["action-lines", "C7"]) == 8


def test_a_country_lies_in_its_regions_and_groups(words: Vocabularies) -> None:
    above = list(words.above("countries", "FJ"))
    assert ("regions", "009") in above and ("regions", "001") in above
    assert ("regions", "722") in above, "Fiji is a small island developing state"
    assert above[-1] == ("regions", "001") or ("regions", "001") in above[-3:]


@pytest.mark.parametrize(
    ("vocabulary", "code", "said"),
    [
        ("policy-areas", "artificial-intelligence", "machine learning"),
        ("action-lines", "C7-EGOV", "e-government"),
        ("audiences", "ngos-civil-society", "NGO"),
        ("countries", "CH", "Suisse"),
    ],
)
def test_a_term_knows_what_people_call_it(
    words: Vocabularies, vocabulary: str, code: str, said: str
) -> None:
    assert said.lower() in [w.lower() for w in words.words(vocabulary, code)]


def test_every_action_line_names_its_facilitators_with_their_origin(words: Vocabularies) -> None:
    for code in words.of("action-lines"):
        if code == "C7":
            continue
        bodies = [w for w, t in words.links("action-lines", code) if t.vocabulary == "facilitators"]
        assert bodies, code
        assert {w.origin for w in bodies} <= {"official", "published", "derived", "curator"}


def test_disputed_cells_of_the_matrix_say_so(words: Vocabularies) -> None:
    goals = [w for w, t in words.links("action-lines", "C2") if t.vocabulary == "sdgs"]
    disputed = [w for w in goals if w.to_code == "8"]
    assert disputed and disputed[0].note and "disagree" in disputed[0].note


def test_an_unknown_vocabulary_is_not_found(words: Vocabularies) -> None:
    with pytest.raises(NotFound):
        words.of("circus")


def test_a_snapshot_is_read_once_and_again_when_a_file_has_changed(database: Database) -> None:
    with database.writing() as session:
        first = Vocabularies.read(session)
        assert Vocabularies.read(session) is first
        vocabulary = next(iter(first.vocabularies.values()))
        row = session.get(type(vocabulary), vocabulary.name)
        assert row
        row.digest = "another"
        session.flush()
        assert Vocabularies.read(session) is not first
