"""What is the same on many pages, as the links around them are, and is therefore drawn once."""

import re
from functools import lru_cache
from typing import Any

from jinja2 import Environment, pass_environment
from markupsafe import Markup, escape

from directory.languages import language

LONGEST_SECTION = 30
"""Characters; no section of the navigation has a longer address."""


@pass_environment
def mast(environment: Environment, path: str, signed_in: bool) -> Markup:
    """Return the head of a page at a path; what it belongs to is marked in the navigation."""
    # Cut, so that addresses somebody makes up are no more than their number in what is kept.
    section = f"/{path[1:].partition('/')[0]}"[:LONGEST_SECTION]
    return _drawn(
        environment,
        "web/_mast.html",
        language().code,
        at=section,
        exact=path == section,
        signed_in=signed_in,
    )


@pass_environment
def once(environment: Environment, template: str, **values: str) -> Markup:
    """Return what a template says to everybody who reads the same language.

    Each value is put where the template names it; it can only say it, and ask nothing about it.
    """
    parts = [*_parts(environment, template, language().code, *values)]
    escaped = {name: escape(value) for name, value in values.items()}
    parts[1::2] = [escaped[name] for name in parts[1::2]]
    return Markup("".join(parts))


@lru_cache(maxsize=300)
def _parts(environment: Environment, template: str, code: str, *names: str) -> list[str]:
    """Return what stands around the values, and the names of those between, by turns."""
    places = {name: Markup(f"<{name}>") for name in names}
    drawn = _drawn(environment, template, code, **places)
    return re.split(f"<({'|'.join(names)})>", drawn) if names else [drawn]


@lru_cache(maxsize=300)
def _drawn(environment: Environment, template: str, _language: str, **about: Any) -> Markup:
    return Markup(environment.get_template(template).render(about))
