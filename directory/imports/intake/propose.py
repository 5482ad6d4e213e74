"""From a document to proposals: cut it into profiles, find names, gather them, read what is said."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING
from directory.errors import SourceFailed
from directory.imports.intake.action_lines import score
from directory.imports.intake.blocks import Document, Form
from directory.imports.intake.cards import is_card
from directory.imports.intake.facts import field_of, field_with
from directory.imports.intake.gathering import Named, gather, without_overlaps
from directory.imports.intake.headings import Headings
from directory.imports.intake.lists import group_shorts, listed_names, numbered_groups
from directory.imports.intake.mentions import Mention, Place, name_key, slug_of
from directory.imports.intake.names import names_in
from directory.imports.intake.organisations import (
    card_values,
    profile_values,
    training_card_values,
)
from directory.imports.intake.partners import partners_in
from directory.imports.intake.parts import Part, parts_of
from directory.imports.intake.proposals import Proposal, Value
from directory.imports.intake.scope import Said, said_about
from directory.imports.intake.terms import Reader
from directory.imports.intake.tokens import chunks_of, tokens_of
from directory.imports.intake.values import values_of
from directory.languages import gettext, marked
from directory.sources.claims import Status

MOST_NAMES = 2_500
MOST_IN_A_BLOCK = 300
"""More names than a paragraph can hold are no text of people, and would take for ever."""

NAMED_ENOUGH = 0.7
"""Organisations that are only named, less surely than this, are left out."""
_OWNS = ("run", "launch", "offer", "organi", "host", "operat", "deliver", "develop", "provid",
         "establish", "conven", "propos", "anim", "creat", "manag")  # fmt: skip


@dataclass
class _Text:
    """A document with all that the rules have found in it so far."""

    document: Document
    reader: Reader
    parts: list[Part]
    headings: Headings
    named: list[Named]
    _said: dict[int, list[Said]] = field(default_factory=dict)

    @cached_property
    def starts(self) -> set[tuple[int, int]]:
        """Return block and start of every name."""
        return {(p.block, p.start) for n in self.named for p in n.places}

    def said(self, named: Named) -> list[Said]:
        """Return the sentences about a thing, not those that start with another name."""
        if id(named) not in self._said:
            mine = {(p.block, p.start) for p in named.places}
            blocks = self.document.blocks
            self._said[id(named)] = said_about(blocks, named.places, self.starts - mine)
        return self._said[id(named)]


def propose(
    document: Document, reader: Reader, *, organisation: str | None = None
) -> list[Proposal]:
    """Return the proposals of a document: the organisations it is about first, in its order.

    Raises SourceFailed for a text that names far more than profiles do.
    `organisation` is the name of the one it is about, where the curator has said so.
    """
    parts = parts_of(document.blocks)
    if organisation and len(parts) == 1:
        only = parts[0]
        parts = [Part(only.start, only.stop, organisation, only.acronym, only.defined)]
    mentions = without_overlaps(_mentions(document, reader, parts))
    if len(mentions) > MOST_NAMES:
        raise SourceFailed(
            gettext(
                "%(name)s names things more than %(number)s times: bring it in in parts.",
                name=document.name,
                number=MOST_NAMES,
            )
        )
    named = gather(mentions, parts, reader.known)
    text = _Text(document, reader, parts, Headings.read(document, reader), named)
    found: dict[str, Proposal] = {}
    for part in parts:
        if part.name:
            _keep(found, _profiled(text, part))
    for one in named:
        part = parts[one.part]
        if one.kind is not ORGANISATION and not _is_the_organisation(one, parts):
            _keep(found, _initiative(text, one, part))
    for one in named:
        sure = one.kind is ORGANISATION and one.confidence >= NAMED_ENOUGH
        if sure and not _is_the_organisation(one, parts):
            _keep(found, _only_named(one))
    _name_partners(text, found)
    return list(found.values())


def _keep(found: dict[str, Proposal], proposal: Proposal) -> None:
    found.setdefault(proposal.key, proposal)


def _mentions(document: Document, reader: Reader, parts: list[Part]) -> list[Mention]:
    known = reader.known
    found: list[Mention] = []
    for part in parts:
        blocks = range(part.start, part.stop)
        shorts = {s for n in blocks for s in group_shorts(document.blocks[n], known)}
        headings = {
            name_key(document.blocks[n].text): n
            for n in blocks
            if document.blocks[n].form is Form.HEADING
        }
        for n in blocks:
            block = document.blocks[n]
            if block.form is Form.CARD and is_card(block.text):
                continue
            found += islice(names_in(block, n, known), MOST_IN_A_BLOCK)
            found += listed_names(block, n, known)
            found += numbered_groups(block, n, known, shorts)
            found += repeated_headings(document, n, headings, reader)
    return found


def repeated_headings(
    document: Document, number: int, headings: dict[str, int], reader: Reader
) -> list[Mention]:
    """Return names that stand as a heading and, with capitals, in the text right below it."""
    cue = reader.known.cues.of("initiative")
    assert cue
    found = []
    for chunk in chunks_of(tokens_of(document.blocks[number].text)):
        text = document.blocks[number].text[chunk.start : chunk.end]
        heading = headings.get(name_key(text))
        below = heading is not None and 0 < number - heading <= 3
        if below and len(chunk.tokens) > 1 and not reader.heading("policy-areas", text):
            place = Place(number, chunk.start, chunk.end)
            rule = marked("a heading that the text below repeats as a name")
            found.append(Mention(text, cue.kind, cue.code, rule, 0.7, place))
    return found


def _is_the_organisation(named: Named, parts: list[Part]) -> bool:
    keys = {name_key(n) for n in (named.title, *named.aliases, named.acronym or "") if n}
    return any(name_key(form) in keys for part in parts for form in part.forms)


def _key(kind: str, title: str) -> str:
    return f"{kind}:{name_key(title)}"


def _profiled(text: _Text, part: Part) -> Proposal:
    """The organisation that a profile is about."""
    assert part.name
    blocks = text.document.blocks[part.start : part.stop]
    places = [
        Place(part.start + n, m.start(), m.end())
        for n, block in enumerate(blocks)
        if (m := part.pattern.search(block.text))
    ][:12] or [Place(part.start, 0, len(text.document.blocks[part.start].text))]
    rule = marked("what the profile is about")
    proposal = _proposal(ORGANISATION.name, part.name, 0.95 if part.defined is not None else 0.8,
                         rule, places)  # fmt: skip
    proposal.values += profile_values(text.document, part, text.reader, places[0])
    proposal.values += card_values(text.document, part, text.reader)
    said = said_about(text.document.blocks, places, set())
    _areas_and_lines(text, proposal, part, said, range(part.start, part.stop))
    proposal.values = _first_of_each(proposal)
    return proposal


def _initiative(text: _Text, named: Named, part: Part) -> Proposal:
    kind = named.kind
    proposal = _proposal(kind.name, named.title, named.confidence, named.best.rule, named.places)
    place = named.best.place
    if named.acronym:
        proposal.values.append(
            Value("acronym", named.acronym, place, 0.9, marked("in brackets after it"))
        )
    for alias in named.aliases:
        proposal.values.append(
            Value("aliases", alias, place, 0.7, marked("another name in the text"))
        )
    rule = named.best.rule
    proposal.values.append(
        Value(kind.kind_field, named.code, place, named.confidence - 0.1, rule, Status.DERIVED)
    )
    said = text.said(named)
    proposal.values += values_of(kind, said, text.reader)
    proposal.values += training_card_values(text.document, named.places, text.reader, kind)
    _owner(proposal, part, said)
    _areas_and_lines(text, proposal, part, said, sorted({p.block for p in named.places}))
    proposal.values = _first_of_each(proposal)
    return proposal


def _owner(proposal: Proposal, part: Part, said: list[Said]) -> None:
    """Name the organisation of the profile where a sentence says that it runs or offers it."""
    if not part.name:
        return
    for sentence in said:
        verb = part.acts_in(sentence.text, _OWNS)
        if verb is None:
            continue
        slug = slug_of(part.name)
        place = sentence.place(*verb)
        rule = marked("the profile says that it does this")
        if name := field_of(proposal.kind, "owner"):
            proposal.values.append(Value(name, slug, place, 0.75, rule))
        elif name := field_of(proposal.kind, "partners"):
            value = {"organisation": slug, "role": "lead"}
            proposal.values.append(Value(name, value, place, 0.7, rule, Status.DERIVED))
        return


def _areas_and_lines(
    text: _Text, proposal: Proposal, part: Part, said: list[Said], blocks: "range | list[int]"
) -> None:
    """Propose policy areas by heading and by word, and the action lines that follow from them."""
    weights: dict[str, tuple[float, Place]] = {}
    areas = field_with(proposal.kind, "policy-areas")
    for area in text.headings.over(blocks, within=part):
        if area.code not in weights:
            weights[area.code] = (2, area.place)
            assert areas
            proposal.values.append(
                Value(areas, area.code, area.place, 0.9, f"the heading {area.text}")
            )
    counted = 0
    for sentence in said:
        for code, start, end in text.reader.found("policy-areas", sentence.text):
            if code in weights or counted > 5:
                continue
            counted += 1
            word = sentence.text[start:end].lower()
            place = sentence.place(start, end)
            weights[code] = (1, place)
            assert areas
            proposal.values.append(
                Value(areas, code, place, 0.5, f"the words {word}", Status.DERIVED)
            )
    training = proposal.places[0] if proposal.kind is TRAINING else None
    lines = field_with(proposal.kind, "action-lines")
    assert lines
    for code, sure, why, place in score(text.reader, weights, said, training=training).best():
        proposal.values.append(Value(lines, code, place, sure, why, Status.DERIVED))


def _only_named(named: Named) -> Proposal:
    rule = named.best.rule
    proposal = _proposal(ORGANISATION.name, named.title, named.confidence, rule, named.places)
    _as_named(proposal, named.best.place, named.acronym)
    return proposal


def _as_named(proposal: Proposal, place: Place, acronym: str | None) -> None:
    if acronym:
        proposal.values.append(
            Value("acronym", acronym, place, 0.9, marked("in brackets after it"))
        )
    if name := field_of(ORGANISATION, "listed"):
        rule = marked("only named in the profile of another")
        proposal.values.append(Value(name, "named", place, 0.8, rule, Status.DERIVED))


def _name_partners(text: _Text, found: dict[str, Proposal]) -> None:
    """Add who else is behind each thing, and an entry for each of them that has none yet."""
    by_name = {name_key(p.title): p for p in found.values() if p.kind is ORGANISATION}
    for proposal in list(by_name.values()):
        for value in proposal.values:
            if value.field in ("acronym", "aliases"):
                by_name.setdefault(name_key(str(value.value)), proposal)
    by_key = {_key(n.kind.name, n.title): n for n in reversed(text.named)}
    for proposal in [p for p in found.values() if p.kind is not ORGANISATION]:
        named = by_key[proposal.key]
        name = field_of(proposal.kind, "partners")
        for sentence in text.said(named):
            for partner in partners_in(sentence):
                if name is None or name_key(partner.name) == name_key(proposal.title):
                    continue
                organisation = by_name.get(name_key(partner.name))
                if organisation is None and f"{PROGRAMME.name}:{name_key(partner.name)}" in found:
                    continue
                if organisation is None:
                    organisation = _proposal(
                        ORGANISATION.name, partner.name, 0.65, partner.rule, [partner.place]
                    )
                    _as_named(organisation, partner.place, partner.acronym)
                    found.setdefault(organisation.key, organisation)
                    by_name[name_key(partner.name)] = organisation
                said = {"organisation": organisation.slug, "role": partner.role}
                if said not in proposal.listed(name):
                    proposal.values.append(Value(name, said, partner.place, 0.75, partner.rule))


def _proposal(kind: str, title: str, sure: float, rule: str, places: list[Place]) -> Proposal:
    found = Proposal(_key(kind, title), KINDS[kind], slug_of(title), title, sure, rule, places)
    first = places[0]
    found.values.append(Value(found.kind.title_field, title, first, sure, rule))
    return found


def _first_of_each(proposal: Proposal) -> list[Value]:
    """Keep of values that answer the same the surest: one a field, or one an item of a list.

    Two years that both begin a thing are both kept: the curator chooses, not the program.
    """
    kept: dict[tuple[str, str], Value] = {}
    for value in proposal.values:
        key = (value.field, str(value.value))
        if key not in kept or kept[key].confidence < value.confidence:
            kept[key] = value
    ordered = sorted(kept.values(), key=lambda v: -v.confidence)
    fields = list(proposal.kind.fields)
    return sorted(ordered, key=lambda v: fields.index(v.field))
