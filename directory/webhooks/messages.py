"""What a webhook is told next: the change log, read from where it was told last."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.db import Change, last_change, new_id, now
from directory.entries.changes import Changed, address_of, changes_after
from directory.entries.models import Entry, EntryTerm, State
from directory.entries.vocabularies import Vocabularies
from directory.languages import marked
from directory.settings import Settings
from directory.webhooks.models import Webhook, WebhookMessage

TEST = "webhook.test"
EVENTS = {
    "entry.published": marked("It is public, for the first time or again."),
    "entry.updated": marked("It says something else, or somebody confirmed that it still holds."),
    "entry.archived": marked("It left lists and search; its address still shows it."),
    "entry.withdrawn": marked(
        "It was taken down, and its address says that it is no longer listed."
    ),
    "entry.merged": marked("It is part of another entry now, which into names."),
    TEST: marked("Somebody pressed the button that sends a test."),
}
"""Every event, in words."""

_AT_ONCE = 100


def next_message(session: Session, webhook: Webhook, settings: Settings) -> WebhookMessage | None:
    """Return the next message, added to the session, and move on in the log; None at its end.

    What an entry went through since the last message becomes one message, about what it is now.
    """
    while True:
        found, more = changes_after(session, webhook.position, _AT_ONCE)
        terms = _terms(session, webhook, found)
        for changed in found:
            before, webhook.position = webhook.position, changed.place.sequence
            if _is_wanted(session, webhook, changed, terms):
                event = _event(session, changed, before)
                return _message(session, webhook, event, _about(changed, settings), changed)
        if not more:
            # What follows is of entries that nobody ever saw, or was told of further on.
            webhook.position = last_change(session)
            return None


def test_message(session: Session, webhook: Webhook) -> WebhookMessage:
    """Return a message by which a receiver can see that it hears us."""
    return _message(session, webhook, TEST, {"webhook": str(webhook.id)})


def _terms(
    session: Session, webhook: Webhook, found: Iterable[Changed]
) -> dict[Any, set[tuple[str, str]]]:
    """Return by entry the terms that it carries, and those above them; nothing if all are told."""
    if not webhook.terms:
        return {}
    words = Vocabularies.read(session)
    rows = session.exec(
        select(EntryTerm).where(col(EntryTerm.entry_id).in_([c.entry.id for c in found]))
    )
    carried: dict[Any, set[tuple[str, str]]] = {}
    for row in rows:
        here = (row.vocabulary, row.code)
        carried.setdefault(row.entry_id, set()).update([here, *words.above(*here)])
    return carried


def _is_wanted(
    session: Session, webhook: Webhook, changed: Changed, carried: dict[Any, set[tuple[str, str]]]
) -> bool:
    """Say whether to tell of a change: whoever was told of an entry hears of it further."""
    if webhook.kinds and changed.entry.kind not in webhook.kinds:
        return False
    if not webhook.terms:
        return True
    wanted = {tuple(term.split(":", 1)) for term in webhook.terms}
    if wanted & carried.get(changed.entry.id, set()):
        return True
    told = select(WebhookMessage.id).where(
        WebhookMessage.webhook_id == webhook.id, WebhookMessage.entry_id == changed.entry.id
    )
    return session.exec(told.limit(1)).first() is not None


def _event(session: Session, changed: Changed, before: int) -> str:
    """Name what an entry is now; published, if it became so after the message before this one."""
    if changed.state is not State.PUBLISHED:
        return f"entry.{changed.state.value}"
    became = select(Change.sequence).where(
        Change.entry_id == changed.entry.id,
        col(Change.sequence) > before,
        col(Change.sequence) <= changed.place.sequence,
        Change.what == State.PUBLISHED.value,
    )
    return f"entry.{'updated' if session.exec(became.limit(1)).first() is None else 'published'}"


def _about(changed: Changed, settings: Settings) -> dict[str, Any]:
    """Return what a message tells of an entry: its address, and nothing that is not public."""
    about = _named(changed.entry, settings) | {
        "version": changed.entry.version,
        "state": changed.state.value,
        "changed_at": changed.place.at.isoformat(),
        "cursor": str(changed.place),
    }
    if changed.into:
        about["into"] = _named(changed.into, settings)
    return about


def _named(entry: Entry, settings: Settings) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "kind": entry.kind,
        "slug": entry.slug,
        "url": settings.base_url + address_of(entry),
    }


def _message(
    session: Session,
    webhook: Webhook,
    event: str,
    about: dict[str, Any],
    changed: Changed | None = None,
) -> WebhookMessage:
    body = {"type": event, "timestamp": now().isoformat(), "data": about}
    message = WebhookMessage(
        id=new_id(),
        webhook_id=webhook.id,
        entry_id=changed.entry.id if changed else None,
        event=event,
        body=json.dumps(body, ensure_ascii=False),
    )
    session.add(message)
    session.flush()
    return message


def forget_old(session: Session, webhook: Webhook, keep: int) -> None:
    """Forget all but the newest messages to a webhook, those aside that still wait."""
    done = sa.or_(
        col(WebhookMessage.delivered_at).is_not(None), col(WebhookMessage.entry_id).is_(None)
    )
    theirs = sa.select(col(WebhookMessage.id)).where(
        col(WebhookMessage.webhook_id) == webhook.id, done
    )
    old = theirs.order_by(col(WebhookMessage.at).desc()).offset(keep)
    session.exec(sa.delete(WebhookMessage).where(col(WebhookMessage.id).in_(old)))
