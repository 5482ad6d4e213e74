"""The command itself: its settings, and what an error looks like."""

import re
import sys
from typing import Any

import click
from pydantic import ValidationError

from directory.errors import DirectoryError
from directory.settings import Settings

_NO_TABLE = re.compile(r"no such table|relation .* does not exist")


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
            hint = " Run `directory migrate` first." if _NO_TABLE.search(reason) else ""
            click.echo(f"The database did not do it: {reason}.{hint}", err=True)
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
    ctx.obj = _read_settings()


def _read_settings() -> Settings:
    """Read the settings; a value that does not fit is named with its variable."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        name = f"DIRECTORY_{wrong['loc'][0]}".upper()
        raise click.ClickException(f"{name} is wrong: {wrong['msg']}.") from error
