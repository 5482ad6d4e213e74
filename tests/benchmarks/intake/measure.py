"""Measure how well profiles are read: `make intake-bench`.

Source 003 (lines 1 to 232) is read with the vocabularies alone: the catalogue is empty, so that no
entry of the seed can help. What is proposed is compared with the seed, which people wrote from the
same text.

- A *named* programme or training is an entry of the seed whose title is not our own
  (`descriptive_title`) and that cites one of the eight profiles. Entries with the same title, such
  as a programme and the offer of the same name, count once.
- A proposal *matches* when its title or one of its aliases, and a title, alias or acronym of the
  seed, are the same after taking away case, marks, hyphens, the article in front and the plural.
  Lines play no part.
- Recall: matched named things of all. Precision: proposals of programmes and trainings that match
  any entry of the seed of these two kinds, of all such proposals.
- Policy areas by heading: a claim of the seed on the policy area of an organisation that cites one
  line, where that line is a heading, is right when that organisation is proposed with that area.
- Action lines: of the matched named things that have action lines in the seed, those of which one
  is among the three proposed. Beside it, stricter: how many of all their lines are among the three.
- The kind and the code of the kind are compared as well, and shown without a goal.

A proposal that the seed lacks although the text names it is false here all the same; the list of
false ones is printed so that a person can tell. Two of them stay out of the seed on purpose: the
World Economic Forum (lines 131 and 164) and GSMA MWC (line 194) are named only as places where
something else happened, and nothing is said of them.
"""

import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from directory.db import Database, make_engine
from directory.entries.vocabularies import Vocabularies
from directory.imports.intake.cues import key_of
from directory.imports.intake.mentions import name_key
from directory.imports.intake.proposals import Proposal
from directory.imports.intake.propose import propose
from directory.imports.intake.readers import read_bytes
from directory.imports.intake.terms import Reader
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import data

SHARED = data("seed").parent.parent / "shared" / "sources"
LAST_LINE = 232
GOALS = {
    "recall of named programmes and trainings": 0.85,
    "precision": 0.75,
    "policy areas by heading": 0.95,
    "action lines (top three contain a right one)": 0.85,
}


@dataclass
class Gold:
    """A named thing of the seed, with all it is called."""

    title: str
    names: set[str]
    kinds: set[str]
    codes: set[str]
    lines: set[str]


@dataclass
class Measured:
    """Figures with how many of how many, and what was missed or false."""

    seconds: float
    figures: dict[str, tuple[int, int]] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)


def key(name: str) -> str:
    """Return a name as names are compared here."""
    return key_of(name_key(name))


def entries() -> list[dict[str, Any]]:
    """Return every entry of the seed as it was written."""
    found = []
    for file in sorted(data("seed").glob("entries/*.yaml")):
        found += yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


def names_of(entry: dict[str, Any]) -> set[str]:
    """Return all an entry is called, as names are compared."""
    profile = entry["profile"]
    title = profile.get("title") or profile.get("name")
    return {key(n) for n in (title, *profile.get("aliases", []), profile.get("acronym") or title)}


def named_things(found: list[dict[str, Any]], sources: set[str]) -> list[Gold]:
    """Return the named programmes and trainings of these sources, each title once."""
    gold: dict[str, Gold] = {}
    for entry in found:
        profile = entry["profile"]
        kind = entry["kind"]
        if kind == "organisation" or entry["source"] not in sources:
            continue
        if profile.get("descriptive_title"):
            continue
        one = gold.setdefault(
            key(profile["title"]), Gold(profile["title"], set(), set(), set(), set())
        )
        one.names |= names_of(entry)
        one.kinds.add(kind)
        one.codes.add(profile[f"{kind}_kind"])
        one.lines |= set(profile.get("action_lines") or [])
    return list(gold.values())


def profiles_of() -> set[str]:
    """Return the slugs of the sources that are profiles with numbered lines."""
    files = sorted(data("seed").glob("sources/*.yaml"))
    read = [yaml.load(f.read_text(encoding="utf-8"), yaml.CSafeLoader) for f in files]
    return {s["slug"] for s in read if s["kind"] == "profile"}


def proposed_names(proposal: Proposal) -> set[str]:
    """Return what a proposal is called, as names are compared."""
    return {key(str(n)) for n in (proposal.title, *proposal.listed("aliases"))}


