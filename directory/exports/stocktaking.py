"""A draft for WSIS Stocktaking: 150 to 200 words about a programme, of its own values alone.

It is in English, as the form it is for, whatever language the page around it is in. Sentences are
taken from the entry as they stand and joined; nothing is added to reach the length.
Where the entry says too little, the draft says so, and which fields would help.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from directory.entries.kinds import PROGRAMME
from directory.entries.queries import Published
from directory.entries.vocabularies import Vocabularies
from directory.languages import SOURCE, reading

FEWEST, MOST = 150, 200
# What a reader of Stocktaking wants to know first comes first.
_TELLS = ("summary", "purpose", "description", "results", "taking_part")
_CODES = ("action_lines", "sdgs", "gdc_objectives")
_END = re.compile(r"(?<=[.!?])\s+(?=\S)")


@dataclass(frozen=True)
class Draft:
    """The text, the codes that go with it by title of field, and the fields that would help."""

    title: str
    text: str
    words: int
    codes: dict[str, list[str]]
    would_help: list[str]

    @property
    def too_short(self) -> bool:
        """Say whether the entry has too little for what Stocktaking asks."""
        return self.words < FEWEST


def draft(published: Published, words: Vocabularies) -> Draft:
    """Return the draft for a published programme."""
    fields, profile = PROGRAMME.public_fields, published.profile
    with reading(SOURCE):
        text = " ".join(_chosen([*_sentences(published), *_facts(published, words)]))
        codes = {
            fields[name].title: [
                f"{code}: {words.label(fields[name].vocabulary or '', code)}"
                for code in profile[name] or []
            ]
            for name in _CODES
        }
    would_help = [fields[name].title for name in (*_TELLS, *_CODES) if not profile[name]]
    return Draft(published.entry.title, text, len(text.split()), codes, would_help)


def _sentences(published: Published) -> Iterator[str]:
    for name in _TELLS:
        for line in (published.profile[name] or "").split("\n"):
            for sentence in _END.split(line.strip()):
                if sentence:
                    yield sentence if sentence[-1] in ".!?" else f"{sentence}."


def _facts(published: Published, words: Vocabularies) -> Iterator[str]:
    """Yield short sentences about what stands in lists: who, for whom, where, since when."""
    profile, fields = published.profile, PROGRAMME.public_fields
    by_role: dict[str, list[str]] = {}
    for link in published.links:
        if link.field == "organisations":
            by_role.setdefault(words.label("roles", link.rel), []).append(link.title)
    yield from (f"{role}: {', '.join(names)}." for role, names in by_role.items())
    for name in ("audiences", "countries", "regions", "policy_areas"):
        if codes := profile[name]:
            labels = ", ".join(words.label(fields[name].vocabulary or "", code) for code in codes)
            yield f"{fields[name].title}: {labels}."
    if profile["start_year"]:
        until = f" until {profile['end_year']}" if profile["end_year"] else ""
        yield f"Since {profile['start_year']}{until}."


def _chosen(sentences: Iterable[str]) -> list[str]:
    """Return sentences, each once, as long as they fit; a longer one gives way to a later one."""
    chosen: list[str] = []
    count = 0
    for sentence in dict.fromkeys(sentences):
        length = len(sentence.split())
        if count + length <= MOST:
            chosen.append(sentence)
            count += length
    return chosen
