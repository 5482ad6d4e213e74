"""The commands that tell of changes: other programs, and readers who follow a search."""

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


@main.group()
def alerts() -> None:
    """The readers who follow a search by mail."""


@alerts.command("send")
@click.pass_obj
def send_alerts(settings: Settings) -> None:
    """Write to readers what is new in what they follow; safe to run again, for instance daily."""
    from directory.alerts.following import forget_unconfirmed
    from directory.alerts.making import make_letters
    from directory.alerts.sending import send_letters
    from directory.db import Database, make_engine
    from directory.search.service import SearchService
    from directory.web.templating import plural, template_engine

    database = Database(make_engine(settings.database_url))
    search = SearchService(database, settings.data_dir)
    with database.writing() as session:
        forgotten = forget_unconfirmed(session)
    made = make_letters(database, search)
    sent = send_letters(database, search, settings, template_engine(settings).engine)
    search.close()
    where = "" if settings.smtp_url else f" to {settings.data_dir / 'outbox'}"
    click.echo(
        f"{plural(made, 'new letter')}; {sent.sent} sent{where}, {sent.failed} failed. "
        f"{plural(forgotten, 'address', 'addresses')} never confirmed and deleted, {sent.gone} "
        "given up."
    )
    if sent.failed:
        click.echo(f"The last failure: {sent.reason}. Letters that failed are tried again.")
        sys.exit(1)
