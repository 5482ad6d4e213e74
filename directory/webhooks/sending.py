"""Messages go out one after the other to each webhook, in the order of the changes.

A message is put off before it is sent: who is killed in between sends it again, under the same
id, rather than never. One that does not arrive is tried again after growing waits for about a
day; the ones behind it wait, so that a receiver hears of everything in order. After the last try
the webhook is paused, and its owner is told. What it misses meanwhile stays in the change log.
"""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from threading import Event, Lock

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import is_allowed
from directory.db import Database, last_change, now, write_alone
from directory.errors import DirectoryError, Invalid
from directory.imports.fetch import Fetcher
from directory.languages import gettext, language, marked, reading, worded
from directory.mail import queue_mail
from directory.sealing import unseal
from directory.settings import Settings
from directory.webhooks.messages import forget_old, next_message, test_message
from directory.webhooks.models import Webhook, WebhookMessage, answered
from directory.webhooks.service import ACTION, webhook_of
from directory.webhooks.signing import signed_headers

log = logging.getLogger("directory")

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
    timedelta(hours=8),
)
"""After each try that fails; the next one after the last is given up. Almost a day in all."""

KEPT = 200
"""So many messages that arrived are kept of each webhook."""

PATIENCE = 10.0
"""Seconds for one message."""

_PUT_OFF = timedelta(minutes=1)


@dataclass(frozen=True)
class Sent:
    """How many messages arrived, and how many did not."""

    arrived: int = 0
    failed: int = 0


@dataclass(frozen=True)
class _Due:
    webhook: Webhook
    message: WebhookMessage
    secret: str
    language: str


def is_anything_due(database: Database) -> bool:
    """Say whether a webhook may have something to hear, without taking anybody's turn."""
    with database.reading() as session:
        last = last_change(session)
        behind = sa.or_(col(Webhook.position) != last, col(Webhook.tries) > 0)
        due = select(Webhook.id).where(
            col(Webhook.paused_at).is_(None), col(Webhook.try_after) <= now(), behind
        )
        return session.exec(due.limit(1)).first() is not None


def deliver_webhooks(
    database: Database,
    settings: Settings,
    fetcher: Fetcher,
    stops: Callable[[], bool] = lambda: False,
) -> Sent:
    """Tell every webhook what it has not heard yet. Another process meanwhile takes the others.

    When `stops` says so, the rest is left for later.
    """
    arrived = failed = 0
    if not is_anything_due(database):
        return Sent()
    with database.reading() as session:
        keys = session.exec(select(Webhook.id).where(col(Webhook.paused_at).is_(None))).all()
    for key in keys:
        while not stops() and (due := _take(database, settings, key)) is not None:
            if _send(database, settings, fetcher, due):
                arrived += 1
            else:
                failed += 1
    return Sent(arrived, failed)


def _take(database: Database, settings: Settings, key: uuid.UUID) -> _Due | None:
    """Return the next message to a webhook, put off for the case that it does not arrive."""
    with database.writing() as session:
        write_alone(session)
        webhook = session.get(Webhook, key)
        if webhook is None or webhook.paused_at or webhook.try_after > now():
            return None
        owner = session.get_one(User, webhook.user_id)
        if owner.ended_at or not is_allowed(owner.role, ACTION):
            pause(session, webhook, marked("Its owner may not have webhooks any more."))
            return None
        try:
            secret = unseal(settings.secret, "webhook", webhook.sealed)
        except Invalid:
            pause(
                session,
                webhook,
                marked(
                    "Its secret was sealed with another secret key. Remove it, and add it again."
                ),
            )
            return None
        # A database put back from a copy counts its log from before.
        webhook.position = min(webhook.position, last_change(session))
        message = _waiting(session, webhook) or next_message(session, webhook, settings)
        session.add(webhook)
        if message is None:
            return None
        webhook.tries += 1
        webhook.try_after = now() + _wait(webhook.tries)
        message.tries, message.tried_at = webhook.tries, now()
        session.add(message)
    return _Due(webhook, message, secret, owner.language)


def _wait(tries: int) -> timedelta:
    return WAITS[tries - 1] if tries <= len(WAITS) else _PUT_OFF


def _waiting(session: Session, webhook: Webhook) -> WebhookMessage | None:
    return session.exec(
        select(WebhookMessage).where(
            WebhookMessage.webhook_id == webhook.id,
            col(WebhookMessage.delivered_at).is_(None),
            col(WebhookMessage.entry_id).is_not(None),
        )
    ).first()


