"""The words of a letter: templates, filled with what is public at the moment it goes out.

They are in the language of the page on which its reader asked for it. The first line of a text is
the subject. A letter has no picture, and its links lead straight to where they say.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from typing import Any

from jinja2 import Environment
from sqlmodel import col, select

from directory.alerts.links import link_to_confirm, link_to_manage, link_to_stop
from directory.alerts.making import Told
from directory.alerts.models import About, Following, Letter, Question, Reader
from directory.alerts.questions import Asked, in_words
from directory.db import Database, now
from directory.entries.deadlines import Deadline, ahead_of
from directory.entries.kinds import TRAINING
from directory.languages import language, reading
from directory.mail import Words, compose
from directory.sealing import unseal
from directory.search.cards import Card
from directory.search.service import SearchService
from directory.settings import Settings

MOST_KEPT = 200


@dataclass(frozen=True)
class Addressed:
    """A letter with whom it is for and what it is about."""

    letter: Letter
    reader: Reader
    following: Following | None
    question: Question | None


@dataclass(frozen=True)
class Item:
    """An entry in a letter; `before` are the deadlines that it had, where they have changed."""

    card: Card
    deadlines: list[Deadline]
    before: list[date] = field(default_factory=list)

    @property
    def calendar(self) -> str | None:
        """Return the address of its dates, if its kind has dates."""
        has_one = self.card.kind is TRAINING and self.deadlines
        return f"{self.card.url}.ics" if has_one else None


@dataclass(frozen=True)
class News:
    """What a letter tells, as it is public now."""

    new: list[Item]
    moved: list[Item]
    closing: list[Item]
    more: int

    @property
    def has_some(self) -> bool:
        """Say whether anything is left to tell: an entry may have been taken down meanwhile."""
        return bool(self.new or self.moved or self.more)


class Writer:
    """Writes letters. What many are told the same is read once."""

    def __init__(
        self,
        database: Database,
        search: SearchService,
        settings: Settings,
        environment: Environment,
    ) -> None:
        self._database, self._search, self._settings = database, search, settings
        self._environment = environment
        self._asked: dict[tuple[str, str], Asked] = {}
        self._news: dict[tuple[int, str, str], News] = {}
        self._sequence = 0

    def look(self) -> None:
        """See whether the catalogue has changed: what is told is read anew then."""
        self._sequence = self._search.refresh().sequence

    def write(self, addressed: Addressed) -> EmailMessage | None:
        """Return a letter as it is sent, or None when there is nothing left to tell.

        Raises Invalid when the address was sealed with another secret key.
        """
        with reading(self._language(addressed)):
            return self._write(addressed)

    def _language(self, addressed: Addressed) -> str | None:
        """Return what a reader reads: the link to everything is in the language followed last."""
        if addressed.following:
            return addressed.following.language
        mine = (
            Following.reader_id == addressed.reader.id,
            col(Following.confirmed_at).is_not(None),
        )
        last = select(Following.language).where(*mine).order_by(col(Following.confirmed_at).desc())
        with self._database.reading() as session:
            return session.exec(last).first()

    def _write(self, addressed: Addressed) -> EmailMessage | None:
        letter, following = addressed.letter, addressed.following
        moment = now()
        links = {"manage": link_to_manage(self._settings, addressed.reader)}
        more: dict[str, Any] = {"links": links, "following": following, "moment": moment}
        headers = {}
        if addressed.question:
            more["asked"] = self._in_words(addressed.question.address)
        if following and letter.about == About.CONFIRM:
            links["confirm"] = link_to_confirm(self._settings, following)
        if following and letter.about == About.NEWS:
            news = self._read(Told.from_json(letter.told), moment)
            if not news.has_some:
                return None
            more["news"], links["stop"] = news, link_to_stop(self._settings, following)
            # RFC 8058 (3.1): one press in the mail program ends it, without opening a page.
            headers["List-Unsubscribe"] = f"<{links['stop']}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return compose(
            self._settings,
            letter.id,
            unseal(self._settings.secret, "alerts", addressed.reader.sealed),
            self._words(letter.about, more),
            at=letter.made_at,
            headers=headers,
        )

    def _words(self, about: str, context: dict[str, Any]) -> Words:
        text = self._environment.get_template(f"alerts/mail/{about}.txt").render(context)
        html = self._environment.get_template(f"alerts/mail/{about}.html").render(context)
        subject, _, body = text.strip().partition("\n")
        return Words(" ".join(subject.split()), body.strip() + "\n", html)

    def _in_words(self, address: str) -> Asked:
        key = (language().code, address)
        if key not in self._asked:
            self._asked[key] = in_words(address, self._search)
        return self._asked[key]

    def _read(self, told: Told, moment: datetime) -> News:
        """Return the entries as they are public now, from memory while nothing has changed."""
        key = (self._sequence, language().code, json.dumps(told.to_json()))
        if key not in self._news:
            if len(self._news) >= MOST_KEPT:
                self._news.clear()
            self._news[key] = self._fresh(told, moment)
        return self._news[key]

    def _fresh(self, told: Told, moment: datetime) -> News:
        ids = [*told.new, *told.moved, *told.closing]
        cards = {hit.card.id: hit.card for hit in self._search.hits(ids)}
        with self._database.reading() as session:
            ahead = ahead_of(session, ids, moment)

        def items(keys: Iterable[uuid.UUID]) -> list[Item]:
            return [
                Item(cards[key], ahead.get(key, []), told.moved.get(key, []))
                for key in keys
                if key in cards
            ]

        soon = [item for item in items(told.closing) if item.deadlines]
        return News(items(told.new), items(told.moved), soon, told.more)
