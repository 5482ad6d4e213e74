"""The command that tells other programs of changes."""

import sys

import click

from directory.cli.command import main
from directory.settings import Settings


@main.group()
def webhooks() -> None:
    """The programs that are told of changes."""


@webhooks.command()
@click.pass_obj
def deliver(settings: Settings) -> None:
    """Send what waits; safe to run again, for instance every five minutes."""
    from directory.db import Database, make_engine
    from directory.imports.fetch import Fetcher, Pace
    from directory.mail import deliver as deliver_mail
    from directory.web.templating import plural
    from directory.webhooks.sending import PATIENCE, deliver_webhooks

    database = Database(make_engine(settings.database_url))
    fetcher = Fetcher(settings.base_url, seconds=PATIENCE, pace=Pace(0))
    sent = deliver_webhooks(database, settings, fetcher)
    deliver_mail(database, settings)
    click.echo(f"{plural(sent.arrived, 'message')} arrived, {sent.failed} did not.")
    if sent.failed:
        sys.exit(1)
