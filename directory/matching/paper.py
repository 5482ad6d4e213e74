"""What one takes into a meeting or sends off: a briefing and a letter, as sheets of blocks.

The page and the PDF draw the same blocks, so that they cannot say different things.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from directory.entries.fields import Section
from directory.entries.kinds import ORGANISATION
from directory.entries.shortlist import Found, Shortlist, find_entries
from directory.entries.shown import Shown, Value
from directory.errors import NotFound
from directory.languages import SOURCE, day, gettext, language, ngettext
from directory.matching.need import Need, conditions
from directory.matching.said import in_words
from directory.matching.service import Match, Reason, judge_entries
from directory.search.cards import LEADING
from directory.search.service import SearchService

MOST_ON_PAPER = 4
LONGEST = 260
SHOWN = 6

SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")
"""Whose letters the font of the PDF has."""

LATIN_1 = 0xFF
"""Up to here the font has every letter, also those whose names begin with no script."""


@dataclass(frozen=True)
class Heading:
    """A heading; the first of a sheet is its title."""

    text: str
    link: str | None = None


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a quiet one is small."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Pairs:
    """Terms with what is said of each."""

    items: list[tuple[str, str]]


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: list[str]


@dataclass(frozen=True)
class ToFillIn:
    """A line that is left to the reader's pen."""

    label: str


Block = Heading | Paragraph | Pairs | Bullets | ToFillIn


@dataclass(frozen=True)
class Paper:
    """Sheets of blocks, each on a page of its own, and sentences about what is not on them.

    `whole_as_pdf` says whether the font of the PDF has all of its letters.
    """

    title: str
    sheets: list[list[Block]]
    problems: list[str] = field(default_factory=list)
    whole_as_pdf: bool = True


@dataclass(frozen=True)
class Site:
    """Who made a paper, and where."""

    name: str
    address: str


@dataclass(frozen=True)
class _Work:
    """What a paper is written from. Without a need, only what the entries say counts."""

    matches: list[Match]
    need: list[tuple[str, str]]
    site: Site
    today: date


def write_paper(
    name: str,
    session: Session,
    search: SearchService,
    need: Need,
    shortlist: Shortlist,
    site: Site,
    today: date,
) -> Paper:
    """Return the paper called `briefing` or `letter`; raises NotFound without any entry."""
    found: Found = find_entries(session, shortlist)
    entries = found.entries[:MOST_ON_PAPER]
    if not entries:
        raise NotFound(gettext("Choose at least one entry first; the address names none."))
    problems = list(found.problems)
    if len(found.entries) > MOST_ON_PAPER:
        problems.append(
            ngettext(
                "One paper holds %(most)s entries; the last one is left out.",
                "One paper holds %(most)s entries; the last %(count)s are left out.",
                len(found.entries) - MOST_ON_PAPER,
                most=MOST_ON_PAPER,
            )
        )
    matches = judge_entries(session, search, need, entries, today=today)
    if not matches:
        raise NotFound(gettext("The entries you chose have been withdrawn."))
    said = [(s.title, s.text) for s in in_words(need, search.vocabularies)]
    title, sheets = PAPERS[name](_Work(matches, said, site, today))
    return Paper(title, sheets, problems, _is_whole(sheets, need, matches))


def language_of_pdf() -> str:
    """Return the language of a paper as PDF: the one that is read, if its font has the letters."""
    return language().code if _has_letters(language().name) else SOURCE


def _is_whole(sheets: list[list[Block]], need: Need, matches: list[Match]) -> bool:
    """Say whether the font of the PDF has all letters of a paper: titles and needs are in any.

    What is worded in a language without letters there is worded in English in the PDF.
    """
    if language_of_pdf() == language().code:
        return all(_has_letters(text) for sheet in sheets for text in texts_of(sheet))
    return all(_has_letters(text) for text in (need.text or "", *(m.shown.title for m in matches)))


def _has_letters(text: str) -> bool:
    letters = (c for c in text if c.isalpha() and ord(c) > LATIN_1)
    return all(unicodedata.name(c, "").startswith(SCRIPTS) for c in letters)


def texts_of(sheet: Iterable[Block]) -> Iterator[str]:
    """Yield every text that stands on a sheet."""
    for block in sheet:
        match block:
            case Heading() | Paragraph():
                yield block.text
            case Pairs():
                yield from (text for pair in block.items for text in pair)
            case Bullets():
                yield from block.items
            case ToFillIn():
                yield block.label


# Briefing


def _briefing(work: _Work) -> tuple[str, list[list[Block]]]:
    title = gettext("Briefing: %(titles)s", titles=_joined(m.shown.title for m in work.matches))
    listed = gettext("Listed, not endorsed. What no source states is not guessed.")
    blocks: list[Block] = [
        Heading(title),
        Paragraph(
            f"{day(work.today)} · {work.site.name}, {work.site.address}. {listed}", quiet=True
        ),
    ]
    if work.need:
        blocks += [Heading(gettext("What is needed")), Pairs(work.need)]
    for match in work.matches:
        blocks += _brief(match, work)
    return title, [blocks]


