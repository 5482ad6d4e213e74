"""From a need to ranked offers."""

from pydantic import ValidationError

from directory.api.openapi import need_schema
from directory.api.tools.base import Answer, Arguments, Catalogue, Tool, cut
from directory.api.v1.match import OfferFinding, RankedOffers, ranked_offers
from directory.db import now
from directory.entries.kinds import KINDS
from directory.entries.sentences import sentence
from directory.errors import Invalid
from directory.languages import marked
from directory.matching.need import WRONG, Need
from directory.matching.service import match

MOST = dict.fromkeys(KINDS, 8)
"""So many offers of each kind: an assistant reads all of them, with their reasons."""


def _match(catalogue: Catalogue, arguments: Arguments) -> Answer:
    try:
        need = Need.model_validate(dict(arguments))
    except ValidationError as error:
        wrong = {str(e["loc"][0]): sentence(e) for e in reversed(error.errors())}
        raise Invalid(WRONG, wrong) from None
    today = now().date()
    need.check(catalogue.search.vocabularies, today)
    with catalogue.database.reading() as session:
        result = match(session, catalogue.search, need, today=today, most=MOST)
        found = ranked_offers(result)
    return Answer(found, _words(catalogue, found))


def _words(catalogue: Catalogue, found: RankedOffers) -> str:
    totals = ", ".join(f"{count:,} {KINDS[k].plural.lower()}" for k, count in found.totals.items())
    lines = [f"{found.looked_at:,} entries were looked at; left are {totals}. The best:"]
    for one in found.offers:
        lines.append(f"- {one.title} ({one.kind}, {one.slug}) {catalogue.address(one.url)}")
        verdicts = (("fits", one.fits), ("does not fit", one.fails), ("not known", one.unknown))
        lines += [f"  {verdict}: {_said(reasons)}" for verdict, reasons in verdicts if reasons]
    lines += [f"{e.condition} leaves out {e.count:,}." for e in found.excluded]
    return "\n".join(lines)


def _said(reasons: list[OfferFinding]) -> str:
    return cut("; ".join(f"{r.title}{' (must)' if r.must else ''}: {r.words}" for r in reasons))


MATCH = Tool(
    name="match",
    title=marked("Match a need with offers"),
    description=marked(
        "Rank trainings, programmes and organisations for a need, each with what fits, "
        "what does not and what is not known, with the claims behind it. Conditions that must "
        "be so exclude what fails them; what is not known is never a yes: ask the provider. The "
        "need is neither stored nor logged; please name no person in it."
    ),
    takes=need_schema,
    gives=RankedOffers,
    run=_match,
)
