"""From what people write, such as Online or France, to the code of a vocabulary."""

from collections.abc import Callable, Iterable
from typing import Any

from rapidfuzz import process

from directory.entries.fields import Declared, Vocabulary, is_model, parts_of
from directory.entries.vocabularies import Term, Vocabularies

_RANKS: tuple[Callable[[Term], Iterable[str | None]], ...] = (
    lambda term: [term.code],
    lambda term: [term.label, term.short],
    lambda term: [*term.alt_labels, *term.labels.values()],
)
_ALIKE = 75


class UnknownCode(ValueError):
    """A word that stands for no term; the message says which list, and what may be meant."""


class Codes:
    """The codes and labels of every vocabulary, for one run."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self.vocabularies = vocabularies
        self._words: dict[str, dict[str, str]] = {}

    def resolve(self, declared: Declared, value: Any) -> Any:
        """Return a value with codes instead of labels; raises UnknownCode."""
        if not declared.coded:
            return value
        if declared.vocabulary:
            return self._resolved(declared.vocabulary, value)
        if is_model(declared.type) and isinstance(value, list):
            return [self._part(declared.type, item) for item in value]
        return value

    def _part(self, model: Any, item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        found = dict(item)
        for name, (kind, _) in parts_of(model).items():
            value = item.get(name)
            if value is None:
                continue
            if is_model(kind) and isinstance(value, list):
                found[name] = [self._part(kind, one) for one in value]
            for mark in model.model_fields[name].metadata:
                if isinstance(mark, Vocabulary):
                    found[name] = self._resolved(mark.name, value)
        return found

    def _resolved(self, vocabulary: str, value: Any) -> Any:
        known = self.vocabularies.terms.get(vocabulary, {})
        if not isinstance(value, list):
            return (
                value
                if not isinstance(value, str) or value in known
                else self._code(vocabulary, value)
            )
        if all(isinstance(one, str) and one in known for one in value):
            return value
        found: list[Any] = []
        for one in value:
            found += self._codes(vocabulary, one) if isinstance(one, str) else [one]
        return found

    def _codes(self, vocabulary: str, text: str) -> list[str]:
        """Return one code, or several where a list is written with commas."""
        try:
            return [self._code(vocabulary, text)]
        except UnknownCode:
            pieces = [piece for piece in map(str.strip, text.split(",")) if piece]
            if len(pieces) < 2:
                raise
            return [self._code(vocabulary, piece) for piece in pieces]

    def _code(self, vocabulary: str, text: str) -> str:
        words = self._words.get(vocabulary) or self._read(vocabulary)
        plain = " ".join(text.casefold().split())
        if code := words.get(plain):
            return code
        meant = process.extractOne(plain, words.keys(), score_cutoff=_ALIKE)
        hint = f" Do you mean {words[meant[0]]}?" if meant else ""
        raise UnknownCode(
            f"“{text[:60]}” is not in the list /vocabularies/{vocabulary}: write a code or a "
            f"label from there.{hint}"
        )

    def _read(self, vocabulary: str) -> dict[str, str]:
        """Map every word to its code; a word that means two terms at once means none."""
        found: dict[str, str] = {}
        for words_of in _RANKS:
            of_rank: dict[str, set[str]] = {}
            for code, term in self.vocabularies.terms.get(vocabulary, {}).items():
                for word in words_of(term):
                    if word:
                        of_rank.setdefault(" ".join(word.casefold().split()), set()).add(code)
            for word, codes in of_rank.items():
                if len(codes) == 1:
                    found.setdefault(word, *codes)
        self._words[vocabulary] = found
        return found
