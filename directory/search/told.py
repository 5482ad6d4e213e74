"""Marks and reasons in a card that was drawn once for every question."""

from collections.abc import Iterator

from markupsafe import escape

from directory.search.cards import Card
from directory.search.marks import Part
from directory.search.why import Why
from directory.web.templating import in_language

_FACTS = '<ul class="facts">'
"""Before this the reasons stand."""


def told(drawn: str, card: Card, why: Why) -> str:
    """Put the marks and reasons of one question into a drawn card.

    What is replaced is escaped text within its tags, so that no text of an entry can be taken for
    it.
    """
    if why.rendered is None:
        why.rendered = list(_replaced(card, why))
    for plain, marked in why.rendered:
        drawn = drawn.replace(plain, marked, 1)
    return drawn


def _replaced(card: Card, why: Why) -> Iterator[tuple[str, str]]:
    """Yield what stands in the card, and what stands there instead."""
    if why.title:
        yield f">{escape(card.title)}</bdi>", f">{_marked(why.title)}</bdi>"
    if why.summary and card.summary:
        yield f">{escape(card.summary.text)}</bdi></p>", f">{_marked(why.summary)}</bdi></p>"
    if why.reasons:
        said = "".join(
            f'<p class="why"><span>{escape(reason.title)}:</span> '
            f"<bdi{_language(reason.language)}>{_marked(reason.parts)}</bdi></p>"
            for reason in why.reasons
        )
        yield _FACTS, f"{said}{_FACTS}"


def _marked(parts: list[Part]) -> str:
    return "".join(
        f"<mark>{escape(text)}</mark>" if marked else escape(text) for text, marked in parts
    )


def _language(code: str | None) -> str:
    return f" {in_language(code)}" if code else ""
