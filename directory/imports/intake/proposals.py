"""What a reading proposes: entries, and for each value where it is from and how sure that is."""

from dataclasses import asdict, dataclass, field
from typing import Any

from directory.entries.kinds import Kind, kind_named
from directory.imports.intake.blocks import Document
from directory.imports.intake.mentions import Place
from directory.sources.claims import Status


@dataclass(slots=True)
class Value:
    """One value of a field, or one item of its list.

    `rule` says how it was found and `confidence` (0 to 1) how sure that is; `claim` is what the
    source does about it; `state` is what a curator decided: proposed, accepted, edited, rejected.
    """

    field: str
    value: Any
    place: Place
    confidence: float
    rule: str
    claim: Status = Status.STATED
    state: str = "proposed"


@dataclass(slots=True)
class Match:
    """An entry of the catalogue that may be meant, with how alike it is and why."""

    slug: str
    title: str
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Proposal:
    """One proposed entry. `update` is the slug of the entry it would change, if there is one."""

    key: str
    kind: Kind
    slug: str
    title: str
    confidence: float
    rule: str
    places: list[Place]
    values: list[Value] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    update: str | None = None
    state: str = "proposed"

    def listed(self, name: str) -> list[Any]:
        """Return the values proposed for a field, the rejected ones left out."""
        return [v.value for v in self.values if v.field == name and v.state != "rejected"]

    def profile(self) -> dict[str, Any]:
        """Return the fields with their values, as the form of an entry takes them."""
        found: dict[str, Any] = {}
        for value in self.values:
            if value.state == "rejected":
                continue
            if self.kind.fields[value.field].many:
                held = found.setdefault(value.field, [])
                if value.value not in held:
                    held.append(value.value)
            else:
                found.setdefault(value.field, value.value)
        return found

    def to_json(self, document: Document) -> dict[str, Any]:
        """Return the proposal as `--json` prints it."""
        return {
            "key": self.key,
            "kind": self.kind.name,
            "slug": self.slug,
            "title": self.title,
            "action": f"update of {self.update}" if self.update else "new",
            "confidence": round(self.confidence, 2),
            "rule": self.rule,
            "status": self.state,
            "matches": [{**asdict(m), "reasons": list(m.reasons)} for m in self.matches],
            "passages": [_passage(document, p) for p in self.places],
            "values": [
                {
                    "field": v.field,
                    "value": v.value,
                    "passage": _passage(document, v.place),
                    "confidence": round(v.confidence, 2),
                    "rule": v.rule,
                    "claim": str(v.claim),
                    "status": v.state,
                }
                for v in self.values
            ],
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Proposal":
        """Read what `to_json` wrote."""
        action = found["action"]
        return cls(
            found["key"],
            kind_named(found["kind"]),
            found["slug"],
            found["title"],
            found["confidence"],
            found["rule"],
            [_place(p) for p in found["passages"]],
            [
                Value(
                    v["field"], v["value"], _place(v["passage"]), v["confidence"], v["rule"],
                    Status(v["claim"]), v["status"],
                )
                for v in found["values"]
            ],
            [
                Match(m["slug"], m["title"], m["score"], tuple(m["reasons"]))
                for m in found["matches"]
            ],
            action.removeprefix("update of ") if action != "new" else None,
            found["status"],
        )  # fmt: skip


def _passage(document: Document, place: Place) -> dict[str, Any]:
    block = document.blocks[place.block]
    return {
        "block": place.block,
        "locator": block.locator,
        "start": place.start,
        "end": place.end,
        "text": block.text[place.start : place.end],
    }


def _place(found: dict[str, Any]) -> Place:
    return Place(found["block"], found["start"], found["end"])
