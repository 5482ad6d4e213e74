"""Load `seed/vocabularies/`: lists of terms, then the crosswalks between them."""

import csv
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError
from sqlmodel import Session, select

from directory.curation.service import messages
from directory.entries.vocabularies import Crosswalk, Term, Vocabulary
from directory.imports.labels import LANGUAGES, cldr_labels
from directory.imports.problems import Problem, stop_at

LISTS, CROSSWALKS = "vocabularies", "crosswalks"
_ENDS = ("from_vocabulary", "from_code", "to_vocabulary", "to_code")
_KEY = (*_ENDS, "relation", "version")

Rows = list[dict[str, str]]


def load_vocabularies(session: Session, folder: Path) -> int:
    """Load what has changed in a folder; return how many terms. The caller commits.

    Raises SeedRefused, with every problem found, before anything is written.
    """
    digests = _digests(folder)
    before = {v.name: v.digest for v in session.exec(select(Vocabulary))}
    if before == digests:
        return 0
    problems: list[Problem] = []
    listed = _listed(folder, digests, problems)
    files = {name: _rows(folder / f"{name}.csv", ("code",), problems) for name in digests}
    walks = _rows(folder / f"{CROSSWALKS}.csv", _KEY, problems)
    stop_at(problems)
    _check_terms(listed, files, problems)
    _check_crosswalks(walks, files, problems)
    stop_at(problems)
    for vocabulary in listed.values():
        session.merge(vocabulary)
    session.flush()
    for name, rows in files.items():
        _write_terms(session, name, rows)
    session.flush()
    _write_crosswalks(session, walks)
    return sum(map(len, files.values()))


def _digests(folder: Path) -> dict[str, str]:
    """Return the digest of each vocabulary file, the crosswalks included in each."""
    crosswalks = (folder / f"{CROSSWALKS}.csv").read_bytes()
    index = (folder / f"{LISTS}.csv").read_bytes()
    return {
        path.stem: sha256(path.read_bytes() + crosswalks + index).hexdigest()
        for path in sorted(folder.glob("*.csv"))
        if path.stem not in (LISTS, CROSSWALKS)
    }


def _rows(path: Path, needed: tuple[str, ...], problems: list[Problem]) -> Rows:
    """Return the rows of a file; a row without a value in a needed column is a problem."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{k: (v or "").strip() for k, v in r.items() if k} for r in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem(path.name, "", "", f"cannot be read: {error}"))
        return []
    problems += [
        Problem(path.name, f"row {number}", column, "is missing")
        for number, row in enumerate(rows, start=2)
        for column in needed
        if not row.get(column)
    ]
    return rows


def _listed(
    folder: Path, digests: dict[str, str], problems: list[Problem]
) -> dict[str, Vocabulary]:
    """Return the vocabularies of the list of lists, which must name each file once."""
    found: dict[str, Vocabulary] = {}
    for row in _rows(folder / f"{LISTS}.csv", ("name",), problems):
        name = row.get("name", "")
        values = {k: row.get(k) or None for k in Vocabulary.model_fields}
        try:
            vocabulary = Vocabulary.model_validate(values | {"digest": digests.get(name, "")})
        except ValidationError as error:
            problems += [Problem(f"{LISTS}.csv", name, k, v) for k, v in messages(error).items()]
            continue
        if name not in digests:
            problems.append(Problem(f"{LISTS}.csv", name, "name", "has no file"))
        if name in found:
            problems.append(Problem(f"{LISTS}.csv", name, "name", "is listed twice"))
        found[name] = vocabulary
    problems += [
        Problem(f"{name}.csv", "", "", f"is not listed in {LISTS}.csv")
        for name in digests
        if name not in found
    ]
    return found


def _check_terms(
    listed: dict[str, Vocabulary], files: dict[str, Rows], problems: list[Problem]
) -> None:
    known = {name: {row["code"] for row in rows} for name, rows in files.items()}
    for name, rows in files.items():
        above = known.get(listed[name].broader_in or name, set())
        seen: set[str] = set()
        for row in rows:
            if row.get("broader") and row["broader"] not in above:
                reason = f"there is no term {row['broader']}"
                problems.append(Problem(f"{name}.csv", row["code"], "broader", reason))
            if row["code"] in seen:
                problems.append(Problem(f"{name}.csv", row["code"], "code", "stands twice"))
            seen.add(row["code"])


def _check_crosswalks(walks: Rows, files: dict[str, Rows], problems: list[Problem]) -> None:
    known = {(name, row["code"]) for name, rows in files.items() for row in rows}
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(walks, start=2):
        place = f"row {number}"
        for vocabulary, code in (_ENDS[:2], _ENDS[2:]):
            if (row[vocabulary], row[code]) not in known:
                reason = f"there is no term {row[vocabulary]}/{row[code]}"
                problems.append(Problem(f"{CROSSWALKS}.csv", place, code, reason))
        key = tuple(row[c] for c in _KEY)
        if key in seen:
            problems.append(Problem(f"{CROSSWALKS}.csv", place, "", "stands twice"))
        seen.add(key)


def _write_terms(session: Session, vocabulary: str, rows: Rows) -> None:
    there = {t.code: t for t in session.exec(select(Term).where(Term.vocabulary == vocabulary))}
    for position, row in enumerate(rows):
        term = _term(vocabulary, position, row)
        if found := there.get(term.code):
            found.sqlmodel_update(term.model_dump())
        else:
            session.add(term)


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


def _write_crosswalks(session: Session, walks: Rows) -> None:
    """Write the links between vocabularies; one that is there takes its new origin and note."""
    there = {tuple(getattr(w, c) for c in _KEY): w for w in session.exec(select(Crosswalk))}
    columns = [c for c in Crosswalk.model_fields if c != "id"]
    for row in walks:
        values = {c: row.get(c) or (None if c == "note" else "") for c in columns}
        if found := there.get(tuple(row[c] for c in _KEY)):
            found.sqlmodel_update(values)
        else:
            session.add(Crosswalk.model_validate(values))
    session.flush()
