"""What the tests of intake start from: the vocabularies of the seed, and who is at the desk."""

import pytest
from sqlalchemy.engine import Engine

from directory.db import Database
from directory.entries.vocabularies import Vocabularies
from directory.imports.intake.terms import Reader
from tests.curation.conftest import contributor, curator
from tests.people import quick_hashes

__all__ = ["contributor", "curator", "quick_hashes"]


@pytest.fixture(scope="session")
def reader(seeded_engine: Engine) -> Reader:
    with Database(seeded_engine).reading() as session:
        return Reader(Vocabularies.read(session))
