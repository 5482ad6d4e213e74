"""Every language says everything, and says it with the same values and the same marks."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from directory.languages import FOLDER
from tests.languages.messages import messages, read, untranslated
from tests.languages.unmarked import ROOT, unmarked

FILES = sorted(FOLDER.glob("*.po"))
PLACE = re.compile(r"%\((\w+)\)s")
TAG = re.compile(r"</?[a-z][^>]*>")
files = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@pytest.fixture(scope="module")
def in_code() -> Catalog:
    return messages()


def forms(message: Message) -> list[tuple[str, str]]:
    """Pair each form of a translation with the English one that it stands for."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    one, many = message.id
    said = list(message.string or ())
    return [(many, text) for text in said[1:]] + [(many if len(said) == 1 else one, said[0])]


def test_the_six_official_languages_are_there() -> None:
    assert {file.stem for file in FILES} >= {"ar", "es", "fr", "ru", "zh"}


@files
def test_nothing_is_missing_and_nothing_is_left_over(file: Path, in_code: Catalog) -> None:
    catalogue = read(file)
    assert [m.id for m in untranslated(catalogue)] == []
    assert {m.id for m in catalogue if m.id} == {m.id for m in in_code if m.id}


@files
def test_values_and_marks_are_those_of_the_english_text(file: Path) -> None:
    wrong = []
    for message in read(file):
        for english, said in forms(message) if message.id else ():
            # The singular may do without its count: Arabic says "one entry" in a word.
            spare = {"count", "n"} if message.pluralizable else set()
            missing = set(PLACE.findall(english)) ^ set(PLACE.findall(said))
            if missing - spare or Counter(TAG.findall(english)) != Counter(TAG.findall(said)):
                wrong.append((english, said))
            stray = re.sub(r"%%", "", PLACE.sub("", said))
            if PLACE.search(english) and "%" in stray:
                wrong.append((english, said))
    assert wrong == []


@files
def test_each_plural_has_as_many_forms_as_the_language(file: Path) -> None:
    catalogue = read(file)
    counts = {len(m.string or ()) for m in catalogue if m.id and m.pluralizable}
    assert counts <= {catalogue.num_plurals}


def test_all_words_for_people_can_be_translated() -> None:
    assert list(unmarked([ROOT / "templates", ROOT / "directory"])) == []


def test_only_texts_of_our_own_are_trusted_as_html() -> None:
    """`_` returns HTML: what it is given stands in the template itself."""
    found = [
        f"{file.name}: {call}"
        for file in (ROOT / "templates").rglob("*.html")
        for call in re.findall(r"\b_\(\s*[^\"'\s].{0,40}", file.read_text(encoding="utf-8"))
    ]
    assert found == []
