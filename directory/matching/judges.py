"""One judge for each condition of a need: does an offer fit, fail, or leave it open, and why.

Codes are compared by vocabulary, so that a new field with a vocabulary is judged without a line
here. What must know the meaning of a field stands in `facts.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from directory.entries.fields import Declared
from directory.entries.profiles import OrganisationProfile, TrainingProfile
from directory.entries.vocabularies import Vocabularies
from directory.languages import gettext, ngettext
from directory.matching.facts import judge_budget, judge_date, judge_head_count, judge_line
from directory.matching.need import questions
from directory.matching.verdicts import (
    Case,
    Judgement,
    Verdict,
    as_sentence,
    fails,
    fits,
    not_stated,
    to_be_asked,
    unknown,
)

EVERYBODY = "general-public"
"""The audience to which everybody belongs."""

SHARE_OF_EVERYBODY = 0.5
"""What is made for a group fits it better than what is open to all."""

AUDIENCES, REGIONS = "audiences", "regions"
SHOWN = 4

Stated = list[tuple[str, str]]
"""Pairs of a field and a code in it."""


def _stated(case: Case, fields: Iterable[Declared]) -> Stated:
    found = []
    for declared in fields:
        value = getattr(case.profile, declared.name)
        values = value if declared.many else [value]
        found += [(declared.name, code) for code in values or [] if code is not None]
    return found


def _fields(case: Case, vocabulary: str) -> list[Declared]:
    """Return the fields of an entry whose values are codes of a vocabulary."""
    return [d for d in case.kind.public_fields.values() if d.vocabulary == vocabulary]


def _labels(words: Vocabularies, vocabulary: str, codes: Iterable[str]) -> str:
    """Write codes as words; of many, the first few."""
    labels = [words.label(vocabulary, code) for code in dict.fromkeys(codes)]
    return _first(labels)


def _first(labels: list[str]) -> str:
    """Return the first few of some words, and how many more there are."""
    more = len(labels) - SHOWN
    said = ", ".join(labels[:SHOWN])
    if more <= 0:
        return said
    return ngettext("%(some)s and %(count)s more", "%(some)s and %(count)s more", more, some=said)


def _within(words: Vocabularies, vocabulary: str, code: str, wanted: Iterable[str]) -> list[str]:
    """Return which of the wanted terms a code is, or lies in."""
    here = {code, *(c for name, c in words.above(vocabulary, code) if name == vocabulary)}
    return [w for w in wanted if w in here]


def _by_code(case: Case, condition: str) -> Judgement:
    """Compare the codes somebody wants with those an entry carries; any of them will do."""
    vocabulary = questions()[condition].vocabulary
    assert vocabulary
    return _compare(case, vocabulary, getattr(case.need, condition))


def _compare(case: Case, vocabulary: str, wanted: list[str]) -> Judgement:
    fields = _fields(case, vocabulary)
    if not fields:
        return to_be_asked()
    names = [d.name for d in fields]
    stated = _stated(case, fields)
    if not stated:
        return not_stated(*names)
    words = case.words
    fitting = {
        pair: found for pair in stated if (found := _within(words, vocabulary, pair[1], wanted))
    }
    if fitting:
        covered = {code for found in fitting.values() for code in found}
        said = [
            words.label(vocabulary, code)
            if code in wanted
            else gettext(
                "%(part)s (in %(whole)s)",
                part=words.label(vocabulary, code),
                whole=words.label(vocabulary, found[0]),
            )
            for (_, code), found in fitting.items()
        ]
        return fits(
            as_sentence(_first(list(dict.fromkeys(said)))),
            *dict.fromkeys(name for name, _ in fitting),
            items=tuple(dict.fromkeys(code for _, code in fitting)),
            share=len(covered) / len(set(wanted)),
        )
    wider = [
        (name, code)
        for name, code in stated
        for w in wanted
        if _within(words, vocabulary, w, [code])
    ]
    if wider:
        said_wider = _labels(words, vocabulary, (code for _, code in wider))
        return unknown(
            gettext(
                "%(wider)s, which is wider: whether %(wanted)s is part of it is not stated.",
                wider=said_wider,
                wanted=_labels(words, vocabulary, wanted),
            ),
            *dict.fromkeys(name for name, _ in wider),
        )
    return fails(
        as_sentence(_labels(words, vocabulary, (code for _, code in stated))),
        *dict.fromkeys(name for name, _ in stated),
    )


def _audience(case: Case) -> Judgement:
    """Compare audiences; who is made for everybody fits every group."""
    found = _compare(case, AUDIENCES, case.need.audience)
    return _or_everybody(case, found)


def _or_everybody(case: Case, found: Judgement) -> Judgement:
    if found.verdict is Verdict.FITS:
        return found
    for name, code in _stated(case, _fields(case, AUDIENCES)):
        if code == EVERYBODY:
            label = case.words.label(AUDIENCES, EVERYBODY)
            return fits(as_sentence(label), name, items=(code,), share=SHARE_OF_EVERYBODY)
    return found


def audiences_of(words: Vocabularies, organisation_type: str) -> list[str]:
    """Return the audiences to which people of such an organisation belong, by the crosswalks."""
    vocabulary = questions()["organisation_type"].vocabulary or ""
    links = words.links(vocabulary, organisation_type)
    return [other.code for _, other in links if other.vocabulary == AUDIENCES]


def _asker(case: Case) -> Judgement:
    """Compare who asks with the audiences that this kind of organisation belongs to.

    Rules on who may take part are texts, which nobody can judge but a reader: they are quoted.
    """
    related = audiences_of(case.words, case.need.organisation_type or "")
    if not related:
        return to_be_asked()
    found = _or_everybody(case, _compare(case, AUDIENCES, related))
    if found.verdict is Verdict.FITS:
        # To belong to one of the groups is enough; more of them are no better.
        return replace(found, share=1.0)
    said = _rule_on_who_may(case)
    if said:
        name, text = said
        return unknown(gettext("Please read who may take part: “%(rule)s”", rule=text), name)
    return found


def _rule_on_who_may(case: Case) -> tuple[str, str] | None:
    if isinstance(case.profile, TrainingProfile) and case.profile.eligibility:
        return "eligibility", case.profile.eligibility
    if isinstance(case.profile, OrganisationProfile) and case.profile.who_may_ask:
        return "who_may_ask", case.profile.who_may_ask
    return None


def _country(case: Case) -> Judgement:
    """Compare a country with the countries and regions that an offer is for."""
    country = case.need.country or ""
    reach = [d for d in case.kind.public_fields.values() if d.reach]
    stated = _stated(case, reach)
    if not stated:
        return not_stated(*(d.name for d in reach))
    vocabularies = {d.name: d.vocabulary or "" for d in reach}
    around = {("countries", country), *case.words.above("countries", country)}
    for name, code in stated:
        if (vocabularies[name], code) in around:
            label = case.words.label(vocabularies[name], code)
            return fits(as_sentence(label), name, items=(code,))
    said = ", ".join(
        dict.fromkeys(case.words.label(vocabularies[name], code) for name, code in stated[:SHOWN])
    )
    named = dict.fromkeys(name for name, _ in stated)
    if all(d.reach and d.reach.or_place for d in reach if d.name in named):
        asked = case.words.label("countries", country)
        return unknown(
            gettext(
                "%(places)s: whether that is only the place, or leaves %(country)s out, "
                "is not stated.",
                places=said,
                country=asked,
            ),
            *named,
        )
    return fails(as_sentence(said), *named)


def _text(case: Case) -> Judgement:
    """Say whether the search finds an offer by the words of a need."""
    if case.found is None:
        return unknown(gettext("Too few of your words stand in it."))
    return fits(gettext("Its text has words of yours."), share=case.found)


def _coded(condition: str) -> Callable[[Case], Judgement]:
    return lambda case: _by_code(case, condition)


JUDGES: dict[str, Callable[[Case], Judgement | None]] = {
    "organisation_type": _asker,
    "country": _country,
    "policy_area": _coded("policy_area"),
    "action_line": _coded("action_line"),
    "capability": _coded("capability"),
    "text": _text,
    "audience": _audience,
    "head_count": judge_head_count,
    "language": _coded("language"),
    "mode": _coded("mode"),
    "by": judge_date,
    "low_bandwidth": judge_line,
    "budget": judge_budget,
}
"""Who judges which condition; a condition without a judge is a mistake that a test finds."""
