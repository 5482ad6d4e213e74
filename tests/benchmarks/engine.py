"""Measure inside one process, in its own time: the engine beside bare tantivy, and publications.

`python -m tests.benchmarks.engine URL DATA CORPUS` prints JSON; `search.py` asks for it.
"""

import json
import os
import pickle
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from statistics import mean, median, quantiles
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

import tantivy
from sqlmodel import col, select
from tantivy import Occur, Query

from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.db import Database, make_engine
from directory.entries.kinds import TRAINING
from directory.entries.models import Entry
from directory.memory import settle
from directory.search.index import TextIndex, give_words
from directory.search.match import Matcher, Ordered
from directory.search.query import PER_PAGE, SearchQuery
from directory.search.service import SearchService
from tests.benchmarks.peers import memory
from tests.benchmarks.questions import Corpus, Question, questions

PUBLICATIONS = 7
EACH = 40
"""So many questions of each class are asked."""


def ask(search: SearchService, question: Question) -> None:
    """Do what a page of results needs: matches, counts of every facet, cards."""
    pairs = [("q", question.text), *question.filters]
    search.search(SearchQuery.read(pairs, strict=False))


class Noting(Matcher):
    """Notes the query that a text was turned into last."""

    query: Query = Query.empty_query()

    def _ordered(
        self, wanted: Query, bonuses: list[tuple[Occur, Query]], limit: int
    ) -> tuple[int, Ordered]:
        self.query = Query.boolean_query([(Occur.Must, wanted), *bonuses])
        return super()._ordered(wanted, bonuses, limit)


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds of processor time that something takes."""
    start = process_time()
    work()
    return (process_time() - start) * 1000


def beside_tantivy(search: SearchService, folder: Path, asked: list[Question]) -> dict[str, float]:
    """Return how many times as long as tantivy alone a faceted request takes."""
    snapshot = search.refresh()
    text = TextIndex.current(folder / "index", snapshot.words)
    assert text
    index, searcher = tantivy.Index.open(str(text.folder)), text.searcher
    give_words(index)
    noting = Noting(searcher, snapshot.synonyms)
    found: dict[str, list[float]] = {"parsed": [], "bare": [], "first time": [], "again": []}
    for question in asked:
        parsed = index.parse_query(question.text, ["stems"], conjunction_by_default=True)
        noting.match(question.text)
        understood = noting.query

        def alone(query: Query) -> float:
            work = partial(searcher.search, query, PER_PAGE, True)
            work()
            return timed(work)

        found["parsed"].append(alone(parsed))
        found["bare"].append(alone(understood))
        found["first time"].append(timed(partial(ask, search, question)))
        found["again"].append(timed(partial(ask, search, question)))
    own, same = found["parsed"], found["bare"]
    return {
        "tantivy alone, its own reading of the text, mean, ms": mean(own),
        "tantivy alone, the query it is understood as, mean, ms": mean(same),
        "faceted request, first time, mean, ms": mean(found["first time"]),
        "faceted request, first time, p99, ms": quantiles(found["first time"], n=100)[-1],
        "faceted request, again, mean, ms": mean(found["again"]),
        "first time, times tantivy on the same query": mean(found["first time"]) / mean(same),
        "again, times tantivy on the same query": mean(found["again"]) / mean(same),
    }


def publications(db: Database, search: SearchService, other: SearchService) -> dict[str, float]:
    """Publish other titles a few times; return how soon this and another worker find them.

    The time runs from the commit to the end of the first search after it.
    """
    here: list[float] = []
    there: list[float] = []
    with db.reading() as session:
        of_kind = select(Entry).where(Entry.kind == TRAINING.name, Entry.version > 0)
        # The first ones are no copies, and have a history.
        some = session.exec(of_kind.order_by(col(Entry.id)).limit(PUBLICATIONS)).all()
    for entry in some:
        word = f"x{uuid4().hex[:12]}"
        with db.writing() as session:
            before = latest_revision(session, get_entry(session, TRAINING, entry.slug))
            profile = before.profile | {TRAINING.title_field: f"{entry.title} {word}"}
            draft = read_draft(TRAINING, entry.slug, profile, before.claims)
            publish(session, *save_draft(session, draft, by=None), by=None)
        committed = perf_counter()
        for service, times in ((search, here), (other, there)):
            assert service.search(SearchQuery(q=word)).total == 1
            times.append((perf_counter() - committed) * 1000)
    return {
        "found here, worst, ms": max(here),
        "found here, median, ms": median(here),
        "found by another worker, which looks after that, worst, ms": max(there),
    }


def measured(db: Database, folder: Path, corpus: Corpus, each: int) -> dict[str, Any]:
    """Return what was measured with so many questions of each class."""
    asked: list[Question] = [q for q in questions(corpus, Random(3), each) if q.text]
    start, cpu = perf_counter(), process_time()
    search = SearchService(db, folder)
    search.refresh()
    found: dict[str, Any] = {
        "ready, s": perf_counter() - start,
        "ready, s of processor time": process_time() - cpu,
    }
    # As the application does once it is warm.
    settle()
    found |= beside_tantivy(search, folder, asked)
    found["memory of one worker that has answered this, MB"] = memory(os.getpid(), "Pss_Anon")
    other = SearchService(db, folder)
    other.refresh()
    return found | publications(db, search, other)


def main() -> None:
    """Measure and print JSON."""
    url, data, corpus_file = sys.argv[1:4]
    with open(corpus_file, "rb") as file:
        corpus = pickle.load(file)
    print(json.dumps(measured(Database(make_engine(url)), Path(data), corpus, EACH)))


if __name__ == "__main__":
    main()
