"""Values in the sentences about a thing: years, figures, lengths, costs, and terms of vocabularies.

Each rule yields what it found with the stretch it found it in; nothing is inferred from silence.
"""

import re
from collections.abc import Iterator

from directory.entries.kinds import ORGANISATION, TRAINING, Kind
from directory.imports.intake.facts import READ_BY_WORDS, field_of, field_with
from directory.imports.intake.mentions import Place
from directory.imports.intake.proposals import Value
from directory.imports.intake.scope import Said
from directory.imports.intake.terms import Reader
from directory.languages import marked
from directory.sources.claims import Status

_YEAR = r"(?P<year>(?:1[89]|20)\d\d)"
_BEGAN = re.compile(
    r"\b(?:launch\w*|establish\w*|creat\w*|found\w*|start\w*|began|introduc\w*|set up|initiat\w*|inaugurat\w*|lanc\w*|cré\w+"
    rf"|fond\w+|running|active|offered)\b[^.;]{{0,70}}?\b(?:in|since|en|depuis)\s(?:[A-Z][a-z]+ )?{_YEAR}"
    rf"|\b(?:[Ss]ince|[Dd]epuis)\s(?:[A-Z][a-z]+ )?{_YEAR.replace('year', 'year2')}"
    rf"|\b[Ii]n {_YEAR.replace('year', 'year3')},[^.;]{{0,60}}\b(?:launched|established|created|founded|started|set up)\b"
)
_SPAN = re.compile(
    r"\b(?:from|between|de|In)\s(?P<a>(?:19|20)\d\d)\s?(?:to|and|à|[–-])\s?(?P<b>(?:19|20)\d\d)\b"
)
_AGAIN = re.compile(
    r"\b(?:annual(?:ly)?|yearly|every year|each year|monthly|every month|biennial|weekly|annuelle?"
    r"(?:ment)?|chaque année|every two years|\d+(?:st|nd|rd|th) edition)\b",
    re.I,
)
_ENDED = re.compile(
    r"\b(?:ended|concluded|was completed|came to an end|closed|s’est terminée?)\b[^.]{0,40}\b(?:in|en) (?:19|20)\d\d"
)
_LENGTH = re.compile(
    r"\b(?P<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|un|une|deux|trois|quatre|cinq|six|huit|dix)[ -]"
    r"(?P<unit>hours?|days?|weeks?|months?|years?|minutes?|heures?|jours?|semaines?|mois|ans)\b(?! ago| old| later| after)",
    re.I,
)
_COUNTED = re.compile(
    r"(?:(?:over|more than|about|around|nearly|almost|at least|approximately|some|up to|plus de|près de|environ) )?"
    r"(?<![\w.,/’-])(?P<n>\d{1,3}(?:[,. ’']\d{3})+|\d{1,6})(?:%| ?per cent)?\+? "
    r"(?P<what>(?:(?!and |or |in |to |of |et |from |hours |days |weeks |months |years |minutes )[a-zà-ÿA-Z][\w-]* ?){1,3})"
)
_MONEY = re.compile(
    r"(?:(?P<sign>US\$|\$|€|£)\s?|(?P<code>CHF|EUR|USD|GBP)\s?)(?P<n>\d{1,3}(?:[,’' ]\d{3})*(?:\.\d\d)?|\d+(?:\.\d\d)?)"
    r"|(?P<m>\d{1,3}(?:[,’' ]\d{3})*(?:\.\d\d)?|\d+(?:\.\d\d)?)\s?(?P<after>CHF|EUR|USD|GBP|euros?|€)"
)
_FEE = re.compile(r"\b(?:fee|fees|cost|costs|price|tuition|charged?|frais|coût|tarif)\b", re.I)
_SIGNS = {"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "euro": "EUR", "euros": "EUR"}
URL = re.compile(r"\bhttps?://[^\s<>\"'‘’“”«»()]+[^\s<>\"'‘’“”«»().,;:]")
MAILBOX = re.compile(r"\b[\w.+-]{1,60}@[\w-]+(?:\.[\w-]+)+\b")
_OFFICES = re.compile(
    r"^(?:info|contact|office|hello|secretariat|courses?|training|academy|support|admissions?|team|press|programmes?|registration)\b",
    re.I,
)
_FOR = re.compile(
    r"\b(?:for|to help|help|helps|helping|aimed at|targets?|targeting|designed for|dedicated to|open to|supports?|trains?|among|attracted|assists?|pour|destinée? (?:à|aux))\b",
    re.I,
)
_SOME_WORDS = {"costs", "modes", "recognitions", "levels"}
_NEGATED = re.compile(r"\b(?:no|not|without|sans|pas|n’est)\b[^,.;]{0,20}$", re.I)


def values_of(kind: Kind, said: list[Said], reader: Reader) -> Iterator[Value]:
    """Yield every value that the sentences give to a thing of this kind."""
    for sentence in said:
        yield from _years(kind, sentence)
        yield from _figures(kind, sentence)
        yield from _terms(kind, sentence, reader)
        yield from _addresses(kind, sentence)
        if kind is TRAINING:
            yield from _length(kind, sentence)
            yield from _fee(kind, sentence)


def _value(
    kind: Kind, fact: str, value: object, place: Place, sure: float, rule: str,
    claim: Status = Status.STATED,
) -> Iterator[Value]:  # fmt: skip
    if name := field_of(kind, fact):
        yield Value(name, value, place, sure, rule, claim)


def _years(kind: Kind, said: Said) -> Iterator[Value]:
    if span := _SPAN.search(said.text):
        first, last = int(span["a"]), int(span["b"])
        if first < last:
            place = said.place(*span.span())
            yield from _value(kind, "begins", first, place, 0.7, marked("the first of two years"))
            yield from _value(kind, "ends", last, place, 0.7, marked("the last of two years"))
    elif began := _BEGAN.search(said.text):
        year = int(began["year"] or began["year2"] or began["year3"])
        place = said.place(*began.span())
        yield from _value(
            kind, "begins", year, place, 0.8, marked("a word of beginning with a year")
        )
    if ended := _ENDED.search(said.text):
        place = said.place(*ended.span())
        yield from _value(
            kind, "state", "ended", place, 0.7, marked("a word of ending with a year")
        )
    elif again := _AGAIN.search(said.text):
        place = said.place(*again.span())
        claim = Status.DERIVED
        yield from _value(
            kind, "state", "recurring", place, 0.6, f"the word {again[0].lower()}", claim
        )


def _figures(kind: Kind, said: Said) -> Iterator[Value]:
    """Figures as short facts, never as the sentence they stand in."""
    found = []
    for match in _COUNTED.finditer(said.text):
        number = re.sub(r"[,. ’']", "", match["n"])
        what = _counted(match["what"])
        is_year = len(number) == 4 and number[:2] in ("19", "20") and match["n"] == number
        if is_year or not what or what.split()[0].isupper() or int(number) < 2:
            continue
        found.append((match.start(), match.start("what") + len(what)))
    if not found:
        return
    text = "; ".join(" ".join(said.text[start:end].split()) for start, end in found)
    place = said.place(found[0][0], found[-1][1])
    year = re.search(r"\b(?:[Ii]n|[Aa]s of|en) ((?:19|20)\d\d)\b", said.text)
    yield from _value(
        kind, "figures", f"{text} ({year[1]})" if year else text, place, 0.65,
        marked("a number with what it counts"),
    )  # fmt: skip


def _counted(words: str) -> str:
    """Return what is counted: the words up to the first noun in the plural."""
    found = re.match(r"(?:[\w-]+ )*?[\w-]+s\b(?<!ss)", words)
    return found[0] if found else ""


def _terms(kind: Kind, said: Said, reader: Reader) -> Iterator[Value]:
    for vocabulary in READ_BY_WORDS:
        name = field_with(kind, vocabulary)
        if name is None or (kind is ORGANISATION and vocabulary != "audiences"):
            continue
        for code, start, end in reader.found(vocabulary, said.text):
            before = said.text[:start]
            if vocabulary in _SOME_WORDS:
                if _NEGATED.search(before):
                    continue
                sure = 0.75
            elif not _FOR.search(before[-70:]):
                continue
            else:
                sure = 0.65
            if start and said.text[start].isupper() and not said.text[start:end].isupper():
                continue
            word = said.text[start:end].lower()
            yield Value(name, code, said.place(start, end), sure, f"the word {word}", Status.STATED)


def _addresses(kind: Kind, said: Said) -> Iterator[Value]:
    if url := URL.search(said.text):
        place = said.place(*url.span())
        yield from _value(kind, "page", url[0], place, 0.6, marked("a web address beside it"))
    for mail in MAILBOX.finditer(said.text):
        if _OFFICES.match(mail[0]):
            place = said.place(*mail.span())
            yield from _value(
                kind, "mailbox", mail[0], place, 0.7, marked("the mailbox of an office")
            )


def _length(kind: Kind, said: Said) -> Iterator[Value]:
    for match in _LENGTH.finditer(said.text):
        if re.search(r"\b(?:after|every|within|last|past|over) $", said.text[: match.start()]):
            continue
        number, unit = match["n"].lower(), match["unit"].lower()
        plural = number not in ("1", "one", "un", "une") and not unit.endswith("s")
        text = f"{number} {unit}{'s' if plural else ''}"
        place = said.place(*match.span())
        yield from _value(kind, "length", text, place, 0.8, marked("a number with a unit of time"))
        return


def _fee(kind: Kind, said: Said) -> Iterator[Value]:
    match = _MONEY.search(said.text)
    if not match or not _FEE.search(said.text):
        return
    amount = re.sub(r"[,’' ]", "", match["n"] or match["m"])
    code = match["code"] or match["after"] or match["sign"]
    place = said.place(*match.span())
    yield from _value(kind, "fee", amount, place, 0.75, marked("an amount beside a word of cost"))
    currency = _SIGNS.get(code, code)
    yield from _value(
        kind, "currency", currency, place, 0.75, marked("an amount beside a word of cost")
    )
    if name := field_with(kind, "costs"):
        yield Value(
            name, "fee", place, 0.6, marked("an amount beside a word of cost"), Status.DERIVED
        )
