"""Whether the outgoing links of entries still work.

A good site must not be called broken because it was slow once, turns programs away, or because
our own network is down. So there are three states, four misses in a row before a link is broken,
and intervals that grow:

- A link that works is asked again after 7 days, later after as long as it has worked, at most
  30 days.
- After a miss (404, 410, a fault of the server, no answer) it is asked after 1 hour, 6 hours and
  1 day; the fourth miss makes it broken, and it is asked after 3, 7, 14 and then each 30 days.
- Where a site turns us away (401, 403, and whatever else is neither yes nor no) nothing is known;
  it is asked after 1 day, later after as long as that has lasted, at most 30 days.
- After 429 the whole host is left alone for as long as it says, or for 1 day.

No network is used while the database is open for writing, and every answer is kept at once, so
that a run may stop half-way and may be run again.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.curation.owning import allow_on
from directory.curation.service import get_entry, latest_revision
from directory.db import Database, now
from directory.entries.fields import Declared
from directory.entries.kinds import Kind
from directory.entries.links import (
    LinkCheck,
    LinkState,
    TroubledLink,
    checks_of,
    published_urls,
    troubled_links,
    urls_in,
)
from directory.entries.models import Entry
from directory.entries.queries import profiles
from directory.errors import SourceFailed
from directory.imports.fetch import Answer, Fetcher
from directory.imports.guard import NotConnected, Refused
from directory.languages import gettext, marked

HOSTS_AT_ONCE = 8
MISSES_UNTIL_BROKEN = 4
AFTER_MISS = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=30),
)
AFTER_SUCCESS = timedelta(days=7)
AFTER_NEITHER = timedelta(days=1)
LONGEST_WAIT = timedelta(days=30)
TOO_MANY_REQUESTS = 429
# So many silent hosts and no other that answers: it is more likely that we are off the network.
SUSPICIOUS = 3
KNOWN_TO_WORK = 3


class Found(StrEnum):
    """What one look at an address says."""

    WORKS = "works"
    MISSED = "missed"
    NEITHER = "neither"


@dataclass(frozen=True)
class Observation:
    """One look at an address, with its reason in plain words.

    `connected` says whether anybody was there; `retry_after` is what the site asked for.
    """

    url: str
    found: Found
    reason: str
    status: int | None = None
    connected: bool = True
    retry_after: timedelta | None = None


def observe(fetcher: Fetcher, url: str) -> Observation:
    """Look at an address; never raises for what a site may do."""
    try:
        return _read(url, _ask(fetcher, url))
    except Refused as error:
        return Observation(url, Found.NEITHER, str(error), connected=False)
    except NotConnected as error:
        return Observation(url, Found.MISSED, str(error), connected=False)
    except SourceFailed as error:
        return Observation(url, Found.MISSED, str(error))


def _ask(fetcher: Fetcher, url: str) -> Answer:
    """Ask for the head of a page; where that is refused or hangs, for its first byte."""
    try:
        answer = fetcher.fetch(url, method="HEAD", with_body=False)
        if answer.status < 400 or answer.status == TOO_MANY_REQUESTS:
            return answer
    except (Refused, NotConnected):
        raise
    except SourceFailed:
        pass
    return fetcher.fetch(url, headers={"Range": "bytes=0-0"}, with_body=False)


def _read(url: str, answer: Answer) -> Observation:
    status = answer.status
    found, reason = _meaning(status)
    if found is Found.WORKS and answer.url.partition("#")[0] != url.partition("#")[0]:
        reason = f"It works, and leads on to {answer.url}."
    return Observation(url, found, reason, status, retry_after=_retry_after(answer))


def _meaning(status: int) -> tuple[Found, str]:
    """Return what a status says (RFC 9110, 15); a range of nothing is refused with 416."""
    if status < 400 or status == 416:
        return Found.WORKS, marked("It works.")
    if status == 404:
        return Found.MISSED, marked("The site says that it has no such page (404).")
    if status == 410:
        return Found.MISSED, marked("The site says that the page is gone (410).")
    if 500 <= status < 600:
        return Found.MISSED, f"The site has a fault of its own ({status})."
    if status in (401, 407):
        return Found.NEITHER, f"The page asks for a password ({status})."
    if status == TOO_MANY_REQUESTS:
        return Found.NEITHER, marked("The site asks us to come back later (429).")
    return Found.NEITHER, f"The site turns programs away ({status})."


def _retry_after(answer: Answer) -> timedelta | None:
    """Return how long a site wants to be left alone (RFC 9110, 10.2.3), at most 30 days."""
    if answer.status not in (TOO_MANY_REQUESTS, 503):
        return None
    text = answer.headers.get("retry-after", "").strip()
    wanted = AFTER_NEITHER if answer.status == TOO_MANY_REQUESTS else None
    if re.fullmatch(r"[0-9]{1,9}", text):
        wanted = timedelta(seconds=int(text))
    elif text:
        try:
            moment = parsedate_to_datetime(text)
            wanted = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now()
        except (ValueError, OverflowError):
            pass  # A wait that cannot be read counts as none.
    return None if wanted is None else min(max(wanted, timedelta()), LONGEST_WAIT)


def judge(before: LinkCheck | None, seen: Observation, at: datetime) -> LinkCheck:
    """Return what is known of an address after one more look.

    A miss that comes before its time, because somebody pressed "Check now" again and again, adds
    nothing to the row of misses.
    """
    early = before is not None and before.misses > 0 and at < before.next_check_at
    missed = seen.found is Found.MISSED
    misses = (before.misses if before else 0) + (not early) if missed else 0
    state = {Found.WORKS: LinkState.OK, Found.NEITHER: LinkState.UNKNOWN}.get(
        seen.found, LinkState.BROKEN if misses >= MISSES_UNTIL_BROKEN else LinkState.UNKNOWN
    )
    since = before.since if before and before.state == state else at
    if missed:
        upcoming = at + AFTER_MISS[min(misses, len(AFTER_MISS)) - 1]
        upcoming = max(upcoming, at + (seen.retry_after or timedelta()))
    elif seen.retry_after is not None:
        upcoming = at + seen.retry_after
    else:
        shortest = AFTER_SUCCESS if state is LinkState.OK else AFTER_NEITHER
        upcoming = at + min(max(at - since, shortest), LONGEST_WAIT)
    return LinkCheck(
        url=seen.url,
        state=state,
        since=since,
        status_code=seen.status,
        reason=seen.reason,
        checked_at=at,
        next_check_at=before.next_check_at if before and missed and early else upcoming,
        misses=misses,
        ok_at=at if state is LinkState.OK else before.ok_at if before else None,
    )


@dataclass
class Report:
    """What a run of the checker did; `waiting` addresses were not due yet."""

    waiting: int
    found: Counter[str] = field(default_factory=Counter)
    newly_broken: list[TroubledLink] = field(default_factory=list)


def check_links(
    database: Database, fetcher: Fetcher, clock: Callable[[], datetime] = now
) -> Report:
    """Check every address of a published entry that is due.

    Raises SourceFailed when this machine seems to be off the network; nothing is recorded then.
    """
    with database.reading() as session:
        urls = published_urls(session)
        due = _due(session, urls, clock())
    report, broken = Report(0), set()
    for check, was in _learn(database, fetcher, due, clock):
        report.found[check.state] += 1
        if check.state == LinkState.BROKEN != was:
            broken.add(check.url)
    report.waiting = len(urls) - report.found.total()
    with database.reading() as session:
        found = troubled_links(session) if broken else []
    report.newly_broken = [link for link in found if link.check.url in broken]
    return report


def _due(session: Session, urls: set[str], at: datetime) -> list[str]:
    """Return the addresses to ask now; a host that said 429 rests as a whole."""
    later = dict(
        session.exec(
            select(LinkCheck.url, LinkCheck.status_code).where(col(LinkCheck.next_check_at) > at)
        ).all()
    )
    resting = {_host(url) for url, status in later.items() if status == TOO_MANY_REQUESTS}
    return sorted(url for url in urls - later.keys() if _host(url) not in resting)


def _learn(
    database: Database, fetcher: Fetcher, urls: Iterable[str], clock: Callable[[], datetime]
) -> Iterator[tuple[LinkCheck, str | None]]:
    """Ask, and keep each answer; yields what is known now, and the state before."""
    for seen in _believed(database, fetcher, _observations(fetcher, urls)):
        at = clock()
        try:
            with database.writing() as session:
                before = session.get(LinkCheck, seen.url, with_for_update=True)
                was = before.state if before else None
                after = judge(before, seen, at)
                check = before.sqlmodel_update(after.model_dump()) if before else after
                session.add(check)
        except IntegrityError:
            continue  # Another run has just learnt the same for the first time.
        yield check, was


def _observations(fetcher: Fetcher, urls: Iterable[str]) -> Iterator[Observation]:
    """Look at each address, several hosts at once, each host one at a time.

    A host that says 429 is not asked again.
    """
    hosts: dict[str, deque[str]] = {}
    for url in urls:
        hosts.setdefault(_host(url), deque()).append(url)
    waiting = deque(hosts.values())
    running: dict[Future[Observation], deque[str]] = {}
    with ThreadPoolExecutor(HOSTS_AT_ONCE) as pool:
        while waiting or running:
            while waiting and len(running) < HOSTS_AT_ONCE:
                host = waiting.popleft()
                running[pool.submit(observe, fetcher, host.popleft())] = host
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                host, seen = running.pop(future), future.result()
                if host and seen.status != TOO_MANY_REQUESTS:
                    waiting.append(host)
                yield seen


def _believed(
    database: Database, fetcher: Fetcher, observations: Iterator[Observation]
) -> Iterator[Observation]:
    """Hold back silence until somebody answers: it may be we who are off the network."""
    held: list[Observation] = []
    for seen in observations:
        if seen.connected:
            yield from held
            held = []
            yield seen
            yield from observations
        elif seen.found is Found.MISSED:
            held.append(seen)
        else:
            yield seen
    if held and not _online(database, fetcher, {_host(seen.url) for seen in held}):
        raise SourceFailed(
            gettext(
                "No site answered at all, so this machine seems to be off the network; "
                "nothing was recorded."
            )
        )
    yield from held


def _online(database: Database, fetcher: Fetcher, silent: set[str]) -> bool:
    """Say whether a site answers that did so lately; without any, whether few are silent."""
    with database.reading() as session:
        known = session.exec(
            select(LinkCheck.url)
            .where(LinkCheck.state == LinkState.OK)
            .order_by(col(LinkCheck.ok_at).desc())
            .limit(100)
        ).all()
    others = [url for url in known if _host(url) not in silent][:KNOWN_TO_WORK]
    if others:
        return any(observe(fetcher, url).connected for url in others)
    return len(silent) < SUSPICIOUS


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@dataclass(frozen=True)
class HeldLink:
    """An address in an entry, published or not, with what is known of it."""

    field: Declared
    url: str
    check: LinkCheck | None


def links_of(session: Session, kind: Kind, slug: str, by: User) -> tuple[Entry, list[HeldLink]]:
    """Return an entry with the addresses of its newest revision and of its public page.

    Raises NotFound, and NotAllowed for who may not read its drafts.
    """
    entry = get_entry(session, kind, slug)
    allow_on(session, by, "read drafts", entry)
    newest = latest_revision(session, entry).profile
    public = profiles(session, kind, [entry.id]).get(entry.id, {})
    both = (*urls_in(kind, newest), *urls_in(kind, public))
    held = {(declared.name, url): declared for declared, url in both}
    checks = checks_of(session, {url for _, url in held})
    return entry, [HeldLink(field, url, checks.get(url)) for (_, url), field in held.items()]


def check_entry(
    database: Database,
    fetcher: Fetcher,
    kind: Kind,
    slug: str,
    *,
    by: User,
    clock: Callable[[], datetime] = now,
) -> list[LinkCheck]:
    """Check the addresses of one entry now, due or not.

    Raises NotFound, NotAllowed, and SourceFailed when this machine seems to be off the network.
    """
    with database.reading() as session:
        _, held = links_of(session, kind, slug, by)
    urls = dict.fromkeys(link.url for link in held)
    return [check for check, _ in _learn(database, fetcher, urls, clock)]
