"""What the tests of the API share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

import directory.languages as spoken
from directory.db import Database, make_engine
from directory.settings import Settings

Client = TestClient[Any]


@pytest.fixture
def desk_database(desk_settings: Settings) -> Iterator[Database]:
    """The database behind `desk`, for what a curator does while a program reads."""
    engine = make_engine(desk_settings.database_url)
    yield Database(engine)
    engine.dispose()


FRENCH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: fr\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Not stated"
msgstr "Non précisé"
"""


@pytest.fixture
def french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The site has two languages, English and French."""
    (tmp_path / "fr.po").write_text(FRENCH, encoding="utf-8")
    monkeypatch.setattr(spoken, "FOLDER", tmp_path)
    spoken.languages.cache_clear()
    spoken._catalogue.cache_clear()
    yield
    spoken.languages.cache_clear()
    spoken._catalogue.cache_clear()
