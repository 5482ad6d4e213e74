"""What a curator does while a program reads."""

from typing import Any

from directory.curation.service import (
    find_entry,
    get_entry,
    latest_revision,
    publish,
    read_draft,
    save_draft,
)
from directory.db import Database
from directory.entries.kinds import TRAINING
from directory.entries.models import Redirect


def change(database: Database, slug: str, *, published: bool, **values: Any) -> None:
    """Save a training with other values, and publish it or leave it a draft."""
    with database.writing() as session:
        entry = get_entry(session, TRAINING, slug)
        before = latest_revision(session, entry)
        draft = read_draft(TRAINING, slug, {**before.profile, **values}, before.claims)
        entry, revision = save_draft(session, draft, by=None)
        if published:
            publish(session, entry, revision, by=None)


def start(database: Database, slug: str, **values: Any) -> None:
    """Begin a new training and publish nothing."""
    with database.writing() as session:
        assert find_entry(session, TRAINING, slug) is None
        save_draft(session, read_draft(TRAINING, slug, values, {}), by=None)


def move(database: Database, old: str, new: str) -> None:
    """Give a training another slug."""
    with database.writing() as session:
        entry = get_entry(session, TRAINING, old)
        session.add(Redirect(kind=TRAINING.name, slug=old, entry_id=entry.id))
        entry.slug = new
        session.add(entry)
