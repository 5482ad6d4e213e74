"""What a text says about a thing: the sentences that name it, and those that go on about it."""

import re
from dataclasses import dataclass

from directory.imports.intake.blocks import Block, Form
from directory.imports.intake.mentions import Place
from directory.imports.intake.tokens import sentences

_GOES_ON = re.compile(
    r"^(?:It|Its|This|These|Through its|Through this|The (?:programme|program|project|initiative|platform|course"
    r"|tool|academy|network|series|training|curriculum|assessment|fellowship|challenge|toolkit"
    r"|workshop|Academy|Programme|Project|Dialogue|Initiative|application|game|group|event"
    r"|competition|observatory|system|organisation|organization)|Participants|Participation|The fee|The cost|Elle|Il|Ce|Cette|Le programme|La formation)\b"
)
_AT_THE_START = 8
"""An item of a list that starts with a name, before this character, is about it to its end."""

_AFTER = 3
"""At most so many sentences after one that names a thing are about it as well."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence about a thing, with its place."""

    text: str
    block: int
    start: int

    def place(self, start: int, end: int) -> Place:
        """Return the place of a stretch of the sentence."""
        return Place(self.block, self.start + start, self.start + end)

    @property
    def whole(self) -> Place:
        """Return the place of the sentence."""
        return self.place(0, len(self.text))


def said_about(
    blocks: list[Block], places: list[Place], others: set[tuple[int, int]]
) -> list[Said]:
    """Return the sentences about what is named at these places, in the order of the text.

    `others` are block and start of what else is named: a sentence that starts with another name is
    not about this one.
    """
    found: dict[tuple[int, int], Said] = {}
    for place in places:
        block = blocks[place.block]
        stretches = list(sentences(block.text))
        at = next((n for n, (_, end) in enumerate(stretches) if place.start < end), None)
        if at is None:
            continue
        _add(found, block, place.block, stretches[at])
        whole = block.form is Form.ITEM and place.start < _AT_THE_START
        for stretch in stretches[at + 1 :] if whole else stretches[at + 1 : at + 1 + _AFTER]:
            if not whole and not _goes_on(block.text, place.block, stretch, others):
                break
            _add(found, block, place.block, stretch)
        else:
            _next_block(found, blocks, place.block, others)
        if block.form is Form.HEADING:
            _next_block(found, blocks, place.block, others, always=True)
    return [found[key] for key in sorted(found)]


def _next_block(
    found: dict[tuple[int, int], Said],
    blocks: list[Block],
    number: int,
    others: set[tuple[int, int]],
    *,
    always: bool = False,
) -> None:
    """Go on with the paragraph below, when it goes on about the same, or stands below its heading."""
    for below in range(number + 1, min(number + (9 if always else 2), len(blocks))):
        block = blocks[below]
        if block.form is Form.HEADING:
            return
        for stretch in sentences(block.text):
            if not always and not _goes_on(block.text, below, stretch, others):
                return
            _add(found, block, below, stretch)


def _goes_on(text: str, block: int, stretch: tuple[int, int], others: set[tuple[int, int]]) -> bool:
    start, end = stretch
    named = any((block, n) in others for n in range(start, min(start + 12, end)))
    return not named and bool(_GOES_ON.match(text[start:end]))


def _add(
    found: dict[tuple[int, int], Said], block: Block, number: int, stretch: tuple[int, int]
) -> None:
    start, end = stretch
    found.setdefault((number, start), Said(block.text[start:end], number, start))
