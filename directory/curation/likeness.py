"""How alike two entries of a kind are, and why, in words.

What is compared follows from the declarations: the title, other fields that are searched as names,
web addresses, identifiers, the country of the seat, and the organisations behind an entry.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from anyascii import anyascii
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from directory.curation.owning import SPEAKERS
from directory.curation.references import references_in
from directory.entries.fields import Declared, Url
from directory.entries.kinds import ORGANISATION, Kind
from directory.entries.profiles import Identifier
from directory.languages import gettext, marked

LISTED = 0.5
"""From here on a pair is shown to people as one that may be the same."""

STRONG = 0.6
"""From here on a new entry is held up once, to ask whether it is a different one."""

_SMALL = """
a an the of for and in on to at de du des la le les el los las da do di der die das und et y
e  foundation fondation fundacion fundacao stiftung institute institut instituto association
organisation organization company corporation corp inc ltd limited llc plc gmbh ag sa asbl
ev  programme program project projet initiative
"""
WEAK = frozenset(_SMALL.split())
"""Small and legal words, which say little about who is meant."""

SORTED_RATIO = 90
"""From this share of equal letters (per cent), names of several words are much alike."""

_ALIKE_BY_THEMSELVES = 70
_SPELLED = (
    "",
    marked("a name that differs in one letter"),
    marked("a name that differs in two letters"),
    marked("a name that differs in three letters"),
)
_SPELLED_IN_ANOTHER_SCRIPT = (
    "",
    marked("a name that differs in one letter, in another script"),
    marked("a name that differs in two letters, in another script"),
    marked("a name that differs in three letters, in another script"),
)
_YEAR = re.compile(r"(19|20)\d\d")
_INITIALS_AT_LEAST = 3
_DIFFERENT_SEATS, _DIFFERENT_OWNERS, _NAMES_THE_OTHER = 0.7, 0.75, 0.6


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written, and what remains of it for comparing.

    `core` has no weak words, unless it has no others; years count nowhere, because two runs of a
    course are the same course.
    """

    text: str
    whole: str
    core: str
    in_order: str
    numbers: tuple[str, ...]
    years: tuple[str, ...]
    is_latin: bool

    @property
    def joined(self) -> str:
        """Return the name without spaces."""
        return self.whole.replace(" ", "")


@lru_cache(maxsize=50_000)
def read_name(text: str) -> Name:
    """Bring a name to the form in which it is compared: Latin, lower case, without marks."""
    plain = anyascii(text).casefold().replace("'", "").replace("&", " and ")
    words = re.findall(r"[a-z0-9]+", plain)
    years = tuple(w for w in words if _YEAR.fullmatch(w))
    words = [w for w in words if not _YEAR.fullmatch(w)] or words
    core = [w for w in words if w not in WEAK] or words
    letters = [c for c in text if c.isalpha()]
    return Name(
        text=text,
        whole=" ".join(words),
        core=" ".join(core),
        in_order=" ".join(sorted(core)),
        numbers=tuple(w for w in words if any(c.isdigit() for c in w)),
        years=years,
        is_latin=sum(ord(c) < 0x250 for c in letters) * 2 >= len(letters),
    )


@dataclass(frozen=True, slots=True)
class Signs:
    """What an entry is compared by. The first name is its title.

    `pages` are web addresses without what varies; `behind` the organisations that speak for it;
    `named` the entries of its own kind to which it refers.
    """

    slug: str
    names: tuple[Name, ...]
    shorts: frozenset[str]
    initials: frozenset[str]
    pages: frozenset[str]
    identifiers: frozenset[tuple[str, str]]
    seat: str | None
    behind: frozenset[str]
    named: frozenset[str]


def _texts(kind: Kind, profile: Mapping[str, Any], wanted: Callable[[Declared], bool]) -> list[Any]:
    """Return the values of the public fields that are wanted, lists laid out."""
    found: list[Any] = []
    for name, declared in kind.public_fields.items():
        if wanted(declared) and (value := profile.get(name)):
            found += value if declared.many else [value]
    return found


def is_sign(kind: Kind, declared: Declared) -> bool:
    """Say whether what is typed into a field can show that the entry exists already."""
    return declared.type is Url or (declared.searchable == "name" and not declared.private)


