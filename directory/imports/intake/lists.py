"""Names in lists and groups: what stands after `courses are`, and committees that have a number."""

import re
from collections.abc import Iterable, Iterator

from directory.imports.intake.blocks import Block
from directory.imports.intake.context import Known
from directory.imports.intake.cues import Cue, is_organisation_word
from directory.imports.intake.mentions import Mention, Place, clean_title, content_words
from directory.imports.intake.tokens import sentences
from directory.languages import marked

_LEADS = re.compile(
    r"\b(?P<cue>[A-Za-z][a-z]+(?: [a-z]+)?) (?:are|include|includes|including|such as|on|comprise|comprennent"
    r"|sont|:)[: ]\s?(?=[‘“\"]?(?:the |The )?[A-Z])"
)
_LATER = re.compile(r"\b(?P<cue>[a-z]+(?: [a-z]+)?)\b[^.;:]{3,80}?, including (?=(?:the )?[A-Z])")
_NUMBERED = re.compile(r"\b(?P<short>[A-Z]{2,3})[ -]?(?P<number>\d{1,3})\b")
_SEPARATOR = re.compile(
    r",? and (?=(?:the |The )?[‘“\"]?[A-Z])|, (?:or |and )?(?=[‘“\"]?(?:the )?[A-Z])"
)
_GROUP_SHORT = {"TC", "WG", "TG", "SG", "SC", "EG"}


def listed_names(block: Block, number: int, known: Known) -> Iterator[Mention]:
    """Yield the items of lists that a cue in the plural introduces."""
    for start, end in sentences(block.text):
        sentence = block.text[start:end]
        for match in (*_LEADS.finditer(sentence), *_LATER.finditer(sentence)):
            cue = known.cues.ending(match["cue"].split())
            if cue is None or not match["cue"].endswith("s") or match["cue"].endswith("series"):
                continue
            subject = match[0].rstrip().endswith(" on")
            if subject and cue[0].code != "working-group":
                continue
            yield from _items(sentence, match.end(), start, number, cue[0], subject)


def _items(
    sentence: str, at: int, shift: int, number: int, cue: Cue, subject: bool
) -> Iterator[Mention]:
    found = list(_split(sentence, at))
    if len(found) < 2:
        return
    for begin, stop in found:
        title = clean_title(sentence[begin:stop])
        words = content_words(title)
        if not words or len(words) > 14 or is_organisation_word(words[-1]):
            continue
        if sum(w[0].isupper() or w[0].isdigit() for w in words) < len(words) * 0.6:
            continue
        if not subject and len(words) < 2:
            continue
        name = f"{_titled(cue.word)} on {title}" if subject else title
        place = Place(number, shift + begin, shift + stop)
        aliases = (title,) if subject else ()
        rule = f"an item of a list of the word {cue.word}"
        yield Mention(name, cue.kind, cue.code, rule, 0.82, place, None, aliases)


def _titled(word: str) -> str:
    return " ".join(w.capitalize() for w in word.removesuffix("s").split())


def _split(text: str, at: int) -> list[tuple[int, int]]:
    """Return the places of the items of a list.

    A single word before an item that has an `and` inside starts the title of that item, as in
    `Law, Technology and Society`: titles hold commas too.
    """
    stop = re.compile(r"[.;:?!)(]|, (?:which|that|as|to|with|among|in|by|for)\b|\. ").search(
        text, at
    )
    end = stop.start() if stop else len(text)
    places: list[tuple[int, int]] = []
    begin = at
    for match in _SEPARATOR.finditer(text, at, end):
        inner = match[0] == " and "
        if inner and _is_inside(text, begin, match.end(), end):
            continue
        places.append((begin, match.start()))
        begin = match.end()
    places.append((begin, end))
    return list(_joined(text, places))


def _is_inside(text: str, begin: int, after: int, end: int) -> bool:
    """Say whether an `and` without comma stands inside an item: more items follow it."""
    return ", " in text[after:end] or ", and " in text[:begin]


def _joined(text: str, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    held: tuple[int, int] | None = None
    for begin, stop in places:
        item = text[begin:stop]
        if held is not None:
            if " and " in item:
                yield held[0], stop
                held = None
                continue
            yield held
            held = None
        if " " not in item.strip():
            held = (begin, stop)
            continue
        yield begin, stop
    if held:
        yield held


def numbered_groups(block: Block, number: int, known: Known, shorts: set[str]) -> Iterator[Mention]:
    """Yield groups that are known by a number: TC39, WG 5. `shorts` were explained in the text."""
    cue = known.cues.of("working group")
    if cue is None:
        return
    for match in _NUMBERED.finditer(block.text):
        short = match["short"]
        if short not in shorts and short not in _GROUP_SHORT:
            continue
        name = f"{short}{match['number']}"
        place = Place(number, match.start(), match.end())
        rule = marked("a group that is known by a number")
        yield Mention(name, cue.kind, cue.code, rule, 0.75, place)


def group_shorts(block: Block, known: Known) -> set[str]:
    """Return abbreviations that a text explains for a kind of group: `task groups (TGs)`."""
    found = set()
    for match in re.finditer(r"\b([\w-]+ [\w-]+) \(([A-Z]{2,3})s?\)", block.text):
        cue = known.cues.ending(match[1].split())
        if cue and cue[0].code == "working-group":
            found.add(match[2])
    return found