def _brief(match: Match, work: _Work) -> list[Block]:
    """Return what a briefing says of one entry."""
    shown = match.shown
    by = "" if shown.published.kind is ORGANISATION else _joined(_addressees(shown))
    blocks: list[Block] = [
        Heading(shown.title, f"{work.site.address}{shown.published.url}"),
        Paragraph(" · ".join(part for part in (shown.kind_label, by) if part), quiet=True),
    ]
    if shown.values["summary"].stated:
        blocks.append(Paragraph(_cut(shown.values["summary"].text)))
    pairs = [(q, _cut(_text(v))) for q, v in shown.answers if v.stated and v.items][:SHOWN]
    pairs += [(v.declared.title, _cut(_text(v))) for v in _ways(shown)]
    if work.need:
        pairs += _verdicts(match)
    elif shown.unanswered:
        pairs.append((gettext("Not stated"), _joined(shown.unanswered)))
    return [*blocks, Pairs(pairs), Paragraph(_read_from(shown), quiet=True)]


def _read_from(shown: Shown) -> str:
    sources = _joined(s.short_title for s in shown.read_from)
    if shown.checked_on:
        checked = day(shown.checked_on)
        return gettext("Read from: %(sources)s, checked %(day)s.", sources=sources, day=checked)
    return gettext("Read from: %(sources)s.", sources=sources)


def _verdicts(match: Match) -> list[tuple[str, str]]:
    found = [
        (gettext("Fits"), match.fits),
        (gettext("Does not fit"), match.fails),
        (gettext("Not known"), match.unknown),
    ]
    return [(title, "; ".join(map(_reason, reasons))) for title, reasons in found if reasons]


def _reason(reason: Reason) -> str:
    return f"{reason.finding.title} ({_cut(reason.finding.words.rstrip('.。'), 110)})"


def _ways(shown: Shown) -> list[Value]:
    """Return how to get it, as far as no question above says so."""
    return [
        v
        for v in shown.values.values()
        if v.declared.section is Section.GET and v.stated and v.items and not v.declared.answers
    ]


# Letter


def _letter(work: _Work) -> tuple[str, list[list[Block]]]:
    """Return one sheet for each addressee: a letter goes to one of them."""
    groups: dict[tuple[str, ...], list[Match]] = {}
    for match in work.matches:
        groups.setdefault(_addressees(match.shown), []).append(match)
    sheets = [_sheet(addressees, matches, work) for addressees, matches in groups.items()]
    return gettext("Request for support"), sheets


def _sheet(addressees: tuple[str, ...], matches: list[Match], work: _Work) -> list[Block]:
    titles = [m.shown.title for m in matches]
    blocks: list[Block] = [
        Heading(gettext("Request for support")),
        ToFillIn(gettext("From (organisation, office, e-mail)")),
        ToFillIn(gettext("Our reference")),
        Pairs(
            [
                # For translators: stands before the name of whoever the letter goes to.
                (gettext("To"), _joined(addressees) or gettext("The provider")),
                (gettext("Date"), day(work.today)),
                # For translators: stands before what the letter is about.
                (gettext("Subject"), _joined(titles)),
            ]
        ),
        Paragraph(gettext("Dear colleagues,")),
        Paragraph(_opening(matches, work)),
        Bullets([f"{m.shown.title}: {work.site.address}{m.shown.published.url}" for m in matches]),
    ]
    if work.need:
        blocks += [Paragraph(gettext("This is what we need:")), Pairs(work.need)]
    if questions := _open_questions(matches, work):
        blocks += [
            Paragraph(
                gettext("Your published information leaves these points open. Please tell us:")
            ),
            Bullets(questions),
        ]
    return [
        *blocks,
        ToFillIn(gettext("Why we ask, and the strategy or plan it belongs to")),
        ToFillIn(gettext("What we have tried so far")),
        ToFillIn(gettext("With whom you may share this request")),
        Paragraph(gettext("We look forward to your answer.")),
        ToFillIn(gettext("Name and office")),
    ]


def _opening(matches: list[Match], work: _Work) -> str:
    """Return the first sentence: an organisation is asked for help, an offer is asked for."""
    if all(m.shown.published.kind is ORGANISATION for m in matches):
        return gettext(
            "we read about your organisation in the %(site)s and would like to ask "
            "whether you could help us.",
            site=work.site.name,
        )
    return gettext(
        "we read about the following in the %(site)s and would like to ask whether we "
        "could take part, or whether it could be offered to us.",
        site=work.site.name,
    )


def _open_questions(matches: list[Match], work: _Work) -> list[str]:
    """Return what is not known: of the need where there is one, else what visitors ask first."""
    asked: dict[str, None] = {}
    for match in matches:
        if work.need:
            names = [reason.finding.condition for reason in match.unknown]
            asked |= {q: None for name in names if (q := conditions()[name].question)}
        else:
            # For translators: makes the name of a question a question of a letter.
            found = [gettext("%(question)s", question=q) for q in match.shown.unanswered]
            asked |= dict.fromkeys(found)
    return list(asked)


# Words


def _addressees(shown: Shown) -> tuple[str, ...]:
    """Return who is to be asked: an organisation itself, else who leads or gives the offer."""
    if shown.published.kind is ORGANISATION:
        return (shown.title,)
    for rel in LEADING:
        if found := [link.title for link in shown.published.links if link.rel == rel]:
            return tuple(found[:3])
    return ()


def _text(value: Value) -> str:
    return ", ".join(item.text for item in value.items)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _cut(text: str, most: int = LONGEST) -> str:
    """Return a text that fits on a sheet, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most].rsplit(' ', 1)[0]} …"


PAPERS: dict[str, Callable[[_Work], tuple[str, list[list[Block]]]]] = {
    "briefing": _briefing,
    "letter": _letter,
}
