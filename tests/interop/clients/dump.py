"""The static dump."""

from frictionless import Package

from tests.interop.registry import row
from tests.interop.site import Site


@row("Dump, data package", "directory dump DIR", "frictionless")
def dump(site: Site, errors: list[str]) -> int:
    """Write the dump with the command, and let frictionless check each table of it."""
    folder = site.folder / "dump"
    done = site.directory("dump", str(folder))
    if done.returncode:
        errors.append(done.stderr)
        return 0
    described = next(folder.rglob("datapackage.json"))
    report = Package(str(described)).validate()
    for task in report.tasks:
        errors += [f"{task.name}: {error.note}" for error in task.errors]
    errors += [error.note for error in report.errors]
    return sum(int(task.stats.get("rows") or 0) for task in report.tasks)
