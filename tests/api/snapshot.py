"""The description of the API as it was last agreed. `make api-snapshot` writes it anew."""

import json
import tempfile
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("openapi.json")


def agreed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def description_of(client: Any) -> dict[str, Any]:
    """Return the description of today, without what is no promise: examples and addresses."""
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    found.pop("servers", None)
    return {name: value for name, value in _bare(found).items() if name != "info"}


WORDS = ("description", "summary", "example", "examples", "title")


def _bare(value: Any, inside: str = "") -> Any:
    """Leave out words for people; a field may be called like one of them."""
    if isinstance(value, dict):
        skipped = () if inside == "properties" else WORDS
        return {k: _bare(v, k) for k, v in sorted(value.items()) if k not in skipped}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def write() -> None:
    """Write the description that a fresh installation gives."""
    from litestar.testing import TestClient

    from directory.app import create_app
    from directory.db import Database, make_engine
    from directory.imports.seed import load_seed
    from directory.migrate import migrate
    from directory.settings import data
    from tests.conftest import settings_for

    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/directory.db"
        engine = make_engine(url)
        migrate(engine)
        with Database(engine).writing() as session:
            load_seed(session, data("seed"))
        engine.dispose()
        with TestClient(create_app(settings_for(Path(folder), url))) as client:
            text = json.dumps(description_of(client), indent=1, sort_keys=True, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
