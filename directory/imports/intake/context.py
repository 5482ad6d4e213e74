"""What the rules for names look at: a sentence, the words around a name, and the cue among them."""

import re
from dataclasses import dataclass
from functools import cached_property

from directory.entries.kinds import Kind
from directory.imports.intake.blocks import Block
from directory.imports.intake.cues import Cue, Cues, key_of
from directory.imports.intake.mentions import Mention, Place, clean_title, content_words
from directory.imports.intake.tokens import Token, tokens_of

QUOTED = re.compile(
    r"(?<!\w)[‘](?P<a>[^‘\n]{2,160}?)[’](?!\w)|[“](?P<b>[^“”\n]{2,160}?)[”]"
    r"|(?<!\w)\"(?P<c>[^\"\n]{2,160}?)\"(?!\w)|«\s?(?P<d>[^«»\n]{2,160}?)\s?»"
)


BRACKET = re.compile(r"\s?[(\[]([^()\[\]]{2,60})[)\]]")


ACRONYM = re.compile(r"[A-Z][A-Za-z0-9&.-]{1,11}(?: [A-Z][A-Z0-9]{0,3})?$")


APPOSITION = re.compile(
    r"\s?(?:,|–|—|:| -)\s+(?:which is |c’est |est )?(?:an?|the|its|their|our|one of the|une?|l[ae]|notre)\s+(?P<what>[^.;:]{3,120})"
)


COPULA = re.compile(
    r"\s(?:is|are|was|were|has been|est|es|sind|ist)\s+(?:also )?(?:an?|the|one of the|une?|la|el)\s+(?P<what>[^.;:]{3,120})"
)


NAMED = re.compile(
    r"(?:\b(?:titled|entitled|called|named|dubbed|known as|under the (?:name|title|banner)(?: of)?"
    r"|banner of|intitulée?|dénommée?|appelée?|nommée?|llamad[oa]|titulad[oa]|namens))[\s:]*$",
    re.I,
)


MADE = re.compile(
    r"\b(?:launch|establish|creat|develop|found|run|host|operat|organis|organiz|conven|offer|deliver"
    r"|maintain|manag|coordinat|initiat|pilot|introduc|unveil|start|lanc|cré|organis|anim|gèr|propos)"
    r"(?:es|ed|s|e|ing|ran|ning|ched|ches|é|ée)?\s+(?:a|an|the|its|their|la|le|l’|une?)?\s?"
    r"(?:new |annual |flagship |free |regular )?$",
    re.I,
)


NOT_OURS = re.compile(
    r"\b(?:tagline|motto|slogan|session|paper|article|question|book|theme|term|terms|topic|as|"
    r"concept|principle|podcast episode|panel|chapter)s?(?: titled| entitled| called| named)?[\s:]*$",
    re.I,
)


@dataclass(frozen=True)
class Known:
    """What the rules may know beforehand: the abbreviations and places of the vocabularies."""

    cues: Cues
    abbreviations: frozenset[str]
    places: frozenset[str]


@dataclass(frozen=True)
class Sentence:
    """A sentence of a block, with what stands around any place in it."""

    block: Block
    number: int
    start: int
    end: int

    @cached_property
    def tokens(self) -> list[Token]:
        """Return its words."""
        return tokens_of(self.block.text, self.start, self.end)

    def before(self, at: int, length: int = 60) -> str:
        """Return what stands before a place, from the start of the sentence on."""
        return self.block.text[max(self.start, at - length) : at]

    def after(self, at: int, length: int = 140) -> str:
        """Return what follows a place, to the end of the sentence."""
        return self.block.text[at : min(self.end, at + length)]

    def place(self, start: int, end: int) -> Place:
        """Return a stretch of the block as a place."""
        return Place(self.number, start, end)


def no_bracket(text: str) -> str:
    """Return a text without the bracket with which it starts."""
    return BRACKET.sub("", text, count=1) if BRACKET.match(text) else text


