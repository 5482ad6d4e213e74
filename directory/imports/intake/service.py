"""Reading a document into proposals, and what a curator does with them. Nothing is published."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.audit import record
from directory.curation.service import find_entry
from directory.db import write_alone
from directory.entries.kinds import ORGANISATION
from directory.entries.models import Entry, State
from directory.entries.vocabularies import Vocabularies
from directory.errors import Conflict, Invalid, NotFound
from directory.imports.intake.blocks import Document
from directory.imports.intake.drafts import check_proposal, save_proposal
from directory.imports.intake.matching import match
from directory.imports.intake.memory import recall, remember
from directory.imports.intake.mentions import slug_of
from directory.imports.intake.models import Reading
from directory.imports.intake.proposals import Proposal
from directory.imports.intake.propose import propose
from directory.imports.intake.terms import Reader
from directory.languages import gettext, marked
from directory.sources.models import Source

SURE_ENOUGH = 0.7
"""From this confidence on `directory intake --save` writes a draft without a person."""
_STATES = {
    "accept": "accepted",
    "new": "accepted",
    "merge": "merged",
    "reject": "rejected",
    "reopen": "proposed",
}


@dataclass(frozen=True)
class Answer:
    """What a curator says about one proposal: accept, new (as a new entry), merge, reject, reopen.

    `taken` are the numbers of the values that stay, `edited` their new texts, `into` the slug of
    the entry that a merge is about.
    """

    key: str
    decision: str
    taken: frozenset[int]
    edited: Mapping[int, str]
    into: str = ""


def read_profile(
    session: Session, document: Document, *, source: str = "", organisation: str = ""
) -> list[Proposal]:
    """Return the proposals of a document, matched with the catalogue and with what was decided.

    `organisation` is the slug, or else the name, of the organisation that the text is about.
    """
    name = organisation
    if entry := find_entry(session, ORGANISATION, organisation) if organisation else None:
        name = entry.title
    elif organisation and slug_of(organisation) == organisation and "-" in organisation:
        raise NotFound(
            gettext(
                "There is no organisation at %(address)s. Give its name instead.",
                address=ORGANISATION.url(organisation),
            )
        )
    proposals = propose(document, Reader(Vocabularies.read(session)), organisation=name or None)
    match(session, proposals)
    recall(session, source or source_slug(document.name), document.digest, proposals)
    return [p for p in proposals if _fits(document, p, source or "source")]


def _fits(document: Document, proposal: Proposal, source: str) -> bool:
    """Take out values that no entry can hold, such as a name of a thousand letters."""
    for _ in range(5):
        try:
            check_proposal(document, proposal, source)
            return True
        except Invalid as error:
            wrong = {name.split(".")[0] for name in error.by_field}
            wrong |= {n.split(".")[1] for n in error.by_field if n.startswith("claims.")}
            kept = [v for v in proposal.values if v.field not in wrong]
            if len(kept) == len(proposal.values):
                return False
            proposal.values = kept
    return False


def source_slug(name: str) -> str:
    """Return the slug of the source that a document is, from its name or address."""
    return slug_of(name.removeprefix("https://").removeprefix("http://"))


def keep_source(session: Session, slug: str, title: str) -> Source:
    """Return the source of this slug, or else write down a new one."""
    if found := session.get(Source, slug):
        return found
    last = session.scalar(sa.select(sa.func.max(col(Source.position)))) or 0
    made = Source(
        slug=slug,
        title=title[:300],
        short_title=title[:80],
        kind="profile",
        numbering="line",
        note=marked("Brought in by a curator; its text is not shown."),
        checked_on=date.today(),
        position=last + 1,
    )
    session.add(made)
    session.flush()
    return made


def keep_reading(
    session: Session,
    document: Document,
    proposals: list[Proposal],
    *,
    source: str,
    title: str,
    by: User | None,
) -> Reading:
    """Keep a reading until somebody has decided about it.

    `source` and `title` are those of the document; nobody sees them before the first draft.
    """
    write_alone(session)
    made = Reading(
        source_slug=source,
        source_title=title[:300],
        name=document.name[:300],
        digest=document.digest,
        document=document.to_json(),
        proposals=[p.to_json(document) for p in proposals],
        open_count=sum(p.state == "proposed" for p in proposals),
        author_id=by.id if by else None,
    )
    session.add(made)
    session.flush()
    record(session, "read", made.name, by=by, proposals=len(proposals))
    return made


def get_reading(session: Session, key: uuid.UUID) -> Reading:
    """Return a reading; raises NotFound."""
    found = session.get(Reading, key)
    if found is None:
        raise NotFound(gettext("There is no such reading."))
    return found


def list_readings(session: Session, limit: int = 50) -> list[Reading]:
    """Return the newest readings, those with something to decide first."""
    undecided = sa.case((col(Reading.open_count) > 0, 0), else_=1)
    return list(
        session.exec(select(Reading).order_by(undecided, col(Reading.made_at).desc()).limit(limit))
    )


def open_readings(session: Session) -> int:
    """Return how many readings have something to decide."""
    query = sa.select(sa.func.count()).select_from(Reading).where(col(Reading.open_count) > 0)
    return session.scalar(query) or 0


def proposals_of(reading: Reading) -> tuple[Document, list[Proposal]]:
    """Return what was read and what is proposed."""
    return Document.from_json(reading.document), [Proposal.from_json(p) for p in reading.proposals]


def answer_proposal(session: Session, key: uuid.UUID, answer: Answer, *, by: User) -> Entry | None:
    """Do what a curator says about a proposal, and remember it; return the draft that was saved.

    Raises NotFound for a proposal that is not there, Conflict for one that was saved already, and
    Invalid with the fields that do not fit.
    """
    write_alone(session)
    reading = get_reading(session, key)
    session.refresh(reading)
    document, proposals = proposals_of(reading)
    proposal = next((p for p in proposals if p.key == answer.key), None)
    if proposal is None:
        raise NotFound(gettext("There is no such proposal in this reading."))
    if answer.decision not in _STATES:
        raise Invalid(gettext("Choose to accept, merge or reject it."))
    saves = answer.decision in ("accept", "new", "merge")
    if saves and proposal.state in ("accepted", "merged"):
        raise Conflict(gettext("This was saved as a draft already."))
    before = _take(proposal, answer) if saves else {}
    if answer.decision == "new":
        proposal.update = None
    if answer.decision == "merge":
        proposal.update = _target(session, proposal, answer.into)
    entry = None
    if saves:
        keep_source(session, reading.source_slug, reading.source_title)
        entry = save_proposal(session, document, proposal, reading.source_slug, by=by)
        proposal.update = entry.slug
    proposal.state = _STATES[answer.decision]
    remember(session, reading.source_slug, reading.digest, proposal, before, by)
    if entry:
        _refer(proposals, proposal, entry)
    _write(session, reading, document, proposals)
    return entry


def _take(proposal: Proposal, answer: Answer) -> dict[int, Any]:
    """Set the state of each value; return what the edited ones were before."""
    before = {}
    for number, value in enumerate(proposal.values):
        text = answer.edited.get(number, "").strip()
        if number not in answer.taken:
            value.state = "rejected"
        elif text and text != str(value.value) and not isinstance(value.value, dict):
            before[number] = value.value
            value.value, value.state = text, "edited"
        elif value.state != "edited":
            value.state = "accepted"
    titles = proposal.listed(proposal.kind.title_field)
    if not titles:
        raise Invalid(gettext("Keep the name: without it there is no entry."))
    return before


def _target(session: Session, proposal: Proposal, into: str) -> str:
    """Return the slug of the entry that is named, by its title or by its slug."""
    name = into.strip()
    if not name:
        raise Invalid(
            gettext("Name the entry to merge into."),
            {"into": gettext("Name the entry that it should be merged into.")},
        )
    found = find_entry(session, proposal.kind, name)
    titled = select(Entry).where(
        Entry.kind == proposal.kind.name,
        sa.func.lower(Entry.title) == sa.func.lower(name),
        Entry.state != State.MERGED,
    )
    entries = [found] if found else session.exec(titled.limit(2)).all()
    if not entries:
        sentence = gettext("No entry of this kind is called %(name)s.", name=name)
        raise Invalid(gettext("Name the entry to merge into."), {"into": sentence})
    if len(entries) > 1:
        sentence = gettext(
            "Several entries are called %(name)s. Give the last part of the web address.", name=name
        )
        raise Invalid(gettext("Name the entry to merge into."), {"into": sentence})
    return entries[0].slug


def _refer(proposals: list[Proposal], saved: Proposal, entry: Entry) -> None:
    """Let the proposals that wait refer to the entry that an organisation has become."""
    if saved.kind is not ORGANISATION or entry.slug == saved.slug:
        return
    for proposal in proposals:
        for value in proposal.values:
            if isinstance(value.value, dict) and value.value.get("organisation") == saved.slug:
                value.value = {**value.value, "organisation": entry.slug}
            elif value.value == saved.slug and proposal.kind.fields[value.field].reference:
                value.value = entry.slug


def _write(
    session: Session, reading: Reading, document: Document, proposals: list[Proposal]
) -> None:
    reading.proposals = [p.to_json(document) for p in proposals]
    reading.open_count = sum(p.state == "proposed" for p in proposals)
    session.add(reading)
    session.flush()


def save_sure(session: Session, reading: Reading) -> int:
    """Save what is sure enough and new as drafts, for who runs a command; return how many.

    Updates of entries, and what was decided before, are left for a person.
    """
    document, proposals = proposals_of(reading)
    count = 0
    for proposal in proposals:
        is_new = proposal.state == "proposed" and not proposal.update
        if is_new and proposal.confidence >= SURE_ENOUGH:
            keep_source(session, reading.source_slug, reading.source_title)
            entry = save_proposal(session, document, proposal, reading.source_slug, by=None)
            proposal.update, proposal.state = entry.slug, "accepted"
            count += 1
    _write(session, reading, document, proposals)
    return count
