"""What a run tells: counts, and a line for each item that is worth a look."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.entries.fields import Declared
from directory.entries.kinds import Kind, kind_named
from directory.entries.models import Entry
from directory.imports.harvest.items import Rejected
from directory.imports.harvest.models import FeedRun
from directory.imports.harvest.planning import Action, Planned
from directory.imports.harvest.values import Words

MOST_LINES = 500
_LONGEST = 200
ARCHIVED, MISSING = "archived", "missing"


@dataclass
class Report:
    """The counts of a run, and its lines: those that need a person before those that do not."""

    words: Words
    kind: Kind
    counts: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    postponed: bool = False
    noted: bool = False
    _urgent: list[dict[str, Any]] = field(default_factory=list)
    _rest: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return the lines that are kept."""
        return (self._urgent + self._rest)[:MOST_LINES]

    @property
    def is_clean(self) -> bool:
        """Say whether reading the same again could bring nothing more."""
        return not (self.postponed or self.noted or self.counts[Action.REJECTED])

    def rejected(self, one: Rejected) -> None:
        """Tell of what could not be an item."""
        self.counts[Action.REJECTED] += 1
        self._add({"action": Action.REJECTED.value, "name": one.name[:_LONGEST],
                   "reason": one.reason[:_LONGEST]}, urgent=True)  # fmt: skip

    def tell(self, planned: Planned, entry: Entry | None) -> None:
        """Tell what became of an item, field by field; `entry` is the one it is about now."""
        self.counts[planned.action] += 1
        self.counts["left"] += bool(planned.left) or bool(planned.reason and planned.entry)
        self.postponed |= planned.later
        notes = planned.understood.notes
        self.noted |= bool(notes)
        quiet = not (planned.left or planned.reason or notes)
        if planned.action is Action.UNCHANGED and quiet:
            return
        line = {
            "action": planned.action.value,
            "name": str(planned.understood.values.get(self.kind.title_field, ""))
            or planned.item.remote_id[:_LONGEST],
            "entry": _url(entry) if entry else None,
            "reason": planned.reason,
            "fields": self._fields(planned),
            "notes": self._titled(notes),
            "back": planned.comes_back,
        }
        self._add(line, urgent=planned.action is Action.REJECTED or bool(planned.left))

    def gone(self, what: str, title: str, entry: Entry, reason: str) -> None:
        """Tell of an item that is not in the feed any more."""
        self.counts[what] += 1
        line = {"action": what, "name": title, "entry": _url(entry), "reason": reason}
        self._add(line, urgent=True)

    def _add(self, line: dict[str, Any], *, urgent: bool) -> None:
        where = self._urgent if urgent else self._rest
        if len(where) < MOST_LINES and (urgent or len(self._urgent) + len(where) < MOST_LINES):
            where.append({name: legible(value) for name, value in line.items() if value})
        else:
            self.cut += 1

    def _fields(self, planned: Planned) -> list[dict[str, Any]]:
        """Return each field that is taken or left: its title, and what it said and says."""
        found = []
        shown = {*planned.taken, *planned.left}
        if planned.action is Action.ADDED:
            shown.discard(self.kind.title_field)
        for name, declared in self.kind.public_fields.items():
            if name not in shown:
                continue
            line = {
                "title": declared.title_in_english,
                "before": self._shown(declared, planned.before.get(name)),
                "after": self._shown(declared, planned.understood.values.get(name)),
                "left": planned.left.get(name),
            }
            found.append({n: v for n, v in line.items() if v})
        return found

    def _titled(self, notes: Mapping[str, str]) -> list[str]:
        fields = self.kind.public_fields
        return [
            f"{fields[name].title_in_english if name in fields else name}: {text}"[: _LONGEST * 2]
            for name, text in notes.items()
        ][:20]

    def _shown(self, declared: Declared, value: Any) -> str | None:
        """Return a value in one line, as people read it."""
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        texts = []
        for one in items:
            if isinstance(one, dict):
                one = ", ".join(str(v) for v in one.values() if v not in (None, False, []))
            elif declared.reference:
                one = self.words.title(declared.reference.kind, one)
            elif declared.vocabulary:
                one = self.words.vocabularies.label(declared.vocabulary, one)
            elif isinstance(one, bool):
                one = "yes" if one else "no"
            texts.append(" ".join(str(one).split()))
        text = "; ".join(texts)
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

    def write_to(self, run: FeedRun) -> None:
        """Put the counts and lines into the row of a run."""
        run.added, run.updated = self.counts[Action.ADDED], self.counts[Action.UPDATED]
        run.unchanged, run.rejected = self.counts[Action.UNCHANGED], self.counts[Action.REJECTED]
        run.left, run.archived = self.counts["left"], self.counts[ARCHIVED]
        run.read = run.added + run.updated + run.unchanged + run.rejected
        run.lines = self.lines
        run.lines_cut = self.cut + len(self._urgent) + len(self._rest) - len(run.lines)


def legible(value: Any) -> Any:
    """Return what a report says, without characters that nobody can see or a database keeps."""
    if isinstance(value, str):
        return "".join(c if c.isprintable() or c == "\n" else " " for c in value)
    if isinstance(value, list):
        return [legible(one) for one in value]
    if isinstance(value, dict):
        return {name: legible(one) for name, one in value.items()}
    return value


def _url(entry: Entry) -> str:
    return kind_named(entry.kind).url(entry.slug)
