"""Names that are quoted, set in bold or italic, linked, or spelt out before their acronym."""

import re
from collections.abc import Iterator

from anyascii import anyascii

from directory.entries.kinds import ORGANISATION
from directory.imports.intake.blocks import Block
from directory.imports.intake.context import (
    APPOSITION,
    COPULA,
    MADE,
    NOT_OURS,
    QUOTED,
    Known,
    Sentence,
    cue_after,
    cue_before,
    head_of,
    mention_of,
    no_bracket,
)
from directory.imports.intake.cues import Cue
from directory.imports.intake.mentions import (
    Mention,
    Place,
    clean_title,
    content_words,
    initials_of,
)
from directory.imports.intake.tokens import tokens_of
from directory.languages import marked


def quoted_names(sentence: Sentence, known: Known) -> Iterator[Mention]:
    """A quotation with a cue before, inside or after it, or after a verb that starts something."""
    text = sentence.block.text
    for match in QUOTED.finditer(text, sentence.start, sentence.end):
        group = next(g for g in "abcd" if match[g])
        title = clean_title(match[group])
        before = sentence.before(match.start())
        if not _looks_like_title(title) or NOT_OURS.search(before):
            continue
        found = _cue_around(sentence, title, match.start(), match.end(), known)
        cue, rule, sure = found or (None, "", 0.0)
        if cue is None and MADE.search(before):
            cue, rule, sure = (
                known.cues.of("initiative"),
                marked("quoted after a verb that starts it"),
                0.55,
            )
        if cue:
            place = sentence.place(match.start(group), match.end(group))
            yield mention_of(title, cue, f"quoted, {rule}", sure, place, sentence, match.end())


_SHORT = re.compile(r" \(([A-ZÀ-Þ][A-Za-zÀ-ÿ-]{1,9})\)")


def spelt_out_names(sentence: Sentence, known: Known) -> Iterator[Mention]:
    """What an acronym in brackets stands for, when its last or first word is a cue.

    Small letters do not matter here: Programme d’appui à la gouvernance (PAG).
    """
    text = sentence.block.text
    for bracket in _SHORT.finditer(text, sentence.start, sentence.end):
        begin = max(sentence.start, bracket.start() - 160)
        tokens = tokens_of(text, begin, bracket.start())[-14:]
        for first in range(len(tokens)):
            words = [p for t in tokens[first:] for p in re.split(r"[’']", t.text)]
            if not tokens[first].is_capital or not _spells(bracket[1], words):
                continue
            found = known.cues.ending(words) or known.cues.starting(words)
            if found and any(w[0].islower() for w in content_words(" ".join(words))):
                place = sentence.place(tokens[first].start, bracket.start())
                name = text[place.start : place.end]
                rule = f"the acronym {bracket[1]} spells it out"
                yield mention_of(name, found[0], rule, 0.8, place, sentence, bracket.start())
            break


def _spells(acronym: str, words: list[str]) -> bool:
    """Say whether an acronym is made of exactly the first letters of the words that count."""
    chosen = [w for w in content_words(" ".join(words)) if len(w) > 1]
    return anyascii(initials_of(chosen)).upper() == anyascii(acronym).upper().replace("-", "")


def set_off_names(block: Block, number: int, known: Known) -> Iterator[Mention]:
    """A stretch in bold, italic or a link, with a cue inside it or in what follows."""
    for span in block.spans:
        title = clean_title(block.text[span.start : span.end])
        if span.look == "quoted" or not _looks_like_title(title) or len(title.split()) > 14:
            continue
        sentence = Sentence(block, number, 0, len(block.text))
        start = block.text.find(title, span.start)
        found = _cue_around(sentence, title, span.start, span.end, known)
        if found and found[0].kind is not ORGANISATION:
            place = Place(number, start, start + len(title))
            yield mention_of(title, found[0], f"{span.look}, {found[1]}", min(0.95, found[2] + 0.1),
                           place, sentence, span.end)  # fmt: skip


def _looks_like_title(text: str) -> bool:
    words = content_words(text)
    if not words or len(text) > 160:
        return False
    capitals = sum(w[0].isupper() or w[0].isdigit() for w in words)
    return words[0][0].isupper() and (
        capitals / len(words) >= 0.5 or len(words) >= 3 or any(c.isupper() for c in words[0][1:])
    )


def _cue_around(
    sentence: Sentence, title: str, start: int, end: int, known: Known
) -> tuple[Cue, str, float] | None:
    """Return the cue of a name that typography marks, where it was found, and how sure that is."""
    after = sentence.after(end)
    what = APPOSITION.match(no_bracket(after)) or COPULA.match(no_bracket(after))
    if what and (cue := known.cues.explained(what["what"])):
        return cue, f"explained as {cue.word}", 0.88
    if cue := cue_after(after, known):
        return cue, f"before the word {cue.word}", 0.85
    if found := head_of(title.split(), known):
        return found[0], f"with the word {found[0].word}", 0.85
    if cue := cue_before(sentence.before(start), known):
        return cue, f"after the word {cue.word}", 0.85
    return None
