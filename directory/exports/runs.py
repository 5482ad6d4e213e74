"""Which run is which, from one version of a training to the next.

A run has no number of its own in a profile: curators edit lists. Calendars need one that stays
when dates move, names are corrected or the order changes. It is found by walking through the
published versions: a run of the next version is the run of the version before

1. that is the same in every part, else
2. that starts on the same day, else
3. whose name does not differ (a name may be added or dropped), when it moved by at most half a
   year, or one of the two has no first day yet.

Of several, the nearest in time wins. Any other run is a new one, so that next year's edition does
not move this year's in anybody's calendar. Tracks follow by their title, then by their place.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.entries.kinds import TRAINING
from directory.entries.models import Entry, Revision

MOVES_AT_MOST = timedelta(days=184)

Part = Mapping[str, Any]
Likeness = Callable[[Part, Part], tuple[int, int] | None]


@dataclass
class Followed:
    """A run or a track with an id that stays; `gone` when it was taken out again."""

    key: uuid.UUID
    value: Part
    gone: bool = False
    tracks: list["Followed"] = field(default_factory=list)


def runs_of(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Followed]]:
    """Return every run that these trainings have or had in public, by id of the training.

    Those of the newest published version come in its order, then those no longer there. A
    training that never had any is absent.
    """
    rows = session.execute(
        sa.select(col(Revision.entry_id), col(Revision.number), col(Revision.profile)["runs"])
        .join(Entry, col(Entry.id) == col(Revision.entry_id))
        .where(
            col(Revision.entry_id).in_(list(ids)),
            col(Entry.kind) == TRAINING.name,
            col(Revision.published_at).is_not(None),
            col(Revision.number) <= col(Entry.version),
        )
        .order_by(col(Revision.entry_id), col(Revision.number))
    )
    versions: dict[uuid.UUID, list[tuple[int, list[Part]]]] = {}
    for entry_id, number, runs in rows:
        versions.setdefault(entry_id, []).append((number, runs or []))
    found = {key: follow(key, of_entry) for key, of_entry in versions.items()}
    return {key: runs for key, runs in found.items() if runs}


def follow(entry_id: uuid.UUID, versions: Iterable[tuple[int, Sequence[Part]]]) -> list[Followed]:
    """Return the runs of an entry from its published versions, oldest first."""
    here: list[Followed] = []
    gone: list[Followed] = []
    for number, runs in versions:
        pairs = paired([f.value for f in here], runs, _run_likeness)
        after = []
        for position, run in enumerate(runs):
            before = here[pairs[position]] if position in pairs else None
            key = before.key if before else uuid.uuid5(entry_id, f"run {number}.{position}")
            one = Followed(key, run)
            one.tracks = _tracks(before, one, number)
            after.append(one)
        left = {key: here[key] for key in set(range(len(here))) - set(pairs.values())}
        gone += [left[key] for key in sorted(left)]
        here = after
    for one in gone:
        one.gone = True
    return [*here, *gone]


def _tracks(before: Followed | None, run: Followed, number: int) -> list[Followed]:
    old = before.tracks if before else []
    tracks = run.value.get("tracks") or []
    pairs = paired([f.value for f in old], tracks, _track_likeness)
    return [
        Followed(
            old[pairs[n]].key if n in pairs else uuid.uuid5(run.key, f"track {number}.{n}"), track
        )
        for n, track in enumerate(tracks)
    ]


def paired(before: Sequence[Part], after: Sequence[Part], likeness: Likeness) -> dict[int, int]:
    """Return for the positions after which position before is the same one."""
    pairs: dict[int, int] = {}
    for a, new in enumerate(after):
        taken = set(pairs.values())
        same = (b for b, old in enumerate(before) if old == new and b not in taken)
        if (found := next(same, None)) is not None:
            pairs[a] = found
    likely = sorted(
        (how, abs(a - b), a, b)
        for a, new in enumerate(after)
        for b, old in enumerate(before)
        if a not in pairs and b not in pairs.values() and (how := likeness(old, new)) is not None
    )
    for _, _, a, b in likely:
        if a not in pairs and b not in pairs.values():
            pairs[a] = b
    return pairs


def _run_likeness(old: Part, new: Part) -> tuple[int, int] | None:
    """Return how far two runs are from being the same, or None when they are two."""
    names = (old.get("label"), new.get("label"))
    differ = None not in names and names[0] != names[1]
    starts = (old.get("start"), new.get("start"))
    if None in starts:
        return None if differ else (3, 0)
    days = abs(date.fromisoformat(starts[0]) - date.fromisoformat(starts[1]))  # type: ignore[arg-type]
    if not days:
        return (1, int(differ))
    return None if differ or days > MOVES_AT_MOST else (2, days.days)


def _track_likeness(old: Part, new: Part) -> tuple[int, int] | None:
    return (int(old.get("title") != new.get("title")), 0)
