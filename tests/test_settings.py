"""The secret key is made once, whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from directory.settings import Settings


def test_all_workers_of_a_first_start_have_the_same_key(tmp_path: Path) -> None:
    workers = [Settings(data_dir=tmp_path / "data", secret_key=None) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        keys = set(pool.map(lambda settings: settings.secret, workers))
    assert len(keys) == 1 and len(keys.pop()) == 64
    assert [f.name for f in (tmp_path / "data").iterdir()] == ["secret.key"]
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o777 == 0o600
