"""Judges that must know what a field means: money, dates, places and connections."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from directory.entries.profiles import ProgrammeProfile, Run, TrainingProfile
from directory.languages import day, gettext, ngettext, number
from directory.matching.verdicts import (
    Case,
    Judgement,
    as_sentence,
    fails,
    fits,
    not_stated,
    to_be_asked,
    unknown,
)

ANY_TIME, ON_REQUEST, PAST = "any-time", "on-request", "past"
FREE, FEE = "free", "fee"
IN_PERSON = "in-person"
OVER, GOES_ON = {"ended"}, {"running", "recurring", "planned"}


def _money(currency: str, amount: Decimal) -> str:
    return f"{currency} {number(float(amount))}"


def _runs(profile: TrainingProfile) -> list[Run]:
    """Return the runs that were not called off; a row of the database keeps them as JSON."""
    runs = [r if isinstance(r, Run) else Run.model_validate(r) for r in profile.runs or []]
    return [run for run in runs if not run.cancelled]


def _closes(run: Run) -> date | None:
    """Return the last day on which one can apply for a run, where that is known."""
    days = [t.application_deadline for t in run.tracks or [] if t.application_deadline]
    return max(days, default=None)


# When


def judge_date(case: Case) -> Judgement | None:
    """Say whether an offer can still be had, and by the day it is needed."""
    if isinstance(case.profile, TrainingProfile):
        return _training_date(case, case.profile)
    if isinstance(case.profile, ProgrammeProfile):
        return _programme_date(case, case.profile)
    return to_be_asked() if case.need.by else None


def _training_date(case: Case, training: TrainingProfile) -> Judgement:
    by, name = case.need.by, "availability"
    if by and by < case.today:
        return fails(gettext("The day you name, %(day)s, is over.", day=day(by)))
    runs = _runs(training)
    dated = [run for run in runs if run.start]
    if dated and (found := _by_runs(dated, by, case.today)):
        return found
    undated = len(runs) > len(dated)
    if training.availability == ANY_TIME:
        return fits(gettext("One can begin at any time."), name)
    if training.availability == ON_REQUEST:
        if by:
            return unknown(gettext("On request: the date is to be agreed."), name)
        return fits(gettext("On request."), name)
    if training.availability == PAST:
        return fails(gettext("It is over, and no new date is known."), name)
    if dated and not undated:
        last = max(run.start for run in dated if run.start)
        return fails(gettext("Its last known date was %(day)s.", day=day(last)), "runs")
    return unknown(gettext("No date is stated."), name, "runs")


def _by_runs(runs: Iterable[Run], by: date | None, today: date) -> Judgement | None:
    """Judge by the runs that one can still join; None when there is none."""
    ahead = sorted(
        (run.start, _closes(run))
        for run in runs
        if run.start and run.start >= today and (_closes(run) or today) >= today
    )
    if not ahead:
        return None
    start, closes = ahead[0]
    if closes:
        said = gettext(
            "Begins on %(start)s, apply by %(closes)s.", start=day(start), closes=day(closes)
        )
    else:
        said = gettext("Begins on %(start)s.", start=day(start))
    return fails(said, "runs") if by and start > by else fits(said, "runs")


def _programme_date(case: Case, programme: ProgrammeProfile) -> Judgement | None:
    label = case.words.label("programme-statuses", programme.status or "")
    if programme.status in OVER:
        return fails(as_sentence(label), "status")
    if case.need.by:
        return to_be_asked()
    if programme.status in GOES_ON:
        return fits(as_sentence(label), "status")
    return not_stated("status")


# How many


def judge_head_count(case: Case) -> Judgement:
    """Compare the people with the places of the runs that are not over."""
    if not isinstance(case.profile, TrainingProfile):
        return to_be_asked()
    people = case.need.head_count or 0
    places = [
        run.places
        for run in _runs(case.profile)
        if run.places and not (run.start and run.start < case.today)
    ]
    if not places:
        return unknown(gettext("How many can take part is not stated."), "runs")
    said = ngettext("Up to %(count)s person.", "Up to %(count)s people.", max(places))
    return fits(said, "runs") if max(places) >= people else fails(said, "runs")


# The line


def judge_line(case: Case) -> Judgement:
    """Say whether people with a weak connection can take part; only a reader can judge a text."""
    if not isinstance(case.profile, TrainingProfile):
        return to_be_asked()
    if case.profile.mode == IN_PERSON:
        return fits(gettext("It takes place in a room."), "mode", items=(IN_PERSON,))
    if case.profile.technical_needs:
        return unknown(
            gettext("Please read what one needs: “%(text)s”", text=case.profile.technical_needs),
            "technical_needs",
        )
    return unknown(gettext("What it needs is not stated."), "technical_needs")


# Money


def judge_budget(case: Case) -> Judgement:
    """Compare what it costs for all people with the budget; currencies are not converted."""
    if not isinstance(case.profile, TrainingProfile):
        return to_be_asked()
    training, budget = case.profile, case.need.budget or 0
    if training.cost == FREE:
        return fits(as_sentence(case.words.label("costs", FREE)), "cost", items=(FREE,))
    if budget and (found := _by_fee(case, training, budget)):
        return found
    if training.cost is None:
        return unknown(gettext("What it costs is not stated."), "cost")
    label = case.words.label("costs", training.cost)
    if training.cost == FEE and not budget:
        return fails(as_sentence(label), "cost")
    return unknown(_how_much(label), "cost")


def _by_fee(case: Case, training: TrainingProfile, budget: int) -> Judgement | None:
    """Compare the lowest fee in the currency of the budget; None when no fee is known."""
    fees = _fees(training)
    if not fees:
        return None
    currency, people = case.need.currency, case.need.head_count or 1
    known = [fee for fee in fees if fee[0] == currency]
    if not known:
        said = ", ".join(_money(code, fee) for code, fee, _ in fees[:3])
        return unknown(gettext("%(fees)s: compare it with your currency.", fees=said), *fees[0][2])
    code, fee, fields = min(known, key=lambda f: f[1])
    said = _money(code, fee)
    if people > 1:
        said = ngettext(
            "%(each)s each, %(total)s for %(count)s person.",
            "%(each)s each, %(total)s for %(count)s people.",
            people,
            each=said,
            total=_money(code, fee * people),
        )
    else:
        said = as_sentence(said)
    if fee * people <= budget:
        return fits(said, *fields)
    if training.cost and training.cost != FEE:
        label = case.words.label("costs", training.cost)
        return unknown(f"{said} {_how_much(label)}", "cost", *fields)
    return fails(said, *fields)


def _how_much(label: str) -> str:
    return gettext("%(cost)s: how much you would pay is not stated.", cost=label)


Fee = tuple[str, Decimal, tuple[str, ...]]
"""Currency, amount, and the fields that say so."""


def _fees(training: TrainingProfile) -> list[Fee]:
    """Return every fee that is known."""
    found: list[Fee] = []
    if training.cost_amount is not None and training.cost_currency:
        fields = ("cost_amount", "cost_currency")
        found.append((training.cost_currency, Decimal(training.cost_amount), fields))
    found += [
        (track.cost_currency, Decimal(track.cost_amount), ("runs",))
        for run in _runs(training)
        for track in run.tracks or []
        if track.cost_amount is not None and track.cost_currency
    ]
    return found
