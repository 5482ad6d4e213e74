"""Checks of people, of mail, and of work that a timetable should start."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.accounts.models import Grant, Passkey, Totp, User
from directory.alerts.models import Following, Letter
from directory.backup import last_backup
from directory.db import Change
from directory.doctor.findings import DAILY, PATIENCE, Place, Said, ago, counted, fault, ok, warning
from directory.entries.links import LinkCheck
from directory.errors import Invalid
from directory.exports.dump import latest
from directory.imports.harvest.models import Feed, FeedState
from directory.inbox.models import Report
from directory.inbox.tidy import KEPT
from directory.mail import UNSENT, OutgoingMail, check_smtp_url, try_server, why_unsent
from directory.webhooks.models import Webhook

WEEKLY = timedelta(days=8)
ADMIN = "admin"
ADD = "Run `directory user add you@example.org --role admin`, and open the link that it prints."


def mail_server(place: Place) -> Said:
    """Connect to the mail server and sign in, without sending anything."""
    url = place.settings.smtp_url
    if not url:
        waiting = len(list((place.settings.data_dir / "outbox").glob("*.eml")))
        if not place.is_public:
            return ok("No mail server is set: mail becomes files of the folder outbox.")
        return warning(
            "No mail server is set: nobody gets mail, and "
            f"{counted(waiting, 'letter lies', 'letters lie')} as files in the folder outbox.",
            "Set DIRECTORY_SMTP_URL, for example smtp://user:password@mail.example.org:587.",
        )
    try:
        host = check_smtp_url(url).hostname
    except Invalid as error:
        return fault(str(error), "Set DIRECTORY_SMTP_URL.")
    try:
        try_server(url, PATIENCE)
    except UNSENT as error:
        return fault(
            f"The mail server {host} does not take us: {why_unsent(error).rstrip('.')}.",
            "See whether host, port, user and password in DIRECTORY_SMTP_URL are right, and "
            "whether the firewall lets this machine out.",
        )
    return ok(f"The mail server {host} takes our mail.")


def waiting_mail(place: Place) -> Said:
    """Find letters that did not go out for a day."""
    late = place.moment - timedelta(days=1)
    with place.reading() as session:
        mail = sa.select(sa.func.count(), sa.func.max(col(OutgoingMail.failed))).where(
            col(OutgoingMail.sent_at).is_(None), col(OutgoingMail.queued_at) < late
        )
        letters = sa.select(sa.func.count(), sa.func.max(col(Letter.failed))).where(
            col(Letter.made_at) < late
        )
        rows = [session.execute(query).one() for query in (mail, letters)]
    count = sum(number for number, _ in rows)
    if not count:
        return ok("No letter waits for longer than a day.")
    reason = next((said for _, said in rows if said), None)
    why = f" The last answer was: {reason.rstrip('.')}." if reason else ""
    return fault(
        f"{counted(count, 'letter', 'letters')} did not go out for more than a day.{why}",
        "Put the mail server right, then run `directory reminders` and `directory alerts send`.",
    )


def administrator(place: Place) -> Said:
    """Find a site that nobody can administer, or whose administrators a password lets in."""
    proven = sa.union(sa.select(col(Totp.user_id)), sa.select(col(Passkey.user_id)))
    with place.reading() as session:
        admins = session.execute(
            sa.select(col(User.email), col(User.id).in_(proven)).where(
                col(User.role) == ADMIN,
                col(User.ended_at).is_(None),
                sa.or_(
                    col(User.password_hash).is_not(None),
                    col(User.id).in_(sa.select(col(Passkey.user_id))),
                ),
            )
        ).all()
    if not admins:
        return warning("There is no administrator who has ever signed in.", ADD)
    bare = [email for email, is_proven in admins if not is_proven]
    if bare and place.is_public:
        return warning(
            f"A password alone lets administrators in: {', '.join(bare[:3])}.",
            "Let them add a second factor at /account/second-factor, or set "
            "DIRECTORY_SECOND_FACTOR_REQUIRED=true.",
        )
    return ok(f"Administrators: {len(admins)}.")


def backup(place: Place) -> Said:
    """Find out when the last backup was made; without people there is nothing to lose."""
    made = last_backup(place.settings.data_dir)
    if made and place.moment - made <= WEEKLY:
        return ok(f"The last backup was made {ago(place.moment - made)}.")
    with place.reading() as session:
        people = session.scalar(sa.select(sa.func.count()).select_from(User))
        began = session.scalar(sa.select(sa.func.min(col(Change.at))))
    if not made and not (people and began and place.moment - began > WEEKLY):
        return ok("Nothing is old enough to need a backup.")
    when = f"was made {ago(place.moment - made)}" if made else "was never made here"
    return warning(
        f"A backup {when}.",
        "Run `directory backup FILE` every night, and keep secret.key of the data folder too.",
    )


def harvest(place: Place) -> Said:
    """Find feeds that nobody reads although they are due."""
    with place.reading() as session:
        late = session.scalar(
            sa.select(sa.func.count()).where(
                col(Feed.state) == FeedState.APPROVED.value,
                col(Feed.next_run_at) < place.moment - DAILY,
            )
        )
    if late:
        return warning(
            f"{counted(late, 'feed is', 'feeds are')} due for more than two days.",
            "Run `directory harvest` every hour.",
        )
    return ok("No feed is late.")


def links(place: Place) -> Said:
    """Find out whether outgoing links are looked at."""
    with place.reading() as session:
        late = session.scalar(
            sa.select(sa.func.count()).where(
                col(LinkCheck.next_check_at) < place.moment - DAILY,
            )
        )
        never = not session.scalar(sa.select(sa.func.count()).select_from(LinkCheck))
        began = session.scalar(sa.select(sa.func.min(col(Change.at))))
    todo = "Run `directory links check` every day."
    if never and began and place.moment - began > WEEKLY:
        return warning("Nobody has ever checked the outgoing links.", todo)
    if late:
        return warning(
            f"{counted(late, 'outgoing link was', 'outgoing links were')} to be checked more than "
            "two days ago.",
            todo,
        )
    return ok("Outgoing links are checked in time.")


def alerts(place: Place) -> Said:
    """Find readers who wait for their letter."""
    with place.reading() as session:
        late = session.scalar(
            sa.select(sa.func.count()).where(
                col(Following.due_on) < (place.moment - DAILY).date(),
            )
        )
    if late:
        return fault(
            f"{counted(late, 'reader', 'readers')} should have had a letter more than two days ago "
            "about what they follow.",
            "Run `directory alerts send` every day.",
        )
    return ok("Every reader who follows something was told in time.")


def reminders(place: Place) -> Said:
    """Find what was promised to end or to be forgotten by now."""
    late = place.moment - DAILY
    with place.reading() as session:
        kept = _count(
            session,
            sa.select(col(Report.id)).where(
                col(Report.closed_at) < late - KEPT,
                sa.or_(col(Report.email).is_not(None), col(Report.sender).is_not(None)),
            ),
        )
        over = _count(
            session,
            sa.select(col(Grant.id)).where(
                col(Grant.ended_at).is_(None), col(Grant.expires_at) < late
            ),
        )
    todo = "Run `directory reminders` every day."
    if kept:
        return fault(
            f"{counted(kept, 'address', 'addresses')} of people who sent a report are still kept, "
            "and the promise was to forget them after 30 days.",
            todo,
        )
    if over:
        return warning(
            f"{counted(over, 'right', 'rights')} to edit an organisation ran out without a word.",
            todo,
        )
    return ok("Nothing waits for `directory reminders`.")


def _count(session: Session, rows: sa.Select[Any]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0


def dump(place: Place) -> Said:
    """Find files that are given out and are old."""
    made = latest(place.settings)
    todo = "Run `directory dump` every night."
    if made is None:
        if place.is_public:
            return warning("The page /dump has no files to give out.", todo)
        return ok("No files are given out at /dump.")
    if place.moment - made.made_at > DAILY:
        when = ago(place.moment - made.made_at)
        return warning(f"The files at /dump were made {when}.", todo)
    return ok("The files at /dump are new.")


def webhooks(place: Place) -> Said:
    """Find programs that wait to be told."""
    with place.reading() as session:
        if not session.scalar(sa.select(sa.func.count()).select_from(Webhook)):
            return ok("No program wants to be told.")
        paused = session.scalar(
            sa.select(sa.func.count()).where(col(Webhook.paused_at).is_not(None))
        )
        told = session.scalar(
            sa.select(sa.func.min(col(Webhook.position))).where(col(Webhook.paused_at).is_(None))
        )
        waits = told is not None and session.scalar(
            sa.select(sa.func.min(col(Change.at))).where(col(Change.sequence) > told)
        )
    if waits and place.moment - waits > timedelta(days=1):
        return warning(
            f"A change of {waits:%Y-%m-%d %H:%M} UTC was not told to every webhook.",
            "Run `directory webhooks deliver` every five minutes.",
        )
    if paused:
        return warning(
            f"{counted(paused, 'webhook is', 'webhooks are')} paused: nobody answered for a day.",
            "Let their owners look at /account/webhooks.",
        )
    return ok("Every webhook was told of every change.")
