"""Commands for whoever runs an installation."""

from pathlib import Path

import click

from directory.accounts.permissions import ROLES
from directory.cli.command import main
from directory.settings import Settings, data


@main.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema."""
    from directory.db import make_engine
    from directory.migrate import migrate as upgrade

    upgrade(make_engine(settings.database_url))
    click.echo("The database is up to date.")


@main.command()
@click.pass_obj
def seed(settings: Settings) -> None:
    """Load the vocabularies, sources and entries of seed/; changes nothing when run again."""
    from directory.db import Database, make_engine
    from directory.imports.seed import load_seed

    database = Database(make_engine(settings.database_url))
    with database.writing() as session:
        report = load_seed(session, data("seed"))
    click.echo(
        f"{len(report.added)} entries added, {len(report.updated)} updated, "
        f"{report.unchanged} unchanged, {len(report.left_alone)} left alone because a person "
        f"edited them; {report.terms} terms, {report.paragraphs} paragraphs."
    )


@main.command()
@click.option("--entries", type=click.IntRange(1), required=True, help="How many entries.")
@click.option(
    "--seed", "number", type=int, required=True, help="The same number, the same entries."
)
@click.pass_obj
def demo(settings: Settings, entries: int, number: int) -> None:
    """Fill an empty database with synthetic entries, to measure with."""
    from directory.db import Database, make_engine
    from directory.imports.demo import fill

    with Database(make_engine(settings.database_url)).writing() as session:
        fill(session, data("seed"), entries, number)
    click.echo(f"{entries:,} synthetic entries added.")


@main.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the person may do.")
@click.pass_obj
def add_user(settings: Settings, email: str, role: str) -> None:
    """Add a person; print the link with which they set their password, once, within 7 days."""
    from directory.accounts.service import add_user as add
    from directory.db import Database, make_engine

    database = Database(make_engine(settings.database_url))
    with database.writing() as session:
        token = add(session, email, role)
    click.echo(f"{settings.base_url}/account/password/{token}")


@main.command()
@click.pass_obj
def index(settings: Settings) -> None:
    """Build every derived index anew."""
    from directory.db import Database, make_engine
    from directory.memory import collect_seldom
    from directory.search.query import SearchQuery
    from directory.search.service import SearchService

    collect_seldom()
    service = SearchService(Database(make_engine(settings.database_url)), settings.data_dir)
    service.rebuild()
    click.echo(f"{service.search(SearchQuery()).total} entries are in the index.")
    service.close()


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Copy the whole database to a new file, also while others work with it."""
    from directory.backup import backup as save
    from directory.backup import note_backup, words_for
    from directory.db import make_engine

    label = save(make_engine(settings.database_url), file)
    note_backup(settings.data_dir, label)
    click.echo(f"Saved in {file}: {words_for(label.parts)}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def restore(settings: Settings, file: Path) -> None:
    """Put a backup into an empty database, all of it or nothing."""
    from directory.backup import restore as put_back
    from directory.backup import words_for
    from directory.db import make_engine

    done = put_back(make_engine(settings.database_url), file)
    click.echo(f"Restored: {words_for(done.parts)}")
    if done.compared:
        click.echo("This is what the backup says it holds.")
    else:
        click.echo("An older release made the backup: the database now has the newest schema.")


@main.command("settings")
@click.pass_obj
def show_settings(settings: Settings) -> None:
    """Print every setting with its value, where it comes from and what it does."""
    for variable, value, origin, sentence in settings.rows():
        click.echo(f"{variable}={value if value is not None else ''}  ({origin})\n    {sentence}")
