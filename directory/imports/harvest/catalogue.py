"""Another instance of this catalogue, through version 1 of its API, page by page.

The whole list is read each time: what was taken down there can only be told from a whole list.
An ETag spares all of it while nothing has changed. References travel as names, because the same
slug may be somebody else here.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from directory.entries.fields import is_model
from directory.entries.kinds import Kind
from directory.errors import SourceFailed
from directory.imports.harvest.items import Ask, Found, Item, Rejected, checked_id
from directory.imports.harvest.texts import json_of, text_of
from directory.languages import gettext, marked

PER_PAGE = 100


def read_catalogue(ask: Ask, address: str, kind: Kind) -> Iterator[Found]:
    """Read every published entry of a kind; the address is that of the other site."""
    site = _site(address)
    number, pages = 1, 1
    while number <= pages:
        url = f"{site}/api/v1/{kind.path}?per_page={PER_PAGE}&page={number}"
        whole = json_of(text_of(ask(url)), "a list of the API")
        items = whole.get("items") if isinstance(whole, dict) else None
        last = whole.get("pages") if isinstance(whole, dict) else None
        if not isinstance(items, list) or not isinstance(last, int):
            raise SourceFailed(
                gettext(
                    "%(address)s is no list of entries as version 1 of our API gives it.",
                    address=url,
                )
            )
        pages = last
        for place, one in enumerate(items, start=1):
            yield _item(kind, site, f"page {number}, entry {place}", one)
        number += 1


def _site(address: str) -> str:
    parts = urlsplit(address)
    path = parts.path.partition("/api/v1")[0].rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _item(kind: Kind, site: str, place: str, one: Any) -> Found:
    if not isinstance(one, dict) or not isinstance(one.get("profile"), dict):
        return Rejected(place, marked("It is no entry with a profile."))
    remote_id = checked_id(one.get("id"))
    if not remote_id:
        return Rejected(str(one.get("title") or place)[:80], marked("It has no id."))
    links = one.get("links")
    titles = {
        link["slug"]: link["title"]
        for link in (links if isinstance(links, list) else [])
        if isinstance(link, dict)
        and isinstance(link.get("slug"), str)
        and isinstance(link.get("title"), str)
    }
    values = {
        name: _named(kind, name, value, titles)
        for name, value in one["profile"].items()
        if name in kind.public_fields and value is not None
    }
    url = one.get("url")
    return Item(
        remote_id, values, urljoin(f"{site}/", url.lstrip("/")) if isinstance(url, str) else None
    )


def _named(kind: Kind, field: str, value: Any, titles: dict[str, str]) -> Any:
    """Put the titles of other entries in the place of their slugs."""
    declared = kind.fields[field]
    if declared.reference is None:
        return value
    if is_model(declared.type) and isinstance(value, list):
        return [
            {k: titles.get(v, v) if isinstance(v, str) else v for k, v in part.items()}
            for part in value
            if isinstance(part, dict)
        ]
    if isinstance(value, list):
        return [titles.get(one, one) for one in value if isinstance(one, str)]
    return titles.get(value, value) if isinstance(value, str) else None