def cue_after(after: str, known: Known) -> Cue | None:
    """Return the cue in the one to three small words right after a name."""
    match = re.match(r"[’”\"»*_]?\s([a-zà-ÿ][\w’-]*(?: [a-zà-ÿ][\w-]*){0,2})", after)
    if not match:
        return None
    words = match[1].split()
    for count in range(1, len(words) + 1):
        if words[count - 1] in PREPOSITIONS or words[count - 1] in VERBS:
            return None
        found = known.cues.ending(words[:count])
        if found and not is_plural(words[count - 1]):
            return found[0]
    return None


def is_plural(word: str) -> bool:
    """Say whether a cue word stands for several things, which have no name together."""
    return (
        key_of(word) != word.casefold().replace("-", " ") and word[-1:] == "s" and word != "series"
    )


def cue_before(before: str, known: Known) -> Cue | None:
    """Return the cue that leads to a name: `the project`, `a course called`, `its course is`."""
    lead = NAMED.sub("", before.rstrip(' :‘“"«*_') + " ").rstrip()
    lead = re.sub(r"(?:,|\bon|\bsur|\bis|\bthe|\bl[ea]|\bl’|\bcalled)$", "", lead.rstrip()).rstrip()
    lead = re.sub(r"(?:\bon|\bsur)$", "", lead).rstrip()
    about = bool(re.search(r"\b(?:on|sur)(?: the| l[ea])?$", before.rstrip()))
    words = re.findall(r"[\w’-]+$|[\w’-]+(?=[ -])", lead[-50:])
    if not words or not lead.endswith(words[-1]):
        return None
    found = known.cues.ending(words)
    if not found or is_plural(words[-1]) or (about and found[0].code in NOT_ABOUT):
        return None
    return found[0]


def head_of(words: list[str], known: Known) -> tuple[Cue, int] | None:
    """Return the cue that is the head of a name, and after how many words it ends.

    The head is the last word, or the first cue before a small word: Manual in Manual on Norms.
    """
    smalls = [n for n, w in enumerate(words) if n and w.casefold() in PREPOSITIONS]
    if "Group" in words[:-2] and words[words.index("Group") + 1] == "of":
        experts = known.cues.of("group of experts")
        if experts and any(w.startswith("Expert") for w in words):
            return experts, words.index("Group") + 1
    for stop in (*smalls[:1], len(words), *smalls[1:]):
        found = known.cues.ending(words[:stop])
        if found and words[stop - 1][0].isupper():
            return found[0], stop
    return None


VERBS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "will",
        "would",
        "can",
        "may",
        "and",
        "or",
        "who",
        "which",
        "that",
    ]
)


NOT_ABOUT = ("publication-series", "event-series", "platform-tool", "dialogue-forum")


"""What is on a subject without bearing its name: a report on the Summit is not called Summit."""


PREPOSITIONS = frozenset(
    [
        "of",
        "on",
        "for",
        "in",
        "to",
        "with",
        "from",
        "at",
        "de",
        "du",
        "des",
        "d’",
        "pour",
        "sur",
        "en",
        "para",
        "à",
        "au",
        "aux",
    ]
)


def explained_as(after: str, known: Known) -> Cue | None:
    """Return what the words after a name say it is: `, a tool for …`."""
    match = APPOSITION.match(no_bracket(after))
    return known.cues.explained(match["what"]) if match else None


def mention_of(
    name: str, cue: Cue, rule: str, sure: float, place: Place, sentence: Sentence, end: int
) -> Mention:
    """Return a name as a mention, with the short form that a bracket after it gives."""
    title = clean_title(name)
    kind: Kind = cue.kind
    acronym, aliases = None, list[str]()
    head, _, subtitle = title.partition(": ")
    if subtitle and len(content_words(head)) > 1:
        aliases.append(head)
    bracket = BRACKET.match(sentence.block.text, end)
    if bracket:
        inside = bracket[1].strip(" ‘’“”")
        if ACRONYM.match(inside) and not inside.isdigit():
            acronym = inside
            sure = min(0.95, sure + 0.1)
        elif re.match(r"(?:new|now|formerly|previously|also) ", inside) and len(inside) < 50:
            aliases.append(re.sub(r"^\w+ ", "", inside))
    return Mention(title, kind, cue.code, rule, sure, place, acronym, tuple(aliases))
