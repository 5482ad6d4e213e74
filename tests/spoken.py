"""Languages of a test's own: each is a file with the few messages that the test has words for."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

import directory.languages as spoken

Speak = Callable[[str, Mapping[str, str]], None]
"""Make a language known by its code, with a translation for each of these messages."""


@pytest.fixture
def speak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Speak]:
    """A folder in which the test decides what languages there are; English is always there."""
    folder = tmp_path / "languages"
    folder.mkdir()
    monkeypatch.setattr(spoken, "FOLDER", folder)

    def forget() -> None:
        spoken.languages.cache_clear()
        spoken._catalogue.cache_clear()

    def write(code: str, said: Mapping[str, str]) -> None:
        catalogue = Catalog(locale=code)
        for message, translation in said.items():
            catalogue.add(message, translation)
        with (folder / f"{code}.po").open("wb") as file:
            write_po(file, catalogue)
        forget()

    forget()
    yield write
    forget()
