"""The words that tell what a name names. Most are those of the vocabularies; a few are added here.

A cue is the head of a name (the Impact Programme), stands beside it (the project TideTable) or
explains it (TideTable, a tool for …). What a word means for the catalogue is kind and code.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from directory.entries.kinds import PROGRAMME, TRAINING, Kind
from directory.entries.vocabularies import Vocabularies


@dataclass(frozen=True, slots=True)
class Cue:
    """What a cue word says: the kind of entry, and its code in the vocabulary of that kind."""

    word: str
    kind: Kind
    code: str


_PROGRAMMES = {
    "programme": "programa programm cluster laboratory cell topic-area workstream",
    "project": "projet proyecto projekt",
    "initiative": "iniciativa corps targets hub collaborative partnership moonshot compact call"
    " moratorium process mechanism",
    "platform-tool": "plateforme plataforma application app tracker tracer index map atlas"
    " helpline directory system game facility tool outil",
    "event-series": "series forum debate debates dialogue dialogues conference summit congress"
    " symposium festival meetup colloque",
    "working-group": "panel group-of-experts",
    "publication-series": "report manual compilation review bulletin journal yearbook barometer"
    " rapport",
    "network": "réseau red community",
    "competition": "olympiad prizes",
}
_TRAININGS = {
    "course": "cours curso formation module",
    "workshop": "atelier taller",
    "training-programme": "campus training curriculum school bootcamp academia académie",
    "fellowship": "fellows bourse",
    "self-assessment": "assessment self-check",
    "toolkit-guide": "toolbox starter-kit",
    "mooc": "mooc",
}
_FIRST_A_PROGRAMME = [
    "academy",
    "académie",
    "academia",
    "challenge",
    "contest",
    "dialogue",
    "dialogues",
    "forum",
]
"""What may be either stands for the umbrella, under which a curator can list what one takes up."""

_AS_PROGRAMME = {
    "challenge": "competition",
    "contest": "competition",
    "dialogue": "event-series",
    "dialogues": "event-series",
    "forum": "event-series",
}

_NO_HEADS = frozenset(
    [
        "events",
        "publications",
        "tool",
        "events",
        "program",
        "research",
        "digital",
        "paper",
        "papers",
        "virtual",
        "guidelines",
        "committee",
        "committees",
        "letters",
        "lecture",
        "lectures",
        "degree",
        "diploma",
        "exercise",
        "exercises",
        "drill",
        "grant",
        "grants",
        "consulting",
        "mentors",
        "manual",
        "briefing",
        "briefings",
    ]
)
"""Words of the vocabularies that say too little as the head of a name."""

_ORGANISATIONS = frozenset(
    [
        "institute",
        "institut",
        "instituto",
        "university",
        "université",
        "universidad",
        "foundation",
        "fondation",
        "fundación",
        "council",
        "ministry",
        "department",
        "office",
        "centre",
        "center",
        "centro",
        "union",
        "association",
        "commission",
        "agency",
        "federation",
        "secretariat",
        "organization",
        "organisation",
        "bank",
        "fund",
        "society",
        "authority",
        "chamber",
        "company",
        "ltd",
        "limited",
        "inc",
        "gmbh",
        "confederation",
        "college",
        "faculty",
        "bureau",
        "trust",
        "ngo",
        "consortium",
        "committee",
        "board",
        "assembly",
        "nations",
        "court",
        "parliament",
        "government",
        "embassy",
        "mission",
        "delegation",
        "observatory",
        "lab",
        "laboratory",
        "directorate",
        "division",
        "unit",
        "corporation",
        "cooperative",
        "league",
        "collective",
        "group",
        "unesco",
        "escuela",
        "école",
        "stiftung",
        "verein",
        "ministère",
        "agence",
    ]
)


@lru_cache(maxsize=20_000)
def key_of(text: str) -> str:
    """Return a text as cues and terms are compared: small letters, no plural, no hyphens."""
    return " ".join(_singular(w) for w in re.findall(r"[^\W_]+", text.casefold()))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@dataclass(frozen=True)
class Cues:
    """The cues of one state of the vocabularies, by their key."""

    by_key: dict[str, Cue]

    @classmethod
    def read(cls, words: Vocabularies) -> "Cues":
        """Collect them: the labels of the kinds first, then what stands above."""
        found: dict[str, Cue] = {}
        for vocabulary, kind in (("programme-kinds", PROGRAMME), ("training-kinds", TRAINING)):
            for term in words.of(vocabulary).values():
                for label in (term.label, *term.alt_labels):
                    key = key_of(label)
                    if key and key not in _NO_HEADS and len(key) > 2:
                        found.setdefault(key, Cue(label.casefold(), kind, term.code))
        for table, kind in ((_PROGRAMMES, PROGRAMME), (_TRAININGS, TRAINING)):
            for code, listed in table.items():
                for word in listed.split():
                    found.setdefault(key_of(word), Cue(word.replace("-", " "), kind, code))
        for word in _FIRST_A_PROGRAMME:
            if cue := found.get(key_of(word)):
                code = _AS_PROGRAMME.get(word, "programme")
                found[key_of(word)] = Cue(cue.word, PROGRAMME, code)
        return cls(found)

    def ending(self, words: list[str]) -> tuple[Cue, int] | None:
        """Return the cue that the last words are, the longest first, and how many words it has."""
        return next(
            (
                (cue, n)
                for n in (3, 2, 1)
                if len(words) >= n and (cue := self.of(" ".join(words[-n:])))
            ),
            None,
        )

    def starting(self, words: list[str]) -> tuple[Cue, int] | None:
        """Return the cue that the first words are, the longest first, and how many words it has."""
        return next(
            (
                (cue, n)
                for n in (3, 2, 1)
                if len(words) >= n and (cue := self.of(" ".join(words[:n])))
            ),
            None,
        )

    def of(self, text: str) -> Cue | None:
        """Return what a word or phrase says, or None."""
        return self.by_key.get(key_of(text))

    def explained(self, phrase: str) -> Cue | None:
        """Return the cue in what explains a name, such as `an eight-week online course for …`.

        The head of an English phrase is the last noun before a preposition.
        """
        head = re.split(r"\b(?:of|for|on|in|at|to|that|which|who|by|with|from|where)\b|[,;.:()]",
                        phrase, maxsplit=1)[0]  # fmt: skip
        words = re.findall(r"[\w’'-]+", head)
        capital = next((n for n, w in enumerate(words) if w[0].isupper() and not w.isupper()), None)
        for end in range(len(words), 0, -1):
            if cue := self.ending(words[:end]):
                return cue[0] if capital is None or words[end - 1][0].isupper() else None
        return None


@lru_cache(maxsize=4096)
def is_organisation_word(word: str) -> bool:
    """Say whether a word, as the head of a name, makes it the name of an organisation."""
    return word.casefold() in _ORGANISATIONS or key_of(word) in _ORGANISATIONS
