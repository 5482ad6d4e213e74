"""Whether a proposed entry is in the catalogue already: an update of it, or new."""

from sqlmodel import Session

from directory.curation.likeness import signs_of
from directory.curation.lookalikes import lookalikes_of
from directory.entries.kinds import ORGANISATION
from directory.imports.intake.proposals import Match, Proposal
from directory.languages import SOURCE, reading

SURE = 0.75
"""From here on an entry that is alike is taken to be the one that is meant."""
MOST = 4
LONGEST_SHORT = 8


def match(session: Session, proposals: list[Proposal]) -> None:
    """Name the entries that each proposal may mean, and let references follow."""
    kept = lookalikes_of(session)
    for proposal in proposals:
        profile = proposal.profile()
        short = proposal.title.isupper() and len(proposal.title) <= LONGEST_SHORT
        if short and "acronym" in proposal.kind.fields:
            profile.setdefault("acronym", proposal.title)
        found = kept.alike(session, proposal.kind, signs_of(proposal.kind, "", profile))
        # Proposals are kept: whoever opens one later reads another language.
        with reading(SOURCE):
            proposal.matches = [
                Match(k.slug, k.title, round(alike.score, 2), tuple(map(str, alike.reasons)))
                for k, alike in found[:MOST]
            ]
        best = proposal.matches[0] if proposal.matches else None
        if best and (best.score >= SURE or (short and len(found) == 1)):
            proposal.update = best.slug
    _follow(proposals)


def _follow(proposals: list[Proposal]) -> None:
    """Let what refers to a proposed organisation refer to the entry that it is an update of."""
    known = {p.slug: p.update for p in proposals if p.kind is ORGANISATION and p.update}
    for proposal in proposals:
        for value in proposal.values:
            declared = proposal.kind.fields[value.field]
            if declared.reference is None or declared.reference.kind != ORGANISATION.name:
                continue
            if isinstance(value.value, dict):
                slug = value.value["organisation"]
                value.value = {**value.value, "organisation": known.get(slug, slug)}
            else:
                value.value = known.get(value.value, value.value)
