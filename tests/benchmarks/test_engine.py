"""The benchmark still measures what it says; its figures are nobody's business here."""

import shutil
from pathlib import Path

from directory.db import Database, make_engine
from tests.benchmarks.engine import measured
from tests.benchmarks.peers import Ours, fill_peers


def test_the_engine_is_measured_beside_bare_tantivy_and_with_publications(
    seeded_file: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(seeded_file, tmp_path / Ours.file))
    corpus = fill_peers(tmp_path)
    found = measured(Database(make_engine(f"sqlite:///{file}")), tmp_path / "data", corpus, each=2)
    assert found["tantivy alone, the query it is understood as, mean, ms"] > 0
    assert found["faceted request, first time, mean, ms"] > 0
    assert found["found by another worker, which looks after that, worst, ms"] > 0
