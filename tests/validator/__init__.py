"""The Nu Html Checker of the W3C, run once over many pages; `make validator` installs it."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
JAR = HERE / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
VERSION: str = json.loads((HERE / "package.json").read_text())["dependencies"]["vnu-jar"]
SECONDS = 120


def is_here() -> bool:
    """Say whether the checker and the Java that runs it are installed."""
    return JAR.exists() and shutil.which("java") is not None


def errors_in(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Return what is no valid HTML in pages, each error after the name of its page.

    The pages are written to a folder that is empty. Warnings are left out.
    """
    names = {}
    for number, (name, html) in enumerate(pages.items()):
        file = folder / f"{number}.html"
        file.write_text(html, encoding="utf-8")
        names[file.name] = name
    command = ["java", "-jar", str(JAR), "--errors-only", "--exit-zero-always", "--format", "json"]
    done = subprocess.run(
        [*command, str(folder)], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return [
        f"{names[Path(found['url']).name]}, line {found.get('lastLine')}: {found['message']}"
        for found in json.loads(done.stderr)["messages"]
    ]
