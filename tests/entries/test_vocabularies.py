"""Terms lie in wider terms, carry every word people use, and say where their links come from."""

import re

import pytest

from directory.db import Database
from directory.entries.vocabularies import Term, Vocabularies
from directory.errors import NotFound
from directory.imports.labels import LANGUAGES

SCRIPTS = {"ar": "[\u0621-\u064a]", "ru": "[\u0400-\u04ff]", "zh": "[\u4e00-\u9fff]"}
CALLED_SO_EVERYWHERE = {"identifier-schemes", "languages", "currencies"}
"""Names of registers; and lists of which CLDR has no name for a few in one language or another."""


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


def labelled(words: Vocabularies) -> list[Term]:
    return [
        t
        for name in words.terms
        if name not in CALLED_SO_EVERYWHERE
        for t in words.of(name).values()
    ]


def test_every_term_has_a_label_in_six_languages(words: Vocabularies) -> None:
    lacking = [
        f"{term.vocabulary}/{term.code}: {language}"
        for term in labelled(words)
        for language in LANGUAGES
        if not term.labels.get(language, "").strip()
    ]
    assert lacking == []


def test_labels_are_in_the_letters_of_their_language(words: Vocabularies) -> None:
    wrong = [
        term.labels[language]
        for term in labelled(words)
        for language, letters in SCRIPTS.items()
        if not re.search(letters, term.labels[language])
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_names_one_term_of_its_list_and_fits_on_a_chip(
    words: Vocabularies, language: str
) -> None:
    for name in words.terms:
        labels = [t.labels[language] for t in words.of(name).values() if language in t.labels]
        twice = {label for label in labels if labels.count(label) > 1}
        assert not twice, name
        if language != "en" and name not in {"sdgs", "facilitators", "countries", "phrases"}:
            assert max(map(len, labels), default=0) <= 60, name


def test_every_list_says_who_worded_its_labels(words: Vocabularies) -> None:
    for vocabulary in words.vocabularies.values():
        assert vocabulary.labels_note, vocabulary.name
        assert "official" not in vocabulary.labels_note.replace(
            "not the titles in the official", ""
        )


def test_a_reader_sees_the_short_label_of_their_language(words: Vocabularies) -> None:
    line = words.terms["action-lines"]["C4"]
    stakeholders = words.terms["action-lines"]["C1"]
    assert stakeholders.shown == "Governance & stakeholders"
    assert "en" not in line.labels_elsewhere
    assert line.labels_elsewhere["es"] == "Creación de capacidad"
    assert line.label_in("ru") == "Наращивание потенциала"
    assert line.label_in("tlh") == "Capacity building"
