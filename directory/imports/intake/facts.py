"""Which field each fact is for, kind by kind: the one table that ties rules to fields of ours.

What the rules find has a name of its own here (begins, partners, …); that a kind has no such field
means that the fact is not proposed for it. Terms of vocabularies need no row: their fields are
found by the vocabulary that they declare.
"""

from directory.entries.kinds import ORGANISATION, PROGRAMME, TRAINING, Kind

FIELD_OF: dict[str, dict[str, str]] = {
    ORGANISATION.name: {
        "begins": "founded_year",
        "figures": "results",
        "partners": "relations",
        "legal": "legal_form",
        "city": "headquarters_city",
        "country": "headquarters_country",
        "listed": "listed_as",
        "offers": "services",
        "page": "website",
        "mailbox": "contact_email",
    },
    PROGRAMME.name: {
        "begins": "start_year",
        "ends": "end_year",
        "state": "status",
        "figures": "results",
        "partners": "organisations",
        "page": "website",
        "mailbox": "contact_email",
    },
    TRAINING.name: {
        "figures": "results",
        "owner": "providers",
        "partners": "organisations",
        "length": "duration",
        "fee": "cost_amount",
        "currency": "cost_currency",
        "page": "website",
        "mailbox": "contact_email",
    },
}

READ_BY_WORDS = ("audiences", "modes", "costs", "recognitions", "levels")
"""Vocabularies whose terms are read wherever a sentence about a thing names one."""


def field_of(kind: Kind, fact: str) -> str | None:
    """Return the field of a kind for a fact, or None when the kind has none."""
    return FIELD_OF[kind.name].get(fact)


def field_with(kind: Kind, vocabulary: str) -> str | None:
    """Return the field of a kind whose own values are terms of a vocabulary, or None."""
    return next((n for n, d in kind.fields.items() if d.vocabulary == vocabulary), None)
