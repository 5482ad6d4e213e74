"""Visitors, curators and programs who use several nodes at once, and note what they were told."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.operations import word
from tests.people import form_in

PATIENCE = 30.0
PAUSE = 0.1
"""Seconds between two tries of what could not be saved."""


@dataclass
class Answer:
    """One request: when it was sent, how many seconds it took, and whether it was answered."""

    at: float
    took: float
    good: bool


@dataclass
class Saved:
    """A save that was acknowledged: where, which words, and when."""

    path: str
    slug: str
    words: str
    at: float
    published: bool


@dataclass
class Notes:
    """What everybody was told. Threads append, and nobody reads before they are done."""

    reads: list[Answer] = field(default_factory=list)
    saves: list[Saved] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    """When a write was answered by 503."""
    unclear: int = 0
    """Writes whose server died while they were committed: saved or not, nobody was told."""
    unseen: list[str] = field(default_factory=list)
    """Words that somebody had published and did not find in the next request."""
    wrong: Counter[str] = field(default_factory=Counter)


class Worker(threading.Thread):
    """Somebody who goes on until told to stop."""

    def __init__(self, port: int, notes: Notes, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.notes, self.stop = port, notes, stop

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.work()
            except Exception as error:  # What nobody expected is a finding, not the end.
                self.notes.wrong[
                    f"{type(self).__name__}: {type(error).__name__} {error}"[:200]
                ] += 1
                time.sleep(PAUSE)

    def work(self) -> None:
        """Do one thing."""
        raise NotImplementedError


class Visitor(Worker):
    """Reads pages one after the other; with a cookie, as somebody who is signed in."""

    def __init__(
        self, port: int, notes: Notes, stop: threading.Event, paths: list[str], cookie: str = ""
    ) -> None:
        super().__init__(port, notes, stop)
        self._paths: Iterator[str] = cycle(paths)
        self._headers = {"Cookie": cookie} if cookie else {}
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def work(self) -> None:
        path = next(self._paths)
        begun = time.monotonic()
        try:
            self._connection.request("GET", path, headers=self._headers)
            answer = self._connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, HTTPException) as error:
            self._connection.close()
            status = 0
            self.notes.wrong[f"GET {path}: {error!r}"[:200]] += 1
        if status not in (0, 200):
            self.notes.wrong[f"GET {path}: {status}"[:200]] += 1
        took = time.monotonic() - begun
        self.notes.reads.append(Answer(begun, took, status == 200))


class Writer(Worker):
    """Writes one entry again and again."""

    def __init__(
        self, port: int, notes: Notes, stop: threading.Event, path: str, slug: str, number: int
    ) -> None:
        super().__init__(port, notes, stop)
        self.path, self.slug, self._number, self._count = path, slug, number, 0
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)

    def words(self) -> str:
        """Return a word that nothing else has."""
        self._count += 1
        return word(self._number * 1_000_000 + self._count)

    def acknowledged(self, words: str, *, published: bool) -> None:
        self.notes.saves.append(Saved(self.path, self.slug, words, time.monotonic(), published))

    def refused(self) -> None:
        self.notes.refused.append(time.monotonic())
        time.sleep(PAUSE)


class Curator(Writer):
    """Publishes with the form, and looks for it in the next request."""

    def work(self) -> None:
        words = self.words()
        desk = f"/curation/{self.path}/{self.slug}"
        page = self.client.get(desk)
        assert page.status_code == 200, f"GET of the form: {page.status_code}"
        form = form_in(page.text, desk).fill(summary=f"It says {words}.")
        form.action = f"{desk}/publish"
        answer = self.client.post(form.action, data=form.body)
        while answer.status_code == 503 and not self.stop.is_set():
            self.refused()
            kept = form_in(answer.text, form.action)
            assert words in kept["summary"], "what was typed is not on the page"
            answer = self.client.post(kept.action, data=kept.body)
        if answer.status_code == 409:
            self.notes.unclear += 1
            return
        if answer.status_code == 503:
            return
        assert answer.status_code == 303, f"POST of the form: {answer.status_code}"
        self.acknowledged(words, published=True)
        found = self.client.get("/search", params={"q": words})
        if found.status_code != 200 or f"/{self.path}/{self.slug}" not in found.text:
            self.notes.unseen.append(words)


class Program(Writer):
    """Saves drafts with a token."""

    def __init__(self, *words: Any, token: str) -> None:
        super().__init__(*words)
        self.client.headers["Authorization"] = f"Bearer {token}"

    def work(self) -> None:
        words, address = self.words(), f"/api/v1/{self.path}/{self.slug}"
        draft = self.client.get(f"{address}/draft")
        if draft.status_code != 200:
            raise AssertionError(f"GET of the draft: {draft.status_code}")
        text: dict[str, Any] = draft.json()
        body = {
            "profile": text["profile"] | {"summary": f"It says {words}."},
            "claims": text["claims"],
            "comment": words,
        }
        headers = {"If-Match": draft.headers["etag"], "Idempotency-Key": str(uuid4())}
        answer = self.client.put(address, json=body, headers=headers)
        while answer.status_code == 503 and not self.stop.is_set():
            self.refused()
            answer = self.client.put(address, json=body, headers=headers)
        if answer.status_code == 412:
            self.notes.unclear += 1
        elif answer.status_code == 200:
            self.acknowledged(words, published=False)
        elif answer.status_code != 503:
            raise AssertionError(f"PUT of the draft: {answer.status_code}")
