"""Fifty editors at one entry, over HTTP, against a server in another process.

Each reads, changes and saves; who comes too late merges and tries again. `python -m
tests.faults.races` runs the long version on SQLite and PostgreSQL and prints figures.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlmodel import select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.accounts.tokens import make_token
from directory.curation.audited import verify
from directory.curation.controls import controls_of
from directory.curation.service import get_entry
from directory.db import Database
from directory.entries.kinds import TRAINING
from directory.entries.models import Revision
from directory.settings import Settings
from tests.people import SCOPES, Form, enter_as, form_in

LONG = "DIRECTORY_RACES_LONG"
EDITORS, BY_FORM = 50, 10
SLUG = "cyber-school-initiative"
API = f"/api/v1/trainings/{SLUG}"
DESK = f"/curation/trainings/{SLUG}"
SHARED = "aliases"
"""The list to which every program adds; each person at a form has a field of their own."""

OWN = [
    name
    for name, control in controls_of(TRAINING, private=False).items()
    if control.widget in ("line", "text") and control.input_type == "text"
    if name != TRAINING.title_field
][:BY_FORM]
_PATIENCE = 2_000


@dataclass
class Outcome:
    """What the editors were told, and what is there afterwards."""

    saved: list[tuple[str, str]] = field(default_factory=list)
    conflicts: int = 0
    most_tries: int = 0
    seconds: float = 0.0
    lost: list[str] = field(default_factory=list)
    revisions: int = 0
    broken: tuple[int, str] | None = None

    @property
    def line(self) -> str:
        return (
            f"{EDITORS} editors, {len(self.saved)} saves acknowledged, {self.conflicts} conflicts "
            f"merged and tried again (at most {self.most_tries} times for one save), "
            f"{self.seconds:.1f} s; {len(self.lost)} lost, {self.revisions} revisions added, "
            f"log {'whole' if self.broken is None else f'broken: {self.broken}'}"
        )


class Race:
    """Editors who all start at the same moment."""

    def __init__(self, address: str, database: Database, settings: Settings, changes: int) -> None:
        self._address, self._database, self._settings = address, database, settings
        self._changes = changes
        self._start = threading.Barrier(EDITORS)
        self._lock = threading.Lock()
        self._outcome = Outcome()

    def run(self) -> Outcome:
        """Let everybody edit; then look whether all that was acknowledged is there."""
        work = [*self._people(), *self._programs()]
        before = len(self._revisions())
        began = time.perf_counter()
        with ThreadPoolExecutor(EDITORS) as pool:
            for done in [pool.submit(one) for one in work]:
                done.result()
        self._outcome.seconds = time.perf_counter() - began
        self._judge(before)
        return self._outcome

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._address, timeout=120)

    # Programs

    def _programs(self) -> list[Callable[[], None]]:
        with self._database.writing() as session:
            found = []
            for number in range(EDITORS - len(OWN)):
                email = f"program-{number}@example.org"
                add_user(session, email, "contributor")
                user = session.exec(select(User).where(User.email == email)).one()
                secret = self._settings.secret
                _, text = make_token(session, "race", 30, SCOPES, by=user, secret=secret)
                found.append((number, text))
        return [lambda n=n, t=t: self._program(n, t) for n, t in found]  # type: ignore[misc]

    def _program(self, number: int, token: str) -> None:
        bearer = {"Authorization": f"Bearer {token}"}
        self._start.wait()
        with self._client() as client:
            for change in range(self._changes):
                mark = f"Program {number}, change {change}"
                for tries in range(_PATIENCE):
                    draft = client.get(f"{API}/draft", headers=bearer)
                    text: dict[str, Any] = draft.json()
                    names = [*(text["profile"][SHARED] or []), mark]
                    body = {
                        "profile": text["profile"] | {SHARED: names},
                        "claims": text["claims"],
                        "comment": mark,
                    }
                    headers = {**bearer, "If-Match": draft.headers["etag"]}
                    if self._is_done(client.put(API, json=body, headers=headers), 200, 412):
                        self._note(SHARED, mark, tries)
                        break

    # People

    def _people(self) -> list[Callable[[], None]]:
        with self._client() as client:
            someone: Any = client
            enter_as(someone, self._settings, "curator")
            cookies = dict(client.cookies)
        return [lambda n=n: self._person(n, cookies) for n in OWN]  # type: ignore[misc]

    def _person(self, name: str, cookies: dict[str, str]) -> None:
        self._start.wait()
        with self._client() as client:
            client.cookies.update(cookies)
            for change in range(self._changes):
                words = f"Person with {name}, change {change}"
                form = form_in(client.get(DESK).text).fill(**{name: words}, _comment=words)
                for tries in range(_PATIENCE):
                    answer = client.post(form.action, data=form.body)
                    if self._is_done(answer, 303, 409):
                        self._note(name, words, tries)
                        break
                    form = self._settled(answer.text, name)

    def _settled(self, page: str, name: str) -> Form:
        """Return the form with which the page of a conflict is answered: nothing is to choose."""
        form = form_in(page)
        asked = [n for n, _ in form.pairs if n.startswith("_take.")]
        assert not asked, f"{name} was changed by one person alone, and yet: {asked}"
        return form

    # Figures

    def _is_done(self, answer: httpx.Response, done: int, late: int) -> bool:
        assert answer.status_code in (done, late), (answer.status_code, answer.text[:500])
        return answer.status_code == done

    def _note(self, name: str, words: str, tries: int) -> None:
        with self._lock:
            self._outcome.saved.append((name, words))
            self._outcome.conflicts += tries
            self._outcome.most_tries = max(self._outcome.most_tries, tries)

    def _revisions(self) -> list[Revision]:
        with self._database.reading() as session:
            entry = get_entry(session, TRAINING, SLUG)
            found = session.exec(select(Revision).where(Revision.entry_id == entry.id))
            return sorted(found, key=lambda revision: revision.number)

    def _judge(self, before: int) -> None:
        """Look for every acknowledged save in the history, and for what must stand at the end."""
        revisions = self._revisions()
        outcome, final = self._outcome, revisions[-1].profile
        outcome.revisions = len(revisions) - before
        told = {revision.comment: revision.profile for revision in revisions}
        last = {name: words for name, words in outcome.saved if name != SHARED}
        for name, words in outcome.saved:
            kept = [told.get(words, {}).get(name)]
            if words == last.get(name, words):
                kept.append(final.get(name))
            # What is added to the list is there, and what was written over is in the history.
            if not all(value and (value == words or words in value) for value in kept):
                outcome.lost.append(words)
        with self._database.reading() as session:
            outcome.broken = verify(session).broken


if __name__ == "__main__":
    words = [sys.executable, "-m", "pytest", "-s", "-q", "tests/curation/test_races.py"]
    sys.exit(subprocess.call(words, env=os.environ | {LONG: "1"}))
