"""Load `seed/`: vocabularies, then sources, then entries; all of it or nothing.

Entries come in as a curator without hands would bring them, except those that a person has edited
since, which are left alone and reported. Run again, it changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from sqlmodel import Session, col, select

from directory.audit import Happened, record_all
from directory.curation.service import (
    Draft,
    check_codes,
    lay_out,
    messages,
    missing_to_publish,
    read_draft,
    sealed,
)
from directory.db import now, write_alone
from directory.entries.kinds import KINDS
from directory.entries.models import Entry, Revision
from directory.entries.vocabularies import Term, Vocabularies
from directory.errors import Invalid
from directory.imports.problems import Problem, stop_at
from directory.imports.vocabularies import load_vocabularies
from directory.sources.claims import complete
from directory.sources.models import Paragraph, Source


@dataclass
class Report:
    """What a seed run did."""

    terms: int = 0
    paragraphs: int = 0
    added: list[str] = default(default_factory=list)
    updated: list[str] = default(default_factory=list)
    unchanged: int = 0
    left_alone: list[str] = default(default_factory=list)


def load_seed(session: Session, folder: Path) -> Report:
    """Load a seed folder into the database of the session; the caller commits.

    Raises SeedRefused, with every problem found, before anything is written for good.
    """
    # Two that seed at once would otherwise both find an empty database.
    write_alone(session)
    problems: list[Problem] = []
    report = Report(terms=load_vocabularies(session, folder / "vocabularies"))
    checked_on = _load_sources(session, folder / "sources", report, problems)
    stop_at(problems)
    vocabularies = Vocabularies.read(session)
    drafts = list(_read_entries(folder / "entries", vocabularies, checked_on, problems))
    stop_at(problems)
    _publish_all(session, drafts, report, problems)
    stop_at(problems)
    return report


def is_empty(session: Session) -> bool:
    """Say whether the database holds no entry yet."""
    return session.exec(select(Entry.id).limit(1)).first() is None


# Sources


def _yaml(path: Path, problems: list[Problem]) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except UnicodeDecodeError:
        problems.append(Problem(path.name, "", "", "is not UTF-8 text"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
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
        if not isinstance(paragraphs, list) or not all(isinstance(p, dict) for p in paragraphs):
            problems.append(Problem(path.name, "", "paragraphs", "is no list of paragraphs"))
            continue
        try:
            source = Source.model_validate({**found, "position": position})
        except ValidationError as error:
            problems += [Problem(path.name, "", k, v) for k, v in messages(error).items()]
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
        about = found.get("action_lines") or []
        if (
            unknown := {str(a) for a in (about if isinstance(about, list) else [about])}
            - action_lines
        ):
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
        # What is neither is left for the check of claims to name.
        if isinstance(part, str | dict)
        else part
        for part in parts
    ]


def _read_entries(
    folder: Path, vocabularies: Vocabularies, checked_on: dict[str, date], problems: list[Problem]
) -> Iterator[Draft]:
    """Yield every entry of the folder that is right; note what is wrong with the others."""
    seen: dict[tuple[str, str], str] = {}
    for path in sorted(folder.glob("*.yaml")):
        listed = _yaml(path, problems)
        if not isinstance(listed, list | None):
            problems.append(Problem(path.name, "", "", "does not hold a list of entries"))
            continue
        for found in listed or []:
            if not isinstance(found, dict) or str(found.get("kind")) not in KINDS:
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
    profile, cited = found.get("profile") or {}, found.get("claims") or {}
    for name, part in (("profile", profile), ("claims", cited)):
        if not isinstance(part, dict):
            problems.append(Problem(path.name, slug, name, "does not hold fields with values"))
            return
    claims = {str(n): _claim_list(c, source, read_on) for n, c in cited.items()}
    try:
        draft = read_draft(kind, slug, profile, claims)
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
    # Locked, so that nobody saves a draft of what is being read here.
    entries = {(e.kind, e.slug): e for e in session.exec(select(Entry).with_for_update())}
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
            # What was imported has no author either, but is a draft; the seed leaves none.
            if last.author_id is not None or last.published_at is None:
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
    seeded = (
        Happened("seed", entry.title, entry.id, sealed(revision)) for _, entry, revision in ready
    )
    record_all(session, seeded, by=None)
    moment, together = now(), {entry.id for _, entry, _ in ready}
    with session.no_autoflush:
        for draft, entry, revision in ready:
            try:
                lay_out(session, entry, revision, at=moment, together=together)
            except Invalid as error:
                wrong = error.by_field.items()
                problems += [Problem("entries", draft.slug, name, why) for name, why in wrong]
