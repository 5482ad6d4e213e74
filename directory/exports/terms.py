"""The addresses of vocabularies and of their terms: one rule for every format."""

from urllib.parse import quote


def vocabulary_uri(site: str, name: str) -> str:
    """Return the address of a vocabulary; `site` is the address of the site."""
    return f"{site}/vocabularies/{quote(name)}"


def term_uri(site: str, vocabulary: str, code: str) -> str:
    """Return the address of a term, which leads to the page or to the data about it."""
    return f"{vocabulary_uri(site, vocabulary)}/{quote(code)}"
