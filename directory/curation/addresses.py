"""The short name of an entry in its address, made from its title."""

import re
import unicodedata
from collections.abc import Callable
from itertools import count

from pydantic import TypeAdapter, ValidationError

from directory.entries.fields import Slug
from directory.errors import Invalid
from directory.languages import gettext

_LONGEST = 80
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)
# `/curation/trainings/new` is the form for a new one; `similar` lists what looks the same.
_TAKEN_BY_PAGES = {"new", "similar"}


def slug_from(title: str) -> str:
    """Return a slug for a title, cut at a word; empty without a Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        slug = longer
    return slug


def free_slug(slug: str, is_taken: Callable[[str], bool]) -> str:
    """Return a slug that is free, if need be with a number behind it."""
    tried = (slug if number == 1 else f"{slug}-{number}" for number in count(1))
    return next(s for s in tried if s not in _TAKEN_BY_PAGES and not is_taken(s))


def check_slug(text: str) -> str:
    """Return the slug; raises Invalid with one sentence under `slug` when it cannot be one."""
    try:
        slug = _SLUG.validate_python(text)
    except ValidationError:
        slug = ""
    if not slug or slug in _TAKEN_BY_PAGES:
        sentence = gettext(
            "Use lower-case letters, digits and single hyphens, such as cyber-school."
        )
        if not text:
            sentence = gettext(
                "Give the entry a title, or write its short name for the address here."
            )
        raise Invalid(gettext("This address cannot be used."), {"slug": sentence})
    return slug