def signs_of(kind: Kind, slug: str, profile: Mapping[str, Any]) -> Signs:
    """Return what an entry with this profile is compared by."""
    title = str(profile.get(kind.title_field) or "")
    shorts = _texts(kind, profile, lambda d: d.searchable == "name" and d.name != kind.title_field)
    others = _texts(kind, profile, lambda d: d.searchable == "alias")
    names = tuple(read_name(t) for t in dict.fromkeys([title, *others]) if t)
    short = {read_name(t).joined for t in shorts}
    seats = _texts(kind, profile, lambda d: d.vocabulary == "countries" and not d.many)
    named = list(references_in(kind, profile))
    return Signs(
        slug=slug,
        names=tuple(n for n in names if n.whole),
        shorts=frozenset(s for s in short if s),
        initials=_initials(title),
        pages=frozenset(
            p for t in _texts(kind, profile, lambda d: d.type is Url) if (p := page_of(t))
        ),
        identifiers=frozenset(
            (i["scheme"], read_name(i["value"]).joined)
            for i in _texts(kind, profile, lambda d: d.type is Identifier)
        ),
        seat=seats[0] if seats else None,
        behind=frozenset(
            s for _, (k, s), role in named if k == ORGANISATION.name and role in SPEAKERS
        ),
        named=frozenset(s for _, (k, s), _ in named if k == kind.name),
    )


def together(one: Signs, other: Signs) -> Signs:
    """Return the signs of an entry whose public version and waiting change are both known."""
    return replace(
        one,
        names=tuple(dict.fromkeys([*one.names, *other.names])),
        **{
            name: getattr(one, name) | getattr(other, name)
            for name in ("shorts", "initials", "pages", "identifiers", "behind", "named")
        },
    )


def _initials(title: str) -> frozenset[str]:
    """Return the acronyms a title could have, with and without its small words."""
    words = re.findall(r"[a-z0-9]+", anyascii(title).casefold().replace("'", ""))
    strong = [w for w in words if w not in WEAK or len(w) > 3]
    found = {"".join(w[0] for w in some) for some in (words, strong)}
    return frozenset(f for f in found if len(f) >= _INITIALS_AT_LEAST)


def page_of(url: str) -> str:
    """Return a web address without what varies: scheme, www, port, fragment, last slash."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    path = re.sub(r"/(index\.\w+)?$", "", parts.path)
    return f"{host}{path}{'?' + parts.query if parts.query else ''}" if host else ""


def allowed_edits(length: int) -> int:
    """Return in how many letters names of this length may differ and still look the same."""
    return 0 if length < 5 else 1 if length < 9 else 2 if length < 16 else 3


@dataclass(frozen=True, slots=True)
class Words:
    """A reason in words: kept in English, because all readers share it in memory."""

    in_english: str
    values: Mapping[str, "str | Words"] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the words in the language that is read."""
        return gettext(self.in_english, **self.values)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that two entries have in common, and how much it says, from 0 to 1."""

    words: Words
    weight: float


def _reason(weight: float, words: str, **values: str | Words) -> Reason:
    return Reason(Words(words, values), weight)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two entries are, from 0 to 1, and why."""

    score: float
    reasons: tuple[Words, ...]


def compare(a: Signs, b: Signs, shared_pages: Collection[str] = ()) -> Likeness:
    """Compare two entries; a page that many entries give as theirs says nothing."""
    name = _best_name(a, b)
    reasons = [r for r in (name, *_short_reasons(a, b, name), *_others(a, b, shared_pages)) if r]
    if name and a.behind & b.behind:
        reasons.append(_reason(0.5, marked("the same organisation behind them")))
    if not reasons:
        return Likeness(0, ())
    doubt = 1.0
    for reason in reasons:
        doubt *= 1 - reason.weight
    score, buts = 1 - doubt, list[Words]()
    if a.seat and b.seat and a.seat != b.seat:
        score *= _DIFFERENT_SEATS
        buts.append(Words(marked("but seats in different countries")))
    if a.behind and b.behind and not a.behind & b.behind:
        score *= _DIFFERENT_OWNERS
        buts.append(Words(marked("but other organisations behind them")))
    if a.slug in b.named or b.slug in a.named:
        score *= _NAMES_THE_OTHER
        buts.append(Words(marked("but one of them names the other")))
    reasons.sort(key=lambda r: -r.weight)
    return Likeness(score, (*(r.words for r in reasons), *buts))


def _best_name(a: Signs, b: Signs) -> Reason | None:
    """Return what speaks most for their names being the same."""
    best: Reason | None = None
    for m, one in enumerate(a.names):
        for n, other in enumerate(b.names):
            found = _compare_names(one, other)
            if found is None:
                continue
            if m and n:
                words = marked("another name of both: %(reason)s")
                found = _reason(found.weight * 0.5, words, reason=found.words)
            elif m or n:
                words = marked("another name of one of them: %(reason)s")
                found = _reason(found.weight * 0.9, words, reason=found.words)
            if best is None or found.weight > best.weight:
                best = found
    return best


