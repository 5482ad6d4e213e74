"""From a need to offers, for programs. The need is in the body and is kept nowhere."""

from typing import Any, Literal

from litestar import MediaType, Request, Response, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from pydantic import BaseModel, Field

from directory.api.v1.answers import problems, refuse_unknown_parameters, too_deep
from directory.db import Database, now
from directory.entries.kinds import KINDS
from directory.entries.shown import Origin
from directory.exports.json import Claim
from directory.matching.need import Need
from directory.matching.service import Match, Matches, Reason, match
from directory.search.service import SearchService

LARGEST_NEED = 64 * 1024
"""Bytes; a need with every field filled in has some ten thousand."""

MOST = dict.fromkeys(KINDS, 20)
"""So many offers of each kind are given, best first."""


class OfferFinding(BaseModel):
    """What an offer says to one condition."""

    condition: str = Field(description="The field of the need.")
    title: str = Field(description="Its name for people.")
    must: bool = Field(description="Whether it must be so.")
    words: str = Field(description="The reason, in words.")
    claims: dict[str, list[Claim]] = Field(
        description="By field of the entry: the claims behind it, or that no source states it."
    )


class RankedOffer(BaseModel):
    """An offer that fails nothing that must be so."""

    kind: Literal[tuple(KINDS)] = Field(description="Its kind.")  # type: ignore[valid-type]
    slug: str = Field(description="Its short name.")
    title: str = Field(description="Its name or title.")
    summary: str | None = Field(description="What it is, in one sentence.")
    url: str = Field(description="Its page, below the address of the site.")
    elsewhere: bool = Field(description="Whether no source says it is about what is looked for.")
    fits: list[OfferFinding] = Field(description="What fits.")
    fails: list[OfferFinding] = Field(description="What does not fit; none of it must be so.")
    unknown: list[OfferFinding] = Field(description="What is not known: it counts as neither.")


class ExcludingCondition(BaseModel):
    """A condition that must be so, and what it left out."""

    condition: str = Field(description="The field of the need.")
    count: int = Field(description="How many entries fail it.")
    alone: int = Field(description="How many of them fail nothing else that must be so.")


class RankedOffers(BaseModel):
    """The answer to a need."""

    looked_at: int = Field(description="How many entries were scored.")
    totals: dict[str, int] = Field(description="By kind: how many are left.")
    offers: list[RankedOffer] = Field(
        description="Trainings, then programmes and organisations that could be asked; best first."
    )
    excluded: list[ExcludingCondition] = Field(description="What left out most, first.")


def _claim(origin: Origin) -> Claim:
    return Claim(
        source_slug=origin.source.slug,
        locator=origin.locator,
        note=origin.note,
        status=origin.status.value,
        checked_on=origin.checked_on,
        item=origin.item,
        values=origin.values or None,
    )


def _finding(reason: Reason) -> OfferFinding:
    found = reason.finding
    return OfferFinding(
        condition=found.condition,
        title=found.title,
        must=found.hard,
        words=found.words,
        claims={
            v.declared.name: [_claim(o) for o in v.origins] for v in reason.values if v.origins
        },
    )


def _offer(found: Match) -> RankedOffer:
    published = found.shown.published
    return RankedOffer(
        kind=published.kind.name,
        slug=published.entry.slug,
        title=published.entry.title,
        summary=published.profile["summary"],
        url=published.url,
        elsewhere=found.judged.elsewhere,
        fits=[_finding(r) for r in found.fits],
        fails=[_finding(r) for r in found.fails],
        unknown=[_finding(r) for r in found.unknown],
    )


def ranked_offers(found: Matches) -> RankedOffers:
    """Return what was found as programs get it."""
    return RankedOffers(
        looked_at=found.looked_at,
        totals={group.kind.name: group.total for group in found.groups},
        offers=[_offer(one) for group in found.groups for one in group.matches],
        excluded=[
            ExcludingCondition(condition=e.condition, count=e.count, alone=e.alone)
            for e in found.excluded
        ],
    )


@post(
    "/match",
    status_code=200,
    sync_to_thread=True,
    before_request=refuse_unknown_parameters,
    request_max_body_size=LARGEST_NEED,
    exception_handlers={RecursionError: too_deep},
    operation_id="match",
    summary="Match a need with offers",
    description="Ranked offers for a need, each with what fits, what fails and what is unknown. "
    "Conditions that must be so exclude what fails them; unknown is never a yes. "
    "A need that contradicts itself is refused: a day that is over, a currency without a budget, "
    "a condition that must be so and is not answered. The need is neither stored nor logged.",
    tags=["Search"],
    responses={
        200: ResponseSpec(RankedOffers, description="The offers.", generate_examples=False),
        **problems(
            _400="The need does not fit, or contradicts itself; `errors` names each field.",
            _413="The need has more than 64 kB.",
        ),
    },
)
def match_need(request: Request[Any, Any, Any], data: JSONBody[Need]) -> Response[bytes]:
    """Answer a need."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    today = now().date()
    data.check(search.vocabularies, today)
    with database.reading() as session:
        found = match(session, search, data, today=today, most=MOST)
    return Response(
        ranked_offers(found).model_dump_json().encode(),
        media_type=MediaType.JSON,
        headers={"Cache-Control": "no-store"},
    )
