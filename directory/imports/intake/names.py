"""Names of initiatives and organisations in running text, sentence by sentence.

Each rule is one small function with a name that a curator can read. A name is a run of words with
capitals, a quotation or a stretch in bold; a cue word in it, beside it or in what explains it says
what it names. Without a cue nothing is proposed.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from directory.entries.kinds import ORGANISATION
from directory.imports.intake.blocks import Block, Form
from directory.imports.intake.context import (
    BRACKET,
    MADE,
    NAMED,
    PREPOSITIONS,
    QUOTED,
    Known,
    Sentence,
    cue_after,
    cue_before,
    explained_as,
    head_of,
    mention_of,
    no_bracket,
)
from directory.imports.intake.cues import Cue, is_organisation_word
from directory.imports.intake.mentions import (
    Mention,
    Place,
    clean_title,
    content_words,
    fits_acronym,
)
from directory.imports.intake.tokens import Chunk, chunks_of, sentences, tokens_of
from directory.imports.intake.typography import quoted_names, set_off_names, spelt_out_names
from directory.languages import marked

_TITLE_TAIL = re.compile(r"^[\w’'()&:;/ –-]{1,70}\?")


_COLON_TAIL = re.compile(r": (?=[A-ZÀ-Þ0-9])")


_GENERIC = frozenset(
    [
        "final",
        "annual",
        "new",
        "general",
        "global",
        "national",
        "regional",
        "international",
        "digital",
        "online",
        "interactive",
        "main",
        "key",
        "flagship",
        "special",
        "joint",
        "first",
        "second",
        "third",
        "next",
        "latest",
        "recent",
        "other",
        "current",
        "free",
        "executive",
        "master’s",
        "master",
        "phd",
        "bachelor",
        "european",
        "african",
        "asian",
        "american",
        "swiss",
        "western",
        "eastern",
        "un",
        "eu",
        "us",
        "uk",
        "it",
        "ai",
        "ict",
        "icts",
        "iot",
        "un’s",
        "open",
        "public",
        "private",
        "virtual",
        "hybrid",
        "internal",
        "official",
        "united",
        "states",
        "working",
        "expert",
        "advocacy",
        "policy",
        "research",
        "progress",
        "monthly",
        "weekly",
    ]
)


def names_in(block: Block, number: int, known: Known) -> Iterator[Mention]:
    """Yield every time that a block names something; one stretch may be named by two rules."""
    for start, end in sentences(block.text):
        sentence = Sentence(block, number, start, end)
        yield from quoted_names(sentence, known)
        inside = [m.span() for m in QUOTED.finditer(block.text, start, end)]
        for chunk in chunks_of(sentence.tokens):
            if not any(a <= chunk.start and chunk.end <= b for a, b in inside):
                yield from _capitals(sentence, chunk, known)
        yield from spelt_out_names(sentence, known)
    if block.form is not Form.HEADING:
        yield from set_off_names(block, number, known)


def _capitals(sentence: Sentence, chunk: Chunk, known: Known) -> Iterator[Mention]:
    """A run of words with capitals, as a whole and in the parts that `and` joins."""
    whole = list(_one_run(sentence, chunk, known))
    parts = list(_parts(chunk))
    if len(parts) > 1 and _joins_names(sentence, chunk, parts, known):
        whole = [m for part in parts for m in _one_run(sentence, part, known)]
    yield from whole


def _parts(chunk: Chunk) -> Iterator[Chunk]:
    """Yield the parts of a run between `and`, each without small words at its edges."""
    joints = [n for n, t in enumerate(chunk.tokens) if n and t.text in ("and", "&", "et", "y")]
    for before, stop in pairwise([-1, *joints, len(chunk.tokens)]):
        # Nothing stands between two of them in a row.
        if before + 1 < stop:
            yield _trimmed(chunk, before + 1, stop)


def _trimmed(chunk: Chunk, begin: int, stop: int) -> Chunk:
    while begin < stop - 1 and not (
        chunk.tokens[begin].is_capital or chunk.tokens[begin].is_number
    ):
        begin += 1
    while stop > begin + 1 and chunk.tokens[stop - 1].text.casefold() in PREPOSITIONS:
        stop -= 1
    return chunk.part(begin, stop)


def _joins_names(sentence: Sentence, chunk: Chunk, parts: list[Chunk], known: Known) -> bool:
    """Say whether `and` in a run joins two names rather than two words of one."""
    heads = [head_of(p.words, known) for p in parts]
    ends = [bool(h and h[1] == len(p.words)) for h, p in zip(heads, parts, strict=True)]
    organisations = [
        is_organisation_word(p.words[-1]) or is_organisation_word(p.words[0]) for p in parts
    ]
    first = parts[0].words
    texts = [t.text for t in chunk.tokens]
    another = any(a == "and" and b == "the" for a, b in pairwise(texts))
    if another and organisations[-1] and (organisations[0] or len(first) == 1):
        return True
    if heads[0] and not ends[0]:
        # `Working Group on A and B`: the subject goes on, unless another name starts.
        return any(e or (h and h[1] <= 2) for e, h in zip(ends[1:], heads[1:], strict=True))
    if ends[0] or organisations[0]:
        return True
    return len(first) > 1 and ends[-1] and len(parts[-1].words) > 2 and organisations[0]


def _one_run(sentence: Sentence, chunk: Chunk, known: Known) -> Iterator[Mention]:
    text = sentence.block.text
    before, after = sentence.before(chunk.start), sentence.after(chunk.end)
    title, end = chunk.words, chunk.end
    name = text[chunk.start : chunk.end]
    joined = _over_bracket(sentence, chunk)
    if joined:
        name, end = joined
        title, after = name.split(), sentence.after(end)
    if len(name) > 250 or text[max(0, chunk.start - 1) : chunk.start] in ("@", "#", "/"):
        return
    place = sentence.place(chunk.start, end)
    if NAMED.search(before) and cue_before(before, known):
        yield from _led_to(sentence, chunk, name, end, before, known)
        return
    explained = explained_as(after, known)
    found = head_of(title, known)
    if found and found[0].word == "academy" and title[found[1] : found[1] + 1] == ["of"]:
        found = None
    started = found and MADE.search(before) and re.search(r"\b(?:the|le|la) $", before)
    ends = bool(found and found[1] == len(title))
    if found and (_is_name(title, int(ends), known) or (started and ends and len(title) > 1)):
        cue = _better(found[0], explained)
        yield mention_of(
            name, cue, f"a name with the word {found[0].word}", 0.8, place, sentence, end
        )
        return
    if _is_organisation(title):
        sure = 0.75 if BRACKET.match(after) else 0.6
        yield _organisation(name, sure, place, sentence, end)
        return
    beside = cue_after(no_bracket(after), known)
    classed = re.search(r"\ban? $", before) and not explained
    if beside and not classed and _stands_before_cue(title, known):
        kind, rule = _better(beside, explained), f"before the word {beside.word}"
        with_cue = f"{clean_title(name)} {beside.word}"
        mention = mention_of(name, kind, rule, 0.78, place, sentence, end)
        yield mention.named(mention.title, with_cue)
        return
    if explained and _is_name(title, 0, known):
        yield mention_of(
            name, explained, f"explained as {explained.word}", 0.75, place, sentence, end
        )
        return
    yield from _led_to(sentence, chunk, name, end, before, known)


def _led_to(
    sentence: Sentence, chunk: Chunk, name: str, end: int, before: str, known: Known
) -> Iterator[Mention]:
    """A name after a cue word, after `called`, or after a verb that starts something."""
    cue = cue_before(before, known)
    named = bool(NAMED.search(before))
    words = content_words(name)
    if cue and (named or len(words) >= 2) and _is_name(chunk.words, 0, known):
        full, stop = _with_tail(sentence, name, end)
        place = sentence.place(chunk.start, stop)
        yield mention_of(full, cue, f"after the word {cue.word}", 0.8, place, sentence, stop)
    elif _is_name(chunk.words, 0, known) and (named or MADE.search(before)):
        coined = chunk.tokens[0].is_coined and len(chunk.tokens) == 1
        if re.search(r"\b[A-Z]{2,3}-?\d+$", name):
            return
        if coined or (len(words) >= 3 and all(w[0].isupper() for w in words)):
            initiative = known.cues.of("initiative")
            assert initiative
            place = sentence.place(chunk.start, end)
            rule = marked("after a word that names or starts it")
            yield mention_of(name, initiative, rule, 0.6, place, sentence, end)


def _with_tail(sentence: Sentence, name: str, end: int) -> tuple[str, int]:
    """Return a title with its subtitle after a colon, or to the question mark that ends it."""
    text = sentence.block.text
    rest = text[end : end + 120]
    bracketed = BRACKET.match(rest)
    if (bracketed or _COLON_TAIL.match(rest)) and (question := _TITLE_TAIL.match(rest)):
        return name + question[0], end + question.end()
    if not _COLON_TAIL.match(rest):
        return name, end
    stop = end + 2
    small = 0
    for token in tokens_of(text, end + 2, min(len(text), end + 120)):
        if token.start != end + 2 and not token.open:
            break
        if token.is_capital or token.is_number:
            stop, small = token.end, 0
        else:
            small += 1
            if small > 2:
                break
    return text[end - len(name) : stop], stop


def _over_bracket(sentence: Sentence, chunk: Chunk) -> tuple[str, int] | None:
    """Return a name that goes on after its own short form: Policy Lab (PL) Index."""
    rest = sentence.after(chunk.end, 80)
    bracket = re.match(r" \(([A-Z]{2,8})\) (?=[A-Z])", rest)
    small = re.match(r" \(([A-Z]{2,8})\) ((?:on|for|of) (?:the )?)(?=[A-Z])", rest)
    bracket = bracket or small
    if not bracket or not fits_acronym(bracket[1], chunk.words):
        return None
    following = chunks_of(tokens_of(sentence.block.text, chunk.end + bracket.end(), sentence.end))
    if not following or following[0].start != chunk.end + bracket.end():
        return None
    name = sentence.block.text[chunk.start : chunk.end]
    between = small[2] if small else ""
    last = following[0]
    rest = sentence.block.text[last.start : last.end]
    return f"{name} {between}{rest}", last.end


def _better(cue: Cue, explained: Cue | None) -> Cue:
    """Prefer what is said about a name to what its last word suggests, where that is a training."""
    if cue.kind.name == "training" or explained is None:
        return cue
    return explained if explained.kind.name == "training" else cue


def _is_name(words: list[str], head_ends: int, known: Known) -> bool:
    """Say whether words are a name and not just a class of things: something must be its own."""
    own = words[:-1] if head_ends else words
    keys = [
        w.casefold() for w in own if w.casefold() not in PREPOSITIONS and w not in ("and", "the")
    ]
    telling = [
        k for k in keys
        if k not in _GENERIC and k not in known.places and not k.isdigit()
        and not re.search(r"-(?:led|based|funded|hosted|backed|wide)$", k)
    ]  # fmt: skip
    if not telling:
        return False
    if head_ends:
        return True
    alone = len(keys) == 1
    return not (alone and (own[0] in known.abbreviations or len(own[0]) < 3))


def _stands_before_cue(words: list[str], known: Known) -> bool:
    if not _is_name(words, 0, known) or len(words) > 14:
        return False
    if len(words) > 1:
        return words[-1] not in known.abbreviations or len(words) > 2
    word = words[0]
    if word.isupper():
        return len(word) >= 5 and word not in known.abbreviations
    return not re.search(r"(?:ese|ish|[^e]an|ian|ic)$", word) or any(c.isupper() for c in word[1:])


def _is_organisation(words: list[str]) -> bool:
    """Say whether the head of a name, or its first word, is that of an organisation."""
    if words[:1] == ["Academy"] or any(a == "Academy" and b == "of" for a, b in pairwise(words)):
        return True
    heads = [n for n, w in enumerate(words) if n and w.casefold() in PREPOSITIONS]
    last = words[(heads[0] if heads else len(words)) - 1]
    first = words[0]
    return len(words) > 1 and any(
        is_organisation_word(w) and w[0].isupper() for w in (last, first, words[-1])
    )


def _organisation(name: str, sure: float, place: Place, sentence: Sentence, end: int) -> Mention:
    cue = Cue("organisation", ORGANISATION, "")
    return mention_of(
        name, cue, marked("a name with the word of an organisation"), sure, place, sentence, end
    )
