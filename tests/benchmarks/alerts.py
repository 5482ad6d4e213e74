"""How long letters to many readers take: python -m tests.benchmarks.alerts.

Readers follow some searches a lot and most a little; then entries are published, and one run of
`directory alerts send` makes every letter and hands it to a mail server on this machine.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlmodel import select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.alerts.following import reader_of
from directory.alerts.models import Every, Following
from directory.alerts.questions import look, question_at
from directory.curation.service import publish, read_draft, save_draft
from directory.db import Database, make_engine, now, write_alone
from directory.entries.kinds import TRAINING
from directory.entries.vocabularies import Vocabularies
from directory.search.service import SearchService
from directory.settings import Settings
from tests.postbox import postbox


def questions_of(words: Vocabularies, many: int) -> list[str]:
    """Return searches as people make them: a term, a kind with a term, two terms."""
    lines, areas = list(words.of("action-lines")), list(words.of("policy-areas"))
    found = [f"/search?action_line={line}" for line in lines]
    found += [f"/search?policy_area={area}" for area in areas]
    found += [f"/search?kind=training&action_line={line}" for line in lines]
    found += [f"/search?policy_area={a}&action_line={x}" for a in areas for x in lines]
    return found[:many]


def fill(
    database: Database, search: SearchService, settings: Settings, asked: argparse.Namespace
) -> None:
    chance = random.Random(1)
    with database.writing() as session:
        write_alone(session)
        addresses = questions_of(Vocabularies.read(session), asked.questions)
        questions = [question_at(session, address) for address in addresses]
        positions = [look(session, search, question).position for question in questions]
        weights = [1 / (n + 1) for n in range(len(questions))]
        chosen = chance.choices(range(len(questions)), weights, k=asked.readers)
        for number, n in enumerate(chosen):
            reader = reader_of(session, f"reader{number}@example.org", settings)
            session.add(
                Following(
                    reader_id=reader.id,
                    question_id=questions[n].id,
                    every=Every.DAY.value,
                    confirmed_at=now(),
                    position=positions[n],
                    looked_on=now().date(),
                    due_on=now().date(),
                )
            )


def publish_some(database: Database, number: int) -> None:
    with database.writing() as session:
        add_user(session, "bench@example.org", "curator")
        curator = session.exec(select(User).where(User.email == "bench@example.org")).one()
        words = Vocabularies.read(session)
        source = session.connection().exec_driver_sql("SELECT slug FROM source LIMIT 1").scalar()
        provider = (
            session.connection()
            .exec_driver_sql("SELECT slug FROM entry WHERE kind = 'organisation' LIMIT 1")
            .scalar()
        )
        lines, areas = list(words.of("action-lines")), list(words.of("policy-areas"))
        for n in range(number):
            profile = {
                "title": f"New course {n}",
                "summary": "A course that is new.",
                "providers": [provider],
                "action_lines": lines,
                "policy_areas": areas,
            }
            claims = {
                name: [{"source": source, "status": "stated" if name in profile else "not_stated"}]
                for name, d in TRAINING.fields.items()
                if not d.private
            }
            draft = read_draft(TRAINING, f"new-course-{n}", profile, claims)
            publish(session, *save_draft(session, draft, by=curator), by=curator)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--new", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postbox() as box:
        environment = os.environ | {
            "DIRECTORY_DATABASE_URL": f"sqlite:///{folder}/directory.db",
            "DIRECTORY_DATA_DIR": f"{folder}/data",
            "DIRECTORY_SECRET_KEY": "a key for a benchmark alone",
            "DIRECTORY_SMTP_URL": box.url,
        }
        settings = Settings(
            database_url=environment["DIRECTORY_DATABASE_URL"],
            data_dir=Path(folder) / "data",
            secret_key=environment["DIRECTORY_SECRET_KEY"],
        )

        def directory(*words: str) -> float:
            began = time.monotonic()
            command = [sys.executable, "-m", "directory", *words]
            done = subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True
            )
            seconds = time.monotonic() - began
            print(
                f"directory {' '.join(words):40} {seconds:7.1f} s  {done.stdout.strip()}",
                flush=True,
            )
            return seconds

        directory("migrate")
        directory("demo", "--entries", str(asked.entries), "--seed", "1")
        database = Database(make_engine(settings.database_url))
        search = SearchService(database, settings.data_dir)
        fill(database, search, settings, asked)
        publish_some(database, asked.new)
        search.close()
        directory("alerts", "send")
        print(f"{len(box.got):,} letters arrived.")
        directory("alerts", "send")


if __name__ == "__main__":
    main()
