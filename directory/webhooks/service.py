"""Which programs are told of changes: registered by a person who may, for as long as they may."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import allow
from directory.audit import record
from directory.db import last_change, now, write_alone
from directory.entries.fields import Url
from directory.entries.kinds import KINDS
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid, NotFound
from directory.languages import gettext
from directory.sealing import seal
from directory.settings import Settings
from directory.webhooks.models import Webhook, WebhookMessage
from directory.webhooks.signing import new_secret

ACTION = "webhooks"
MOST = 10
VOCABULARIES = ("action-lines", "policy-areas")
"""Terms of these can narrow what is told."""

SHOWN = 50
_URL: TypeAdapter[str] = TypeAdapter(Url)


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for: an address, and what to tell it of; nothing means everything."""

    url: str
    kinds: Collection[str] = ()
    terms: Collection[str] = ()


def add_webhook(
    session: Session, wanted: Wanted, *, by: User, settings: Settings
) -> tuple[Webhook, str]:
    """Register an address; return it with the secret, which nobody can read again.

    It is told of what changes from now on. Raises NotAllowed, and Invalid for what does not fit.
    """
    allow(by.role, ACTION)
    write_alone(session)
    wrong = _wrong(session, wanted, settings)
    if len(webhooks_of(session, by)) >= MOST:
        wrong["url"] = gettext(
            "You have %(most)s webhooks. Remove one that nobody needs any more.", most=MOST
        )
    if wrong:
        raise Invalid(gettext("The webhook was not registered."), wrong)
    secret = new_secret()
    webhook = Webhook(
        user_id=by.id,
        url=wanted.url.strip(),
        kinds=[k for k in KINDS if k in wanted.kinds],
        terms=sorted(set(wanted.terms)),
        sealed=seal(settings.secret, "webhook", secret),
        position=last_change(session),
    )
    session.add(webhook)
    session.flush()
    record(session, "add webhook", webhook.url, by=by, webhook=str(webhook.id))
    return webhook, secret


def _wrong(session: Session, wanted: Wanted, settings: Settings) -> dict[str, str]:
    wrong = {}
    try:
        parts = urlsplit(_URL.validate_python(wanted.url.strip()))
        if parts.username or parts.password:
            wrong["url"] = gettext(
                "Leave user name and password out of the address: messages are signed."
            )
        elif settings.secure and parts.scheme != "https":
            wrong["url"] = gettext(
                "The address begins with https://, so that nobody reads on the way."
            )
    except (ValidationError, ValueError):
        wrong["url"] = gettext("Give the whole web address, such as https://portal.example/hook.")
    if unknown := sorted(set(wanted.kinds) - set(KINDS)):
        names = ", ".join(unknown)
        wrong["kind"] = gettext("There is no kind of entry called %(names)s.", names=names)
    words = Vocabularies.read(session)
    known = {f"{name}:{code}" for name in VOCABULARIES for code in words.of(name)}
    if unknown := sorted(set(wanted.terms) - known):
        names = ", ".join(unknown)
        wrong["term"] = gettext("There is no term called %(names)s.", names=names)
    return wrong


def webhooks_of(session: Session, user: User) -> list[Webhook]:
    """Return the webhooks of a person, newest first."""
    mine = select(Webhook).where(Webhook.user_id == user.id)
    return list(session.exec(mine.order_by(col(Webhook.created_at).desc())))


def webhook_of(session: Session, key: uuid.UUID, user: User) -> Webhook:
    """Return a webhook of this person; raises NotFound when it is not theirs."""
    webhook = session.get(Webhook, key)
    if webhook is None or webhook.user_id != user.id:
        raise NotFound(gettext("You have no such webhook."))
    return webhook


def messages_of(session: Session, webhook: Webhook) -> list[WebhookMessage]:
    """Return what was told last, newest first."""
    theirs = select(WebhookMessage).where(WebhookMessage.webhook_id == webhook.id)
    newest = theirs.order_by(col(WebhookMessage.at).desc(), col(WebhookMessage.id).desc())
    return list(session.exec(newest.limit(SHOWN)))


def remove_webhook(session: Session, key: uuid.UUID, *, by: User) -> Webhook:
    """Tell an address nothing any more, and forget what it was told; raises NotFound."""
    write_alone(session)
    webhook = webhook_of(session, key, by)
    record(session, "remove webhook", webhook.url, by=by, webhook=str(webhook.id))
    session.exec(sa.delete(Webhook).where(col(Webhook.id) == webhook.id))
    return webhook


def resume_webhook(session: Session, key: uuid.UUID, *, by: User) -> Webhook:
    """Go on telling an address that was paused: of all that it missed; raises NotFound."""
    write_alone(session)
    webhook = webhook_of(session, key, by)
    if webhook.paused_at:
        webhook.paused_at = webhook.paused_because = None
        webhook.tries, webhook.try_after = 0, now()
        session.add(webhook)
        record(session, "resume webhook", webhook.url, by=by, webhook=str(webhook.id))
    return webhook
