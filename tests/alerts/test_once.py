"""Each new entry that fits is told exactly once to each reader, whatever happens in which order.

Publications, changes, withdrawals, changes of frequency, runs that are killed at any point and runs
beside each other: `DIRECTORY_ALERTS_EXAMPLES` says how many histories are tried.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from sqlmodel import select

from directory.alerts import following, letters, links, making, sending
from directory.alerts.following import change
from directory.alerts.models import Every, Following, Letter
from directory.db import Database, make_engine
from directory.mail import Carrier
from tests.alerts.conftest import House, house_at, whole
from tests.conftest import settings_for
from tests.postbox import Postbox

EXAMPLES = int(os.environ.get("DIRECTORY_ALERTS_EXAMPLES", "8"))
READERS = ("ada@example.org", "bob@example.org", "eve@example.org")
QUESTIONS = ("/search?kind=training&action_line=C5", "/search")


class Killed(BaseException):
    """The process is gone: nothing after this line happens."""


@dataclass
class Sink(Postbox):
    """A mail server that takes everything, in memory, and can be killed with who sends to it."""

    kill_at: int | None = None
    before: bool = False
    taken: int = 0
    beside: Any = None

    def take(self, message: EmailMessage) -> None:
        self.taken += 1
        is_now = self.taken == self.kill_at
        if is_now and self.before:
            raise Killed
        if self.beside:
            other, self.beside = self.beside, None
            other()
        self.got.append(([str(message["To"])], message))
        if is_now:
            raise Killed


@pytest.fixture(scope="module")
def ready(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database and its index, to be copied for each history."""
    folder = tmp_path_factory.mktemp("ready")
    copy = shutil.copy(seeded_file, folder / "directory.db")
    engine = make_engine(f"sqlite:///{copy}")
    house = house_at(Database(engine), settings_for(folder, str(engine.url)), Postbox("smtp://x:1"))
    house.search.refresh()
    house.search.close()
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return folder


@contextmanager
def a_house(ready: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[House, Sink]]:
    whole = tempfile.mkdtemp(prefix="alerts")
    folder = Path(shutil.copytree(ready, Path(whole) / "house"))
    engine = make_engine(f"sqlite:///{folder / 'directory.db'}")
    sink = Sink("smtp://127.0.0.1:1")
    house = house_at(Database(engine), settings_for(folder, str(engine.url)), sink)
    with patch.context() as patched:
        for module in (following, letters, links, making, sending):
            patched.setattr(module, "now", house.now)
        patched.setattr(Carrier, "send", lambda _, message: sink.take(message))
        yield house, sink
    house.search.close()
    engine.dispose()
    shutil.rmtree(whole, ignore_errors=True)


def told(house: House, email: str) -> Counter[str]:
    """Count how often each entry was told as new, letters with one Message-ID counted once."""
    once = {m["Message-ID"]: m for m in house.news(email)}
    found: Counter[str] = Counter()
    for message in once.values():
        new = whole(message).partition("\nNew\n")[2].partition("\nCloses soon\n")[0]
        new = new.partition("\nDeadlines that have changed\n")[0]
        found.update(line.rpartition("/")[2] for line in new.split("\n") if "/trainings/e-" in line)
    return Counter({slug: n for slug, n in found.items() if not slug.endswith(".ics")})


_what = st.one_of(
    st.tuples(st.just("publish"), st.sampled_from(["C5", "C5", "C3"])),
    st.tuples(st.just("publish"), st.just("C5")),
    st.tuples(st.just("edit"), st.integers(0, 3)),
    st.tuples(st.just("follow"), st.sampled_from(READERS[1:]), st.sampled_from(Every)),
    st.tuples(st.just("every"), st.sampled_from(READERS[:2]), st.sampled_from(Every)),
    st.tuples(st.just("run"), st.sampled_from(["whole", "half", "beside"])),
    st.tuples(st.just("killed"), st.integers(1, 2), st.booleans()),
    st.tuples(st.just("killed in the database"), st.integers(1, 2)),
    st.tuples(st.just("wait"), st.sampled_from([0.3, 1, 7])),
)
steps = st.lists(_what, min_size=4, max_size=16)


