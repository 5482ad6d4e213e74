"""A need in words, for the head of the results, for briefings and for letters."""

from dataclasses import dataclass

from directory.entries.vocabularies import Vocabularies
from directory.languages import day, gettext, number
from directory.matching.need import Need, conditions


@dataclass(frozen=True)
class Said:
    """One condition in words, and whether it must be so."""

    condition: str
    title: str
    text: str
    must: bool


def in_words(need: Need, words: Vocabularies) -> list[Said]:
    """Return every condition of a need in words, in the order of the form."""
    return [
        Said(name, conditions()[name].term, _text(need, name, words), name in need.hard)
        for name in need.given
    ]


def _text(need: Need, name: str, words: Vocabularies) -> str:
    value, vocabulary = getattr(need, name), conditions()[name].vocabulary
    if vocabulary:
        codes = value if isinstance(value, list) else [value]
        return ", ".join(_label(words, vocabulary, code) for code in codes)
    if name == "budget":
        if not value:
            return gettext("none: it must be free")
        amount = f"{need.currency} {number(value)}" if need.currency else number(value)
        return gettext("up to %(amount)s", amount=amount)
    if name == "by":
        return day(value)
    if isinstance(value, bool):
        return gettext("yes")
    return number(value) if isinstance(value, int) else str(value)


def _label(words: Vocabularies, vocabulary: str, code: str) -> str:
    label = words.label(vocabulary, code)
    speaks = vocabulary == "action-lines" and not label.startswith(code)
    return f"{code} {label}" if speaks else label
