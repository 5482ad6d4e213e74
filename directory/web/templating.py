"""The template engine: one environment, a few filters, static files with their version."""

import hashlib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, pass_eval_context
from jinja2.nodes import EvalContext
from litestar.plugins.jinja import JinjaTemplateEngine
from markupsafe import Markup

from directory.languages import (
    catalogue,
    day,
    direction,
    either,
    filled,
    language,
    languages,
    month,
    number,
    own_name,
    percent,
    worded,
    worded_for,
)
from directory.settings import Settings, data
from directory.web.frame import mast, once
from directory.web.keeping import PRIVATE_PATHS
from directory.web.languages import PARAMETER, address_of
from directory.web.spoken import Templates

STATIC = Path(__file__).parent / "static"


@cache
def static_digest(name: str) -> str:
    """Return the hash of what is in a static file."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """Return the address of a static file, with its content's hash so that it can be cached."""
    return f"/static/{name}?v={static_digest(name)}"


def plural(count: int, word: str, many: str | None = None) -> str:
    """Write a count with its noun: 1 training, 2 trainings, 1,204 trainings."""
    return f"{count:,} {word if count == 1 else many or word + 's'}"


@lru_cache(maxsize=1_000)
def in_language(code: str | None) -> Markup:
    """Return the attributes of an element whose text is in this language; None is not known."""
    if code is None:
        return Markup('dir="auto"')
    return Markup('lang="{}" dir="{}"').format(code, direction(code))


@pass_eval_context
def _message(context: EvalContext, message: str, /, **values: Any) -> str:
    """Return a message as HTML, its values escaped; translators may move its tags, not add any.

    Where a template writes plain text (`autoescape false`), nothing is escaped.
    """
    if values:
        return _as(context, worded(message)) % filled(values)
    return said(message)


@pass_eval_context
def _messages(context: EvalContext, one: str, many: str, count: int, /, **values: Any) -> str:
    """Return a message in the form that the count takes, as HTML or as plain text."""
    if values.keys() - {"count"}:
        said = _as(context, worded_for(one, many, count))
        return said % filled({"count": count, **values})
    return _counted(one, many, count, catalogue())


def _as(context: EvalContext, said: str) -> str:
    return Markup(said) if context.autoescape else said


# A page says hundreds of messages, and the next page says the same; the catalogue is a part of the
# key, so that each language has its own. Nothing is escaped in what takes no values.


def said(message: str) -> Markup:
    """Return a message that takes no values, as HTML."""
    return _plain(message, catalogue())


@lru_cache(maxsize=5_000)
def _plain(message: str, _said_in: object) -> Markup:
    # A block of `trans` doubles its per cent signs whether it has values or not.
    return Markup(worded(message).replace("%%", "%"))


@lru_cache(maxsize=20_000)
def _counted(one: str, many: str, count: int, _said_in: object) -> Markup:
    return Markup(worded_for(one, many, count)) % filled({"count": count})


def template_engine(settings: Settings) -> JinjaTemplateEngine:
    """Return the engine for `templates/`; an unknown variable is an error, not an empty text."""
    environment = Templates(
        loader=FileSystemLoader(data("templates")),
        autoescape=True,
        # Looking whether a file has changed would cost more than some of them.
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.filters |= {
        "day": day,
        "month": month,
        "number": number,
        "percent": percent,
        "either": either,
        "translated": worded,
    }
    environment.globals |= {
        "site": settings,
        "static_url": static_url,
        "plural": plural,
        "_": _message,
        "gettext": _message,
        "ngettext": _messages,
        "language": language,
        "languages": languages,
        "own_name": own_name,
        "in_language": in_language,
        "address_of": address_of,
        "language_parameter": PARAMETER,
        "mast": mast,
        "once": once,
        "private_paths": PRIVATE_PATHS,
    }
    environment.settled_calls = {"_": said, "gettext": said, "static_url": static_url}
    environment.settled_objects = frozenset({"site"})
    return JinjaTemplateEngine.from_environment(environment)


def render(
    engine: JinjaTemplateEngine, name: str, context: dict[str, Any], block: str | None
) -> str:
    """Return a whole page, or the one block of it that a fragment needs."""
    templates = engine.engine
    assert isinstance(templates, Templates)
    template = templates.for_reader().get_template(name)
    if block is None:
        return template.render(context)
    return templates.concat(template.blocks[block](template.new_context(context)))
