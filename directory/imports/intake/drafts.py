"""From an accepted proposal to a draft: values with their claims, and nothing that was not read."""

from typing import Any

from sqlmodel import Session

from directory.accounts.models import User
from directory.curation.addresses import free_slug
from directory.curation.service import (
    Draft,
    find_entry,
    get_entry,
    latest_revision,
    read_draft,
    save_draft,
)
from directory.entries.fields import Text
from directory.entries.models import Entry
from directory.imports.intake.blocks import Document
from directory.imports.intake.proposals import Proposal, Value
from directory.languages import marked
from directory.sources.claims import Status


def save_proposal(
    session: Session, document: Document, proposal: Proposal, source: str, *, by: User | None
) -> Entry:
    """Save a proposal as a draft of a new entry, or as a proposed change of the one it updates.

    Of an entry that exists, what is written already stays: empty fields are filled, and lists
    grow. Raises Invalid with the fields that do not fit, and NotFound when the entry to be
    changed is gone.
    """
    profile, claims = written(document, proposal, source)
    if proposal.update:
        entry = get_entry(session, proposal.kind, proposal.update)
        last = latest_revision(session, entry)
        profile, claims = _added(proposal, last.profile, last.claims, profile, claims)
        draft = read_draft(proposal.kind, entry.slug, profile, claims)
        comment = f"From the text {document.name}."
        return save_draft(session, draft, by=by, comment=comment, base=last.number)[0]
    slug = free_slug(
        proposal.slug, lambda tried: find_entry(session, proposal.kind, tried) is not None
    )
    draft = read_draft(proposal.kind, slug, profile, claims)
    return save_draft(session, draft, by=by, comment=f"From the text {document.name}.", base=0)[0]


def check_proposal(document: Document, proposal: Proposal, source: str) -> Draft:
    """Return the draft that a proposal would be; raises Invalid."""
    profile, claims = written(document, proposal, source)
    return read_draft(proposal.kind, proposal.slug, profile, claims)


def written(
    document: Document, proposal: Proposal, source: str
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Return the profile and the claims of a proposal.

    Several figures of one text field stand one after the other; two answers of a field that holds
    one are a contradiction, which is recorded: the first is written, both are named in the claim.
    """
    profile: dict[str, Any] = {}
    claims: dict[str, list[dict[str, Any]]] = {}
    for name in proposal.kind.fields:
        values = [v for v in proposal.values if v.field == name and v.state != "rejected"]
        if not values:
            continue
        declared = proposal.kind.fields[name]
        if declared.many:
            profile[name] = _each_once(values)
        elif declared.type is Text:
            profile[name] = ". ".join(dict.fromkeys(str(v.value) for v in values))
        else:
            profile[name] = values[0].value
        claims[name] = [_claim(document, proposal, v, source) for v in values]
        if not declared.many and declared.type is not Text and len(values) > 1:
            claims[name] = [_contradiction(document, values, source)]
    return profile, claims


def _each_once(values: list[Value]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value.value not in found:
            found.append(value.value)
    return found


def _claim(document: Document, proposal: Proposal, value: Value, source: str) -> dict[str, Any]:
    claim = {
        "source": source,
        "status": str(Status.DERIVED if value.state == "edited" else value.claim),
        "locator": document.blocks[value.place.block].locator,
        "note": f"Read by rule: {value.rule}."
        if value.state != "edited"
        else f"Edited by a curator after it was read by rule: {value.rule}.",
    }
    if proposal.kind.fields[value.field].many and isinstance(value.value, str):
        claim["item"] = value.value[:300]
    return claim


def _contradiction(document: Document, values: list[Value], source: str) -> dict[str, Any]:
    places = [document.blocks[v.place.block].locator for v in values]
    return {
        "source": source,
        "status": str(Status.CONTRADICTED),
        "locator": ", ".join(dict.fromkeys(places))[:300],
        "note": marked("The text gives more than one answer."),
        "values": [
            f"{v.value} ({place})"[:300] for v, place in zip(values[:9], places[:9], strict=True)
        ],
    }


def _added(
    proposal: Proposal,
    profile: dict[str, Any],
    claims: dict[str, Any],
    more: dict[str, Any],
    more_claims: dict[str, list[dict[str, Any]]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Add to what is written; a claim goes along with the value that it is about."""
    whole, cited = dict(profile), {name: list(found) for name, found in claims.items()}
    for name, value in more.items():
        if name not in whole:
            whole[name] = value
            cited[name] = more_claims[name]
        elif proposal.kind.fields[name].many:
            new = [item for item in value if item not in whole[name]]
            whole[name] = [*whole[name], *new]
            texts = {str(item) for item in new}
            cited[name] = [
                *cited.get(name, []),
                *(
                    c
                    for c in more_claims[name]
                    if new and c.get("item", next(iter(texts))) in texts
                ),
            ]
    return whole, cited
