"""The template engine: one environment, a few filters, static files with their version."""

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine

from directory.settings import Settings, data
from directory.web.keeping import PRIVATE_PATHS

STATIC = Path(__file__).parent / "static"


@cache
def static_digest(name: str) -> str:
    """Return the hash of what is in a static file."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """Return the address of a static file, with its content's hash so that it can be cached."""
    return f"/static/{name}?v={static_digest(name)}"


def day(value: date | datetime | str) -> str:
    """Write a date as people read it: 22 November 2026."""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    return format_date(value, "d MMMM y", locale="en_GB")


def plural(count: int, word: str, many: str | None = None) -> str:
    """Write a count with its noun: 1 training, 2 trainings, 1,204 trainings."""
    return f"{count:,} {word if count == 1 else many or word + 's'}"


def template_engine(settings: Settings) -> JinjaTemplateEngine:
    """Return the engine for `templates/`; an unknown variable is an error, not an empty text."""
    environment = Environment(
        loader=FileSystemLoader(data("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"day": day}
    environment.globals |= {
        "site": settings,
        "static_url": static_url,
        "plural": plural,
        "private_paths": PRIVATE_PATHS,
    }
    return JinjaTemplateEngine.from_environment(environment)


def render(environment: Environment, name: str, context: dict[str, Any], block: str | None) -> str:
    """Return a whole page, or the one block of it that a fragment needs."""
    template = environment.get_template(name)
    if block is None:
        return template.render(context)
    return environment.concat(template.blocks[block](template.new_context(context)))
