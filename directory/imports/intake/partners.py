"""Who else is behind a thing, and in which role, by the words that stand before the name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from directory.imports.intake.context import QUOTED
from directory.imports.intake.mentions import Place, clean_title, content_words
from directory.imports.intake.scope import Said
from directory.imports.intake.tokens import chunks_of, tokens_of

_ROLES = (
    ("funder", r"(?:funded|financed|sponsored|financée?|financiad[oa]|paid for) (?:by|par|por)"
               r"|with (?:financial support|funding|a grant) (?:from|of|by)|(?:received )?funding from|donors? (?:are|include)"),
    ("host", r"hosted (?:by|at)|housed at|based at|hébergée? (?:par|à)"),
    ("operator", r"(?:operated|run|managed|implemented|mise? en œuvre) (?:by|par)"),
    ("co-lead", r"(?:co-?(?:convenes?d?|organised|organized|led|lead|hosted|chaired|founded))[^,.;]{0,40}? (?:with|by|avec)"
                r"|co-?(?:convenes?|leads?|organi[sz]es?) with"),
    ("founder", r"(?:founded|created|established|launched|initiated|set up|developed|fondée?|créée?)"
                r"(?: in \d{4}| en \d{4})? (?:by|par)"),
    ("lead", r"(?:led|headed|convened|coordinated|chaired|dirigée?|coordonnée?|organised|organized) (?:by|par)"),
    ("partner", r"in (?:close )?(?:partnership|cooperation|collaboration|association) with|(?:collaborat\w+|collaborates|partner\w*|co-operation|partnerships?)"
                r" (?:between|with|of|among)|alongside|together with|jointly with|en (?:partenariat|collaboration|coopération) avec"
                r"|partners (?:are|include)|partners[^.;:]{0,40}including:?|joined forces with"),
    ("supporter", r"with (?:the )?support (?:from|of)|supported by|backed by|avec (?:le soutien|l’appui) d[eu]s?|soutenue? par"),
)  # fmt: skip
_TABLE = [
    (
        role,
        re.compile(
            rf"(?:^|(?<=\W))(?:{words})\s(?:the |a |an |le |la |l’|les |its |various )?", re.I
        ),
    )
    for role, words in _ROLES
]
_NEXT = re.compile(
    r"^(?:\s?\([^)]*\))?(?:, and |, | and | & | et |, et | y |; )(?:the |la |le |l’)?(?=[A-ZÀ-Þ])"
)


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation that is named in a role, with its acronym if one is given."""

    name: str
    role: str
    place: Place
    rule: str
    acronym: str | None = None


def partners_in(said: Said) -> Iterator[Partner]:
    """Yield every organisation that a sentence names in a role."""
    seen: set[int] = set()
    for role, pattern in _TABLE:
        for match in pattern.finditer(said.text):
            rule = f"after the words {' '.join(match[0].split()).lower()}"
            for name, acronym, start, end in _names(said.text, match.end()):
                if start not in seen:
                    seen.add(start)
                    yield Partner(name, role, said.place(start, end), rule, acronym)


def _names(text: str, at: int) -> Iterator[tuple[str, str | None, int, int]]:
    """Yield the names of a list that starts here, each with acronym and place."""
    if QUOTED.match(text, at):
        return
    for _ in range(40):
        tokens = tokens_of(text, at)
        chunk = next(iter(chunks_of(tokens)), None)
        if chunk is None or chunk.start != at:
            return
        for begin, stop in _split_at_and(text, chunk.start, chunk.end):
            name = clean_title(text[begin:stop])
            bracket = re.match(r" \(([A-Z][\w&-]{1,12})\)", text[stop:])
            if content_words(name) and len(name) <= 120:
                yield name, bracket[1] if bracket else None, begin, stop
        following = _NEXT.match(text[chunk.end :])
        if not following:
            return
        at = chunk.end + following.end()


def _split_at_and(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut `A and the B`: an article after `and` starts another name."""
    places = []
    begin = start
    for match in re.finditer(r" and (?:the )?(?=[A-Z])", text[start:end]):
        left = text[begin : start + match.start()]
        right = text[start + match.end() : end]
        if (
            match[0].endswith("the ")
            or left.isupper()
            or len(right.split()) >= 3 < len(left.split())
        ):
            places.append((begin, start + match.start()))
            begin = start + match.end()
    return [*places, (begin, end)]
