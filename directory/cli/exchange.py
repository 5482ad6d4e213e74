"""Commands that bring entries in and give them out."""

import sys
from pathlib import Path
from typing import Any

import click

from directory.cli.command import main
from directory.settings import Settings

FORMATS = ("csv", "xlsx", "json", "yaml")
_KIND = click.Choice(["organisation", "programme", "training"])


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", type=_KIND, help="Kind of the entries that name none.")
@click.option("--source", help="Source of the values that name none, by its slug.")
@click.option("--encoding", help="Encoding of a text file, where it was not recognised.")
@click.option("--dates", type=click.Choice(["day", "month"]), help="What comes first in 5/6/2026.")
@click.option(
    "--prefer", type=click.Choice(["file", "here"]), help="Whose text to take in a conflict."
)
@click.option("--apply", "applied", is_flag=True, help="Save drafts; without it, only show.")
@click.pass_obj
def import_file(
    settings: Settings,
    file: Path,
    kind: str | None,
    source: str | None,
    encoding: str | None,
    dates: str | None,
    prefer: str | None,
    applied: bool,
) -> None:
    """Show what a CSV, XLSX, JSON or YAML file would change, or save that as drafts.

    Exit status 1 when a row has an error or a conflict that waits for a choice.
    """
    from directory.db import Database, make_engine
    from directory.entries.written import Order
    from directory.imports.entries import Action, Plan, preview
    from directory.imports.merging import Side
    from directory.imports.processes import batches_of
    from directory.imports.readers import open_file
    from directory.imports.rows import Reading
    from directory.imports.saving import apply
    from directory.imports.survey import survey

    opened = open_file(file, encoding=encoding)
    found = survey(opened, kind)
    for sentence in found.told:
        click.echo(sentence, err=True)
    database = Database(make_engine(settings.database_url))
    order = Order(dates) if dates else None
    reading = Reading.of(opened, found, kind=kind, source=source, order=order)
    plan = Plan(found, Side(prefer) if prefer else None)
    totals = dict.fromkeys(Action, 0)
    saved = 0
    with (
        _progress(found.total) as bar,
        batches_of(opened, reading, plan, settings.database_url) as batches,
    ):
        for planned in (
            apply(database, batches, plan, file.name, by=None)
            if applied
            else preview(database, batches, plan)
        ):
            for one in planned:
                totals[one.action] += 1
                saved += bool(applied and one.draft)
                _print(one)
            bar.update(len(planned))
    words = ", ".join(f"{count} {action}" for action, count in totals.items())
    click.echo(words + (f"; {saved} drafts saved." if applied else "."))
    if totals[Action.ERROR] or totals[Action.CONFLICT]:
        sys.exit(1)


def _progress(total: int) -> Any:
    """Return a bar on the standard error of a terminal, and nothing elsewhere."""
    import io

    shown = total >= 2000 and sys.stderr.isatty()
    return click.progressbar(
        length=total, label="Reading", file=sys.stderr if shown else io.StringIO()
    )


def _print(planned: Any) -> None:
    """Print one entry, unless nothing is to be said of it."""
    if not planned.notes and planned.action == "no change":
        return
    notes = (f"\n      {name}: {note}" for name, note in planned.notes.items())
    click.echo(f"{planned.place}  {planned.name}: {planned.action}{''.join(notes)}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", help="Only entries of this kind.")
@click.option("--format", "ending", type=click.Choice(FORMATS), help="As the file's name.")
@click.pass_obj
def export(settings: Settings, file: Path, kind: str | None, ending: str | None) -> None:
    """Write all published entries to a CSV, XLSX, JSON or YAML file, which import reads back."""
    from directory.db import Database, make_engine
    from directory.exports.file import export_file

    database = Database(make_engine(settings.database_url))
    count = export_file(database, file, kind=kind, ending=ending)
    click.echo(f"{count} entries are in {file}.")


@main.command("dump")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.pass_obj
def write_dump(settings: Settings, folder: Path | None) -> None:
    """Write the whole catalogue as files, to FOLDER or where the site gives them out (/dump/)."""
    from directory.db import Database, make_engine
    from directory.exports.dump import dump

    made = dump(Database(make_engine(settings.database_url)), settings, folder)
    size = sum(made.files.values()) / 1_000_000
    click.echo(f"{len(made.files)} files, {size:.1f} MB, are in {made.folder}.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", type=_KIND, required=True, help="Kind of the entries to fill in.")
@click.pass_obj
def template(settings: Settings, file: Path, kind: str) -> None:
    """Write an empty CSV or XLSX table to fill in, with help and the allowed values."""
    from directory.db import Database, make_engine
    from directory.exports.template import write_template

    with Database(make_engine(settings.database_url)).reading() as session:
        write_template(session, file, kind)
    click.echo(f"The template is in {file}.")


@main.group()
def sources() -> None:
    """Work with source documents."""


@sources.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", "slug", required=True, help="The source, by its slug.")
@click.pass_obj
def load_source(settings: Settings, file: Path, slug: str) -> None:
    """Load the text of a source document, paragraph by paragraph."""
    from directory.db import Database, make_engine
    from directory.sources.paragraphs import load_text

    with Database(make_engine(settings.database_url)).writing() as session:
        loaded = load_text(session, slug, file)
    click.echo(f"{loaded.found} paragraphs have their wording now.")
    if loaded.missing:
        click.echo(f"Not found in the text: {', '.join(loaded.missing)}.")
