"""Names of initiatives and organisations in running text, sentence by sentence.

Each rule is one small function with a name that a curator can read. A name is a run of words with
capitals, a quotation or a stretch in bold; a cue word in it, beside it or in what explains it says
what it names. Without a cue nothing is proposed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from anyascii import anyascii

from directory.entries.kinds import ORGANISATION, Kind
from directory.imports.intake.blocks import Block, Form
from directory.imports.intake.cues import Cue, Cues, is_organisation_word, key_of
from directory.imports.intake.mentions import (
    Mention,
    Place,
    clean_title,
    content_words,
    fits_acronym,
    initials_of,
)
from directory.imports.intake.tokens import Chunk, Token, chunks_of, sentences, tokens_of

QUOTED = re.compile(
    r"(?<!\w)[‘](?P<a>[^‘\n]{2,160}?)[’](?!\w)|[“](?P<b>[^“”\n]{2,160}?)[”]"
    r"|(?<!\w)\"(?P<c>[^\"\n]{2,160}?)\"(?!\w)|«\s?(?P<d>[^«»\n]{2,160}?)\s?»"
)
_BRACKET = re.compile(r"\s?[(\[]([^()\[\]]{2,60})[)\]]")
_ACRONYM = re.compile(r"[A-Z][A-Za-z0-9&.-]{1,11}(?: [A-Z][A-Z0-9]{0,3})?$")
_APPOSITION = re.compile(
    r"\s?(?:,|–|—|:| -)\s+(?:which is |c’est |est )?(?:an?|the|its|their|our|one of the|une?|l[ae]|notre)\s+(?P<what>[^.;:]{3,120})"
)
_COPULA = re.compile(
    r"\s(?:is|are|was|were|has been|est|es|sind|ist)\s+(?:also )?(?:an?|the|one of the|une?|la|el)\s+(?P<what>[^.;:]{3,120})"
)
_NAMED = re.compile(
    r"(?:\b(?:titled|entitled|called|named|dubbed|known as|under the (?:name|title|banner)(?: of)?"
    r"|banner of|intitulée?|dénommée?|appelée?|nommée?|llamad[oa]|titulad[oa]|namens))[\s:]*$",
    re.I,
)
_MADE = re.compile(
    r"\b(?:launch|establish|creat|develop|found|run|host|operat|organis|organiz|conven|offer|deliver"
    r"|maintain|manag|coordinat|initiat|pilot|introduc|unveil|start|lanc|cré|organis|anim|gèr|propos)"
    r"(?:es|ed|s|e|ing|ran|ning|ched|ches|é|ée)?\s+(?:a|an|the|its|their|la|le|l’|une?)?\s?"
    r"(?:new |annual |flagship |free |regular )?$",
    re.I,
)
_NOT_OURS = re.compile(
    r"\b(?:tagline|motto|slogan|session|paper|article|question|book|theme|term|terms|topic|as|"
    r"concept|principle|podcast episode|panel|chapter)s?(?: titled| entitled| called| named)?[\s:]*$",
    re.I,
)
_TITLE_TAIL = re.compile(r"^[\w’'()&:;/ –-]{1,70}\?")
_COLON_TAIL = re.compile(r": (?=[A-ZÀ-Þ0-9])")
_GENERIC = frozenset(
    ["final", "annual", "new", "general", "global", "national", "regional", "international", "digital", "online", "interactive", "main", "key", "flagship", "special", "joint", "first", "second", "third", "next", "latest", "recent", "other", "current", "free", "executive", "master’s", "master", "phd", "bachelor", "european", "african", "asian", "american", "swiss", "western", "eastern", "un", "eu", "us", "uk", "it", "ai", "ict", "icts", "iot", "un’s", "open", "public", "private", "virtual", "hybrid", "internal", "official", "united", "states", "working", "expert", "advocacy", "policy", "research", "progress", "monthly", "weekly"]
)


@dataclass(frozen=True)
class Known:
    """What the rules may know beforehand: the abbreviations and places of the vocabularies."""

    cues: Cues
    abbreviations: frozenset[str]
    places: frozenset[str]


@dataclass(frozen=True)
class _Sentence:
    block: Block
    number: int
    start: int
    end: int

    @cached_property
    def tokens(self) -> list[Token]:
        return tokens_of(self.block.text, self.start, self.end)

    def before(self, at: int, length: int = 60) -> str:
        return self.block.text[max(self.start, at - length) : at]

    def after(self, at: int, length: int = 140) -> str:
        return self.block.text[at : min(self.end, at + length)]

    def place(self, start: int, end: int) -> Place:
        return Place(self.number, start, end)


def names_in(block: Block, number: int, known: Known) -> Iterator[Mention]:
    """Yield every time that a block names something; one stretch may be named by two rules."""
    for start, end in sentences(block.text):
        sentence = _Sentence(block, number, start, end)
        yield from _quoted(sentence, known)
        inside = [m.span() for m in QUOTED.finditer(block.text, start, end)]
        for chunk in chunks_of(sentence.tokens):
            if not any(a <= chunk.start and chunk.end <= b for a, b in inside):
                yield from _capitals(sentence, chunk, known)
        yield from _spelt_out(sentence, known)
    if block.form is not Form.HEADING:
        yield from _set_off(block, number, known)


def _quoted(sentence: _Sentence, known: Known) -> Iterator[Mention]:
    """A quotation with a cue before, inside or after it, or after a verb that starts something."""
    text = sentence.block.text
    for match in QUOTED.finditer(text, sentence.start, sentence.end):
        group = next(g for g in "abcd" if match[g])
        title = clean_title(match[group])
        before = sentence.before(match.start())
        if not _looks_like_title(title) or _NOT_OURS.search(before):
            continue
        found = _cue_around(sentence, title, match.start(), match.end(), known)
        cue, rule, sure = found or (None, "", 0.0)
        if cue is None and _MADE.search(before):
            cue, rule, sure = (
                known.cues.of("initiative"),
                "quoted after a verb that starts it",
                0.55,
            )
        if cue:
            place = sentence.place(match.start(group), match.end(group))
            yield _mention(title, cue, f"quoted, {rule}", sure, place, sentence, match.end())


def _spelt_out(sentence: _Sentence, known: Known) -> Iterator[Mention]:
    """What an acronym in brackets stands for, when its last or first word is a cue.

    Small letters do not matter here: Programme d’appui à la gouvernance (PAG).
    """
    text = sentence.block.text
    for bracket in re.finditer(r" \(([A-ZÀ-Þ][A-Za-zÀ-ÿ-]{1,9})\)", text[: sentence.end]):
        if bracket.start() < sentence.start:
            continue
        tokens = tokens_of(text, sentence.start, bracket.start())[-14:]
        for first in range(len(tokens)):
            words = [p for t in tokens[first:] for p in re.split(r"[’']", t.text)]
            if not tokens[first].is_capital or not _spells(bracket[1], words):
                continue
            found = known.cues.ending(words) or known.cues.starting(words)
            if found and any(w[0].islower() for w in content_words(" ".join(words))):
                place = sentence.place(tokens[first].start, bracket.start())
                name = text[place.start : place.end]
                rule = f"the acronym {bracket[1]} spells it out"
                yield _mention(name, found[0], rule, 0.8, place, sentence, bracket.start())
            break


def _spells(acronym: str, words: list[str]) -> bool:
    """Say whether an acronym is made of exactly the first letters of the words that count."""
    chosen = [w for w in content_words(" ".join(words)) if len(w) > 1]
    return anyascii(initials_of(chosen)).upper() == anyascii(acronym).upper().replace("-", "")


def _set_off(block: Block, number: int, known: Known) -> Iterator[Mention]:
    """A stretch in bold, italic or a link, with a cue inside it or in what follows."""
    for span in block.spans:
        title = clean_title(block.text[span.start : span.end])
        if span.look == "quoted" or not _looks_like_title(title) or len(title.split()) > 14:
            continue
        sentence = _Sentence(block, number, 0, len(block.text))
        start = block.text.find(title, span.start)
        found = _cue_around(sentence, title, span.start, span.end, known)
        if found and found[0].kind is not ORGANISATION:
            place = Place(number, start, start + len(title))
            yield _mention(title, found[0], f"{span.look}, {found[1]}", min(0.95, found[2] + 0.1),
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
    sentence: _Sentence, title: str, start: int, end: int, known: Known
) -> tuple[Cue, str, float] | None:
    """Return the cue of a name that typography marks, where it was found, and how sure that is."""
    after = sentence.after(end)
    if what := (_APPOSITION.match(_no_bracket(after)) or _COPULA.match(_no_bracket(after))):
        if cue := known.cues.explained(what["what"]):
            return cue, f"explained as {cue.word}", 0.88
    if cue := _cue_after(after, known):
        return cue, f"before the word {cue.word}", 0.85
    if found := _head(title.split(), known):
        return found[0], f"with the word {found[0].word}", 0.85
    if cue := _cue_before(sentence.before(start), known):
        return cue, f"after the word {cue.word}", 0.85
    return None


def _no_bracket(text: str) -> str:
    return _BRACKET.sub("", text, count=1) if _BRACKET.match(text) else text


def _cue_after(after: str, known: Known) -> Cue | None:
    """Return the cue in the one to three small words right after a name."""
    match = re.match(r"[’”\"»*_]?\s([a-zà-ÿ][\w’-]*(?: [a-zà-ÿ][\w-]*){0,2})", after)
    if not match:
        return None
    words = match[1].split()
    for count in range(1, len(words) + 1):
        if words[count - 1] in _PREPOSITIONS or words[count - 1] in _VERBS:
            return None
        found = known.cues.ending(words[:count])
        if found and not _is_plural(words[count - 1]):
            return found[0]
    return None


def _is_plural(word: str) -> bool:
    return (
        key_of(word) != word.casefold().replace("-", " ") and word[-1:] == "s" and word != "series"
    )


def _cue_before(before: str, known: Known) -> Cue | None:
    """Return the cue that leads to a name: `the project`, `a course called`, `its course is`."""
    lead = _NAMED.sub("", before.rstrip(' :‘“"«*_') + " ").rstrip()
    lead = re.sub(r"(?:,|\bon|\bsur|\bis|\bthe|\bl[ea]|\bl’|\bcalled)$", "", lead.rstrip()).rstrip()
    lead = re.sub(r"(?:\bon|\bsur)$", "", lead).rstrip()
    about = bool(re.search(r"\b(?:on|sur)(?: the| l[ea])?$", before.rstrip()))
    words = re.findall(r"[\w’-]+$|[\w’-]+(?=[ -])", lead[-50:])
    if not words or not lead.endswith(words[-1]):
        return None
    found = known.cues.ending(words)
    if not found or _is_plural(words[-1]) or (about and found[0].code in _NOT_ABOUT):
        return None
    return found[0]


def _head(words: list[str], known: Known) -> tuple[Cue, int] | None:
    """Return the cue that is the head of a name, and after how many words it ends.

    The head is the last word, or the first cue before a small word: Manual in Manual on Norms.
    """
    smalls = [n for n, w in enumerate(words) if n and w.casefold() in _PREPOSITIONS]
    if "Group" in words[:-2] and words[words.index("Group") + 1] == "of":
        experts = known.cues.of("group of experts")
        if experts and any(w.startswith("Expert") for w in words):
            return experts, words.index("Group") + 1
    for stop in (*smalls[:1], len(words), *smalls[1:]):
        found = known.cues.ending(words[:stop])
        if found and words[stop - 1][0].isupper():
            return found[0], stop
    return None


_VERBS = frozenset(["is", "are", "was", "were", "has", "have", "had", "will", "would", "can", "may", "and", "or", "who", "which", "that"])
_NOT_ABOUT = ("publication-series", "event-series", "platform-tool", "dialogue-forum")
"""What is on a subject without bearing its name: a report on the Summit is not called Summit."""

_PREPOSITIONS = frozenset(
    ["of", "on", "for", "in", "to", "with", "from", "at", "de", "du", "des", "d’", "pour", "sur", "en", "para", "à", "au", "aux"]
)


def _capitals(sentence: _Sentence, chunk: Chunk, known: Known) -> Iterator[Mention]:
    """A run of words with capitals, as a whole and in the parts that `and` joins."""
    whole = list(_one_run(sentence, chunk, known))
    parts = list(_parts(chunk))
    if len(parts) > 1 and _joins_names(sentence, chunk, parts, known):
        whole = [m for part in parts for m in _one_run(sentence, part, known)]
    yield from whole


def _parts(chunk: Chunk) -> Iterator[Chunk]:
    """Yield the parts of a run between `and`, each without small words at its edges."""
    begin = 0
    for n, token in enumerate(chunk.tokens):
        if token.text in ("and", "&", "et", "y") and n:
            yield _trimmed(chunk, begin, n)
            begin = n + 1
    yield _trimmed(chunk, begin, len(chunk.tokens))


def _trimmed(chunk: Chunk, begin: int, stop: int) -> Chunk:
    while begin < stop - 1 and not (
        chunk.tokens[begin].is_capital or chunk.tokens[begin].is_number
    ):
        begin += 1
    while stop > begin + 1 and chunk.tokens[stop - 1].text.casefold() in _PREPOSITIONS:
        stop -= 1
    return chunk.part(begin, stop)


def _joins_names(sentence: _Sentence, chunk: Chunk, parts: list[Chunk], known: Known) -> bool:
    """Say whether `and` in a run joins two names rather than two words of one."""
    heads = [_head(p.words, known) for p in parts]
    ends = [bool(h and h[1] == len(p.words)) for h, p in zip(heads, parts, strict=True)]
    organisations = [
        is_organisation_word(p.words[-1]) or is_organisation_word(p.words[0]) for p in parts
    ]
    first = parts[0].words
    if heads[0] and not ends[0]:
        # `Working Group on A and B`: the subject goes on, unless another name starts.
        return any(e or (h and h[1] <= 2) for e, h in zip(ends[1:], heads[1:], strict=True))
    if ends[0] or organisations[0]:
        return True
    return len(first) > 1 and ends[-1] and len(parts[-1].words) > 2 and organisations[0]


def _one_run(sentence: _Sentence, chunk: Chunk, known: Known) -> Iterator[Mention]:
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
    if _NAMED.search(before) and _cue_before(before, known):
        yield from _led_to(sentence, chunk, name, end, before, known)
        return
    explained = _explained(after, known)
    found = _head(title, known)
    if found and found[0].word == "academy" and title[found[1] : found[1] + 1] == ["of"]:
        found = None
    started = found and _MADE.search(before) and re.search(r"\b(?:the|le|la) $", before)
    ends = bool(found and found[1] == len(title))
    if found and (_is_name(title, int(ends), known) or (started and ends and len(title) > 1)):
        cue = _better(found[0], explained)
        yield _mention(
            name, cue, f"a name with the word {found[0].word}", 0.8, place, sentence, end
        )
        return
    if _is_organisation(title):
        sure = 0.75 if _BRACKET.match(after) else 0.6
        yield _organisation(name, sure, place, sentence, end)
        return
    cue = _cue_after(_no_bracket(after), known)
    classed = re.search(r"\ban? $", before) and not explained
    if cue and not classed and _stands_before_cue(title, cue, known):
        kind = _better(cue, explained)
        with_cue = f"{clean_title(name)} {cue.word}"
        mention = _mention(name, kind, f"before the word {cue.word}", 0.78, place, sentence, end)
        yield mention.named(mention.title, with_cue)
        return
    if explained and _is_name(title, 0, known):
        yield _mention(
            name, explained, f"explained as {explained.word}", 0.75, place, sentence, end
        )
        return
    yield from _led_to(sentence, chunk, name, end, before, known)


def _led_to(
    sentence: _Sentence, chunk: Chunk, name: str, end: int, before: str, known: Known
) -> Iterator[Mention]:
    """A name after a cue word, after `called`, or after a verb that starts something."""
    cue = _cue_before(before, known)
    named = bool(_NAMED.search(before))
    words = content_words(name)
    if cue and (named or len(words) >= 2) and _is_name(chunk.words, 0, known):
        full, stop = _with_tail(sentence, name, end)
        place = sentence.place(chunk.start, stop)
        yield _mention(full, cue, f"after the word {cue.word}", 0.8, place, sentence, stop)
    elif _is_name(chunk.words, 0, known) and (named or _MADE.search(before)):
        coined = chunk.tokens[0].is_coined and len(chunk.tokens) == 1
        if re.search(r"\b[A-Z]{2,3}-?\d+$", name):
            return
        if coined or (len(words) >= 3 and all(w[0].isupper() for w in words)):
            initiative = known.cues.of("initiative")
            assert initiative
            place = sentence.place(chunk.start, end)
            rule = "after a word that names or starts it"
            yield _mention(name, initiative, rule, 0.6, place, sentence, end)


def _with_tail(sentence: _Sentence, name: str, end: int) -> tuple[str, int]:
    """Return a title with its subtitle after a colon, or to the question mark that ends it."""
    text = sentence.block.text
    rest = text[end : end + 120]
    bracketed = _BRACKET.match(rest)
    if bracketed or _COLON_TAIL.match(rest):
        if question := _TITLE_TAIL.match(rest):
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


def _over_bracket(sentence: _Sentence, chunk: Chunk) -> tuple[str, int] | None:
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


def _explained(after: str, known: Known) -> Cue | None:
    """Return what the words after a name say it is: `, a tool for …`."""
    match = _APPOSITION.match(_no_bracket(after))
    return known.cues.explained(match["what"]) if match else None


def _better(cue: Cue, explained: Cue | None) -> Cue:
    """Prefer what is said about a name to what its last word suggests, where that is a training."""
    if cue.kind.name == "training" or explained is None:
        return cue
    return explained if explained.kind.name == "training" else cue


def _is_name(words: list[str], head_ends: int, known: Known) -> bool:
    """Say whether words are a name and not just a class of things: something must be its own."""
    own = words[:-1] if head_ends else words
    keys = [
        w.casefold() for w in own if w.casefold() not in _PREPOSITIONS and w not in ("and", "the")
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


def _stands_before_cue(words: list[str], cue: Cue, known: Known) -> bool:
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
    if words[:1] == ["Academy"] or any(
        a == "Academy" and b == "of" for a, b in zip(words, words[1:], strict=False)
    ):
        return True
    heads = [n for n, w in enumerate(words) if n and w.casefold() in _PREPOSITIONS]
    last = words[(heads[0] if heads else len(words)) - 1]
    first = words[0]
    return len(words) > 1 and any(
        is_organisation_word(w) and w[0].isupper() for w in (last, first, words[-1])
    )


def _organisation(name: str, sure: float, place: Place, sentence: _Sentence, end: int) -> Mention:
    cue = Cue("organisation", ORGANISATION, "")
    return _mention(
        name, cue, "a name with the word of an organisation", sure, place, sentence, end
    )


def _mention(
    name: str, cue: Cue, rule: str, sure: float, place: Place, sentence: _Sentence, end: int
) -> Mention:
    title = clean_title(name)
    kind: Kind = cue.kind
    acronym, aliases = None, list[str]()
    head, _, subtitle = title.partition(": ")
    if subtitle and len(content_words(head)) > 1:
        aliases.append(head)
    bracket = _BRACKET.match(sentence.block.text, end)
    if bracket:
        inside = bracket[1].strip(" ‘’“”")
        if _ACRONYM.match(inside) and not inside.isdigit():
            acronym = inside
            sure = min(0.95, sure + 0.1)
        elif re.match(r"(?:new|now|formerly|previously|also) ", inside) and len(inside) < 50:
            aliases.append(re.sub(r"^\w+ ", "", inside))
    return Mention(title, kind, cue.code, rule, sure, place, acronym, tuple(aliases))
