"""What a profile says about its organisation: the first sentences, and the lines of its card."""

import re
from collections.abc import Iterator

from directory.entries.kinds import ORGANISATION, TRAINING, Kind
from directory.imports.intake.blocks import Document, Form
from directory.imports.intake.cards import card_line, year_in
from directory.imports.intake.facts import field_of, field_with
from directory.imports.intake.mentions import Place
from directory.imports.intake.parts import Part
from directory.imports.intake.proposals import Value
from directory.imports.intake.scope import Said
from directory.imports.intake.terms import Reader
from directory.imports.intake.tokens import sentences
from directory.imports.intake.values import MAILBOX, URL, values_of
from directory.languages import marked
from directory.sources.claims import Status

_IS = re.compile(r"\b(?:is|est|es) (?:an?|une?|the) (?P<what>[^.;]{5,140})")
_LEGAL = re.compile(
    r"\b(?:(?:independent|neutral|international|non-profit|not-for-profit|non-governmental|"
    r"intergovernmental|public-private|private|public)(?:,? (?:and )?)){1,4}"
    r"(?:organi[sz]ation|foundation|association|platform|partnership|institution|institute|body|NGO)"
    r"(?: \(NGO\))?",
    re.I,
)
_BASED = re.compile(
    r"\b(?P<city>[A-ZÀ-Þ][\w’-]+(?: [A-ZÀ-Þ][\w’-]+)?)-based\b"
    r"|\b(?:based|headquartered|located|seated|seat) in (?:the )?(?P<in>[A-ZÀ-Þ][\w’-]+(?: [A-ZÀ-Þ][\w’-]+)?)"
    r"(?:, (?P<country>[A-ZÀ-Þ][\w’-]+(?: [A-ZÀ-Þ][\w’-]+)?))?"
)  # fmt: skip
_LINES_OF_HEAD = 12
_OFFERED = ("course", "workshop", "webinar", "fellowship", "simulation", "mentoring", "self-assess",
            "toolkit", "mooc", "bespoke", "advisory", "e-learning", "training")  # fmt: skip


def profile_values(document: Document, part: Part, reader: Reader, place: Place) -> Iterator[Value]:
    """Yield what running text says about the organisation of a profile."""
    short = part.acronym
    if short and short != part.name:
        is_acronym = " " not in short and sum(c.isupper() for c in short) * 2 > len(short)
        yield Value(
            "acronym" if is_acronym else "aliases",
            short,
            place,
            0.9,
            marked("in brackets after the name"),
        )
    if name := field_of(ORGANISATION, "listed"):
        rule = marked("the text is its profile")
        yield Value(name, "profiled", place, 0.9, rule, Status.DERIVED)
    said = list(_head_of(document, part))
    for sentence in said:
        if part.named_in(sentence.text):
            yield from _kind_and_form(sentence, reader)
            yield from _seat(sentence, reader)
    begun = {field_of(ORGANISATION, "begins")}
    for sentence in said:
        for value in values_of(ORGANISATION, [sentence], reader):
            if value.field in begun and not part.begins_in(sentence.text):
                continue
            if value.field not in begun and not part.named_in(sentence.text):
                continue
            yield value
    yield from _offers(document, part, reader)


def _head_of(document: Document, part: Part) -> Iterator[Said]:
    """Yield the sentences of the first paragraphs of a profile."""
    for number in range(part.start, min(part.start + _LINES_OF_HEAD, part.stop)):
        block = document.blocks[number]
        if block.form in (Form.PARAGRAPH, Form.ITEM):
            for start, end in sentences(block.text):
                yield Said(block.text[start:end], number, start)


def _kind_and_form(said: Said, reader: Reader) -> Iterator[Value]:
    match = _IS.search(said.text)
    if not match:
        return
    code = reader.code("organisation-types", match["what"])
    if code and (name := field_with(ORGANISATION, "organisation-types")):
        place = said.place(match.start("what"), match.end("what"))
        rule = marked("what the first sentences say it is")
        yield Value(name, code, place, 0.65, rule, Status.DERIVED)
    if (legal := _LEGAL.search(said.text)) and (name := field_of(ORGANISATION, "legal")):
        text = legal[0][0].upper() + legal[0][1:]
        yield Value(name, text, said.place(*legal.span()), 0.7, marked("words for a legal form"))


