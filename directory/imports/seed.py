"""Load `seed/`: vocabularies, then sources, then entries; all of it or nothing.

Entries come in as a curator without hands would bring them, except those that a person has edited
since, which are left alone and reported. Run again, it changes nothing.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session, col, select

from directory.curation.service import Draft, check_codes, missing_to_publish, publish, read_draft
from directory.db import now
from directory.entries.kinds import KINDS
from directory.entries.models import Entry, Revision
from directory.entries.vocabularies import Crosswalk, Term, Vocabularies, Vocabulary
from directory.errors import Invalid
from directory.imports.labels import LANGUAGES, cldr_labels
from directory.sources.claims import complete
from directory.sources.models import Paragraph, Source

NOT_VOCABULARIES = {"vocabularies", "crosswalks"}


@dataclass(frozen=True)
class Problem:
    """What is wrong in a seed file, and where."""

    file: str
    entry: str
    field: str
    reason: str

    def __str__(self) -> str:
        return " · ".join(part for part in (self.file, self.entry, self.field, self.reason) if part)


@dataclass
class Report:
    """What a seed run did."""

    terms: int = 0
    paragraphs: int = 0
    added: list[str] = default(default_factory=list)
    updated: list[str] = default(default_factory=list)
    unchanged: int = 0
    left_alone: list[str] = default(default_factory=list)


class SeedRefused(Invalid):
    """The seed has mistakes; nothing was changed."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {p}" for p in problems)
        super().__init__(f"Nothing was changed: {len(problems)} problems in the seed.\n{lines}")


def load_seed(session: Session, folder: Path) -> Report:
    """Load a seed folder into the database of the session; the caller commits.

    Raises SeedRefused, with every problem found, before anything is written for good.
    """
    problems: list[Problem] = []
    report = Report()
    _load_vocabularies(session, folder / "vocabularies", report, problems)
    _stop_at(problems)
    checked_on = _load_sources(session, folder / "sources", report, problems)
    _stop_at(problems)
    vocabularies = Vocabularies.read(session)
    drafts = list(_read_entries(folder / "entries", vocabularies, checked_on, problems))
    _stop_at(problems)
    _publish_all(session, drafts, report, problems)
    _stop_at(problems)
    return report


def load_vocabularies(session: Session, folder: Path) -> None:
    """Load the vocabularies of a seed folder alone; the caller commits. Raises SeedRefused."""
    problems: list[Problem] = []
    _load_vocabularies(session, folder / "vocabularies", Report(), problems)
    _stop_at(problems)


def is_empty(session: Session) -> bool:
    """Say whether the database holds no entry yet."""
    return session.exec(select(Entry.id).limit(1)).first() is None


def _stop_at(problems: list[Problem]) -> None:
    if problems:
        raise SeedRefused(problems)


# Vocabularies


