"""Terms of the vocabularies in a text, by their labels and the other names people use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from directory.entries.vocabularies import Vocabularies
from directory.imports.intake.cues import Cues, key_of
from directory.imports.intake.mentions import initials_of
from directory.imports.intake.names import Known


@dataclass(frozen=True)
class Reader:
    """What one state of the vocabularies knows: cues, labels, and where they stand in a text."""

    words: Vocabularies

    @cached_property
    def known(self) -> Known:
        """Return what the rules for names need of it."""
        short = {
            label
            for terms in self.words.terms.values()
            for term in terms.values()
            for label in (*term.alt_labels, term.label)
            if label.isupper() and len(label) <= 6
        }
        places = {
            label.casefold()
            for name in ("countries", "regions")
            for term in self.words.of(name).values()
            for label in (term.label, *term.alt_labels)
        }
        return Known(Cues.read(self.words), frozenset(short), frozenset(places))

    @cached_property
    def _patterns(self) -> dict[str, tuple[re.Pattern[str], dict[str, str]]]:
        return {}

    def pattern(self, vocabulary: str) -> tuple[re.Pattern[str], dict[str, str]]:
        """Return a pattern of all names of a vocabulary, and the code of each as it is compared."""
        if vocabulary not in self._patterns:
            codes: dict[str, str] = {}
            for term in self.words.of(vocabulary).values():
                for label in self.words.words(vocabulary, term.code):
                    if len(label) > 1 and label[0].isascii():
                        codes.setdefault(_form(label), term.code)
            names = sorted(codes, key=len, reverse=True)
            joined = "|".join(re.escape(n) for n in names) or r"(?!x)x"
            self._patterns[vocabulary] = re.compile(rf"(?<![\w-])(?:{joined})(?![\w-])"), codes
        return self._patterns[vocabulary]

    def found(self, vocabulary: str, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield (code, start, end) of each term that a text names; short forms keep their case."""
        pattern, codes = self.pattern(vocabulary)
        for match in pattern.finditer(_form(text)):
            said = text[match.start() : match.end()]
            label = match[0]
            if len(label) <= 4 and not said.isupper() and initials_of([label]) and _is_short(label, said):
                continue
            yield codes[label], match.start(), match.end()

    def heading(self, vocabulary: str, text: str) -> str | None:
        """Return the term that a heading is the label or another name of."""
        _, codes = self.pattern(vocabulary)
        for part in (text, *re.split(r"\s*[::–—|/]\s*", text)):
            plain = re.sub(r"\s*\([^)]*\)$", "", part).strip(" .:")
            found = codes.get(_form(plain)) or self._by_key(vocabulary).get(key_of(plain))
            if found:
                return found
        return None

    def _by_key(self, vocabulary: str) -> dict[str, str]:
        return {key_of(label): code for label, code in reversed(self.pattern(vocabulary)[1].items())}

    def code(self, vocabulary: str, text: str) -> str | None:
        """Return the term whose name a text is, or else the first that it names."""
        return self.heading(vocabulary, text) or next(
            (code for code, _, _ in self.found(vocabulary, text)), None
        )


def _is_short(label: str, said: str) -> bool:
    """Say whether a short form, such as COP, was written as a common word."""
    return label != "free" and said.islower() and label not in ("fee", "paid", "open", "poor")


def _form(text: str) -> str:
    """Return a text in small letters, of the same length."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower()[:1] or c for c in text)
