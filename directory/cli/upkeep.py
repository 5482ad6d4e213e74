"""Commands that keep entries true: scheduled work, and checks."""

import sys
from typing import Any

import click

from directory.cli.command import main
from directory.errors import Conflict
from directory.settings import Settings


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


@main.command()
@click.pass_obj
def reminders(settings: Settings) -> None:
    """Write to providers whose entries want a look; safe to run again, for instance every day."""
    from directory.accounts.repeats import forget_old
    from directory.curation.confirming import renew_all_review_dates
    from directory.curation.reminders import queue_reminders
    from directory.db import Database, make_engine, now
    from directory.imports.held import forget
    from directory.inbox.tidy import tidy
    from directory.mail import deliver
    from directory.matching.counting import judge_due
    from directory.search.service import SearchService
    from directory.web.templating import plural

    database = Database(make_engine(settings.database_url))
    renewed = renew_all_review_dates(database)
    with database.writing() as session:
        queued = queue_reminders(session, settings, now().date())
        ended = tidy(session, settings)
        forget_old(session)
        forget(session)
    search = SearchService(database, settings.data_dir)
    judged = judge_due(database, search, settings, today=now().date())
    search.close()
    delivered = deliver(database, settings)
    click.echo(
        f"{plural(queued.letters, 'letter')} about {plural(queued.entries, 'entry', 'entries')} "
        f"queued; {queued.without_address} more without an address, {queued.refused} whose address "
        f"wants no letters; {plural(renewed, 'review date')} put right."
    )
    click.echo(
        f"{plural(ended.requests, 'request')} and {plural(ended.grants, 'grant')} ran out; "
        f"{plural(ended.addresses, 'address', 'addresses')} of senders forgotten; "
        f"{plural(judged, 'counted need')} compared with today's offers."
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


@main.command()
@click.option("--source", "slug", help="Only this feed, by its slug, due or not.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Only say what would come in.")
@click.pass_obj
def harvest(settings: Settings, slug: str | None, is_dry: bool) -> None:
    """Read the approved feeds that are due into drafts; safe to run again, and at once."""
    from directory.db import Database, make_engine
    from directory.imports.fetch import Fetcher
    from directory.imports.harvest.models import Outcome
    from directory.imports.harvest.runs import harvest as read

    database = Database(make_engine(settings.database_url))
    bad, number = False, 0
    for feed, run in read(database, Fetcher(settings.base_url), slug=slug, is_dry=is_dry):
        number += 1
        bad |= run.outcome in (Outcome.FAILED, Outcome.STOPPED)
        click.echo(
            f"{feed.slug}: {Outcome(run.outcome).words}. Read {run.read}, added {run.added}, "
            f"updated {run.updated}, unchanged {run.unchanged}, rejected {run.rejected}, "
            f"archived {run.archived}; in {run.left} something was left as it is."
        )
        for text in (run.reason, *(_line(line) for line in run.lines)):
            if text:
                click.echo(f"      {text}")
        if run.lines_cut:
            click.echo(f"      and {run.lines_cut} more.")
    if not number:
        click.echo("Another run is reading it now." if slug else "No feed is due.")
    if bad:
        sys.exit(1)


def _line(line: dict[str, Any]) -> str:
    """Return one line of a report as plain text."""
    told = [line["reason"]] if line.get("reason") else []
    for one in line.get("fields", []):
        if one.get("left"):
            told.append(f"{one['title']} was left: {one['left']}")
        else:
            told.append(f"{one['title']}: {one.get('before', '–')} → {one.get('after', '–')}")
    return f"{line['action']}  {line['name']}  " + "; ".join([*told, *line.get("notes", [])])
