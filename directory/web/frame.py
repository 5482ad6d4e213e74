"""What stands around every page: the same on most of them, and therefore drawn once."""

from functools import lru_cache
from typing import Any

from jinja2 import Environment, pass_environment
from markupsafe import Markup

from directory.languages import language


@pass_environment
def mast(environment: Environment, path: str, signed_in: bool) -> Markup:
    """Return the head of a page at a path; what it belongs to is marked in the navigation."""
    section = f"/{path[1:].partition('/')[0]}"
    return _drawn(
        environment,
        "web/_mast.html",
        language().code,
        at=section,
        exact=path == section,
        signed_in=signed_in,
    )


@pass_environment
def foot(environment: Environment) -> Markup:
    """Return the links below every page."""
    return _drawn(environment, "web/_foot.html", language().code)


@lru_cache(maxsize=1_000)
def _drawn(environment: Environment, template: str, _language: str, **about: Any) -> Markup:
    return Markup(environment.get_template(template).render(about))
