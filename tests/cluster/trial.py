"""The trial: what happens in it, in order, and what must be true at its end."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import col, select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.accounts.tokens import make_token
from directory.db import Database, make_engine
from directory.entries.kinds import TRAINING
from directory.entries.models import Entry
from directory.entries.queries import is_published
from tests.cluster.agreement import (
    differences,
    differences_on_disk,
    last_words,
    lost_saves,
)
from tests.cluster.load import Answer, Curator, Notes, Program, Visitor, Worker
from tests.cluster.nodes import SECRET, Node, seconds_of
from tests.cluster.servers import PostgresServer, binaries, folder_for_servers, free_port, until
from tests.people import SCOPES, enter_as

NAMES = ("one", "two", "three")
SERVER = ("shared_buffers=128MB", "hot_standby_feedback=on", "wal_retrieve_retry_interval=200ms")
DURABLE = (
    # A save is acknowledged when one standby shows it: whoever is promoted has it.
    "synchronous_standby_names = 'ANY 1 (one, two, three)'",
    "synchronous_commit = 'remote_apply'",
)
VISITORS, CURATORS, PROGRAMS = 2, 1, 1
"""So many on each node."""

CONNECTIONS = 8
COMMITS = 200
PATIENCE = 60.0


class Trial:
    """Three servers and three nodes, from the first start to the last comparison."""

    def __init__(self, entries: int, seconds: float) -> None:
        self._entries, self._seconds = entries, seconds
        self._notes = Notes()
        self._broken: list[str] = []

    def run(self) -> list[str]:
        """Go through all of it; return what was broken."""
        assert binaries(), "PostgreSQL is not installed here"
        with folder_for_servers() as folder, tempfile.TemporaryDirectory() as data:
            self.servers = [PostgresServer(folder, name, free_port(), SERVER) for name in NAMES]
            self.nodes = self._make_nodes(Path(data))
            try:
                self._begin()
                self._measure_capacity()
                self._measure_commits()
                self._fail_over()
                self._compare()
            finally:
                if self._broken or sys.exception():
                    self._show_logs()
                for node in self.nodes:
                    node.stop()
                for server in self.servers:
                    server.stop("immediate")
        return self._broken

    def _make_nodes(self, data: Path) -> list[Node]:
        hosts = "&".join(f"host=127.0.0.1:{server.port}" for server in self.servers)
        url = f"postgresql+psycopg://postgres@/directory?{hosts}"
        standbys = ",".join(s.url("directory", over_tcp=True) for s in self.servers[1:])
        return [Node(f"node {n}", free_port(), data, url, standbys) for n in (1, 2, 3)]

    def _show_logs(self) -> None:
        for node in self.nodes:
            log = node.folder / f"{node.name}.log"
            said = log.read_text(encoding="utf-8")[-8000:] if log.exists() else ""
            print(f"--- {node.name}\n{said}", file=sys.stderr)

    def _begin(self) -> None:
        """Start everything, with synthetic entries in the database."""
        primary, *standbys = self.servers
        primary.create()
        primary.start()
        primary.say("CREATE DATABASE directory")
        self.nodes[0].run("migrate")
        self.nodes[0].run("demo", "--entries", str(self._entries), "--seed", "1")
        for setting in DURABLE:
            primary.say(f"ALTER SYSTEM SET {setting}")
        for standby in standbys:
            standby.follow(primary)
            standby.start()
        primary.reload()
        for node in self.nodes:
            node.start()
        with Database(make_engine(primary.url("directory"))).reading() as session:
            wanted = select(Entry).where(Entry.kind == TRAINING.name, is_published())
            rows = session.exec(wanted.order_by(col(Entry.id)).limit(200)).all()
            self._trainings = [(entry.slug, entry.title) for entry in rows]
        print(
            f"{self._entries:,} entries, 1 primary, {len(standbys)} standbys, {len(self.nodes)} "
            f"nodes with one worker each, and their clients, on {os.cpu_count()} cores."
        )

    def _paths(self) -> list[str]:
        """Return what visitors read: results, with and without filters, and entries."""
        found = []
        for slug, title in self._trainings:
            text = "+".join(title.split()[:2])
            found += [
                f"/search?q={text}",
                f"/trainings/{slug}",
                f"/search?q={text.split('+')[0]}&kind=training&cost=free",
                f"/api/v1/search?q={text}",
            ]
        return found

    # How much it carries

    def _measure_capacity(self) -> None:
        """Let visitors alone ask as fast as they are answered, of one, two and three nodes."""
        print(
            f"\nVisitors only, {CONNECTIONS} connections a node, {self._seconds:.0f} s; processor "
            "time of one request in ms"
        )
        print(f"{'nodes':>5} {'requests/s':>10} {'failed':>6} {'node':>6} {'standbys':>8} "
              f"{'primary':>7} {'clients':>7}")  # fmt: skip
        for count in range(1, len(self.nodes) + 1):
            before = self._spent(count)
            done, clients = _asked(
                [node.port for node in self.nodes[:count]], self._paths(), self._seconds
            )
            answers = sum(report["answers"] for report in done)
            failed = sum(report["failed"] for report in done)
            after = self._spent(count)
            cost = {name: 1000 * (after[name] - before[name]) / answers for name in after}
            rate = sum(report["per_second"] for report in done)
            print(f"{count:5} {rate:10.0f} {failed:6} {cost['node']:6.2f} {cost['standbys']:8.2f} "
                  f"{cost['primary']:7.2f} {1000 * clients / answers:7.2f}")  # fmt: skip
            if failed:
                self._broken.append(f"{failed} of {answers} reads failed while nothing was wrong")
        print(
            f"One core of a node answers {1000 / cost['node']:.0f} requests/s, one core of a "
            f"standby serves {1000 / cost['standbys']:.0f} requests/s."
        )

    def _spent(self, count: int) -> dict[str, float]:
        """Return the processor time, in seconds, of some nodes, and of all servers."""
        return {
            "node": seconds_of([node.pid for node in self.nodes[:count]]),
            "standbys": seconds_of([p for s in self.servers[1:] for p in s.processes()]),
            "primary": seconds_of(self.servers[0].processes()),
        }

    def _measure_commits(self) -> None:
        """Compare how long a commit takes with and without waiting for a standby."""
        engine = make_engine(self.servers[0].url("postgres"))
        took = {}
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE scratch (n integer)")
            connection.commit()
            for how in ("remote_apply", "local"):
                begun = time.monotonic()
                for number in range(COMMITS):
                    connection.exec_driver_sql(f"SET LOCAL synchronous_commit = {how}")
                    connection.exec_driver_sql(f"INSERT INTO scratch VALUES ({number})")
                    connection.commit()
                took[how] = 1000 * (time.monotonic() - begun) / COMMITS
        engine.dispose()
        print(
            f"A commit takes {took['remote_apply']:.1f} ms until a standby shows it; without "
            f"waiting for one it would take {took['local']:.1f} ms."
        )

    # The primary dies

    def _fail_over(self) -> None:
        """Read and write through all nodes, kill the primary, and promote whoever has most."""
        stop = threading.Event()
        workers = self._workers(stop)
        for worker in workers:
            worker.start()
        begun = time.monotonic()
        time.sleep(self._seconds)
        killed = time.monotonic()
        self.servers[0].kill()
        self._promote()
        promoted = time.monotonic()
        # What was acknowledged just before may have been heard of just after.
        until(lambda: any(s.at > promoted for s in self._notes.saves), "to write again", PATIENCE)
        resumed = min(s.at for s in self._notes.saves if s.at > promoted)
        time.sleep(self._seconds)
        stop.set()
        for worker in workers:
            worker.join(PATIENCE)
        ended = time.monotonic()
        self._report(begun, killed, promoted, resumed, ended)

    def _promote(self) -> None:
        """Do what a failover manager or an operator does."""
        standbys = self.servers[1:]
        position = "SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn"
        chosen = max(standbys, key=lambda server: int(str(server.say(position))))
        chosen.promote()
        for other in standbys:
            if other is not chosen:
                other.turn_to(chosen)
                other.reload()
        self._primary = chosen

    def _workers(self, stop: threading.Event) -> list[Worker]:
        notes, paths, trainings = self._notes, self._paths(), iter(self._trainings)
        cookies = self._sign_in()
        session = "; ".join(f"{name}={value}" for name, value in cookies.items())
        found: list[Worker] = []
        for turn, node in enumerate(self.nodes):
            for number in range(VISITORS):
                shifted = paths[turn * 50 + number * 20 :] + paths
                found.append(Visitor(node.port, notes, stop, shifted))
            desk = [f"/curation/trainings/{self._trainings[-1][0]}", "/curation"]
            found.append(Visitor(node.port, notes, stop, [*desk, *paths[:6]], session))
            for _ in range(CURATORS):
                slug = next(trainings)[0]
                one = Curator(node.port, notes, stop, TRAINING.path, slug, len(found))
                one.client.cookies.update(cookies)
                found.append(one)
            for number in range(PROGRAMS):
                slug, token = next(trainings)[0], self._token(f"program-{turn}-{number}")
                words = (node.port, notes, stop, TRAINING.path, slug, len(found))
                found.append(Program(*words, token=token))
        return found

    def _sign_in(self) -> dict[str, str]:
        with httpx.Client(base_url=f"http://127.0.0.1:{self.nodes[0].port}") as client:
            someone: Any = client
            enter_as(someone, self.nodes[0].settings, "curator")
            return dict(client.cookies)

    def _token(self, name: str) -> str:
        with Database(make_engine(self.nodes[0].database_url)).writing() as session:
            add_user(session, f"{name}@example.org", "curator")
            user = session.exec(select(User).where(User.email == f"{name}@example.org")).one()
            return make_token(session, "trial", 30, SCOPES, by=user, secret=SECRET)[1]

    def _report(
        self, begun: float, killed: float, promoted: float, resumed: float, ended: float
    ) -> None:
        notes = self._notes
        failed = [answer for answer in notes.reads if not answer.good]
        print(f"\nThe primary is killed (kill -9); promoted after {promoted - killed:.1f} s")
        print(
            f"{'':22} {'reads':>6} {'failed':>6} {'p50 ms':>7} {'p99 ms':>7} "
            f"{'max ms':>7} {'saves':>6}"
        )
        spans = {
            "before": (begun, killed),
            "until writes resume": (killed, resumed),
            "after": (resumed, ended),
        }
        for name, (start, end) in spans.items():
            some = [a for a in notes.reads if start <= a.at < end]
            saves = sum(start <= s.at < end for s in notes.saves)
            bad = sum(not a.good for a in some)
            p50, p99, most = _percentiles(some)
            print(f"{name:22} {len(some):6} {bad:6} {p50:7.0f} {p99:7.0f} {most:7.0f} {saves:6}")
        print(f"Writes resumed {resumed - killed:.1f} s after the kill; {len(notes.refused)} were "
              "answered by 503 until then, with what was typed, and sent again.")  # fmt: skip
        if failed:
            self._broken.append(f"{len(failed)} of {len(notes.reads)} reads failed")
        if notes.unseen:
            self._broken.append(f"{len(notes.unseen)} publications were not seen by who made them")
        self._broken += [f"{count} × {what}" for what, count in notes.wrong.items()]

    # What is there in the end

    def _compare(self) -> None:
        """Look for every acknowledged save, and compare the index of each node."""
        engine = make_engine(self._primary.url("directory"))
        with Database(engine).reading() as session:
            lost = lost_saves(session, self._notes.saves)
            last = last_words(session, self._notes.saves)
            published = set(session.exec(select(Entry.slug).where(is_published())))
        engine.dispose()
        saves = len(self._notes.saves)
        print(f"{saves} saves acknowledged, {len(lost)} lost; {self._notes.unclear} ended unclear "
              "when the primary died.")  # fmt: skip
        if lost:
            self._broken.append(f"{len(lost)} of {saves} acknowledged saves are lost: {lost[:3]}")
        for node in self.nodes:
            wrong = differences(node, published, last)
            node.stop()
            wrong += differences_on_disk(node)
            print(f"{node.name}: index {'DIFFERS' if wrong else 'agrees'}, {len(published):,} "
                  f"entries, {len(last)} of them published anew.")  # fmt: skip
            self._broken += [f"{node.name}: {what}" for what in wrong]


def _asked(
    ports: Iterable[int], paths: list[str], seconds: float
) -> tuple[list[dict[str, Any]], float]:
    """Let a client in a process of its own keep each port busy; return reports and their CPU."""
    clients = []
    for port in ports:
        order = {"port": port, "paths": paths, "connections": CONNECTIONS, "seconds": seconds}
        words = [sys.executable, "-m", "tests.benchmarks.load"]
        one = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert one.stdin
        json.dump(order, one.stdin)
        one.stdin.close()
        clients.append(one)
    before = os.times()
    reports = []
    for one in clients:
        assert one.stdout
        reports.append(json.load(one.stdout))
        one.wait()
    after = os.times()
    spent = after.children_user + after.children_system
    return reports, spent - before.children_user - before.children_system


def _percentiles(answers: list[Answer]) -> tuple[float, float, float]:
    """Return the median, the 99th percentile and the longest, in milliseconds."""
    took = sorted(1000 * answer.took for answer in answers) or [0.0]
    return took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)], took[-1]
