"""Courses whose material has a licence, for aggregators of open courses (MOOChub 3.0.1).

The format asks for a licence of the SPDX list, a publisher and a creator of each course. An entry
that does not state them is no part of this feed: nothing is made up to fill a required place. Most
offers of training have no content licence, so that the feed may be short, or empty.
"""

import re
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.entries.kinds import TRAINING
from directory.entries.models import Entry, Training
from directory.entries.queries import Published, is_published
from directory.exports.licences import licence_in
from directory.exports.schema_org import type_of
from directory.exports.schema_values import mode
from directory.web.pagination import Paging

VERSION = "3.0.1"
MEDIA_TYPE = f"application/vnd.api+json; moochub-version={VERSION}"
PER_PAGE = 50
_COURSE = {
    "identifier": "https://w3id.org/kim/hcrt/course",
    "type": "Concept",
    "inScheme": "https://w3id.org/kim/hcrt/scheme",
}
_ACCESS = {"free": "free", "fee": "paid", "fee-with-scholarships": "paid"}
_CREDENTIALS = {
    "certificate": "certificate",
    "certificate-of-completion": "certificate",
    "certificate-of-participation": "confirmation of participation",
}


def is_acceptable(accept: str) -> bool:
    """Say whether a client can read this version: one that names no version reads the newest."""
    asked = re.findall(r"moochub-version\s*=\s*\"?(\d+)", accept)
    return not asked or VERSION.partition(".")[0] in asked or "*/*" in accept


def licensed(session: Session) -> list[uuid.UUID]:
    """Return the published courses with a licence that its text names, and a provider, by title."""
    rows = session.execute(
        sa.select(col(Training.id), col(Training.licence), col(Training.training_kind))
        .join(Entry, col(Entry.id) == col(Training.id))
        .where(is_published(), col(Training.licence).is_not(None))
        .where(col(Training.providers).is_not(None))
        .order_by(sa.func.lower(Entry.title), col(Entry.id))
    )
    return [key for key, licence, kind in rows if licence_in(licence or "") and _is_course(kind)]


def _is_course(kind: str | None) -> bool:
    field = TRAINING.kind_field
    return type_of(TRAINING.name, {field: kind}, field) == "Course"


def write_courses(entries: Sequence[Published], url: str, paging: Paging, site: str) -> Any:
    """Return one page of the feed; `url` is its address without a page, `site` that of the site."""

    def at(number: int) -> str:
        return url if number == 1 else f"{url}?page={number}"

    links = {"self": at(paging.page), "first": at(1), "last": at(paging.pages)}
    if paging.page > 1:
        links["prev"] = at(min(paging.page - 1, paging.pages))
    if paging.page < paging.pages:
        links["next"] = at(paging.page + 1)
    data = [_course(published, site) for published in entries]
    return {"links": links, "data": [course for course in data if course]}


def _course(published: Published, site: str) -> dict[str, Any] | None:
    profile = published.profile
    licence = licence_in(profile.get("licence") or "")
    named = {link.url: link.title for link in published.links if link.field == "providers"}
    providers = [
        {"name": title, "type": "Organization", "url": site + url} for url, title in named.items()
    ]
    if not licence or not providers:
        return None
    runs = [run for run in profile.get("runs") or [] if not run.get("cancelled")]
    attributes = {
        "name": published.entry.title,
        "courseCode": published.entry.slug,
        "learningResourceType": _COURSE,
        "courseMode": _modes(profile.get("mode")),
        "description": _html(profile.get("summary"), profile.get("description")),
        "inLanguage": list(dict.fromkeys(profile.get("languages") or [])) or None,
        "startDate": _moments(runs, "start"),
        "endDate": _moments(runs, "end"),
        "publisher": providers[0],
        "creator": providers,
        "url": profile.get("website") or site + published.url,
        "license": [{"identifier": licence.identifier, "url": licence.url, "contentUrl": None}],
        "access": _known(_ACCESS, profile.get("cost")),
        "educationalCredentialsAwarded": _known(_CREDENTIALS, profile.get("recognition")),
        "dateModified": published.entry.updated_at.isoformat(timespec="seconds"),
    }
    return {
        "id": str(published.entry.id),
        "type": "Course",
        "attributes": {k: v for k, v in attributes.items() if v is not None},
    }


def _modes(code: str | None) -> list[str] | None:
    said = [mode(code, None, None)] if code else []  # type: ignore[arg-type]
    live = {"online-live": ["synchronous"], "online-self-paced": ["asynchronous"]}
    return [m for m in [*said, *live.get(code or "", [])] if m] or None


def _html(*texts: str | None) -> str | None:
    """Return texts as paragraphs of HTML, which the format wants; nothing in them is markup."""
    from markupsafe import escape

    paragraphs = [f"<p>{escape(text)}</p>" for text in texts if text]
    return "".join(paragraphs) or None


def _moments(runs: list[dict[str, Any]], part: str) -> list[str] | None:
    """Return days as the format wants them, with a time: the beginning of the day in UTC."""
    days = dict.fromkeys(run[part] for run in runs if run.get(part))
    return [f"{day}T00:00:00Z" for day in days] or None


def _known(words: dict[str, str], code: str | None) -> list[str] | None:
    return [words[code]] if code in words else None
