"""Build hook: htmx from the django-htmx wheel, compiled messages, and the data folders of a wheel.

htmx is neither vendored nor fetched from a CDN: the exact build requirement carries it, and its
checksum is verified here, at install time.
"""

import hashlib
import importlib.util
import shutil
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HTMX = "directory/web/static/htmx.min.js"
HTMX_SHA256 = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"


def _htmx() -> Path:
    """Return the file of htmx 2.0.10 in the build environment; refuse any other content."""
    spec = importlib.util.find_spec("django_htmx")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("The build requirement django-htmx is missing.")
    source = Path(spec.submodule_search_locations[0], "static/django_htmx/htmx-2.min.js")
    if hashlib.sha256(source.read_bytes()).hexdigest() != HTMX_SHA256:
        raise RuntimeError(f"{source} is not the htmx that this release was tested with.")
    return source


def _compile_messages(folder: Path) -> None:
    """Write each file of messages as a program reads it fast; the source stays beside it."""
    for source in folder.glob("*.po"):
        with source.open("rb") as opened:
            catalogue = read_po(opened, locale=source.stem.replace("-", "_"))
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)


class Hook(BuildHookInterface[Any]):
    """Hatch calls this for every wheel and editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Place htmx and messages; a wheel also takes templates, migrations and seed with it."""
        _compile_messages(Path(self.root, "seed", "languages"))
        if version == "editable":
            target = Path(self.root, HTMX)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_htmx(), target)
            return
        build_data["force_include"][str(_htmx())] = HTMX
        for folder in ("templates", "migrations", "seed"):
            build_data["force_include"][str(Path(self.root, folder))] = f"directory/_data/{folder}"