@dataclass
class Story:
    """What happened, and what each reader must have heard of in the end."""

    house: House
    sink: Sink
    question: str
    published: list[tuple[str, str]] = field(default_factory=list)
    expected: dict[str, set[str]] = field(default_factory=dict)

    def fits(self, line: str) -> bool:
        return line == "C5" or self.question == "/search"

    def publish(self, line: str) -> None:
        slug = f"e-{len(self.published)}"
        self.published.append((slug, line))
        self.house.publish(slug, action_lines=[line])
        if self.fits(line):
            for heard in self.expected.values():
                heard.add(slug)

    def edit(self, number: int) -> None:
        if number < len(self.published):
            slug, line = self.published[number]
            self.house.publish(slug, title=f"Edited {slug}", action_lines=[line])

    def follow(self, email: str, every: Every) -> None:
        if email not in self.expected:
            self.house.follow(email, self.question, every)
            self.expected[email] = set()

    def every(self, email: str, every: Every) -> None:
        with self.house.database.writing() as session:
            for one in session.exec(select(Following)).all():
                reader = following.reader_at(session, email, self.house.settings)
                if reader and one.reader_id == reader.id:
                    change(session, reader.id, one.id, every)

    def run(self, how: str) -> None:
        if how == "half":
            self.house.make()
            return
        if how == "beside":
            self.sink.beside = self.house.send
        self.house.send()
        self.sink.beside = None

    def killed(self, at: int, before: bool) -> None:
        self.sink.taken, self.sink.kill_at, self.sink.before = 0, at, before
        with suppress(Killed):
            self.house.send()
        self.sink.kill_at = None

    def killed_in_the_database(self, at: int) -> None:
        """Nothing of a transaction stays that was not finished."""
        real, count = making.tell, 0

        def tell(*args: Any) -> Any:
            nonlocal count
            count += 1
            if count == at:
                raise Killed
            return real(*args)

        making.tell = tell  # type: ignore[assignment]
        try:
            self.house.make()
        except Killed:
            pass
        finally:
            making.tell = real


@given(story=steps, question=st.sampled_from(QUESTIONS))
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_each_new_entry_is_told_exactly_once_to_each_reader(
    ready: Path, story: list[tuple[Any, ...]], question: str
) -> None:
    with pytest.MonkeyPatch.context() as patch, a_house(ready, patch) as (house, sink):
        told_so_far = Story(house, sink, question)
        told_so_far.follow(READERS[0], Every.DAY)
        for name, *values in story:
            if name == "wait":
                house.wait(*values)
            else:
                getattr(told_so_far, name.replace(" ", "_"))(*values)
        # In the end whatever was left half done is done, and every letter is due.
        for _ in range(3):
            house.wait(32)
            house.send()
        for email, expected in told_so_far.expected.items():
            assert told(house, email) == Counter(dict.fromkeys(expected, 1)), email
        assert not house.rows(Letter)


def test_two_runs_at_once_on_both_databases_send_each_letter_once(house: House) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for number in range(6):
        house.follow(f"reader{number}@example.org")
    house.publish("e-0")
    house.publish("e-1")
    house.wait(1)
    with ThreadPoolExecutor(3) as pool:
        sent = [f.result().sent for f in [pool.submit(house.send) for _ in range(3)]]
    house.send()
    for number in range(6):
        assert told(house, f"reader{number}@example.org") == Counter({"e-0": 1, "e-1": 1})
        assert len(house.news(f"reader{number}@example.org")) == 1
    assert sum(sent) <= 6


def test_the_log_and_not_the_clock_says_what_was_told(house: House, any_seeded: Engine) -> None:
    """A clock that goes back makes nobody miss anything."""
    house.follow(READERS[0])
    house.wait(1)
    house.publish("e-0")
    house.send()
    house.wait(-1)
    house.publish("e-1")
    house.send()
    house.wait(2)
    house.send()
    assert told(house, READERS[0]) == Counter({"e-0": 1, "e-1": 1})
