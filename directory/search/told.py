"""Marks and reasons in a card that was drawn once for every question."""

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
    if why.title:
        drawn = drawn.replace(f">{escape(card.title)}</bdi>", f">{_marked(why.title)}</bdi>", 1)
    if why.summary and card.summary:
        plain = f">{escape(card.summary.text)}</bdi></p>"
        drawn = drawn.replace(plain, f">{_marked(why.summary)}</bdi></p>", 1)
    if why.reasons:
        said = "".join(
            f'<p class="why"><span>{escape(reason.title)}:</span> '
            f"<bdi{_language(reason.language)}>{_marked(reason.parts)}</bdi></p>"
            for reason in why.reasons
        )
        drawn = drawn.replace(_FACTS, f"{said}{_FACTS}", 1)
    return drawn


def _marked(parts: list[Part]) -> str:
    return "".join(
        f"<mark>{escape(text)}</mark>" if marked else escape(text) for text, marked in parts
    )


def _language(code: str | None) -> str:
    return f" {in_language(code)}" if code else ""
