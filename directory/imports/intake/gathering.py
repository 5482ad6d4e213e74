"""Mentions of one thing become one: the same name, its short form, a shorter or a longer name."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from directory.entries.kinds import ORGANISATION, Kind
from directory.imports.intake.context import Known
from directory.imports.intake.cues import key_of
from directory.imports.intake.mentions import Mention, Place, content_words, name_key
from directory.imports.intake.parts import Part


@dataclass
class Named:
    """One thing that a text names, with every place where it does."""

    part: int
    mentions: list[Mention] = field(default_factory=list)
    other_names: Counter[str] = field(default_factory=Counter)

    @property
    def best(self) -> Mention:
        """Return the mention that names it most fully and most surely."""
        return max(self.mentions, key=lambda m: (m.acronym is not None, m.confidence, len(m.title)))

    @property
    def title(self) -> str:
        """Return its title: the longest of the names that are used, the odd long one left out."""
        return self.best.title

    @property
    def kind(self) -> Kind:
        """Return the kind that its mentions speak for; a training wins where it is explained."""
        return self._voted[0]

    @property
    def code(self) -> str:
        """Return the code of its kind."""
        return self._voted[1]

    @property
    def _voted(self) -> tuple[Kind, str]:
        votes: Counter[tuple[str, str]] = Counter()
        kinds = {m.kind.name: m.kind for m in self.mentions}
        for m in self.mentions:
            weight = 3 if "explained" in m.rule else 1
            votes[m.kind.name, m.code] += weight
        (name, code), _ = votes.most_common(1)[0]
        return kinds[name], code

    @property
    def acronym(self) -> str | None:
        """Return its short form, as given in brackets."""
        return next((m.acronym for m in self.mentions if m.acronym), None)

    @property
    def confidence(self) -> float:
        """Return how sure it is: the surest mention, and a little for every further one."""
        sure = max(m.confidence for m in self.mentions)
        return min(0.97, sure + 0.03 * (len(self.mentions) - 1))

    @property
    def aliases(self) -> list[str]:
        """Return every other name, each once."""
        title = name_key(self.title)
        found: dict[str, str] = {}
        named = (n for m in self.mentions for n in (m.title, *m.aliases))
        for name in (*named, *self.other_names):
            if (key := name_key(name)) and key != title:
                found.setdefault(key, name)
        return list(found.values())

    @property
    def places(self) -> list[Place]:
        """Return where it is named, in the order of the text, each stretch once."""
        found = dict.fromkeys(m.place for m in self.mentions)
        return sorted(found, key=lambda p: (p.block, p.start))


def without_overlaps(mentions: Iterable[Mention]) -> list[Mention]:
    """Keep of mentions that overlap the surest where they are as long, else the longest."""
    kept: dict[int, list[Mention]] = {}
    order = sorted(
        mentions,
        key=lambda m: (m.place.block, -(m.place.end - m.place.start), -m.confidence, m.place.start),
    )
    for mention in order:
        place = mention.place
        here = kept.setdefault(place.block, [])
        if not any(k.place.start < place.end and place.start < k.place.end for k in here):
            here.append(mention)
    found = [m for here in kept.values() for m in here]
    return sorted(found, key=lambda m: (m.place.block, m.place.start))


def gather(mentions: list[Mention], parts: list[Part], known: Known) -> list[Named]:
    """Put the mentions of each thing together, over all profiles of a text."""
    found: dict[str, Named] = {}
    shorts: dict[str, str] = {}
    order: list[Mention] = []
    for mention in mentions:
        part = parts[_part_at(parts, mention.place.block)]
        order.append(_without_owner(mention, part, known))
    for mention in order:
        if mention.acronym:
            shorts.setdefault(mention.acronym, _group(mention))
    for mention in order:
        at = _part_at(parts, mention.place.block)
        group = shorts.get(mention.title, _group(mention))
        if mention.title in shorts and mention.title not in (m.title for m in order if m.acronym):
            mention = mention.named(mention.title)
        found.setdefault(group, Named(at)).mentions.append(mention)
    return _merged(list(found.values()), parts)


def _group(mention: Mention) -> str:
    """Return what mentions of one thing share; an organisation never joins a programme."""
    side = "o" if mention.kind is ORGANISATION else "i"
    return f"{side} {key_of(name_key(mention.title))}"


def _part_at(parts: list[Part], block: int) -> int:
    return next(n for n, p in enumerate(parts) if p.start <= block < p.stop)


def _without_owner(mention: Mention, part: Part, known: Known) -> Mention:
    """Take the name of the organisation from before a name that stands by itself."""
    if mention.kind is ORGANISATION:
        return mention
    for form in part.forms:
        rest = mention.title.removeprefix(f"{form} ")
        if rest != mention.title and len(content_words(rest)) >= 3:
            start = known.cues.starting(rest.split())
            if start and len(rest.split()) > start[1]:
                return mention.named(rest, mention.title)
    return mention


def _merged(found: list[Named], parts: list[Part]) -> list[Named]:
    """Join a name to the longer one that it begins or ends, and two names of one thing."""
    kept: list[Named] = []
    near: dict[str, list[Named]] = {}
    for named in sorted(found, key=lambda n: -len(name_key(n.title).split())):
        words = key_of(name_key(named.title)).split() or [""]
        nearby = [*near.get(f"{words[0]} …", []), *near.get(f"… {words[-1]}", [])]
        into = next((k for k in nearby if _is_same(named, k, parts)), None)
        if into is None:
            kept.append(named)
            near.setdefault(f"{words[0]} …", []).append(named)
            near.setdefault(f"… {words[-1]}", []).append(named)
            continue
        into.mentions += named.mentions
        into.part = min(into.part, named.part)
        into.other_names.update([named.title])
    return sorted(kept, key=lambda n: (n.part, n.places[0].block, n.places[0].start))


def _is_same(short: Named, long: Named, parts: list[Part]) -> bool:
    if (short.kind is ORGANISATION) != (long.kind is ORGANISATION):
        return False
    a, b = key_of(name_key(short.title)).split(), key_of(name_key(long.title)).split()
    if short.part == long.part and 2 <= len(a) < len(b) and a == b[: len(a)]:
        return short.kind is ORGANISATION or _goes_on(long.title, len(a), short)
    owner = parts[long.part].forms
    for form in owner:
        own = key_of(form).split()
        if len(a) >= 2 and [*own, *a] == b:
            return True
    return short.part == long.part and _reduced(a, owner) == _reduced(b, owner) != ()


def _goes_on(title: str, count: int, short: Named) -> bool:
    """Say whether a longer name only adds to a shorter one: `on …`, a subtitle, or its class."""
    rest = title.split()[count:]
    spoken = title.split()[:count]
    return bool(rest) and (
        spoken[-1].endswith(":")
        or rest[0][0].islower()
        or len(rest) == 1
        or "explained" in short.best.rule
    )


def _reduced(words: list[str], owner: list[str]) -> tuple[str, ...]:
    """Return a name without the start of its owner's name: two names of one academy are one."""
    if not owner:
        return ()
    own = key_of(owner[0]).split()
    count = 0
    while count < min(len(own), len(words) - 1) and words[count] == own[count]:
        count += 1
    rest = tuple(words[count:])
    return rest if count and len(rest) == 1 else ()