def measure(text: str, reader: Reader) -> Measured:
    """Read the text and compare with the seed."""
    start = time.perf_counter()
    proposals = propose(read_bytes("profiles.txt", text.encode()), reader)
    found = Measured(seconds=time.perf_counter() - start)
    all_entries = entries()
    gold = named_things(all_entries, profiles_of())
    every = {n for e in all_entries if e["kind"] != "organisation" for n in names_of(e)}
    mine = [p for p in proposals if p.kind.name != "organisation"]
    matched: dict[str, Proposal] = {}
    for one in gold:
        hits = [p for p in mine if proposed_names(p) & one.names]
        if hits:
            matched[one.title] = max(hits, key=lambda p: key(p.title) == key(one.title))
        else:
            found.misses.append(one.title)
    right = [p for p in mine if proposed_names(p) & every]
    found.false = [f"{p.title} ({p.rule})" for p in mine if p not in right]
    found.figures["recall of named programmes and trainings"] = len(matched), len(gold)
    found.figures["precision"] = len(right), len(mine)
    _areas(found, all_entries, proposals, text)
    _lines(found, gold, matched)
    kinds = [(g, matched[g.title]) for g in gold if g.title in matched]
    same = sum(p.kind.name in g.kinds for g, p in kinds)
    coded = sum(bool({str(v) for v in p.listed(p.kind.kind_field)} & g.codes) for g, p in kinds)
    found.figures["kind of entry"] = same, len(kinds)
    found.figures["code of its kind"] = coded, len(kinds)
    return found


def _areas(
    found: Measured, all_entries: list[dict[str, Any]], proposals: list[Proposal], text: str
) -> None:
    lines = text.split("\n")
    organisations = [p for p in proposals if p.kind.name == "organisation"]
    right = total = 0
    for entry in all_entries:
        claims = entry.get("claims", {}).get("policy_areas")
        if entry["kind"] != "organisation" or entry["source"] not in profiles_of():
            continue
        if entry["profile"].get("listed_as") != "profiled":
            continue
        for claim in claims if isinstance(claims, list) else []:
            place = str(claim.get("locator", "")) if isinstance(claim, dict) else ""
            number = place.removeprefix("line ")
            is_heading = number.isdigit() and len(lines[int(number) - 1].split()) <= 8
            if claim.get("source") or not is_heading or "item" not in claim:
                continue
            total += 1
            areas = {
                area
                for p in organisations
                if proposed_names(p) & names_of(entry)
                for area in p.listed("policy_areas")
            }
            right += claim["item"] in areas
            if claim["item"] not in areas:
                found.areas.append(f"{entry['slug']}: {claim['item']} ({place})")
    found.figures["policy areas by heading"] = right, total


def _lines(found: Measured, gold: list[Gold], matched: dict[str, Proposal]) -> None:
    with_lines = [g for g in gold if g.lines and g.title in matched]
    right = covered = total = 0
    for one in with_lines:
        three = set(matched[one.title].listed("action_lines"))
        right += bool(three & one.lines)
        covered += len(three & one.lines)
        total += len(one.lines)
        if not three & one.lines:
            found.lines.append(f"{one.title}: {sorted(one.lines)}, not {sorted(three)}")
    found.figures["action lines (top three contain a right one)"] = right, len(with_lines)
    found.figures["action lines of the seed among the three"] = covered, total


def print_table(found: Measured) -> bool:
    """Print the figures with their goals, then what was missed; return whether all goals hold."""
    good = True
    print(f"Source 003, lines 1 to {LAST_LINE}, read in {found.seconds:.2f} s\n")
    print(f"{'figure':<48}{'is':>7}{'goal':>7}{'of':>12}")
    for name, (part, whole) in found.figures.items():
        share = part / whole if whole else 0.0
        goal = GOALS.get(name)
        good = good and (goal is None or share >= goal)
        mark = "" if goal is None else f"{goal:.2f}"
        print(f"{name:<48}{share:>7.3f}{mark:>7}{f'{part}/{whole}':>12}")
    for title, listed in (
        ("Named in the seed and not proposed", found.misses),
        ("Proposed and no entry of the seed", found.false),
        ("Action lines: none of the three is right", found.lines),
        ("Policy areas by heading that are missing", found.areas),
    ):
        print(f"\n{title}: {len(listed)}")
        for line in listed:
            print(f"  {line}")
    return good


def vocabularies() -> Reader:
    """Return the vocabularies of the seed."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/bench.db")
        migrate(engine)
        with Database(engine).writing() as session:
            load_seed(session, data("seed"))
        with Database(engine).reading() as session:
            return Reader(Vocabularies.read(session))


def main() -> int:
    """Measure; return 1 when a goal is missed. An argument names another folder of documents."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    files = sorted(folder.glob("003_*.txt"))
    if not files:
        print("Skipped: the source documents (../shared/sources) are not here.")
        return 0
    text = "\n".join(files[0].read_text(encoding="utf-8").split("\n")[:LAST_LINE])
    return 0 if print_table(measure(text, vocabularies())) else 1


if __name__ == "__main__":
    sys.exit(main())
