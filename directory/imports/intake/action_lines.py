"""Which action lines a thing serves: by its policy areas, and by the words said about it.

A point table that a curator can check: the crosswalk of a policy area that a heading gives counts
2, that of one named in the text 1; a name of an action line counts 2, another telling word 1; a
training always builds capacity (3). The three with most points are proposed.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from directory.imports.intake.mentions import Place
from directory.imports.intake.scope import Said
from directory.imports.intake.terms import Reader
from directory.languages import SOURCE, marked, reading

TOP = 3
_TELLING = {
    "C1": "governments stakeholders multistakeholder strateg governance",
    "C2": "broadband infrastructure connectivity network access satellite spectrum",
    "C3": "information data knowledge archive librar publicat observatory monitor visualis portal",
    "C4": "train course skill capacity learn teach curricul workshop student educat academ mentor fellow",
    "C5": "cyber secur attack threat resilien trust weapon warfare safety risk norms responsible",
    "C6": "regulat legal law policy standard licens interoperab financ investment",
    "C7-EGOV": "e-government public service citizens administration municipal sanction",
    "C7-EBUS": "trade business commerce fintech msme enterprise market entrepreneur bank",
    "C7-ELEA": "e-learning school online course classroom mooc moodle learning education",
    "C7-EHEA": "health hospital medic malnutrition disease patient",
    "C7-EEMP": "employment job labour labor work workers career",
    "C7-EENV": "environment climate biodiversity conservation waste nature ocean disaster",
    "C7-EAGR": "agricultur farm food rural",
    "C7-ESCI": "scien research academia laborator open-science scientific",
    "C8": "cultur language heritage indigenous multilingual",
    "C9": "media journalis press broadcast",
    "C10": "ethic rights human democra values responsib mercenar dignity",
    "C11": "international regional global cooperat diploma united-nations summit dialogue forum partnership session",
}  # fmt: skip


@dataclass
class Points:
    """The points of each action line, with why and where each was given."""

    total: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    place: dict[str, Place] = field(default_factory=dict)

    def give(self, code: str, points: float, reason: str, place: Place) -> None:
        """Give points to an action line; the first reason is named first."""
        self.total[code] += points  # type: ignore[assignment]
        if reason not in self.reasons[code]:
            self.reasons[code].append(reason)
        self.place.setdefault(code, place)

    def best(self) -> list[tuple[str, float, str, Place]]:
        """Return the three with most points: code, confidence, why, where."""
        ranked = sorted(self.total.items(), key=lambda item: (-item[1], item[0]))[:TOP]
        return [
            (
                code,
                min(0.9, 0.35 + 0.08 * points),
                ", ".join(self.reasons[code][:3]),
                self.place[code],
            )
            for code, points in ranked
        ]


def score(
    reader: Reader,
    areas: dict[str, tuple[float, Place]],
    said: list[Said],
    *,
    training: Place | None,
) -> Points:
    """Count the points of a thing: its policy areas with their weight, and what is said of it."""
    points = Points()
    for area, (weight, place) in areas.items():
        # It goes into a rule, which is kept: whoever opens it later may read another language.
        with reading(SOURCE):
            label = reader.words.label("policy-areas", area)
        for walk, other in reader.words.links("policy-areas", area):
            if other.vocabulary == "action-lines" and walk.from_vocabulary == "policy-areas":
                points.give(other.code, weight, f"policy area {label}", place)
    if training:
        points.give("C4", 3, marked("it is something to learn from"), training)
    for sentence in said:
        for code, start, end in reader.found("action-lines", sentence.text):
            word = sentence.text[start:end].lower()
            points.give(code, 2, f"the words {word}", sentence.place(start, end))
        _telling(points, sentence)
    if points.total.get("C7"):
        del points.total["C7"]
    return points


def _telling(points: Points, said: Said) -> None:
    for code, pattern in _PATTERNS.items():
        hits = list(pattern.finditer(said.text))
        for hit in hits[:3]:
            points.give(code, 0.5 if len(hits) > 1 else 0.6, f"the word {hit[0].lower()}",
                        said.place(*hit.span()))  # fmt: skip


_PATTERNS = {
    code: re.compile(
        r"\b(?:" + "|".join(w.replace("-", "[ -]") for w in words.split()) + r")\w*", re.I
    )
    for code, words in _TELLING.items()
}
