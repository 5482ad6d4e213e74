"""A run: claim a feed, read it, compare, write drafts batch by batch, and say what happened.

A run claims its feed and gives a sign of life with each page and batch. Two runs never write for
one feed: who finds its claim taken over stops. What a batch has written stays, and whoever runs
again goes on from there, so that a run may be killed at any moment. Nothing is asked of the
network while the database is open for writing.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import is_allowed
from directory.audit import record
from directory.db import Database, new_id, now, write_alone
from directory.entries.kinds import kind_named
from directory.entries.models import Entry
from directory.errors import Conflict, NotFound, SourceFailed
from directory.imports.fetch import Fetcher
from directory.imports.harvest.applying import apply
from directory.imports.harvest.items import Item
from directory.imports.harvest.matching import (
    canonical,
    formers,
    mass_change,
    pages_of_entries,
    shared_pages,
)
from directory.imports.harvest.missing import miss, missing_ids
from directory.imports.harvest.models import Feed, FeedRun, FeedState, Outcome, Schedule
from directory.imports.harvest.planning import Action, Ground, plan, survey, with_owner
from directory.imports.harvest.reading import NotModified, Read, read_feed
from directory.imports.harvest.report import Report, legible
from directory.imports.harvest.values import Understood, Words, understand
from directory.languages import gettext, marked
from directory.sources.models import Source

BATCH = 25
SILENCE = timedelta(minutes=3)
"""A run without a sign of life for so long is gone; one page takes less, and so does a batch."""

AFTER_FAILURE = timedelta(days=1)
AFTER_BREAK = timedelta(hours=1)
_NOTHING_FITS = marked("Every item was rejected.")
Clock = Callable[[], datetime]
Pairs = list[tuple[Item, Understood]]


class TakenOver(Conflict):
    """Another run has taken the feed over."""


def due(session: Session, moment: datetime) -> list[str]:
    """Return the slugs of the approved feeds that are to be read now, the longest due first."""
    return list(
        session.exec(
            select(Feed.slug)
            .where(Feed.state == FeedState.APPROVED.value, col(Feed.next_run_at) <= moment)
            .order_by(col(Feed.next_run_at), Feed.slug)
        )
    )


def harvest(
    database: Database,
    fetcher: Fetcher,
    *,
    slug: str | None = None,
    is_dry: bool = False,
    clock: Clock = now,
) -> Iterator[tuple[Feed, FeedRun]]:
    """Read the feeds that are due, or the one named, due or not; yield each with its run.

    A dry run reads and compares, and writes nothing. A feed that another run reads now is left to
    it. Raises NotFound for a slug nobody has, and Conflict for a feed that is not approved.
    """
    with database.reading() as session:
        slugs = [slug] if slug else due(session, clock())
    for one in slugs:
        if is_dry:
            with database.reading() as session:
                feed = approved(session, one)
            yield feed, look(database, fetcher, feed)
        elif claimed := claim(database, one, clock()):
            yield claimed[0], _run(database, fetcher, *claimed, clock)


def approved(session: Session, slug: str) -> Feed:
    """Return a feed that may be read; raises NotFound and Conflict."""
    feed = session.exec(select(Feed).where(Feed.slug == slug)).first()
    if feed is None:
        raise NotFound(gettext("There is no feed called %(name)s.", name=slug))
    if feed.state != FeedState.APPROVED.value:
        if feed.state == FeedState.PAUSED.value:
            raise Conflict(gettext("The feed %(name)s is paused.", name=slug))
        raise Conflict(gettext("The feed %(name)s waits for approval.", name=slug))
    return feed


def claim(database: Database, slug: str, moment: datetime) -> tuple[Feed, FeedRun] | None:
    """Take a feed for a run of ours, or return None when another run is reading it."""
    with database.writing() as session:
        write_alone(session)
        feed = approved(session, slug)
        session.refresh(feed)
        if feed.run_id and feed.alive_at and moment - feed.alive_at < SILENCE:
            return None
        if feed.run_id and (old := session.get(FeedRun, feed.run_id)):
            old.outcome, old.ended_at = Outcome.FAILED.value, moment
            old.reason = marked("The run was broken off. What it had written by then stays.")
            session.add(old)
        run = FeedRun(id=new_id(), feed_id=feed.id, started_at=moment)
        feed.run_id, feed.alive_at = run.id, moment
        # Until it ends well: a feed that ends every run must not be the first of every round.
        feed.next_run_at = moment + AFTER_BREAK
        session.add_all([feed, run])
    return feed, run


def _alive(session: Session, feed: Feed, run: FeedRun, moment: datetime) -> Feed:
    """Show that a run is alive; raises TakenOver when its claim is gone."""
    write_alone(session)
    row = session.get(Feed, feed.id, populate_existing=True)
    if row is None or row.run_id != run.id:
        raise TakenOver(gettext("Another run has taken over the feed %(name)s.", name=feed.slug))
    row.alive_at = moment
    session.add(row)
    return row


def _run(database: Database, fetcher: Fetcher, feed: Feed, run: FeedRun, clock: Clock) -> FeedRun:
    """Read a claimed feed and write; every end is written down in the row of the run."""

    def beat() -> None:
        with database.writing() as session:
            _alive(session, feed, run, clock())

    read: Read | None = None
    prepared: Prepared | None = None
    outcome, reason = Outcome.DONE, None
    report = _report(database, feed)
    try:
        read = read_feed(fetcher, feed, conditional=True, beat=beat)
        prepared = prepare(database, feed, read, report)
        if reason := prepared.stopped:
            outcome = Outcome.STOPPED
        else:
            _write(database, feed, run, prepared, report, clock)
    except NotModified:
        outcome = Outcome.NOT_MODIFIED
        _miss(database, feed, run, None, report, clock)
    except SourceFailed as error:
        outcome, reason = Outcome.FAILED, str(error)
    except TakenOver as error:
        run.outcome, run.reason = Outcome.FAILED.value, str(error)
        return run
    if outcome is Outcome.DONE and read is not None:
        outcome, reason = _judge(read, report)
    return _finish(database, feed, run, report, read, outcome, reason, clock())


def _report(database: Database, feed: Feed) -> Report:
    with database.reading() as session:
        return Report(Words.read(session), kind_named(feed.kind))


def _judge(read: Read, report: Report) -> tuple[Outcome, str | None]:
    """Call a run failed that found something and could take in none of it."""
    if not read.items and not read.rejected:
        return Outcome.DONE, marked("The feed holds no items.")
    taken = sum(report.counts[a] for a in Action if a is not Action.REJECTED)
    if not taken:
        return Outcome.FAILED, _NOTHING_FITS
    return Outcome.DONE, None


@dataclass
class Prepared:
    """What was read, understood, and ready to be compared; or why a person should look first.

    `there` are the ids of the items that are in the feed, by a former id too; `formers` are the
    ids that are gone, by the address of the item.
    """

    items: Sequence[Item]
    understood: Sequence[Understood]
    there: set[str]
    formers: dict[str, str]
    shared: set[str]
    entry_pages: dict[str, uuid.UUID] = field(default_factory=dict)
    stopped: str | None = None


def prepare(database: Database, feed: Feed, read: Read, report: Report) -> Prepared:
    """Understand every item, and see whether the ids have changed in a mass.

    Raises SourceFailed when nothing could be read as an item.
    """
    kind = kind_named(feed.kind)
    for rejected in read.rejected:
        report.rejected(rejected)
    if read.rejected and not read.items:
        raise SourceFailed(_NOTHING_FITS)
    with database.reading() as session:
        before = formers(session, feed)
        stopped = None
        if read.whole and not feed.go_on:
            stopped = mass_change(kind, [f for f in before if not f.misses], read.items)
        owner = session.get_one(Entry, feed.owner_id).slug
        who = session.get(User, feed.registered_by) if feed.registered_by else None
        of_all = who is None or is_allowed(who.role, "register")
        pages = pages_of_entries(session, kind, None if of_all else feed.owner_id)
    understood = []
    for item in read.items:
        one = understand(report.words, kind, item)
        if feed.own_offers:
            with_owner(kind, item, one, owner)
        understood.append(one)
    ids = {item.remote_id for item in read.items}
    gone = {f.page: f.remote_id for f in before if f.page and f.remote_id not in ids}
    shared = shared_pages(read.items)
    # An item that was put off still has its former id here, and is not missing for that.
    here = {canonical(item.link) for item in read.items} - shared
    there = ids | {former for page, former in gone.items() if page in here}
    return Prepared(read.items, understood, there, gone, shared, pages, stopped)


def _batches(prepared: Prepared) -> Iterator[Pairs]:
    pairs = list(zip(prepared.items, prepared.understood, strict=True))
    for start in range(0, len(pairs), BATCH):
        yield pairs[start : start + BATCH]


def _ground(session: Session, feed: Feed, prepared: Prepared, pairs: Pairs) -> Ground:
    return survey(
        session,
        feed,
        [item for item, _ in pairs],
        formers=prepared.formers,
        shared=prepared.shared,
        entry_pages=prepared.entry_pages,
    )


def _write(
    database: Database,
    feed: Feed,
    run: FeedRun,
    prepared: Prepared,
    report: Report,
    clock: Clock,
) -> None:
    """Write batch by batch: items in their order, then what is missing."""
    for pairs in _batches(prepared):
        with database.writing() as session:
            live = _alive(session, feed, run, clock())
            _cite(session, live, clock())
            ground = _ground(session, live, prepared, pairs)
            for item, understood in pairs:
                planned = plan(ground, item, understood)
                report.tell(planned, apply(session, ground, planned, clock().date()))
    _miss(database, feed, run, prepared.there, report, clock)


def _miss(
    database: Database,
    feed: Feed,
    run: FeedRun,
    there: set[str] | None,
    report: Report,
    clock: Clock,
) -> None:
    with database.reading() as session:
        gone = missing_ids(session, feed, there)
    for start in range(0, len(gone), BATCH):
        with database.writing() as session:
            live = _alive(session, feed, run, clock())
            miss(session, live, gone[start : start + BATCH], report)


def _cite(session: Session, feed: Feed, moment: datetime) -> None:
    """Keep the source that claims of this feed cite."""
    source = session.get(Source, feed.source_slug)
    if source is None:
        owner = session.get_one(Entry, feed.owner_id)
        last = session.scalar(sa.select(sa.func.max(col(Source.position)))) or 0
        source = Source(
            slug=feed.source_slug,
            title=feed.title,
            short_title=feed.title,
            kind="feed",
            publisher=owner.title,
            note=marked("A feed of its publisher, read again and again."),
            checked_on=moment.date(),
            position=last + 1,
        )
    source.checked_on = moment.date()
    session.add(source)
    session.flush()


def _finish(
    database: Database,
    feed: Feed,
    run: FeedRun,
    report: Report,
    read: Read | None,
    outcome: Outcome,
    reason: str | None,
    moment: datetime,
) -> FeedRun:
    """Write down how a run ended, and when the next one is due."""
    report.write_to(run)
    run.outcome, run.reason, run.ended_at = outcome.value, legible(reason), moment
    if outcome is Outcome.STOPPED:
        run.read = len(read.items) + len(read.rejected) if read else 0
    with database.writing() as session:
        try:
            live = _alive(session, feed, run, moment)
        except TakenOver as error:
            run.outcome, run.reason = Outcome.FAILED.value, str(error)
            return run
        live.run_id = live.alive_at = None
        interval = Schedule(live.schedule).interval
        failed = outcome is Outcome.FAILED
        live.next_run_at = moment + (min(interval, AFTER_FAILURE) if failed else interval)
        if outcome is Outcome.DONE and read is not None:
            # What was put off or not understood may be by the next time, though nothing changes.
            live.etag, live.last_modified = (
                (read.etag, read.last_modified) if report.is_clean else (None, None)
            )
            live.go_on = False
        session.merge(run)
        session.add(live)
        record(
            session,
            "harvest",
            live.title,
            by=None,
            outcome=run.outcome,
            read=run.read,
            added=run.added,
            updated=run.updated,
            rejected=run.rejected,
            archived=run.archived,
        )
    return run


def look(database: Database, fetcher: Fetcher, feed: Feed, *, is_test: bool = False) -> FeedRun:
    """Read a feed and say what a run would do, without writing anything.

    A test reads the first pages only, and what is missing is not judged.
    """
    run = FeedRun(id=new_id(), feed_id=feed.id, is_test=is_test, started_at=now())
    report = _report(database, feed)
    try:
        read = read_feed(fetcher, feed, is_test=is_test)
        prepared = prepare(database, feed, read, report)
        with database.reading() as session:
            for pairs in _batches(prepared):
                ground = _ground(session, feed, prepared, pairs)
                for item, understood in pairs:
                    planned = plan(ground, item, understood)
                    report.tell(planned, planned.entry)
        outcome, reason = _judge(read, report)
        if prepared.stopped:
            outcome, reason = Outcome.STOPPED, prepared.stopped
        elif not read.whole:
            reason = marked("Only the first pages were read.")
    except SourceFailed as error:
        outcome, reason = Outcome.FAILED, str(error)
    report.write_to(run)
    run.outcome, run.reason, run.ended_at = outcome.value, legible(reason), now()
    return run
