"""OAI-PMH 2.0 with oai_dc: every record, page by page.

The whole list is read each time: what is missing can only be told from a whole list. Records that
are marked as deleted are not there (OAI-PMH 2.0, section 2.5.1).
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from directory.entries.kinds import Kind
from directory.errors import SourceFailed
from directory.imports.harvest.items import Ask, Found, Item, Rejected, checked_id
from directory.imports.harvest.texts import children, name_of, plain_text, text_in, xml_of
from directory.languages import gettext, marked

FIELDS = {
    "description": "description",
    "language": "languages",
    "subject": "policy_areas",
    "publisher": "providers",
}
"""Elements of Dublin Core, and the fields that they fill in."""

_TITLE, _IDENTIFIER, _WEBSITE = "title", "identifier", "website"
_QUIET = ("policy_areas",)
"""Fields for which a word that is none of our terms is no fault of the record."""


def read_oai(ask: Ask, address: str, kind: Kind) -> Iterator[Found]:
    """Read every record; raises SourceFailed for an error of the protocol, or an endless list."""
    url = _with(address, verb="ListRecords", metadataPrefix="oai_dc")
    tokens: set[str] = set()
    while url:
        answer = ask(url)
        root = xml_of(answer, "OAI-PMH")
        if name_of(root) != "oai-pmh":
            raise SourceFailed(
                gettext("This is no OAI-PMH: it begins with <%(name)s>.", name=name_of(root))
            )
        for error in children(root, "error"):
            if error.get("code") == "noRecordsMatch":
                return
            said = plain_text("".join(error.itertext()))[:160] or error.get("code")
            raise SourceFailed(gettext("The repository answers: %(text)s.", text=said))
        url = ""
        for found in children(root, "listrecords"):
            for record in children(found, "record"):
                if one := _record(record, kind):
                    yield one
            if token := text_in(found, "resumptiontoken"):
                if token in tokens:
                    raise SourceFailed(
                        gettext("The list leads back to a page that was read already.")
                    )
                tokens.add(token)
                url = _with(address, verb="ListRecords", resumptionToken=token)


def _with(address: str, **asked: str) -> str:
    """Return the address of a request; a set that stands in the address is kept at first."""
    parts = urlsplit(address)
    kept = dict(parse_qsl(parts.query)) if "resumptionToken" not in asked else {}
    query = {n: v for n, v in kept.items() if n in ("set", "from", "until")} | asked
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def _record(record: Any, kind: Kind) -> Found | None:
    head = next(iter(children(record, "header")), None)
    remote_id = checked_id(text_in(head, "identifier")) if head is not None else ""
    if head is not None and head.get("status") == "deleted":
        return None
    if not remote_id:
        return Rejected("a record", marked("It has no identifier in its header."))
    said: dict[str, list[str]] = {}
    for metadata in children(record, "metadata"):
        for core in metadata:
            for element in core:
                text = plain_text("".join(element.itertext()))
                if text:
                    said.setdefault(name_of(element), []).append(text)
    if not said:
        return Rejected(remote_id, marked("It has no Dublin Core."))
    url = next(
        (t for t in said.get(_IDENTIFIER, []) if t.startswith(("https://", "http://"))), None
    )
    values: dict[str, Any] = {kind.title_field: said.get(_TITLE, [""])[0]}
    if url:
        values[_WEBSITE] = url
    for element, field in FIELDS.items():
        if (declared := kind.fields.get(field)) and element in said:
            values[field] = said[element] if declared.many else "\n".join(said[element])
    return Item(remote_id, values, url, quiet=_QUIET)