def _send(database: Database, settings: Settings, fetcher: Fetcher, due: _Due) -> bool:
    """Send one message and note what became of it."""
    status, said = _post(fetcher, due)
    good = status is not None and 200 <= status < 300
    with database.writing() as session:
        write_alone(session)
        message = session.get(WebhookMessage, due.message.id)
        webhook = session.get(Webhook, due.webhook.id)
        if message is None or webhook is None:
            return good  # It was removed meanwhile.
        message.status, message.said = status, said
        if good:
            message.delivered_at = now()
            webhook.tries, webhook.try_after = 0, now()
            forget_old(session, webhook, KEPT)
        elif status == HTTPStatus.GONE:
            pause(
                session,
                webhook,
                marked("It answered 410 Gone, which says that it wants no more."),
            )
        elif due.message.tries > len(WAITS):
            pause(session, webhook, marked("Every try within a day failed."))
            _tell_owner(session, webhook, message, settings)
        session.add_all([message, webhook])
    return good


def _post(fetcher: Fetcher, due: _Due) -> tuple[int | None, str]:
    """Return the status that was answered, or words why there is none, as the owner reads them.

    Of the answer nothing is read.
    """
    body = due.message.body.encode()
    headers = signed_headers(due.secret, f"msg_{due.message.id}", int(now().timestamp()), body)
    headers["Content-Type"] = "application/json"
    try:
        with reading(due.language):
            answer = fetcher.fetch(
                due.webhook.url, method="POST", headers=headers, content=body, with_body=False
            )
    except DirectoryError as error:
        return None, str(error)
    return answer.status, ""


def pause(session: Session, webhook: Webhook, because: str) -> None:
    """Tell a webhook nothing until its owner lets it go on; `because` is in English."""
    webhook.paused_at, webhook.paused_because = now(), because
    session.add(webhook)


def _tell_owner(
    session: Session, webhook: Webhook, last: WebhookMessage, settings: Settings
) -> None:
    owner = session.get_one(User, webhook.user_id)
    with reading(owner.language):
        paragraphs = (
            gettext("Your webhook does not answer, and is paused:") + f"\n{webhook.url}",
            f"{worded(webhook.paused_because or '')} {last.answer}",
            gettext(
                "What changes meanwhile is kept. When the receiver works again, let it go on here:"
            )
            + f"\n{settings.base_url}/account/webhooks/{webhook.id}",
        )
        subject = gettext("Your webhook is paused")
    queue_mail(session, owner.email, subject, "\n\n".join(paragraphs) + "\n")


def send_test(
    database: Database, settings: Settings, fetcher: Fetcher, key: uuid.UUID, *, by: User
) -> tuple[bool, str]:
    """Send a test now, also to a webhook that is paused; return whether it arrived, and words.

    Raises NotFound, and Invalid when the secret cannot be read any more.
    """
    with database.writing() as session:
        write_alone(session)
        webhook = webhook_of(session, key, by)
        secret = unseal(settings.secret, "webhook", webhook.sealed)
        message = test_message(session, webhook)
        message.tries, message.tried_at = 1, now()
    status, said = _post(fetcher, _Due(webhook, message, secret, language().code))
    good = status is not None and 200 <= status < 300
    with database.writing() as session:
        found = session.get(WebhookMessage, message.id)
        if found:
            found.status, found.said = status, said
            found.delivered_at = now() if good else None
            session.add(found)
            forget_old(session, webhook, KEPT)
    return good, answered(status) if status else said


class Postman:
    """Delivers beside the requests: nobody waits for a receiver, and one thread is enough."""

    def __init__(self, database: Database, settings: Settings, fetcher: Fetcher) -> None:
        self._database, self._settings, self.fetcher = database, settings, fetcher
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="webhooks")
        self._lock = Lock()
        self._asked = False
        self._stopped = Event()

    def deliver_soon(self) -> None:
        """Deliver what is due, unless that is about to be done already."""
        if not is_anything_due(self._database):
            return
        with self._lock:
            if self._asked:
                return
            self._asked = True
        self._pool.submit(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            self._asked = False
        try:
            deliver_webhooks(self._database, self._settings, self.fetcher, self._stopped.is_set)
        except Exception:
            log.exception("Webhooks were not delivered")

    def close(self) -> None:
        """Stop after the message that is on its way."""
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
