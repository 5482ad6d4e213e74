"""What was decided is remembered, and applied when the same source is read again.

The same source is one of the same slug, or the same text under another. A name, or a long value,
that changed a little is still the same from 90 per cent of equal letters.
"""

from typing import Any

from rapidfuzz import fuzz
from sqlmodel import Session, col, or_, select

from directory.accounts.models import User
from directory.db import now
from directory.imports.intake.mentions import name_key
from directory.imports.intake.models import Decision
from directory.imports.intake.proposals import Proposal, Value

MUCH_ALIKE = 90
LONGEST_KEY = 300


def value_key(value: Any) -> str:
    """Return a value as two readings of it are compared."""
    if isinstance(value, dict):
        return " ".join(f"{k} {value[k]}" for k in sorted(value))[:LONGEST_KEY]
    return (name_key(str(value)) or str(value))[:LONGEST_KEY]


def remember(
    session: Session, source: str, digest: str, proposal: Proposal, values: dict[int, Any], by: User
) -> None:
    """Write down the state of a proposal and of its values.

    `values` maps the number of a value that was edited to what it was before.
    """
    key = name_key(proposal.title)[:LONGEST_KEY]
    _put(session, source, digest, proposal.kind.name, key, "", "", proposal.state,
         proposal.update, by)  # fmt: skip
    for number, value in enumerate(proposal.values):
        if value.state == "proposed":
            continue
        read = values.get(number, value.value)
        _put(session, source, digest, proposal.kind.name, key, value.field, value_key(read),
             value.state, value.value, by)  # fmt: skip


def _put(
    session: Session, source: str, digest: str, kind: str, name: str, field: str, value: str,
    decided: str, answer: Any, by: User,
) -> None:  # fmt: skip
    where = (
        col(Decision.source_slug) == source,
        col(Decision.kind) == kind,
        col(Decision.name) == name,
        col(Decision.field) == field,
        col(Decision.value) == value,
    )
    found = session.exec(select(Decision).where(*where)).first()
    made = found or Decision(
        source_slug=source, digest=digest, kind=kind, name=name, field=field, value=value,
        decided=decided,
    )  # fmt: skip
    made.digest, made.decided, made.answer = digest, decided, answer
    made.author_id, made.made_at = by.id, now()
    session.add(made)
    session.flush()


def recall(session: Session, source: str, digest: str, proposals: list[Proposal]) -> None:
    """Apply what was decided before to what is proposed now."""
    found = session.exec(
        select(Decision)
        .where(or_(col(Decision.source_slug) == source, col(Decision.digest) == digest))
        .order_by(col(Decision.made_at))
    ).all()
    by_kind: dict[str, dict[str, list[Decision]]] = {}
    for one in found:
        by_kind.setdefault(one.kind, {}).setdefault(one.name, []).append(one)
    for proposal in proposals:
        known = by_kind.get(proposal.kind.name, {})
        name = _nearest(name_key(proposal.title), list(known))
        for decision in known.get(name or "", []):
            _apply(proposal, decision)


def _nearest(wanted: str, names: list[str]) -> str | None:
    """Return the same name, or else the one that is much like it."""
    if wanted in names:
        return wanted
    near = ((fuzz.ratio(wanted, name), name) for name in names)
    best = max(near, default=(0.0, ""))
    return best[1] if best[0] >= MUCH_ALIKE else None


def _apply(proposal: Proposal, decision: Decision) -> None:
    if not decision.field:
        proposal.state = decision.decided
        if decision.answer:
            proposal.update = str(decision.answer)
        return
    for value in proposal.values:
        if value.field == decision.field and _is_same(value, decision.value):
            value.state = decision.decided
            if decision.decided == "edited":
                value.value = decision.answer


def _is_same(value: Value, key: str) -> bool:
    mine = value_key(value.value)
    if mine == key:
        return True
    is_long = len(mine) > 20 and not any(c.isdigit() for c in mine)
    return is_long and fuzz.ratio(mine, key) >= MUCH_ALIKE
