"""What a curator decides about a reading: drafts with claims, and a memory for the next one."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.curation.service import find_entry, latest_revision
from directory.db import Database
from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING
from directory.entries.models import Entry, State
from directory.errors import Conflict, Invalid, NotFound
from directory.imports.intake.models import Reading
from directory.imports.intake.proposals import Proposal
from directory.imports.intake.readers import read_bytes
from directory.imports.intake.service import (
    Answer,
    answer_proposal,
    keep_reading,
    list_readings,
    open_readings,
    proposals_of,
    read_profile,
    save_sure,
)
from directory.sources.models import Source
from tests.imports.intake.profiles import MARKDOWN

SOURCE = "profile-of-the-harbour-institute"


@pytest.fixture
def session(any_seeded: Engine) -> Iterator[Session]:
    with Database(any_seeded).writing() as opened:
        yield opened


@pytest.fixture
def ada(session: Session) -> User:
    add_user(session, "ada@example.org", "curator")
    return session.exec(select(User).where(User.email == "ada@example.org")).one()


def reading_of(
    session: Session, text: str, by: User | None = None, source: str = SOURCE
) -> Reading:
    document = read_bytes("harbour.md", text.encode())
    proposals = read_profile(session, document, source=source)
    return keep_reading(session, document, proposals, source=source, title="Harbour", by=by)


def proposal_of(reading: Reading, title: str) -> Proposal:
    return next(p for p in proposals_of(reading)[1] if p.title == title)


def answer(
    proposal: Proposal,
    decision: str,
    without: set[str] | None = None,
    into: str = "",
    **edited: Any,
) -> Answer:
    """Take every value but those of some fields; edit the first value of others."""
    taken = {n for n, v in enumerate(proposal.values) if v.field not in (without or set())}
    numbers = {
        next(n for n, v in enumerate(proposal.values) if v.field == name): text
        for name, text in edited.items()
    }
    return Answer(proposal.key, decision, frozenset(taken), numbers, into)


def entry_at(session: Session, kind: str, slug: str) -> Entry:
    found = find_entry(session, KINDS[kind], slug)
    assert found
    return found


def test_accepting_saves_a_draft_whose_claims_cite_the_text(session: Session, ada: User) -> None:
    reading = reading_of(session, MARKDOWN, ada)
    lantern = proposal_of(reading, "Lantern")
    entry = answer_proposal(session, reading.id, answer(lantern, "accept"), by=ada)
    assert entry and entry.state is State.DRAFT and not entry.version
    last = latest_revision(session, entry)
    assert last.profile["duration"] == "40 minutes"
    [claim] = last.claims["duration"]
    assert (claim["source"], claim["locator"]) == (SOURCE, "line 16")
    assert "40 minutes" not in claim["note"]
    source = session.get(Source, SOURCE)
    assert source and source.title == "Harbour"


def test_nobody_sees_a_source_before_something_was_accepted(session: Session, ada: User) -> None:
    reading = reading_of(session, MARKDOWN, ada)
    rejected = answer(proposal_of(reading, "Lantern"), "reject")
    assert answer_proposal(session, reading.id, rejected, by=ada) is None
    assert session.get(Source, SOURCE) is None


def test_values_that_are_not_taken_stay_out_and_edited_ones_say_so(
    session: Session, ada: User
) -> None:
    reading = reading_of(session, MARKDOWN, ada)
    said = answer(proposal_of(reading, "Lantern"), "accept", {"results"}, duration="45 minutes")
    entry = answer_proposal(session, reading.id, said, by=ada)
    assert entry
    last = latest_revision(session, entry)
    assert "results" not in last.profile
    assert last.profile["duration"] == "45 minutes"
    assert last.claims["duration"][0]["status"] == "derived"
    assert "Edited by a curator" in last.claims["duration"][0]["note"]


def test_what_was_decided_is_remembered_when_the_text_has_changed_a_little(
    session: Session, ada: User
) -> None:
    first = reading_of(session, MARKDOWN, ada)
    answer_proposal(
        session, first.id, answer(proposal_of(first, "Quiet Streams"), "reject"), by=ada
    )
    said = answer(proposal_of(first, "Lantern"), "accept", {"cost"}, duration="45 minutes")
    answer_proposal(session, first.id, said, by=ada)
    changed = MARKDOWN.replace("310 town halls", "420 town halls").replace(
        "Quiet Streams", "Quiet Stream"
    )
    again = reading_of(session, changed, ada)
    assert proposal_of(again, "Quiet Stream").state == "rejected"
    lantern = proposal_of(again, "Lantern")
    assert (lantern.state, lantern.update) == ("accepted", "lantern")
    states = {v.field: v.state for v in lantern.values}
    assert (states["cost"], states["duration"]) == ("rejected", "edited")
    assert lantern.listed("duration") == ["45 minutes"]
    assert "420 town halls" in lantern.listed("results")[0]
    assert states["results"] == "proposed"


def test_the_same_text_under_another_source_is_known_by_its_words(
    session: Session, ada: User
) -> None:
    first = reading_of(session, MARKDOWN, ada)
    answer_proposal(session, first.id, answer(proposal_of(first, "Lantern"), "reject"), by=ada)
    assert proposal_of(reading_of(session, MARKDOWN, source="other"), "Lantern").state == "rejected"
    strange = reading_of(session, MARKDOWN + "\nMore.\n", source="other")
    assert proposal_of(strange, "Lantern").state == "proposed"


def test_an_entry_of_the_catalogue_is_found_and_only_its_gaps_are_filled(
    session: Session, ada: User
) -> None:
    text = (
        "The CyberPeace Institute is an NGO. The CyberPeace Institute was founded in 1990.\n"
        "The CyberPeace Institute runs the CyberPeace Builders programme, launched in 2021. "
        "It has a mailbox, builders@cyberpeace.example, and office@cyberpeace.example."
    )
    reading = reading_of(session, text, ada)
    proposal = proposal_of(reading, "CyberPeace Institute")
    assert proposal.update == "cyberpeace-institute"
    before = latest_revision(session, entry_at(session, "organisation", "cyberpeace-institute"))
    entry = answer_proposal(session, reading.id, answer(proposal, "accept"), by=ada)
    assert entry and entry.state is State.PUBLISHED
    last = latest_revision(session, entry)
    assert last.number == before.number + 1
    assert last.published_at is None
    for name, value in before.profile.items():
        if not ORGANISATION.fields[name].many:
            assert last.profile[name] == value
        else:
            assert last.profile[name][: len(value)] == value


def test_merging_adds_to_the_entry_that_the_curator_names(session: Session, ada: User) -> None:
    reading = reading_of(session, MARKDOWN, ada)
    programme = proposal_of(reading, "Data Stewards Programme")
    assert programme.kind is PROGRAMME
    with pytest.raises(Invalid, match="merge into"):
        answer_proposal(session, reading.id, answer(programme, "merge", into="no-such"), by=ada)
    into = answer(programme, "merge", into="cyberpeace-builders")
    entry = answer_proposal(session, reading.id, into, by=ada)
    assert entry and entry.slug == "cyberpeace-builders"
    assert latest_revision(session, entry).profile["title"] == "CyberPeace Builders"
    again = proposal_of(reading_of(session, MARKDOWN), "Data Stewards Programme")
    assert (again.state, again.update) == ("merged", "cyberpeace-builders")


def test_a_proposal_is_saved_once(session: Session, ada: User) -> None:
    reading = reading_of(session, MARKDOWN, ada)
    said = answer(proposal_of(reading, "Lantern"), "accept")
    answer_proposal(session, reading.id, said, by=ada)
    with pytest.raises(Conflict):
        answer_proposal(session, reading.id, said, by=ada)


def test_a_name_that_is_taken_by_something_else_gets_another_address(
    session: Session, ada: User
) -> None:
    reading = reading_of(session, MARKDOWN, ada)
    lantern = proposal_of(reading, "Lantern")
    answer_proposal(session, reading.id, answer(lantern, "accept"), by=ada)
    other = reading_of(session, "# Oak\n\n**Lantern** is a course about oaks.", ada, "oak")
    proposal = proposal_of(other, "Lantern")
    assert proposal.update == "lantern"
    entry = answer_proposal(session, other.id, answer(proposal, "new"), by=ada)
    assert entry and entry.slug == "lantern-2"
    assert find_entry(session, TRAINING, "lantern")


def test_a_wrong_edit_changes_nothing(session: Session, ada: User) -> None:
    reading = reading_of(session, MARKDOWN, ada)
    said = answer(proposal_of(reading, "Data Stewards Programme"), "accept", start_year="soon")
    with pytest.raises(Invalid) as caught:
        answer_proposal(session, reading.id, said, by=ada)
    assert "start_year" in caught.value.by_field
    assert find_entry(session, PROGRAMME, "data-stewards-programme") is None


def test_without_its_name_nothing_is_saved(session: Session, ada: User) -> None:
    reading = reading_of(session, MARKDOWN, ada)
    with pytest.raises(Invalid, match="name"):
        said = answer(proposal_of(reading, "Lantern"), "accept", {"title"})
        answer_proposal(session, reading.id, said, by=ada)


def test_strange_answers_are_refused(session: Session, ada: User) -> None:
    reading = reading_of(session, MARKDOWN, ada)
    lantern = proposal_of(reading, "Lantern")
    with pytest.raises(Invalid):
        answer_proposal(session, reading.id, answer(lantern, "explode"), by=ada)
    with pytest.raises(NotFound):
        nobody = Answer("training:nobody", "accept", frozenset(), {})
        answer_proposal(session, reading.id, nobody, by=ada)
    with pytest.raises(NotFound):
        answer_proposal(session, uuid.uuid4(), answer(lantern, "accept"), by=ada)
    with pytest.raises(NotFound):
        read_profile(session, proposals_of(reading)[0], organisation="no-such-organisation")


def test_readings_with_something_to_decide_come_first(session: Session, ada: User) -> None:
    first = reading_of(session, "# Oak\n\n**Lantern** is a course about oaks.", ada, "oak")
    for proposal in proposals_of(first)[1]:
        answer_proposal(session, first.id, answer(proposal, "reject"), by=ada)
    second = reading_of(session, MARKDOWN, ada)
    third = reading_of(session, "Nothing is named here at all.", ada, "none")
    assert list_readings(session)[0].id == second.id
    assert third.open_count == 0
    assert open_readings(session) == 1


def test_a_command_saves_only_what_is_sure_and_new(session: Session) -> None:
    reading = reading_of(session, MARKDOWN)
    count = save_sure(session, reading)
    states = {p.title: p.state for p in proposals_of(reading)[1]}
    assert states["Lantern"] == "accepted"
    assert states["Tidewater Fund"] == "proposed"
    assert count == sum(state == "accepted" for state in states.values())
    entry = find_entry(session, TRAINING, "lantern")
    assert entry and entry.state is State.DRAFT
