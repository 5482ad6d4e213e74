"""Bring entries in from a file of ours: what would change, field by field, then as drafts.

It reads what `directory export` writes, and what the API gives. Nothing is published, and nothing
is deleted by omission.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session, select

from directory.audit import record
from directory.curation.service import (
    Draft,
    check_codes,
    find_entry,
    latest_revision,
    read_draft,
    save_draft,
)
from directory.entries.kinds import Kind, kind_named
from directory.entries.vocabularies import Vocabularies
from directory.errors import DirectoryError, Invalid, SourceFailed
from directory.sources.models import Source

LARGEST_FILE = 200 * 1024 * 1024


class Action(StrEnum):
    """What an import would do with one entry."""

    CREATE = "create"
    UPDATE = "update"
    NO_CHANGE = "no change"
    ERROR = "error"


@dataclass(frozen=True)
class Planned:
    """One entry of a file, and what becomes of it. `notes` maps a field to a sentence."""

    number: int
    name: str
    action: Action
    notes: dict[str, str] = field(default_factory=dict)
    draft: Draft | None = None


def read_items(file: Path) -> list[dict[str, Any]]:
    """Return the entries of a JSON or YAML file: a list, or an object with `items`.

    Raises SourceFailed with file and reason when it cannot be read as such.
    """
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise SourceFailed(f"{file.name} is larger than 200 MB.")
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise SourceFailed(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SourceFailed(f"{file.name} is not UTF-8 text (byte {error.start}).") from error
    try:
        if file.suffix == ".json":
            found = json.loads(text)
        elif file.suffix in (".yaml", ".yml"):
            found = yaml.load(text, yaml.CSafeLoader)
        else:
            raise SourceFailed(f"{file.name}: name the file .json, .yaml or .yml.")
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise SourceFailed(f"{file.name} cannot be read: {reason}.") from error
    items = found.get("items") if isinstance(found, dict) else found
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise SourceFailed(f"{file.name} holds no list of entries.")
    return items


def plan(
    session: Session,
    items: Iterable[dict[str, Any]],
    *,
    kind: str | None = None,
    source: str | None = None,
) -> Iterator[Planned]:
    """Yield what would become of each entry. `kind` and `source` stand in where it names none."""
    vocabularies = Vocabularies.read(session)
    sources = set(session.exec(select(Source.slug)))
    for number, item in enumerate(items, start=1):
        name = f"{item.get('kind') or kind or '?'}/{item.get('slug') or '?'}"
        try:
            draft = _draft(item, kind, source)
            wrong = check_codes(draft, vocabularies, sources)
        except Invalid as error:
            wrong = error.by_field or {"entry": str(error)}
        except DirectoryError as error:
            wrong = {"entry": str(error)}
        if wrong:
            yield Planned(number, name, Action.ERROR, wrong)
        else:
            yield _compare(session, number, name, draft)


def _draft(item: dict[str, Any], kind: str | None, source: str | None) -> Draft:
    """Read one entry; raises Invalid or NotFound."""
    named = item.get("kind") or kind
    if not named:
        raise Invalid("The entry names no kind.", {"kind": "The entry names no kind: add --kind."})
    found = kind_named(str(named))
    slug = item.get("slug")
    if not isinstance(slug, str) or not slug:
        raise Invalid("The entry names no slug.", {"slug": "The entry names no slug."})
    profile, claims = item.get("profile"), item.get("claims") or {}
    if not isinstance(profile, dict) or not isinstance(claims, dict):
        raise Invalid("The entry has no profile.", {"profile": "The entry has no profile."})
    if wrong := {
        f"claims.{name}": "This is no list of claims."
        for name, of_field in claims.items()
        if not isinstance(of_field, list) or not all(isinstance(c, dict) for c in of_field)
    }:
        raise Invalid("Some claims cannot be read.", wrong)
    cited = {
        name: [{"source": source, **claim} if source else claim for claim in of_field]
        for name, of_field in claims.items()
    }
    return read_draft(found, slug, profile, cited)


def _compare(session: Session, number: int, name: str, draft: Draft) -> Planned:
    """Compare with the newest revision; what only curators see is not in a file and stays."""
    entry = find_entry(session, draft.kind, draft.slug)
    if entry is None:
        return Planned(number, name, Action.CREATE, draft=draft)
    last = latest_revision(session, entry)
    kept = _private(draft.kind, last.profile)
    whole = read_draft(draft.kind, draft.slug, {**draft.values, **kept}, {})
    merged = Draft(draft.kind, draft.slug, whole.profile, draft.claims)
    notes = {}
    for field_name in draft.kind.public_fields:
        before, after = last.profile.get(field_name), merged.values.get(field_name)
        cited = (last.claims.get(field_name), merged.claims_json.get(field_name))
        if before != after:
            notes[field_name] = f"{_short(before)} → {_short(after)}"
        elif _public(cited[0]) != _public(cited[1]):
            notes[field_name] = "where it comes from"
    action = Action.UPDATE if notes else Action.NO_CHANGE
    return Planned(number, name, action, notes, merged if notes else None)


def _private(kind: Kind, profile: dict[str, Any]) -> dict[str, Any]:
    return {n: v for n, v in profile.items() if n in kind.fields and kind.fields[n].private}


def _public(claims: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return claims without who checked them, which no file of ours gives out."""
    return [{k: v for k, v in c.items() if k != "checked_by"} for c in claims or []]


def _short(value: Any) -> str:
    text = "not stated" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def apply(session: Session, planned: Iterable[Planned], file: str) -> int:
    """Save what is new or different in a file as drafts; return how many."""
    count = 0
    for one in planned:
        if one.draft:
            save_draft(session, one.draft, by=None, comment=f"Imported from {file}.")
            count += 1
    record(session, "import", file, by=None, drafts=count)
    return count
