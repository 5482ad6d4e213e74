"""What holds for every need and every offer, whatever they say."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.db import Database
from directory.entries.kinds import KINDS, Kind
from directory.entries.vocabularies import Vocabularies
from directory.matching.need import Need, conditions, given_in, questions, read_need
from directory.matching.score import Offer, judge, rank
from directory.matching.verdicts import Verdict
from tests.matching.conftest import TODAY, offer

BOUNDED = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
DAYS = st.integers(-400, 400).map(lambda n: TODAY + timedelta(n))
FEW = {  # Few codes of each list, near each other, so that needs and offers meet.
    "policy-areas": ["cybersecurity", "encryption", "cybercrime", "access"],
    "action-lines": ["C5", "C7", "C7-EHEA", "C4"],
    "audiences": ["students", "diplomats", "general-public", "media"],
    "languages": ["en", "fr", "es"],
    "modes": ["online", "online-live", "in-person"],
    "countries": ["KE", "CH", "FJ"],
    "regions": ["001", "002", "150", "722"],
    "costs": ["free", "fee", "fee-with-scholarships"],
    "capabilities": ["people-skills", "technology"],
    "organisation-types": ["government", "civil-society"],
    "availabilities": ["any-time", "on-request", "past", "dated-run"],
    "programme-statuses": ["running", "ended"],
    "currencies": ["CHF", "USD"],
}


def _codes(vocabulary: str, many: bool) -> st.SearchStrategy[Any]:
    one = st.sampled_from(FEW[vocabulary])
    return st.lists(one, max_size=3, unique=True) if many else st.none() | one


@st.composite
def needs(draw: Any) -> Need:
    values: dict[str, Any] = {}
    for name, asked in questions().items():
        if asked.vocabulary:
            values[name] = draw(_codes(asked.vocabulary, asked.many))
    values["head_count"] = draw(st.none() | st.integers(1, 50))
    values["by"] = draw(st.none() | DAYS)
    values["low_bandwidth"] = draw(st.booleans())
    values["budget"] = draw(st.none() | st.sampled_from([0, 100, 5000]))
    values["text"] = draw(st.none() | st.just("cyber help"))
    values["must"] = draw(
        st.none() | st.lists(st.sampled_from(list(conditions())), unique=True, max_size=6)
    )
    return Need(**values)


@st.composite
def offers(draw: Any) -> Offer:
    kind: Kind = draw(st.sampled_from(list(KINDS.values())))
    values: dict[str, Any] = {}
    for name, declared in kind.public_fields.items():
        if declared.vocabulary in FEW:
            values[name] = draw(_codes(declared.vocabulary, declared.many)) or None
    if kind.name == "training":
        values["cost_amount"] = draw(st.none() | st.sampled_from(["50", "4000"]))
        values["cost_currency"] = "CHF" if values["cost_amount"] else None
        values["eligibility"] = draw(st.none() | st.just("Everybody."))
        values["runs"] = draw(
            st.none()
            | st.lists(
                st.fixed_dictionaries(
                    {"start": st.none() | DAYS, "places": st.none() | st.integers(1, 40)}
                ),
                min_size=1,
                max_size=2,
            )
        )
    title = draw(st.sampled_from(["Alpha", "Beta", "Gamma"]))
    return offer(kind, title=title, found=draw(st.none() | st.floats(0, 1)), **values)


@pytest.fixture(scope="module")
def terms(seeded_engine: Any) -> Vocabularies:
    with Database(seeded_engine).reading() as session:
        return Vocabularies.read(session)


def test_what_is_not_stated_never_fits(terms: Vocabularies) -> None:
    @BOUNDED
    @given(need=needs(), kind=st.sampled_from(list(KINDS.values())))
    def check(need: Need, kind: Kind) -> None:
        found = judge(need, offer(kind), terms, TODAY).findings
        past = need.by is not None and need.by < TODAY
        for finding in found:
            allowed = {Verdict.UNKNOWN, Verdict.FAILS} if past else {Verdict.UNKNOWN}
            assert finding.verdict in allowed, finding

    check()


def test_a_fit_rests_on_something_stated(terms: Vocabularies) -> None:
    @BOUNDED
    @given(need=needs(), one=offers())
    def check(need: Need, one: Offer) -> None:
        for finding in judge(need, one, terms, TODAY).findings:
            if finding.verdict is not Verdict.FITS or finding.condition == "text":
                continue
            assert finding.judgement.fields, finding
            for name in finding.judgement.fields:
                assert getattr(one.profile, name) is not None, finding

    check()


def test_dropping_a_condition_never_removes_an_offer(terms: Vocabularies) -> None:
    @BOUNDED
    @given(need=needs(), some=st.lists(offers(), min_size=1, max_size=6))
    def check(need: Need, some: list[Offer]) -> None:
        before = {j.offer.id for j in rank(judge(need, o, terms, TODAY) for o in some)}
        for condition in need.given:
            fewer = need.without(condition)
            after = {j.offer.id for j in rank(judge(fewer, o, terms, TODAY) for o in some)}
            assert before <= after, condition
        for condition in need.hard:
            softer = need.softened(condition)
            after = {j.offer.id for j in rank(judge(softer, o, terms, TODAY) for o in some)}
            assert before <= after, condition

    check()


def test_what_fails_a_must_is_never_listed_and_the_rest_is(terms: Vocabularies) -> None:
    @BOUNDED
    @given(need=needs(), some=st.lists(offers(), min_size=1, max_size=6))
    def check(need: Need, some: list[Offer]) -> None:
        judged = [judge(need, o, terms, TODAY) for o in some]
        listed = rank(judged)
        for one in listed:
            assert not [f for f in one.findings if f.hard and f.verdict is Verdict.FAILS]
        assert len(listed) == sum(not j.failing for j in judged)

    check()


def test_the_order_does_not_depend_on_the_order_of_reading(terms: Vocabularies) -> None:
    @BOUNDED
    @given(need=needs(), some=st.lists(offers(), max_size=6, unique_by=lambda o: o.title))
    def check(need: Need, some: list[Offer]) -> None:
        judged = [judge(need, o, terms, TODAY) for o in some]
        forwards = [j.offer.id for j in rank(judged)]
        assert forwards == [j.offer.id for j in rank(reversed(judged))]

    check()


def test_among_offers_on_the_subject_an_open_must_stands_after_a_sure_one(
    terms: Vocabularies,
) -> None:
    @BOUNDED
    @given(need=needs(), some=st.lists(offers(), max_size=8))
    def check(need: Need, some: list[Offer]) -> None:
        listed = rank(judge(need, o, terms, TODAY) for o in some)
        keys = [(j.elsewhere, len(j.open)) for j in listed]
        assert keys == sorted(keys)

    check()


def test_a_need_reads_itself_back_from_its_address(terms: Vocabularies) -> None:
    @BOUNDED
    @given(need=needs())
    def check(need: Need) -> None:
        again = read_need(given_in(need.params()), terms)
        assert again.given == need.given
        assert again.hard == need.hard
        if need.given:
            assert again.params() == need.params()

    check()


def test_more_money_never_makes_an_offer_fail(terms: Vocabularies) -> None:
    @BOUNDED
    @given(one=offers(), budget=st.sampled_from([0, 100]), people=st.none() | st.integers(1, 9))
    def check(one: Offer, budget: int, people: int | None) -> None:
        def failing(amount: int) -> bool:
            need = Need(budget=amount, currency="CHF", head_count=people)
            return bool(judge(need, one, terms, date(2026, 1, 1)).failing)

        assert failing(budget) or not failing(budget + 10_000)

    check()
