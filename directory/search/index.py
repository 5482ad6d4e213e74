"""The text index on disk: tantivy, derived from the database, deletable at any time.

A folder holds one complete index; the file `current` names it. A rebuild fills a new folder and
then moves the name, so that an interrupted one harms nothing. Beside the entries the index holds
one note: up to which change of the database it is complete.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import tantivy
from pyroaring import BitMap

from directory.entries.kinds import KINDS
from directory.entries.vocabularies import Vocabularies
from directory.search.documents import GROUPS, Document
from directory.search.packed import Ids, Numbers
from directory.search.words import (
    KIND,
    TONGUES,
    analyser,
    fold,
    joined,
    partly_stemmed,
    telling,
    term_word,
    whole,
    words_of,
)

FORMAT = 6
"""Counts up when the same entries would be indexed differently."""

AT_ONCE = 50_000
"""So many entries are read from the index in one go."""

REBUILD_MEMORY = 128_000_000
CHANGE_MEMORY = 15_000_000
_NOTE = 1

FIELDS_OF = {group: (group, "stems", "words") for group in GROUPS} | {
    "text": ("stems", "words"),
}
"""Into which fields of the index a group of text goes."""

NAMES = ("name", "alias")
"""Groups in which words are also looked for in their order."""


def _schema() -> tantivy.Schema:
    """Return the fields of the index.

    Each group of text is one field, so that a word counts more in a name than in a description;
    `stems` holds all of them with positions, for phrases; `words` all of them unstemmed, for
    beginnings of words and for typos; those of `TONGUES` what is written in that language, with
    its own stems; `carries` the terms of an entry, `within` what contains
    those terms; `exact_…` whole names; `prior` what an entry is worth before anybody asks.
    """
    builder = tantivy.SchemaBuilder()
    for name in ("number", "high", "low", "note", "complete", "next", "mark"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    builder.add_float_field("prior", fast=True)
    for group in GROUPS:
        if group in FIELDS_OF[group]:
            option = "position" if group in NAMES else "freq"
            builder.add_text_field(group, tokenizer_name="stems", index_option=option)
    builder.add_text_field("stems", tokenizer_name="stems", index_option="position")
    builder.add_text_field("words", tokenizer_name="words", index_option="basic")
    for name in TONGUES.values():
        builder.add_text_field(name, tokenizer_name=name, index_option="freq")
    for name in ("carries", "within"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in ("exact_name", "exact_alias"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    return builder.build()


SCHEMA = _schema()


@cache
def _declared() -> bytes:
    """Return what the declarations of fields say about indexing."""
    return repr(
        [
            (kind.name, name, d.searchable, d.vocabulary, d.facet)
            for kind in KINDS.values()
            for name, d in kind.public_fields.items()
        ]
    ).encode()


def fingerprint(vocabularies: Vocabularies) -> str:
    """Return a short text that differs when entries would be indexed differently."""
    digest = hashlib.sha256(str(FORMAT).encode() + _declared())
    for name, vocabulary in sorted(vocabularies.vocabularies.items()):
        digest.update(repr((name, vocabulary.digest)).encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Note:
    """How far the index is: complete up to a change, which is known by its mark."""

    complete: int
    mark: int
    next: int


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one process at a time write the indexes of a folder; others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def give_words(index: tantivy.Index) -> None:
    """Tell an index how its texts are cut into words; it keeps the names of the ways alone."""
    # Words in other scripts are cut before: see `partly_stemmed`.
    index.register_tokenizer("stems", analyser("english"))
    index.register_tokenizer("words", analyser())
    for tongue in TONGUES.values():
        index.register_tokenizer(tongue, analyser(tongue))


class TextIndex:
    """One complete index in its own folder."""

    def __init__(self, folder: Path, index: tantivy.Index) -> None:
        self.folder = folder
        self._index = index
        give_words(index)
        index.config_reader("manual", 0)
        self.reload()

    @classmethod
    def current(cls, root: Path, mark: str) -> "TextIndex | None":
        """Open the index that `current` names, if it is whole and was made with these words."""
        try:
            name = (root / "current").read_text(encoding="ascii").strip()
            if not name.startswith(mark):
                return None
            return cls(root / name, tantivy.Index.open(str(root / name)))
        except (OSError, ValueError):
            return None

    @classmethod
    def build(
        cls, root: Path, mark: str, numbered: Iterable[tuple[int, Document]], note: Note
    ) -> "TextIndex":
        """Build an index in a new folder, then name it the current one and remove the others."""
        folder = root / f"{mark}-{secrets.token_hex(4)}"
        folder.mkdir(parents=True)
        made = cls(folder, tantivy.Index(SCHEMA, path=str(folder)))
        made._write(numbered, (), note, memory=REBUILD_MEMORY)
        pointer = root / f"{folder.name}.new"
        pointer.write_text(folder.name, encoding="ascii")
        os.replace(pointer, root / "current")
        for other in root.iterdir():
            if other.is_dir() and other != folder:
                shutil.rmtree(other, ignore_errors=True)
        return made

    def reload(self) -> None:
        """Look at what was committed last, by this process or another."""
        self._index.reload()
        self.searcher = self._index.searcher()

    def note(self) -> Note | None:
        """Return how far the index is; None when it holds no note and is of no use."""
        hits = self.searcher.search(_is("note", _NOTE), limit=1, count=False).hits
        if not hits:
            return None
        address = [hits[0][1]]
        complete, mark, following = (
            self.column(name, address)[0] for name in ("complete", "mark", "next")
        )
        return Note(complete, mark, following)

    def column(self, field: str, addresses: list[tantivy.DocAddress]) -> list[Any]:
        """Return the values of a number field; None where a document has none."""
        return list(self.searcher.fast_field_values(field, addresses))

    def numbers(self) -> Numbers:
        """Return the number of every entry in the index."""
        ids, found = Ids(), BitMap()
        for start in range(0, self._end(), AT_ONCE):
            query = _between("number", start, start + AT_ONCE)
            hits = self.searcher.search(query, limit=AT_ONCE, count=False).hits
            addresses = [address for _, address in hits]
            columns = (self.column(name, addresses) for name in ("number", "high", "low"))
            for number, high, low in zip(*columns, strict=True):
                ids.add_bytes(number, (high << 64 | low).to_bytes(16, "big"))
                found.add(number)
        return Numbers.of(ids, found)

    def _end(self) -> int:
        """Return a number that no entry has reached."""
        note = self.note()
        return note.next if note else 0

    def number(self, key: uuid.UUID) -> int | None:
        """Return the number of one entry."""
        high, low = _halves(key)
        query = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, _is("high", high)),
                (tantivy.Occur.Must, _is("low", low)),
            ]
        )
        hits = self.searcher.search(query, limit=1, count=False).hits
        return self.column("number", [hits[0][1]])[0] if hits else None

    def change(self, new: Mapping[int, Document], gone: Iterable[int], note: Note) -> None:
        """Replace and remove entries, and note how far the index is now; all of it or nothing."""
        self._write(new.items(), [*new, *gone], note, memory=CHANGE_MEMORY)

    def _write(
        self,
        numbered: Iterable[tuple[int, Document]],
        outdated: Iterable[int],
        note: Note,
        *,
        memory: int,
    ) -> None:
        writer = self._index.writer(memory, 1)
        for number in outdated:
            writer.delete_documents_by_query(_is("number", number))
        writer.delete_documents_by_query(_is("note", _NOTE))
        for number, document in numbered:
            writer.add_document(_row(number, document))
        row = tantivy.Document()
        row.add_unsigned("note", _NOTE)
        row.add_unsigned("complete", note.complete)
        row.add_unsigned("mark", note.mark)
        row.add_unsigned("next", note.next)
        writer.add_document(row)
        writer.commit()
        # Small segments are merged here: with the writer the merging threads would be gone.
        writer.wait_merging_threads()
        self.reload()


def noted(root: Path) -> int:
    """Return up to which change the current index is complete; 0 where there is none."""
    text = TextIndex.current(root, "")
    note = text.note() if text else None
    return note.complete if note else 0


def pointer_state(root: Path) -> tuple[int, int] | None:
    """Return something that differs once another index has become the current one."""
    with contextlib.suppress(OSError):
        found = (root / "current").stat()
        return found.st_ino, found.st_mtime_ns
    return None


def _between(field: str, start: int, end: int) -> tantivy.Query:
    return tantivy.Query.range_query(
        SCHEMA, field, tantivy.FieldType.Unsigned, start, end, include_upper=False
    )


def _is(field: str, value: int) -> tantivy.Query:
    return tantivy.Query.term_query(SCHEMA, field, value)


def _halves(key: uuid.UUID) -> tuple[int, int]:
    return key.int >> 64, key.int & (1 << 64) - 1


def _in_words(texts: list[str], *, repeated: bool) -> str:
    """Return texts folded, with compounds in one word after them.

    What many entries say, as they do the names of terms, is worked out once.
    """
    read = map(_read_often, texts) if repeated else [_read_often.__wrapped__("\n".join(texts))]
    folded, compounds = zip(*read, strict=True)
    return "\n".join([*folded, *chain(*compounds)])


@lru_cache(maxsize=20_000)
def _read_often(text: str) -> tuple[str, list[str]]:
    folded = fold(text)
    return folded, joined(folded)


_SHORT = re.compile(r"([^()]+?) \(([A-Z][A-Za-z0-9]{1,9})\)(?=$|[,:]| and )")


def _short_in(name: str) -> str | None:
    """Return the short name that a name has in brackets, where it is made of its first letters.

    That of another thing is none of its own: a group on artificial intelligence (AI), an academy of
    the International Telecommunication Union (ITU).
    """
    if not (found := _SHORT.match(name)):
        return None
    long, short = found.groups()
    words = words_of(long)
    initials = ["".join(word[0] for word in some) for some in (words, telling(words))]
    return short if short.lower() in initials else None


def _row(number: int, document: Document) -> tantivy.Document:
    """Lay an entry out in the fields of the index."""
    row = tantivy.Document()
    high, low = _halves(document.id)
    row.add_unsigned("number", number)
    row.add_unsigned("high", high)
    row.add_unsigned("low", low)
    for group, texts in document.texts.items():
        if texts:
            words = _in_words(texts, repeated=group == "terms")
            stems = partly_stemmed(words)
            for field in FIELDS_OF[group]:
                row.add_text(field, words if field == "words" else stems)
    for language, texts in document.spoken.items():
        row.add_text(TONGUES[language], fold("\n".join(texts)))
    row.add_float("prior", document.prior)
    row.add_text("carries", " ".join([*document.carries, term_word((KIND, document.kind))]))
    row.add_text("within", " ".join(dict.fromkeys(document.within)))
    for name in document.texts["name"]:
        row.add_text("exact_name", whole(name))
        if short := _short_in(name):
            row.add_text("exact_alias", whole(short))
    for name in document.texts["alias"]:
        row.add_text("exact_alias", whole(name))
    return row


def mark_of(key: uuid.UUID, at: datetime) -> int:
    """Return what tells one change from another in a restored or exchanged database.

    The moment is part of it: a restored database counts again from before, and the same entry may
    well be changed under the same number.
    """
    return _halves(key)[1] ^ int(at.timestamp() * 1_000_000)