def _seat(said: Said, reader: Reader) -> Iterator[Value]:
    match = _BASED.search(said.text)
    if not match:
        return
    city = match["city"] or match["in"]
    place = said.place(*match.span())
    country = reader.heading("countries", city)
    if country is None and (name := field_of(ORGANISATION, "city")) and len(city) > 2:
        yield Value(name, city, place, 0.7, marked("based in a place"))
    if match["country"]:
        country = country or reader.heading("countries", match["country"])
    if country and (name := field_of(ORGANISATION, "country")):
        yield Value(name, country, place, 0.7, marked("based in a country"))


def _offers(document: Document, part: Part, reader: Reader) -> Iterator[Value]:
    """Yield each kind of training that the profile names in the plural: it offers such."""
    name = field_of(ORGANISATION, "offers")
    seen: set[str] = set()
    if name is None:
        return
    for number in range(part.start, part.stop):
        block = document.blocks[number]
        for code, start, end in reader.found("training-kinds", block.text):
            word = block.text[start:end].lower()
            if code in seen or not word.startswith(_OFFERED) or word.split()[-1][-1] not in "sg":
                continue
            seen.add(code)
            place = Place(number, start, end)
            yield Value(name, code, place, 0.5, f"the word {word}", Status.DERIVED)


def card_values(document: Document, part: Part, reader: Reader) -> Iterator[Value]:
    """Yield what the lines of a card say, each in the form of its field."""
    for number in range(part.start, min(part.start + 40, part.stop)):
        block = document.blocks[number]
        line = card_line(block.text) if block.form is Form.CARD else None
        if line is None:
            continue
        place = Place(number, line.start, len(block.text))
        yield from _fitted(ORGANISATION, line.field, line.said, place, reader)


def training_card_values(
    document: Document, places: list[Place], reader: Reader, kind: Kind
) -> Iterator[Value]:
    """Yield what a card or a list right below the name of a training says."""
    if kind is not TRAINING:
        return
    for place in places:
        for number in range(place.block, min(place.block + 10, len(document.blocks))):
            block = document.blocks[number]
            if number > place.block and block.form is Form.HEADING:
                break
            line = card_line(block.text, of_training=True)
            if line and block.form is not Form.PARAGRAPH:
                where = Place(number, line.start, len(block.text))
                yield from _fitted(kind, line.field, line.said, where, reader)


def _fitted(kind: Kind, name: str, said: str, place: Place, reader: Reader) -> Iterator[Value]:
    """Bring what a line says to the type of its field; what does not fit is not proposed."""
    declared = kind.fields[name]
    rule = marked("a line of the card")
    if declared.vocabulary:
        codes = dict.fromkeys(c for c, _, _ in reader.found(declared.vocabulary, said))
        whole = reader.heading(declared.vocabulary, said)
        for code in [whole] if whole else list(codes)[: None if declared.many else 1]:
            yield Value(name, code, place, 0.9, rule)
        return
    if name == field_of(kind, "begins"):
        if year := year_in(said):
            yield Value(name, year, place, 0.95, rule)
    elif name == field_of(kind, "city"):
        yield from _address(said, place, reader)
    elif name == field_of(kind, "mailbox"):
        if mail := MAILBOX.search(said):
            yield Value(name, mail[0], place, 0.9, rule)
    elif name in (field_of(kind, "page"), "apply_url"):
        if url := URL.search(said):
            yield Value(name, url[0], place, 0.95, rule)
        elif re.fullmatch(r"(?:[\w-]+\.)+[a-z]{2,10}(?:/\S*)?", said):
            yield Value(name, f"https://{said}", place, 0.8, f"{rule}, with https:// added",
                        Status.DERIVED)  # fmt: skip
    else:
        label = said if not declared.many else said[:290]
        yield Value(name, label[:290] if declared.widget == "line" else label, place, 0.95, rule)


def _address(said: str, place: Place, reader: Reader) -> Iterator[Value]:
    """Yield city and country of an address: the last part, and the one before without its code."""
    parts = [p.strip() for p in said.split(",") if p.strip()]
    country = reader.heading("countries", parts[-1]) if parts else None
    if country and (name := field_of(ORGANISATION, "country")):
        yield Value(name, country, place, 0.95, marked("the end of an address"))
        parts = parts[:-1]
    if not parts:
        return
    city = re.sub(
        r"^(?:[A-Z]{1,2}-)?\d[\d ]*\s|\s\d[\d ]*$|\s[A-Z]{1,2}\d.*$", "", parts[-1]
    ).strip()
    if city and not re.search(r"\d", city) and (name := field_of(ORGANISATION, "city")):
        yield Value(name, city, place, 0.85, marked("the end of an address"))
