"""Measure how good the answers of the search are: `make relevance`.

The questions of `queries.yaml`, then those of `unseen.yaml`, are put to the search of the seed,
class by class. Figures per
class: nDCG@10 (gain 2**grade - 1, discount log2), MRR of the first good answer, success@1 (the
first answer is exactly what is meant) and the share of questions that find nothing.
Over all: questions that have an answer and find none, and those that have none and find much.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum, log2
from pathlib import Path
from statistics import fmean
from typing import Any

import yaml

from directory.db import Database, make_engine
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.search.query import SearchQuery
from directory.search.service import SearchService
from directory.settings import data

FIRST = 10
GOOD, EXACT = 2, 3
MUCH = 5
"""A question without an answer that finds more entries than this wastes its reader's time."""
NOTHING = "nothing"
SETS = ("queries", "unseen")
"""The set that one works with, and a second one that nobody tunes to."""

_KINDS = {"o": "organisation", "p": "programme", "t": "training"}


@dataclass(frozen=True)
class Question:
    """What somebody types, and the grade of each entry (kind, slug) that answers it."""

    text: str
    grades: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Answered:
    """A question with its first answers, and how many there are in all."""

    question: Question
    first: list[tuple[str, str]]
    total: int

    @property
    def found(self) -> list[int]:
        """Return the grades of the first answers."""
        return [self.question.grades.get(entry, 0) for entry in self.first]

    @property
    def ndcg(self) -> float:
        """Return how near the first ten are to the best order of all graded entries."""
        best = sorted(self.question.grades.values(), reverse=True)
        return _gain(self.found) / _gain(best[:FIRST])

    @property
    def reciprocal(self) -> float:
        """Return 1 divided by the rank of the first good answer, 0 where there is none."""
        good = (1 / rank for rank, grade in enumerate(self.found, 1) if grade >= GOOD)
        return next(good, 0.0)

    @property
    def success(self) -> bool:
        """Say whether the first answer is exactly what is meant."""
        return self.found[:1] == [EXACT]


@dataclass(frozen=True)
class Figures:
    """The figures of one class of questions."""

    questions: int
    ndcg: float
    mrr: float
    success: float
    zero: float

    @classmethod
    def of(cls, answered: list[Answered]) -> "Figures":
        """Take the mean over the questions."""
        return cls(
            len(answered),
            fmean(a.ndcg for a in answered),
            fmean(a.reciprocal for a in answered),
            fmean(a.success for a in answered),
            fmean(not a.total for a in answered),
        )


@dataclass(frozen=True)
class Report:
    """Every answer by class, with what is demanded."""

    answered: dict[str, list[Answered]]
    demanded: dict[str, Any]

    @property
    def figures(self) -> dict[str, Figures]:
        """Return the figures of each class that has answers, and of all of them."""
        found = {name: some for name, some in self.answered.items() if name != NOTHING}
        every = [answered for some in found.values() for answered in some]
        return {name: Figures.of(some) for name, some in (found | {"all": every}).items()}

    @property
    def shares(self) -> dict[str, float]:
        """Return the shares that should be small."""
        return {
            "unanswered": self.figures["all"].zero,
            "noisy": fmean(a.total > MUCH for a in self.answered[NOTHING]),
        }

    def failures(self) -> Iterator[str]:
        """Say what is below, or above, what is demanded."""
        for name, figures in self.figures.items():
            for figure, least in self.demanded[name].items():
                if (value := getattr(figures, figure)) < least:
                    yield f"{name}: {figure} is {value:.3f}, at least {least:.3f} is wanted"
        for name, share in self.shares.items():
            if share > self.demanded[name]:
                yield f"{name} is {share:.3f}, at most {self.demanded[name]:.3f} is wanted"


def _gain(grades: list[int]) -> float:
    return fsum((2.0**grade - 1) / log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _flat(listed: Any) -> Iterator[str]:
    """Yield the names in a list of names and lists."""
    for item in listed:
        if isinstance(item, str):
            yield item
        else:
            yield from _flat(item)


def _question(written: dict[Any, Any]) -> Question:
    grades: dict[tuple[str, str], int] = {}
    for grade in (EXACT, GOOD, 1):
        for name in _flat(written.get(grade, [])):
            kind, slug = name.split("/")
            grades.setdefault((_KINDS[kind], slug), grade)
    return Question(str(written["q"]), grades)


def read(name: str = SETS[0]) -> tuple[dict[str, list[Question]], dict[str, Any]]:
    """Return the questions of a set by class, and what is demanded."""
    path = Path(__file__).with_name(f"{name}.yaml")
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    questions = {name: [_question(q) for q in some] for name, some in written["questions"].items()}
    return questions, written["demanded"]


def measure(service: SearchService, name: str = SETS[0]) -> Report:
    """Put every question of a set to a search of the seed."""
    questions, demanded = read(name)

    def ask(question: Question) -> Answered:
        results = service.search(SearchQuery(q=question.text, per_page=FIRST))
        first = [(hit.card.kind.name, hit.card.slug) for hit in results.hits]
        return Answered(question, first, results.total)

    return Report({name: [ask(q) for q in some] for name, some in questions.items()}, demanded)


def seeded(folder: Path) -> SearchService:
    """Return a search of the seed alone; its database and index stand in `folder`."""
    engine = make_engine(f"sqlite:///{folder / 'directory.db'}")
    migrate(engine)
    db = Database(engine)
    with db.writing() as session:
        load_seed(session, data("seed"))
    return SearchService(db, folder)


def _show(report: Report, *, every: bool) -> None:
    print(f"{'class':12}{'questions':>10}{'nDCG@10':>10}{'MRR':>8}{'success@1':>11}{'zero':>8}")
    for name, f in report.figures.items():
        line = f"{f.questions:10}{f.ndcg:10.3f}{f.mrr:8.3f}{f.success:11.3f}{f.zero:8.3f}"
        print(f"{name:12}{line}")
    shares = report.shares
    print(f"\nHave an answer and find nothing: {shares['unanswered']:.3f}")
    print(f"Have no answer and find more than {MUCH}: {shares['noisy']:.3f}")
    if every:
        for name, some in report.answered.items():
            for a in some:
                if a.ndcg < 1 if a.question.grades else a.total:
                    score = a.ndcg if a.question.grades else 0
                    print(f"\n{name}: {a.question.text} ({score:.2f}, {a.total} found)")
                    for grade, (kind, slug) in zip(a.found, a.first, strict=True):
                        print(f"  {grade} {kind} {slug}")
                    missed = [k for k in a.question.grades.items() if k[0] not in a.first]
                    print("  not there:", *(f"{g} {e[1]}" for e, g in missed[:6]), sep="  ")


def main() -> None:
    """Print the figures; with `--every`, also each question that could be answered better.

    Of the unseen set only the figures are shown.
    """
    with tempfile.TemporaryDirectory() as folder:
        service = seeded(Path(folder))
        reports = {name: measure(service, name) for name in SETS}
        service.close()
    failures = []
    for name, report in reports.items():
        count = sum(len(some) for some in report.answered.values())
        print(f"{name}: {count} questions")
        _show(report, every=name == SETS[0] and "--every" in sys.argv[1:])
        print()
        failures += [f"{name}: {failure}" for failure in report.failures()]
    print(*(f"\nNot enough: {failure}" for failure in failures), sep="", file=sys.stderr)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
