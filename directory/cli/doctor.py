"""The command that says what is wrong with an installation."""

import json
import sys

import click

from directory.cli.command import main
from directory.settings import Settings


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Write it for programs.")
@click.pass_obj
def doctor(settings: Settings, as_json: bool) -> None:
    """Look for the commonest faults of an installation, and say what to do; changes nothing."""
    from directory.doctor import Level, examine

    findings = []
    for one in examine(settings):
        findings.append(one)
        if not as_json:
            click.echo(f"{one.level.value:<12} {one.check:<14} {one.found}")
            if one.todo:
                click.echo(f"{'':<12} {'':<14} → {one.todo}")
    counts = {level.value: sum(one.level == level for one in findings) for level in Level}
    if as_json:
        rows = [
            {"check": f.check, "level": f.level.value, "found": f.found, "do": f.todo or None}
            for f in findings
        ]
        click.echo(json.dumps({"findings": rows, "counts": counts}, indent=2, ensure_ascii=False))
    else:
        click.echo(", ".join(f"{level}: {count}" for level, count in counts.items() if count))
    if counts[Level.FAULT.value]:
        sys.exit(1)