def _rows(path: Path, problems: list[Problem]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [{k: (v or "").strip() for k, v in r.items() if k} for r in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem(path.name, "", "", f"cannot be read: {error}"))
        return []


def _load_vocabularies(
    session: Session, folder: Path, report: Report, problems: list[Problem]
) -> None:
    """Load every list of terms that has changed, then the crosswalks between them."""
    digests = _digests(folder)
    before = {v.name: v.digest for v in session.exec(select(Vocabulary))}
    if before == digests:
        return
    listed = {row["name"]: row for row in _rows(folder / "vocabularies.csv", problems)}
    for row in listed.values():
        digest = digests.get(row["name"])
        if digest is None:
            problems.append(Problem("vocabularies.csv", row["name"], "name", "has no file"))
            continue
        values = {k: row.get(k) or None for k in Vocabulary.model_fields}
        session.merge(Vocabulary.model_validate({**values, "digest": digest}))
    session.flush()
    files = {name: _rows(folder / f"{name}.csv", problems) for name in digests}
    known = {name: {row["code"] for row in rows} for name, rows in files.items()}
    for name, rows in files.items():
        above = known.get(listed.get(name, {}).get("broader_in") or name, set())
        there = {t.code: t for t in session.exec(select(Term).where(Term.vocabulary == name))}
        for position, row in enumerate(rows):
            if row.get("broader") and row["broader"] not in above:
                reason = f"there is no term {row['broader']}"
                problems.append(Problem(f"{name}.csv", row["code"], "broader", reason))
            term = _term(name, position, row)
            if found := there.get(term.code):
                found.sqlmodel_update(term.model_dump())
            else:
                session.add(term)
        report.terms += len(rows)
    session.flush()
    _load_crosswalks(session, folder / "crosswalks.csv", known, problems)


def _digests(folder: Path) -> dict[str, str]:
    """Return the digest of each vocabulary file, the crosswalks included in each."""
    crosswalks = (folder / "crosswalks.csv").read_bytes()
    index = (folder / "vocabularies.csv").read_bytes()
    return {
        path.stem: sha256(path.read_bytes() + crosswalks + index).hexdigest()
        for path in sorted(folder.glob("*.csv"))
        if path.stem not in NOT_VOCABULARIES
    }


def _term(vocabulary: str, position: int, row: dict[str, str]) -> Term:
    labels = cldr_labels(vocabulary, row["code"])
    labels |= {lang: row[f"label_{lang}"] for lang in LANGUAGES if row.get(f"label_{lang}")}
    label = row.get("label") or labels.get("en") or row["code"]
    return Term(
        vocabulary=vocabulary,
        code=row["code"],
        position=position,
        label=label,
        short=row.get("short") or None,
        labels={"en": label, **{k: v for k, v in labels.items() if k != "en"}},
        alt_labels=[a.strip() for a in row.get("alt_labels", "").split("|") if a.strip()],
        broader=row.get("broader") or None,
        definition=row.get("definition") or None,
        mark=row.get("mark") or "verified",
        source=row.get("source") or None,
        note=row.get("note") or None,
    )


def _load_crosswalks(
    session: Session, path: Path, known: dict[str, set[str]], problems: list[Problem]
) -> None:
    """Load the links between vocabularies that are not there yet."""
    columns = [c for c in Crosswalk.model_fields if c != "id"]
    present = {tuple(getattr(w, c) for c in columns) for w in session.exec(select(Crosswalk))}
    for number, row in enumerate(_rows(path, problems), start=2):
        for end in ("from", "to"):
            vocabulary, code = row[f"{end}_vocabulary"], row[f"{end}_code"]
            if code not in known.get(vocabulary, set()):
                reason = f"there is no term {vocabulary}/{code}"
                problems.append(Problem(path.name, f"row {number}", f"{end}_code", reason))
        values = {c: row.get(c) or (None if c == "note" else "") for c in columns}
        if not values["version"]:
            problems.append(Problem(path.name, f"row {number}", "version", "is missing"))
        elif tuple(values.values()) not in present:
            session.add(Crosswalk.model_validate(values))
    if not problems:
        session.flush()


# Sources


def _yaml(path: Path, problems: list[Problem]) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except UnicodeDecodeError:
        problems.append(Problem(path.name, "", "", "is not UTF-8 text"))
    except yaml.YAMLError as error:
        problems.append(Problem(path.name, "", "", f"is not YAML: {' '.join(str(error).split())}"))
    return None


def _load_sources(
    session: Session, folder: Path, report: Report, problems: list[Problem]
) -> dict[str, date]:
    """Load sources with their paragraphs; return when each was read."""
    checked: dict[str, date] = {}
    action_lines = set(session.exec(select(Term.code).where(Term.vocabulary == "action-lines")))
    for position, path in enumerate(sorted(folder.glob("*.yaml"))):
        found = _yaml(path, problems)
        if not isinstance(found, dict):
            problems.append(Problem(path.name, "", "", "does not hold one source"))
            continue
        paragraphs = found.pop("paragraphs", None) or []
        try:
            source = Source.model_validate({**found, "position": position})
        except ValueError as error:
            problems.append(Problem(path.name, "", "", str(error)))
            continue
        session.merge(source)
        checked[source.slug] = source.checked_on
        _load_paragraphs(session, path, source, paragraphs, action_lines, problems)
        report.paragraphs += len(paragraphs)
    if not problems:
        session.flush()
    return checked


def _load_paragraphs(
    session: Session,
    path: Path,
    source: Source,
    paragraphs: list[dict[str, Any]],
    action_lines: set[str],
    problems: list[Problem],
) -> None:
    """Add or refresh the index of one source; a text that was loaded stays."""
    session.flush()
    there = {
        p.number: p
        for p in session.exec(select(Paragraph).where(Paragraph.source_slug == source.slug))
    }
    for position, found in enumerate(paragraphs):
        number = str(found.get("number", ""))
        if unknown := set(found.get("action_lines") or []) - action_lines:
            reason = f"there is no action line {', '.join(sorted(unknown))}"
            problems.append(Problem(path.name, number, "action_lines", reason))
        if not number or not found.get("summary"):
            problems.append(Problem(path.name, number, "summary", "number or summary is missing"))
            continue
        values = {
            "position": position,
            "section": found.get("section"),
            "summary": found["summary"],
            "action_lines": found.get("action_lines") or None,
        }
        if number in there:
            there[number].sqlmodel_update(values)
        else:
            session.add(Paragraph(source_slug=source.slug, number=number, **values))


# Entries


def _claim_list(found: Any, source: str, checked_on: date) -> list[Any]:
    """Write the short forms of a claim out: a locator alone, one mapping, or a list of them."""
    parts = found if isinstance(found, list) else [found]
    return [
        {
            "source": source,
            "checked_on": checked_on.isoformat(),
            **({"locator": part} if isinstance(part, str) else part),
        }
        for part in parts
        if isinstance(part, str | dict)
    ]


def _read_entries(
    folder: Path, vocabularies: Vocabularies, checked_on: dict[str, date], problems: list[Problem]
) -> Iterator[Draft]:
    """Yield every entry of the folder that is right; note what is wrong with the others."""
    seen: dict[tuple[str, str], str] = {}
    for path in sorted(folder.glob("*.yaml")):
        for found in _yaml(path, problems) or []:
            if not isinstance(found, dict) or found.get("kind") not in KINDS:
                name = str(found.get("slug", "")) if isinstance(found, dict) else ""
                problems.append(Problem(path.name, name, "kind", "names no kind of entry"))
                continue
            key = (found["kind"], str(found.get("slug")))
            if key in seen:
                reason = f"the same entry stands in {seen[key]}"
                problems.append(Problem(path.name, key[1], "slug", reason))
            seen[key] = path.name
            yield from _read_entry(path, found, vocabularies, checked_on, problems)


def _read_entry(
    path: Path,
    found: dict[str, Any],
    vocabularies: Vocabularies,
    checked_on: dict[str, date],
    problems: list[Problem],
) -> Iterator[Draft]:
    kind, slug, source = KINDS[found["kind"]], str(found.get("slug")), str(found.get("source"))
    if source not in checked_on:
        problems.append(Problem(path.name, slug, "source", f"there is no source {source}"))
        return
    read_on = checked_on[source]
    claims = {n: _claim_list(c, source, read_on) for n, c in (found.get("claims") or {}).items()}
    try:
        draft = read_draft(kind, slug, found.get("profile") or {}, claims)
    except Invalid as error:
        problems += [Problem(path.name, slug, k, v) for k, v in error.by_field.items()]
        return
    sources = sorted({c.source for found in draft.claims.values() for c in found} | {source})
    whole = complete(draft.claims, draft.values, kind.fields.values(), sources, read_on)
    draft = Draft(kind, slug, draft.profile, whole)
    wrong = check_codes(draft, vocabularies, set(checked_on)) or missing_to_publish(draft)
    problems += [Problem(path.name, slug, name, reason) for name, reason in wrong.items()]
    if not wrong:
        yield draft


def _publish_all(
    session: Session, drafts: list[Draft], report: Report, problems: list[Problem]
) -> None:
    """Save what is new or different, then publish it; entries may refer to each other."""
    entries = {(e.kind, e.slug): e for e in session.exec(select(Entry))}
    newest = {r.entry_id: r for r in session.exec(select(Revision).order_by(col(Revision.number)))}
    ready: list[tuple[Draft, Entry, Revision]] = []
    for draft in drafts:
        entry = entries.get((draft.kind.name, draft.slug))
        if entry is None:
            entry = Entry(kind=draft.kind.name, slug=draft.slug, title=draft.title)
            session.add(entry)
            report.added.append(draft.slug)
            number = 1
        else:
            last = newest[entry.id]
            if (last.profile, last.claims) == (draft.values, draft.claims_json):
                report.unchanged += 1
                continue
            if last.author_id is not None:
                report.left_alone.append(draft.slug)
                continue
            report.updated.append(draft.slug)
            number = last.number + 1
        revision = Revision(
            entry_id=entry.id,
            number=number,
            profile=draft.values,
            claims=draft.claims_json,
            comment="Read from the source documents.",
        )
        ready.append((draft, entry, revision))
    session.flush()
    session.add_all(revision for _, _, revision in ready)
    session.flush()
    moment = now()
    with session.no_autoflush:
        for draft, entry, revision in ready:
            try:
                publish(session, entry, revision, at=moment)
            except Invalid as error:
                wrong = error.by_field.items()
                problems += [Problem("entries", draft.slug, name, why) for name, why in wrong]