def _compare_names(one: Name, other: Name) -> Reason | None:
    if one.whole == other.whole:
        if one.is_latin != other.is_latin:
            return _reason(0.9, marked("the same name in another script"))
        if one.years != other.years:
            return _reason(0.75, marked("the same name but for the year"))
        return _reason(0.95, marked("the same name"))
    if one.joined == other.joined:
        return _reason(0.9, marked("the same name but for spaces"))
    if one.numbers != other.numbers:
        return None
    if one.core == other.core:
        return _reason(0.75, marked("a name that differs only in small or legal words"))
    if one.in_order == other.in_order:
        return _reason(0.75, marked("the same words in another order"))
    return _spelling(one, other)


def _spelling(one: Name, other: Name) -> Reason | None:
    """Compare two names letter by letter; short ones may differ less.

    What differs is judged by itself: another word in a long name makes another name.
    """
    m, n = _without_common(one, other)
    # Words around a short one that both names have make it likelier that it is misspelled.
    context = len(m) < len(one.joined)
    most = allowed_edits(min(len(m), len(n)) + context)
    edits = OSA.distance(one.joined, other.joined, score_cutoff=most)
    if edits <= most:
        same_script = one.is_latin == other.is_latin
        words = (_SPELLED if same_script else _SPELLED_IN_ANOTHER_SCRIPT)[edits]
        return _reason(0.85 - 0.08 * edits, words)
    if min(one.in_order.count(" "), other.in_order.count(" ")) >= 2:
        ratio = fuzz.ratio(one.in_order, other.in_order, score_cutoff=SORTED_RATIO)
        if ratio and not (m and n and fuzz.ratio(m, n) < _ALIKE_BY_THEMSELVES):
            return _reason(0.3 + ratio / 400, marked("a name much like it"))
    return None


def _without_common(one: Name, other: Name) -> tuple[str, str]:
    """Return what is left of two names without the words that both have."""
    mine, theirs = one.whole.split(), other.whole.split()
    common = set(mine) & set(theirs)
    left = ("".join(w for w in words if w not in common) for words in (mine, theirs))
    return next(left), next(left)


def _short_reasons(a: Signs, b: Signs, name: Reason | None) -> Iterator[Reason]:
    """Compare acronyms with each other, with whole names and with initials."""
    if same := a.shorts & b.shorts:
        words = marked("the same acronym, %(acronym)s")
        yield _reason(0.6, words, acronym=min(same).upper())
        return
    if name:
        return
    for one, other in ((a, b), (b, a)):
        wholes = {n.joined for n in other.names}
        if said := one.shorts & wholes:
            words = marked("the acronym of one is a name of the other, %(acronym)s")
            yield _reason(0.7, words, acronym=min(said).upper())
            return
        known = one.shorts | {n.joined for n in one.names[:1] if _is_short(n)}
        if not (one.shorts and other.shorts) and (said := known & other.initials):
            words = marked("the initials of its name are %(acronym)s")
            yield _reason(0.6, words, acronym=min(said).upper())
            return


def _is_short(name: Name) -> bool:
    """Say whether a name is itself an acronym."""
    return " " not in name.whole and _INITIALS_AT_LEAST <= len(name.whole) <= 6


def _others(a: Signs, b: Signs, shared_pages: Collection[str]) -> Iterator[Reason]:
    if same := a.identifiers & b.identifiers:
        words = marked("the same identifier in %(scheme)s")
        yield _reason(0.95, words, scheme=min(same)[0].upper())
    pages = {p for p in a.pages & b.pages if p not in shared_pages}
    if pages:
        whole_site = all("/" not in p for p in pages) and (a.behind or b.behind)
        # A training often gives the front page of whoever offers it.
        yield _reason(0.35 if whole_site else 0.65, marked("the same website"))


def keys_of(signs: Signs, shared_pages: Collection[str] = ()) -> Iterable[str]:
    """Return the keys under which entries meet that have something exactly in common."""
    found = {f"page {p}" for p in signs.pages if p not in shared_pages}
    found |= {f"id {scheme} {value}" for scheme, value in signs.identifiers}
    found |= {f"short {s}" for s in signs.shorts | signs.initials}
    for name in signs.names:
        found |= {f"name {name.joined}", f"core {name.core}", f"order {name.in_order}"}
        if " " not in name.whole:
            found.add(f"short {name.whole}")
    return found
