"""Policy areas and action lines as pages of their own: explain, list, link."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from directory.entries.queries import Listed, counts_by_term, with_term
from directory.entries.vocabularies import Crosswalk, Term, Vocabularies
from directory.errors import NotFound
from directory.languages import gettext, worded
from directory.sources.queries import paragraphs_about


@dataclass(frozen=True)
class Branch:
    """A term with what is below it and how many entries it counts."""

    term: Term
    count: int
    below: list["Branch"]


def branches(words: Vocabularies, vocabulary: str, counts: Mapping[str, int]) -> list[Branch]:
    """Return a vocabulary as a tree of at most two levels, with these counts by code.

    It is empty as long as nobody has loaded that vocabulary.
    """
    terms = words.terms.get(vocabulary, {})

    def branch(term: Term) -> Branch:
        below = [branch(terms[c]) for c in words.narrower.get((vocabulary, term.code), [])]
        return Branch(term, counts.get(term.code, 0), below)

    return [branch(term) for term in terms.values() if not term.broader]


def term_tree(session: Session, words: Vocabularies, vocabulary: str) -> list[Branch]:
    """Return a vocabulary as a tree with how many published entries carry each term itself."""
    return branches(words, vocabulary, counts_by_term(session, vocabulary))


def _known(words: Vocabularies, vocabulary: str, code: str) -> Term:
    term = words.term(vocabulary, code)
    if term is None:
        title = worded(words.vocabularies[vocabulary].title) if words.vocabularies else vocabulary
        raise NotFound(
            gettext("There is no %(code)s in the list: %(title)s.", code=code, title=title)
        )
    return term


def _by_kind(entries: Iterable[Listed]) -> dict[str, list[Listed]]:
    found: dict[str, list[Listed]] = {"training": [], "programme": [], "organisation": []}
    for entry in entries:
        found[entry.kind.name].append(entry)
    return found


def _walks(
    words: Vocabularies, vocabulary: str, code: str
) -> dict[str, list[tuple[Crosswalk, Term]]]:
    """Group the crosswalks of a term by the vocabulary at the other end."""
    found: dict[str, list[tuple[Crosswalk, Term]]] = {}
    for walk, other in words.links(vocabulary, code):
        found.setdefault(other.vocabulary, []).append((walk, other))
    for links in found.values():
        links.sort(key=lambda link: link[1].position)
    return found


def _view(session: Session, words: Vocabularies, vocabulary: str, code: str) -> dict[str, Any]:
    """Return what the page of any such term shows."""
    term = _known(words, vocabulary, code)
    below = words.narrower.get((vocabulary, code), [])
    return {
        "term": term,
        "broader": words.term(vocabulary, term.broader) if term.broader else None,
        "narrower": [words.terms[vocabulary][c] for c in below],
        "entries": _by_kind(with_term(session, vocabulary, [code, *below])),
        "walks": _walks(words, vocabulary, code),
    }


def policy_area_view(session: Session, words: Vocabularies, code: str) -> dict[str, Any]:
    """Return what the page of a policy area shows; raises NotFound."""
    return _view(session, words, "policy-areas", code)


def action_line_view(session: Session, words: Vocabularies, code: str) -> dict[str, Any]:
    """Return what the page of an action line shows, its paragraphs included; raises NotFound."""
    view = _view(session, words, "action-lines", code)
    codes = [code, *(t.code for t in view["narrower"])]
    return {**view, "paragraphs": paragraphs_about(session, codes)}
