"""Where one profile ends and the next begins.

A profile starts where a heading of the first level stands, where a heading is followed by a card,
or where a paragraph starts with a name and a verb, and from there on that name is the one that is
spoken of while the one before is hardly named any more.
"""

import re
from dataclasses import dataclass

from directory.imports.intake.blocks import Block, Form
from directory.imports.intake.cards import card_line, is_card
from directory.imports.intake.cues import is_organisation_word
from directory.imports.intake.mentions import clean_title, content_words
from directory.imports.intake.tokens import chunks_of, sentences, tokens_of

_VERB = re.compile(r"^,? (?:is|was|are|est|es|has|works|[a-z]{3,}s) ")
_BRACKET = re.compile(r"^ \(([^()]{2,60})\)")
_LOOK_AHEAD = 10
_OFTEN, _HARDLY = 0.3, 0.15


@dataclass(frozen=True)
class Part:
    """The blocks of one profile, `start` to `stop`, and the organisation it is about."""

    start: int
    stop: int
    name: str | None = None
    acronym: str | None = None
    defined: int | None = None

    @property
    def forms(self) -> list[str]:
        """Return the names by which the text calls the organisation, the longest first."""
        if not self.name:
            return []
        words = self.name.split()
        forms = {self.name, self.acronym or self.name}
        if len(words) == 2:
            forms.add(words[0])
        small = next((n for n, w in enumerate(words) if w in ("of", "for", "on", "in")), 0)
        if small > 1:
            forms.add(" ".join(words[:small]))
        return sorted(forms, key=len, reverse=True)

    def named_in(self, text: str) -> bool:
        """Say whether a text names it, or says the Institute of one whose name ends so."""
        if not self.name:
            return False
        words = f"{self.name} {self.acronym or ''}".split()
        calls = {self.name.split()[-1], *(w for w in words if is_organisation_word(w))}
        return self.strongly_in(text) or any(
            f"the {w}" in text or f"The {w}" in text for w in calls
        )

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return what finds the organisation in a text by its name or acronym."""
        names = "|".join(re.escape(f) for f in self.forms) or r"(?!x)x"
        return re.compile(rf"(?<!\w)(?:{names})(?!\w)")

    def _calls(self) -> str:
        words = f"{self.name} {self.acronym or ''}".split()
        own = {w for w in words if is_organisation_word(w)}
        calls = {f"[Tt]he {re.escape(w)}" for w in (*own, *(w.lower() for w in own))}
        return "|".join([*(re.escape(f) for f in self.forms), *sorted(calls), "[Ww]e"])

    def acts_in(self, text: str, verbs: tuple[str, ...]) -> tuple[int, int] | None:
        """Return where a sentence says that the organisation does one of these things."""
        stems = "|".join(verbs)
        found = re.search(rf"(?<!\w)(?:{self._calls()})(?:\s\w+){{0,2}}?\s(?:{stems})\w*", text)
        return found.span() if found else None

    def begins_in(self, text: str) -> bool:
        """Say whether a sentence about a beginning is about the organisation itself."""
        calls = self._calls()
        return bool(
            re.match(
                rf"(?:The |L[’']|L[ae] )?(?:{calls})\b.{{0,90}}\b(?:is|was|were|in|since)\b", text
            )
            or re.match(
                rf"(?:Founded|Established|Created|Since|Launched|Fondée?|Créée?)\b.{{0,60}}(?:{calls})",
                text,
            )
        ) and not re.match(r".{0,60}\b(?:launched|runs|hosts|created)\b the", text)

    def strongly_in(self, text: str) -> bool:
        """Say whether a text names it with its name or acronym."""
        return bool(self.pattern.search(text))


def _subject(block: Block) -> tuple[str, str | None] | None:
    """Return the name and the short form with which a paragraph starts, before a verb."""
    if block.form is not Form.PARAGRAPH:
        return None
    start, end = next(sentences(block.text), (0, 0))
    chunk = next(iter(chunks_of(tokens_of(block.text, start, end))), None)
    if chunk is None or block.text[: chunk.start] not in ("", "The ", "Le ", "La ", "L’", "El "):
        return None
    rest = block.text[chunk.end : end]
    bracket = _BRACKET.match(rest)
    short = bracket[1].strip() if bracket else None
    if not _VERB.match(rest[bracket.end() :] if bracket else rest):
        return None
    name = clean_title(block.text[chunk.start : chunk.end])
    if len(content_words(name)) == 1 and not (name.isupper() or short or _is_coined(name)):
        return None
    return name, short if short and short[0].isupper() and len(short.split()) <= 4 else None


def _is_coined(name: str) -> bool:
    return any(c.isupper() for c in name[1:])


def _share(part: Part, blocks: list[Block], at: int, *, strongly: bool = False) -> float:
    """Return in how many of the next paragraphs the organisation is named."""
    ahead = [b for b in blocks[at : at + 2 * _LOOK_AHEAD] if b.form is not Form.HEADING]
    ahead = ahead[:_LOOK_AHEAD]
    named = part.strongly_in if strongly else part.named_in
    return sum(named(b.text) for b in ahead) / max(len(ahead), 1)


def parts_of(blocks: list[Block]) -> list[Part]:
    """Cut a text into its profiles; a text without any name is one part without organisation."""
    tops = [n for n, b in enumerate(blocks) if b.form is Form.HEADING and b.level == 1]
    typographic = {n for n in tops if len(tops) < 20 and _opens(blocks, n)}
    found: list[Part] = []
    for at in range(len(blocks)):
        if part := _starting(blocks, at, typographic, found[-1] if found else None):
            found.append(part)
    if not found:
        return [Part(0, len(blocks))]
    starts = [0, *(p.start for p in found[1:]), len(blocks)]
    return [
        Part(starts[n], starts[n + 1], p.name, p.acronym, p.defined) for n, p in enumerate(found)
    ]


def _starting(
    blocks: list[Block], at: int, typographic: set[int], current: Part | None
) -> Part | None:
    block = blocks[at]
    if at in typographic or (block.form is Form.HEADING and _has_card(blocks, at)):
        if current and _same(current, block.text):
            return None
        name, short = _of_heading(block.text)
        return Part(at, at, name, short or _short_of(blocks, at, name), at)
    subject = _subject(block)
    if subject is None or (current and _same(current, subject[0])):
        return None
    part = Part(at, at, *subject, at)
    if current is None:
        often = sum(part.strongly_in(b.text) for b in blocks) > 1
        return part if subject[1] or often or _share(part, blocks, at) >= _OFTEN else None
    if (
        current.defined == current.start
        and at - current.start <= 6
        and _is_heading_of(current, part)
    ):
        return None
    gone = _share(current, blocks, at, strongly=True) <= _HARDLY
    return part if gone and _is_spoken_of(part, blocks, at) else None


def _is_spoken_of(part: Part, blocks: list[Block], at: int) -> bool:
    """Say whether what follows is about a name; once alone, a profile would be one paragraph."""
    again = any(part.named_in(b.text) for b in blocks[at + 1 : at + 2 * _LOOK_AHEAD])
    return again and _share(part, blocks, at) >= _OFTEN


def _short_of(blocks: list[Block], at: int, name: str) -> str | None:
    """Return the short form that a card, or a bracket after the name, gives below a heading."""
    for block in blocks[at + 1 : at + 12]:
        line = card_line(block.text)
        if line and line.field == "acronym":
            return line.said
        if found := re.search(rf"{re.escape(name)} \(([A-Z][\w&-]{{1,14}})\)", block.text):
            return found[1]
    return None


def _same(part: Part, name: str) -> bool:
    mine, other = (part.name or "").casefold(), name.casefold()
    return bool(mine) and (
        mine in other or other in mine or other == (part.acronym or "").casefold()
    )


def _is_heading_of(current: Part, part: Part) -> bool:
    words = {w.casefold() for w in content_words(current.name or "")}
    return bool(words & {w.casefold() for w in content_words(part.name or "")})


def _opens(blocks: list[Block], at: int) -> bool:
    """Say whether a first heading opens a profile: the text below it names what it says."""
    name, short = _of_heading(blocks[at].text)
    part = Part(at, at, name, short)
    following = [b for b in blocks[at + 1 : at + 8] if b.form is not Form.HEADING]
    return _has_card(blocks, at) or any(part.strongly_in(b.text) for b in following)


def _has_card(blocks: list[Block], at: int) -> bool:
    return any(b.form is Form.CARD and is_card(b.text) for b in blocks[at + 1 : at + 3])


def _of_heading(text: str) -> tuple[str, str | None]:
    bracket = re.search(r"\(([A-Z][\w&-]{1,14})\)\s*$", text)
    name = re.sub(r"\s*\([^)]*\)\s*$", "", text)
    return clean_title(re.split(r"\s+[–—|-]\s+", name)[0]), bracket[1] if bracket else None
