"""The `directory` command: each command parses, calls one service, prints."""

import gc
import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from directory.accounts.permissions import ROLES
from directory.errors import Conflict, DirectoryError
from directory.settings import Settings, data

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


def _check_address(host: str, port: int) -> None:
    """Say in one sentence what a server would say in many lines."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise click.ClickException(f"Nothing can listen on {host}:{port}: {reason}.") from error


def _check_data_folder(settings: Settings) -> None:
    """Write to the data folder once, before each worker fails at it."""
    import tempfile

    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=settings.data_dir).close()
    except OSError as error:
        raise click.ClickException(
            f"Nothing can be written to {settings.data_dir}: {error.strerror}."
        ) from error
    if not settings.secret:
        raise click.ClickException(f"There is no key in {settings.data_dir / 'secret.key'}.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.pass_obj
def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Migrate, load the seed when the database is empty, and serve."""
    if port == 0:
        raise click.UsageError("Port 0 would be a different address each time; name a port.")
    import uvicorn

    from directory.db import Database, make_engine
    from directory.imports.seed import is_empty, load_seed
    from directory.migrate import migrate as upgrade

    _check_address(host, port)
    # Everything made until the first answer stays; looking through it for garbage costs a third
    # of the start. The application turns the collector on again when it is warm.
    gc.disable()
    engine = make_engine(settings.database_url)
    upgrade(engine)
    with Database(engine).writing() as session:
        if is_empty(session):
            load_seed(session, data("seed"))
    engine.dispose()
    _check_data_folder(settings)
    click.echo(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}")
    uvicorn.run(
        "directory.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
    )


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


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Copy the whole database to a new file, also while others work with it."""
    from directory.backup import backup as save
    from directory.backup import words_for
    from directory.db import make_engine

    label = save(make_engine(settings.database_url), file)
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


@main.command()
@click.pass_obj
def index(settings: Settings) -> None:
    """Build every derived index anew."""
    from directory.db import Database, make_engine
    from directory.search.query import SearchQuery
    from directory.search.service import SearchService

    service = SearchService(Database(make_engine(settings.database_url)), settings.data_dir)
    service.rebuild()
    click.echo(f"{service.search(SearchQuery()).total} entries are in the index.")
    service.close()


@main.group()
def links() -> None:
    """The outgoing links of entries."""


@links.command("check")
@click.pass_obj
def check_links(settings: Settings) -> None:
    """Check the outgoing links that are due, and name those that are broken since."""
    from directory.db import Database, make_engine
    from directory.imports.fetch import Fetcher
    from directory.imports.links import check_links as check

    database = Database(make_engine(settings.database_url))
    report = check(database, Fetcher(settings.base_url))
    for link in report.newly_broken:
        click.echo(f"{settings.base_url}{link.entry_url}  {link.title}")
        click.echo(f"      {link.field.title}: {link.check.url}")
        click.echo(f"      {link.check.reason}")
    found = report.found
    newly = len({link.check.url for link in report.newly_broken})
    click.echo(
        f"Links checked: {found.total()}. Working: {found['ok']}, broken: {found['broken']} "
        f"(newly: {newly}), not known: {found['unknown']}. Not due yet: {report.waiting}."
    )


@main.command()
@click.pass_obj
def rules(settings: Settings) -> None:
    """Name the published entries that would not be published by the rules of today."""
    from directory.curation.rules import failing_live
    from directory.db import Database, make_engine

    failing = False
    with Database(make_engine(settings.database_url)).reading() as session:
        for one in failing_live(session):
            failing = True
            click.echo(f"{one.kind.url(one.slug)}  {one.field}: {one.reason}")
    if failing:
        sys.exit(1)
    click.echo("Every published entry meets the rules of today.")


@main.command("settings")
@click.pass_obj
def show_settings(settings: Settings) -> None:
    """Print every setting with its value, where it comes from and what it does."""
    for variable, value, origin, sentence in settings.rows():
        click.echo(f"{variable}={value if value is not None else ''}  ({origin})\n    {sentence}")


@main.command()
@click.pass_obj
def reminders(settings: Settings) -> None:
    """Write to providers whose entries want a look; safe to run again, for instance every day."""
    from directory.curation.confirming import renew_all_review_dates
    from directory.curation.reminders import queue_reminders
    from directory.db import Database, make_engine, now
    from directory.inbox.tidy import tidy
    from directory.mail import deliver
    from directory.web.templating import plural

    database = Database(make_engine(settings.database_url))
    renewed = renew_all_review_dates(database)
    with database.writing() as session:
        queued = queue_reminders(session, settings, now().date())
        ended = tidy(session, settings)
    delivered = deliver(database, settings)
    click.echo(
        f"{plural(queued.letters, 'letter')} about {plural(queued.entries, 'entry', 'entries')} "
        f"queued; {queued.without_address} more without an address, {queued.refused} whose address "
        f"wants no letters; {plural(renewed, 'review date')} put right."
    )
    click.echo(
        f"{plural(ended.requests, 'request')} and {plural(ended.grants, 'grant')} ran out; "
        f"{plural(ended.addresses, 'address', 'addresses')} of senders forgotten."
    )
    where = "" if settings.smtp_url else f" to {settings.data_dir / 'outbox'}"
    click.echo(f"{plural(delivered.sent, 'message')} sent{where}, {delivered.failed} failed.")
    if delivered.failed:
        sys.exit(1)


@main.group()
def audit() -> None:
    """The log of who did what."""


@audit.command("verify")
@click.pass_obj
def verify_audit(settings: Settings) -> None:
    """Check that nobody changed the log, or a revision behind its back."""
    from directory.curation.audited import verify
    from directory.db import Database, make_engine

    with Database(make_engine(settings.database_url)).reading() as session:
        checked = verify(session)
    click.echo(f"{checked.rows:,} rows; the hash of the last one is {checked.head}.")
    if checked.older:
        click.echo(f"{checked.older:,} revisions are older than the log.")
    if checked.broken:
        sequence, reason = checked.broken
        raise Conflict(f"Row {sequence} is wrong: {reason}.")
    click.echo("The log is whole.")


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
