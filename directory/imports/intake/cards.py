"""Lines of a card, such as `Established: 1995`: which field a label means.

This is the one table that ties words of other people's cards to fields of ours.
"""

import re
from dataclasses import dataclass

from directory.imports.intake.cues import key_of
from directory.imports.intake.readers.text import CARD

ORGANISATION_CARD = {
    "name": "name organisation organization institution nom nombre",
    "acronym": "acronym abbreviation short-name acronyme sigle siglas",
    "founded_year": "established founded founded-in year-of-establishment since creation"
    " date-of-establishment fondée-en fondé-en création année-de-création",
    "headquarters_city": "address headquarters seat location head-office based-in adresse siège sede",
    "website": "website web site homepage url site-web site-internet página-web",
    "organisation_type": "stakeholder-group stakeholder type type-of-organisation"
    " type-of-organization category groupe-d-acteurs type-d-organisation",
    "contact_email": "email e-mail contact contact-email mail courriel",
    "legal_form": "legal-form legal-status forme-juridique statut",
    "languages": "languages working-languages langues idiomas",
    "channels": "facebook twitter x linkedin instagram youtube mastodon newsletter",
    "funding": "funding funders funded-by financement",
    "regions_served": "regions regions-served coverage geographic-scope régions",
    "countries_served": "countries countries-served pays",
}

TRAINING_CARD = {
    "duration": "duration length durée duración",
    "cost": "cost fee fees price tuition coût frais tarif",
    "mode": "format mode delivery mode-of-delivery modalité",
    "languages": "language languages language-of-instruction langue langues idioma",
    "level": "level niveau nivel",
    "recognition": "certificate certification recognition certificat",
    "audiences": "audience target-audience who-can-apply for-whom public public-cible participants",
    "eligibility": "eligibility requirements conditions who-may-apply",
    "apply_url": "apply application registration register inscription candidature",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card: the field it means, what it says, and where that starts in the block."""

    field: str
    said: str
    start: int


def _labels(table: dict[str, str]) -> dict[str, str]:
    return {
        key_of(label.replace("-", " ")): name
        for name, row in table.items()
        for label in row.split()
    }


_ORGANISATION = _labels(ORGANISATION_CARD)
_TRAINING = _labels(TRAINING_CARD)


def card_line(text: str, *, of_training: bool = False) -> Line | None:
    """Read a line of a card of an organisation, or of a training; None for any other line."""
    match = CARD.match(text)
    if not match:
        return None
    name = (_TRAINING if of_training else _ORGANISATION).get(key_of(match[1]))
    return Line(name, match[2].strip(), match.start(2)) if name else None


def is_card(text: str) -> bool:
    """Say whether a line belongs to the card of an organisation."""
    return card_line(text) is not None


def year_in(text: str) -> int | None:
    """Return the first year that a text names, 1500 to 2099."""
    found = re.search(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)", text)
    return int(found[1]) if found else None
