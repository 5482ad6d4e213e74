"""Commands that bring entries in and give them out."""

import sys
from pathlib import Path

import click

from directory.cli.command import main
from directory.settings import Settings


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", help="Kind of the entries that name none.")
@click.option("--source", help="Source of the claims that name none, by its slug.")
@click.option("--apply", "applied", is_flag=True, help="Save drafts; without it, only show.")
@click.pass_obj
def import_file(
    settings: Settings, file: Path, kind: str | None, source: str | None, applied: bool
) -> None:
    """Show what a JSON or YAML file of entries would change, or save that as drafts."""
    from directory.db import Database, make_engine
    from directory.imports.entries import Action, apply, plan, read_items

    items = read_items(file)
    with Database(make_engine(settings.database_url)).writing() as session:
        planned = list(plan(session, items, kind=kind, source=source))
        count = apply(session, planned, file.name) if applied else 0
    for one in planned:
        if one.action is not Action.NO_CHANGE:
            click.echo(f"{one.number}  {one.name}: {one.action}")
        for name, note in one.notes.items():
            click.echo(f"      {name}: {note}")
    totals = (f"{sum(p.action is a for p in planned)} {a}" for a in Action)
    click.echo(", ".join(totals) + (f"; {count} drafts saved." if applied else "."))
    if any(p.action is Action.ERROR for p in planned):
        sys.exit(1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", help="Only entries of this kind.")
@click.option("--format", "ending", type=click.Choice(["json", "yaml"]), help="As the file's name.")
@click.pass_obj
def export(settings: Settings, file: Path, kind: str | None, ending: str | None) -> None:
    """Write all published entries to a JSON or YAML file, which import reads as no change."""
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
