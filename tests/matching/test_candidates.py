"""However many entries there are, a bounded number is scored, and the right ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.db import Database
from directory.entries.kinds import KINDS
from directory.matching import candidates as module
from directory.matching.candidates import candidates, find_text, hints_of, shares
from directory.matching.need import Need
from directory.matching.service import judge_entries, match
from directory.matching.verdicts import Verdict
from directory.search.service import SearchService
from tests.matching.conftest import TODAY

NEEDS = [
    Need(policy_area=["cybersecurity"], audience=["diplomats"], language=["fr"], budget=0),
    Need(action_line=["C7"], mode=["online"], must=["action_line", "mode"]),
    Need(organisation_type="civil-society", country="KE", text="free help against attacks"),
    Need(policy_area=["encryption"], must=["policy_area"]),
    Need(capability=["people-skills"], audience=["students"]),
]


@pytest.fixture
def search(database: Database, tmp_path: Path) -> Iterator[SearchService]:
    service = SearchService(database, tmp_path, today=lambda: TODAY)
    yield service
    service.close()


@pytest.mark.parametrize("need", NEEDS, ids=lambda n: "-".join(n.given))
def test_a_hint_lets_pass_whatever_scoring_would(
    database: Database, search: SearchService, need: Need
) -> None:
    """The bitmaps know less than scoring; they must never leave out what it would keep."""
    snapshot = search.refresh()
    with database.reading() as session:
        found = match(session, search, need, today=TODAY, most=dict.fromkeys(KINDS, 50))
    numbers, text = snapshot.facets.numbers, find_text(snapshot, need)
    checked = 0
    for group in found.groups:
        hints = {h.condition: h for h in hints_of(snapshot, need, group.kind, text, TODAY)}
        for one in group.matches:
            number = numbers[one.judged.offer.id]
            for finding in one.judged.findings:
                hint = hints.get(finding.condition)
                if hint is None:
                    continue
                checked += 1
                assert finding.verdict is Verdict.FAILS or number in hint.possible, finding
                assert finding.verdict is not Verdict.FITS or number in hint.fits, finding
    assert checked > 20


@pytest.mark.parametrize("need", NEEDS, ids=lambda n: "-".join(n.given))
def test_the_best_are_among_the_few_that_are_scored(
    database: Database,
    search: SearchService,
    need: Need,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def best() -> list[str]:
        with database.reading() as session:
            found = match(session, search, need, today=TODAY)
        return [g.matches[0].shown.title for g in found.groups if g.matches]

    everything = best()
    monkeypatch.setattr(module, "MOST_SCORED", 40)
    snapshot = search.refresh()
    for kind in KINDS.values():
        few = candidates(snapshot, need, kind, find_text(snapshot, need), TODAY)
        assert len(few) == len(set(few)) == 40
    assert best() == everything


def test_the_text_of_a_need_is_not_kept_in_the_memory_of_the_search(
    database: Database, search: SearchService
) -> None:
    with database.reading() as session:
        match(session, search, Need(text="zqsecret norms"), today=TODAY)
    assert "zqsecret" not in repr(search.refresh()._matches)


def test_the_share_of_a_text_is_between_nothing_and_all(search: SearchService) -> None:
    snapshot = search.refresh()
    found = shares(find_text(snapshot, Need(text="cyber norms for diplomats")))
    assert found and max(found.values()) == 1.0 and min(found.values()) >= 0.0


def test_a_need_without_any_hit_is_answered(database: Database, search: SearchService) -> None:
    with database.reading() as session:
        found = match(session, search, Need(text="qqqq zzzz"), today=TODAY)
        assert found.total == found.looked_at
        assert judge_entries(session, search, Need(), [], today=TODAY) == []
