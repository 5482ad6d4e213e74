"""The `directory` command: each command parses, calls one service, prints."""

import sys
from typing import Any

import click

from directory.accounts.permissions import ROLES
from directory.errors import DirectoryError
from directory.settings import Settings, data


class Plain(click.Group):
    """Errors are one plain sentence on standard error and exit status 1, never a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command and translate what goes wrong."""
        from sqlalchemy.exc import DBAPIError

        try:
            return super().invoke(ctx)
        except DirectoryError as error:
            click.echo(str(error), err=True)
        except DBAPIError as error:
            reason = " ".join(str(error.orig).split())
            click.echo(f"The database did not do it: {reason}", err=True)
        except OSError as error:
            click.echo(f"{error.strerror or error}: {error.filename or ''}".strip(": "), err=True)
        sys.exit(1)


def _settings_help() -> str:
    lines = (f"DIRECTORY_{n.upper()}  {i.description}" for n, i in Settings.model_fields.items())
    return "\b\nSettings, from the environment:\n" + "\n".join(lines)


@click.group(cls=Plain, epilog=_settings_help())
@click.version_option(package_name="capacity-directory")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Stakeholder directory and capacity-building catalogue for digital policy."""
    ctx.obj = Settings()


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
