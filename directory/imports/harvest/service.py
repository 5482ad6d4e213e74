"""What people do with feeds: register, try out, approve, pause, change, let a stopped run go on."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import allow, is_allowed
from directory.accounts.throttle import throttle
from directory.audit import record
from directory.curation.addresses import free_slug, slug_from
from directory.curation.owning import granted
from directory.db import Database, now, write_alone
from directory.entries.fields import Line, Url
from directory.entries.kinds import KINDS, ORGANISATION
from directory.entries.models import Entry, State
from directory.errors import Conflict, Invalid, NotFound
from directory.imports.fetch import Fetcher
from directory.imports.harvest.models import Feed, FeedRun, FeedState, Outcome, Schedule
from directory.imports.harvest.reading import FORMATS
from directory.imports.harvest.runs import look
from directory.languages import SOURCE, gettext, reading, worded

RUNS_SHOWN = 20
TRIES = 30
"""So often a person may try feeds out within an hour: each time another site is asked."""

_LINE: TypeAdapter[str] = TypeAdapter(Line)
_URL: TypeAdapter[str] = TypeAdapter(Url)


@dataclass(frozen=True)
class FeedForm:
    """What the form of a feed says, as text."""

    title: str = ""
    owner: str = ""
    address: str = ""
    format: str = ""
    kind: str = ""
    schedule: str = Schedule.WEEKLY.value
    own_offers: str = ""

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "FeedForm":
        """Read what was sent; what is missing is empty."""
        return cls(**{f.name: sent.get(f.name, "").strip() for f in fields(cls)})

    @classmethod
    def of(cls, feed: Feed, owner: Entry) -> "FeedForm":
        """Return the form of a feed as it stands."""
        own = "yes" if feed.own_offers else ""
        return cls(feed.title, owner.slug, feed.address, feed.format, feed.kind, feed.schedule, own)


@dataclass(frozen=True)
class Listed:
    """A feed in the list, with its owner and its last run that was no test."""

    feed: Feed
    owner: Entry
    last: FeedRun | None

    @property
    def state_words(self) -> str:
        """Return whether it may be read, in words."""
        return FeedState(self.feed.state).words

    @property
    def needs_decision(self) -> bool:
        """Say whether its last run stopped for a person who has not decided yet."""
        stopped = self.last is not None and self.last.outcome == Outcome.STOPPED.value
        return stopped and not self.feed.go_on and self.feed.state == FeedState.APPROVED.value


@dataclass(frozen=True)
class Shown(Listed):
    """A feed with its runs, newest first, and who may do what."""

    runs: list[FeedRun]
    may_change: bool
    may_approve: bool

    @property
    def is_tested(self) -> bool:
        """Say whether the present address was tried out with success."""
        return is_tested(self.feed)


def is_tested(feed: Feed) -> bool:
    """Say whether the present address was tried out with success."""
    return feed.tested_at is not None and feed.tested_at >= feed.changed_at


def owners(session: Session, user: User) -> list[Entry]:
    """Return the organisations for which a person may register a feed, by name."""
    wanted = select(Entry).where(
        Entry.kind == ORGANISATION.name, col(Entry.state).in_((State.PUBLISHED, State.DRAFT))
    )
    if not is_allowed(user.role, "register"):
        wanted = wanted.where(col(Entry.id).in_(granted(session, user)))
    return list(session.exec(wanted.order_by(sa.func.lower(Entry.title))))


def _may(session: Session, user: User, action: str, feed: Feed) -> bool:
    own = feed.owner_id in granted(session, user)
    return is_allowed(user.role, action, own=own)


def _allow(session: Session, user: User, action: str, feed: Feed) -> None:
    allow(user.role, action, own=feed.owner_id in granted(session, user))


def list_feeds(session: Session, user: User) -> list[Listed]:
    """Return the feeds that a person may see, those that wait for a decision first."""
    rows = session.exec(
        select(Feed, Entry).join(Entry, col(Feed.owner_id) == Entry.id).order_by(Feed.title)
    )
    mine = granted(session, user)
    found = [
        Listed(feed, owner, _last(session, feed))
        for feed, owner in rows
        if is_allowed(user.role, "register", own=feed.owner_id in mine)
    ]
    waiting = FeedState.REGISTERED.value
    return sorted(found, key=lambda one: not (one.needs_decision or one.feed.state == waiting))


def _last(session: Session, feed: Feed) -> FeedRun | None:
    return session.exec(
        select(FeedRun)
        .where(FeedRun.feed_id == feed.id, col(FeedRun.is_test).is_(False))
        .order_by(col(FeedRun.started_at).desc())
        .limit(1)
    ).first()


def to_decide(session: Session) -> int:
    """Return how many feeds wait for approval, or for a decision after a run that stopped."""
    rows = session.exec(select(Feed).where(Feed.state != FeedState.PAUSED.value)).all()
    waiting = [f for f in rows if f.state == FeedState.REGISTERED.value]
    running = [f for f in rows if f.state == FeedState.APPROVED.value and not f.go_on]
    stopped = [
        f for f in running if (run := _last(session, f)) and run.outcome == Outcome.STOPPED.value
    ]
    return len(waiting) + len(stopped)


def find_feed(session: Session, slug: str, user: User, action: str = "register") -> Feed:
    """Return a feed to which a person may do something; raises NotFound and NotAllowed."""
    feed = None
    if "\x00" not in slug:
        feed = session.exec(select(Feed).where(Feed.slug == slug)).first()
    if feed is None:
        raise NotFound(gettext("There is no feed called %(name)s.", name=slug))
    _allow(session, user, action, feed)
    return feed


def read_shown(session: Session, slug: str, user: User) -> Shown:
    """Return a feed with its runs; raises NotFound and NotAllowed."""
    feed = find_feed(session, slug, user)
    runs = session.exec(
        select(FeedRun)
        .where(FeedRun.feed_id == feed.id)
        .order_by(col(FeedRun.started_at).desc())
        .limit(RUNS_SHOWN)
    ).all()
    return Shown(
        feed,
        session.get_one(Entry, feed.owner_id),
        _last(session, feed),
        list(runs),
        may_change=_may(session, user, "register", feed),
        may_approve=_may(session, user, "approve source", feed),
    )


def read_run(session: Session, slug: str, key: str, user: User) -> tuple[Feed, FeedRun]:
    """Return a run of a feed; raises NotFound and NotAllowed."""
    feed = find_feed(session, slug, user)
    try:
        run = session.get(FeedRun, uuid.UUID(key))
    except ValueError:
        run = None
    if run is None or run.feed_id != feed.id:
        raise NotFound(gettext("The feed %(feed)s has no such run.", feed=feed.title))
    return feed, run


def _checked(session: Session, form: FeedForm, user: User) -> dict[str, Any]:
    """Return the columns of a form; raises Invalid with one sentence for each field."""
    wrong: dict[str, str] = {}
    for name, adapter, sentence in (
        ("title", _LINE, gettext("Give the feed a name, of 300 characters at most.")),
        ("address", _URL, gettext("Give a web address that starts with https:// or http://.")),
    ):
        try:
            adapter.validate_python(getattr(form, name))
        except ValidationError:
            wrong[name] = sentence
    if "@" in form.address.partition("//")[2].partition("/")[0]:
        wrong["address"] = gettext("Leave the user name or password out of the address.")
    owner = next((o for o in owners(session, user) if o.slug == form.owner), None)
    if owner is None:
        wrong["owner"] = gettext("Choose the organisation that the feed belongs to.")
    found = FORMATS.get(form.format)
    if found is None:
        wrong["format"] = gettext("Choose the format of the feed.")
    if form.kind not in KINDS:
        wrong["kind"] = gettext("Choose what its items are.")
    elif found and form.kind not in found.kinds:
        wrong["kind"] = gettext(
            "%(format)s can hold these only: %(kinds)s.",
            format=worded(found.label),
            kinds=", ".join(KINDS[name].plural for name in found.kinds),
        )
    if form.schedule not in list(Schedule):
        wrong["schedule"] = gettext("Choose how often it is read.")
    if wrong or owner is None:
        raise Invalid(gettext("Some fields need another look."), wrong)
    return {
        "title": form.title,
        "owner_id": owner.id,
        "address": form.address,
        "format": form.format,
        "kind": form.kind,
        "schedule": form.schedule,
        "own_offers": form.own_offers == "yes",
    }


def register(session: Session, form: FeedForm, *, by: User) -> Feed:
    """Register a feed, to be tried out and approved; raises NotAllowed and Invalid."""
    write_alone(session)
    given = _checked(session, form, by)
    feed = Feed(slug=_free_slug(session, form.title), registered_by=by.id, **given)
    _allow(session, by, "register", feed)
    session.add(feed)
    session.flush()
    record(session, "register feed", feed.title, by=by, address=feed.address)
    return feed


def _free_slug(session: Session, title: str) -> str:
    def is_taken(slug: str) -> bool:
        return session.exec(select(Feed.slug).where(Feed.slug == slug)).first() is not None

    return free_slug((slug_from(title) or "feed")[:60].strip("-"), is_taken)


def change(session: Session, slug: str, form: FeedForm, *, by: User) -> tuple[Feed, bool]:
    """Change a feed; return it, and whether its approval has lapsed by that.

    What was approved is what stands at an address: with another address, format, kind or owner it
    has to be tried out and approved again. Raises NotFound, NotAllowed and Invalid.
    """
    write_alone(session)
    feed = find_feed(session, slug, by)
    given = _checked(session, form, by)
    about = ("address", "format", "kind", "owner_id", "own_offers")
    differs = any(getattr(feed, name) != given[name] for name in about)
    lapses = differs and feed.state != FeedState.REGISTERED.value
    for name, value in given.items():
        setattr(feed, name, value)
    if differs:
        feed.state, feed.changed_at = FeedState.REGISTERED.value, now()
        feed.approved_by = feed.approved_at = feed.next_run_at = None
        feed.etag = feed.last_modified = None
        feed.go_on = False
    session.add(feed)
    record(session, "change feed", feed.title, by=by, address=feed.address, approval_lapsed=lapses)
    return feed, lapses


def try_out(database: Database, fetcher: Fetcher, slug: str, *, by: User, secret: str) -> FeedRun:
    """Read the first pages of a feed, say what would come in, and keep only the report.

    Raises NotFound, NotAllowed, and TooMany for who does so all the time; what goes wrong with
    the feed is in the report. `secret` is the key of the site.
    """
    with database.writing() as session:
        write_alone(session)
        feed = find_feed(session, slug, by)
        throttle(session, "try feed", str(by.id), TRIES, timedelta(hours=1), secret=secret)
    # The report is kept: whoever opens it later may read another language.
    with reading(SOURCE):
        run = look(database, fetcher, feed, is_test=True)
    run.by_id = by.id
    with database.writing() as session:
        write_alone(session)
        feed = find_feed(session, slug, by)
        if run.outcome != Outcome.FAILED.value and feed.changed_at <= run.started_at:
            feed.tested_at = now()
            session.add(feed)
        session.add(run)
        record(session, "test feed", feed.title, by=by, outcome=run.outcome)
    return run


def approve(session: Session, slug: str, *, by: User) -> Feed:
    """Let a feed be read from now on; raises Conflict when its address was not tried out."""
    write_alone(session)
    feed = find_feed(session, slug, by, "approve source")
    session.refresh(feed)
    if not is_tested(feed):
        raise Conflict(gettext("Try the feed out first, so that you see what would come in."))
    feed.state, feed.approved_by, feed.approved_at = FeedState.APPROVED.value, by.id, now()
    feed.next_run_at = now()
    session.add(feed)
    record(session, "approve feed", feed.title, by=by, address=feed.address)
    return feed


def pause(session: Session, slug: str, *, by: User) -> Feed:
    """Stop reading a feed until somebody approves it again; what came in stays."""
    write_alone(session)
    feed = find_feed(session, slug, by, "approve source")
    feed.state, feed.next_run_at, feed.go_on = FeedState.PAUSED.value, None, False
    session.add(feed)
    record(session, "pause feed", feed.title, by=by)
    return feed


def _approved(session: Session, slug: str, by: User) -> Feed:
    feed = find_feed(session, slug, by, "approve source")
    if feed.state != FeedState.APPROVED.value:
        raise Conflict(gettext("Approve the feed first."))
    return feed


def go_on(session: Session, slug: str, *, by: User) -> Feed:
    """Let the next run pass although many items have changed; it is due at once."""
    write_alone(session)
    feed = _approved(session, slug, by)
    feed.go_on, feed.next_run_at = True, now()
    session.add(feed)
    record(session, "let feed go on", feed.title, by=by)
    return feed


def read_soon(session: Session, slug: str, *, by: User) -> Feed:
    """Let a feed be read the next time that feeds are read, whatever its schedule says."""
    write_alone(session)
    feed = _approved(session, slug, by)
    feed.next_run_at = now()
    session.add(feed)
    record(session, "read feed soon", feed.title, by=by)
    return feed
