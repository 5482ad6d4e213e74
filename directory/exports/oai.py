"""The Open Archives Initiative Protocol for Metadata Harvesting, version 2.0.

One function reads a request and answers it as an XML document. Whatever is wrong with a request
is an error element in an answer of status 200, as the protocol wants it (section 3.6).
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer
from lxml import etree

from directory.db import Database
from directory.entries.kinds import kind_named
from directory.entries.vocabularies import Vocabularies
from directory.errors import NotFound
from directory.exports import dublin_core
from directory.exports.oai_records import (
    Asked,
    Place,
    Record,
    all_sets,
    earliest,
    find_record,
    list_records,
)
from directory.settings import Settings
from directory.web.xml import xml_text

OAI = "http://www.openarchives.org/OAI/2.0/"
SCHEMA = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
PREFIX = "oai_dc"
TOKEN_HOLDS = timedelta(hours=24)
_SECONDS, _DAY = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"
_SALT = "oai resumption"


class OaiError(Exception):
    """An error of the protocol: its code (section 3.6) and one sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Verb:
    """What a verb needs and allows; `token` alone may stand in place of all of it."""

    answer: "Callable[[_Request, Any], None]"
    needs: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    token: bool = False


@dataclass(frozen=True)
class _Request:
    """A request that makes sense so far, with what answers it."""

    database: Database
    settings: Settings
    arguments: Mapping[str, str]
    words: Vocabularies
    moment: datetime

    @property
    def host(self) -> str:
        """Return the namespace of the identifiers (oai-identifier 2.0)."""
        host = urlsplit(self.settings.base_url).hostname or "localhost"
        return host if "." in host else f"{host}.localdomain"

    @property
    def signer(self) -> URLSafeTimedSerializer:
        """Return what seals resumption tokens."""
        return URLSafeTimedSerializer(self.settings.secret, salt=_SALT)


def respond(database: Database, settings: Settings, arguments: Sequence[tuple[str, str]]) -> bytes:
    """Answer a request, given as its arguments in order, as an XML document.

    The moment of the answer is taken once present writers are done: who asks next time for what
    changed since then misses nothing.
    """
    moment = database.settled()
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": dublin_core.XSI})
    root.set(f"{{{dublin_core.XSI}}}schemaLocation", SCHEMA)
    etree.SubElement(root, f"{{{OAI}}}responseDate").text = moment.strftime(_SECONDS)
    echo = etree.SubElement(root, f"{{{OAI}}}request")
    echo.text = f"{settings.base_url}/oai"
    try:
        verb, given = _read(arguments)
        with database.reading(newest=True) as session:
            words = Vocabularies.read(session)
        body = etree.Element(f"{{{OAI}}}{given['verb']}")
        verb.answer(_Request(database, settings, given, words, moment), body)
        for name, value in given.items():
            echo.set(name, xml_text(value))
        root.append(body)
    except OaiError as error:
        # Arguments are echoed only where they made sense (section 3.6).
        if error.code not in ("badVerb", "badArgument"):
            for name, value in dict(arguments).items():
                echo.set(name, xml_text(value))
        wrong = etree.SubElement(root, f"{{{OAI}}}error", code=error.code)
        wrong.text = xml_text(str(error))
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return document


def _read(arguments: Sequence[tuple[str, str]]) -> tuple[Verb, dict[str, str]]:
    """Return the verb and the arguments; raises OaiError for what does not fit."""
    names = [name for name, _ in arguments]
    given = dict(arguments)
    if names.count("verb") != 1 or given["verb"] not in VERBS:
        known = ", ".join(VERBS)
        raise OaiError("badVerb", f"Give one verb, which is one of {known}.")
    verb = VERBS[given["verb"]]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise OaiError("badArgument", f"Given more than once: {', '.join(twice)}.")
    rest = set(given) - {"verb"}
    allowed = {*verb.needs, *verb.allows} | ({"resumptionToken"} if verb.token else set())
    if unknown := sorted(rest - allowed):
        raise OaiError("badArgument", f"{given['verb']} knows no {', '.join(unknown)}.")
    if verb.token and "resumptionToken" in rest:
        if len(rest) > 1:
            raise OaiError("badArgument", "A resumptionToken stands alone, without the rest.")
        return verb, given
    if missing := [name for name in verb.needs if name not in rest]:
        raise OaiError("badArgument", f"{given['verb']} needs {', '.join(missing)}.")
    return verb, given


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    element = etree.SubElement(parent, f"{{{OAI}}}{name}")
    if text is not None:
        element.text = xml_text(text)
    return element


def _identify(request: _Request, body: Any) -> None:
    settings = request.settings
    with request.database.reading(newest=True) as session:
        first = earliest(session)
    _add(body, "repositoryName", settings.site_name)
    _add(body, "baseURL", f"{settings.base_url}/oai")
    _add(body, "protocolVersion", "2.0")
    _add(body, "adminEmail", settings.mail_from or f"noreply@{request.host}")
    _add(body, "earliestDatestamp", first.strftime(_SECONDS))
    _add(body, "deletedRecord", "persistent")
    _add(body, "granularity", "YYYY-MM-DDThh:mm:ssZ")


def _formats(request: _Request, body: Any) -> None:
    if "identifier" in request.arguments:
        _record(request)
    found = _add(body, "metadataFormat")
    _add(found, "metadataPrefix", PREFIX)
    _add(found, "schema", dublin_core.SCHEMA)
    _add(found, "metadataNamespace", dublin_core.OAI_DC)


def _sets(request: _Request, body: Any) -> None:
    if "resumptionToken" in request.arguments:
        raise OaiError("badResumptionToken", "The list of sets comes whole; it needs no token.")
    for spec, name in all_sets(request.words):
        found = _add(body, "set")
        _add(found, "setSpec", spec)
        _add(found, "setName", name)


def _check_prefix(prefix: str) -> None:
    if prefix != PREFIX:
        raise OaiError("cannotDisseminateFormat", f"The only metadataPrefix here is {PREFIX}.")


def _record(request: _Request) -> Record:
    """Return the record that a request names; raises OaiError when there is none."""
    start, _, key = request.arguments["identifier"].rpartition(":")
    try:
        if start != f"oai:{request.host}":
            raise NotFound("It belongs to somebody else.")
        with request.database.reading(newest=True) as session:
            return find_record(session, request.words, uuid.UUID(key))
    except (ValueError, NotFound) as error:
        sentence = f"There is no such record; identifiers look like oai:{request.host}:UUID."
        raise OaiError("idDoesNotExist", sentence) from error


def _get(request: _Request, body: Any) -> None:
    record = _record(request)
    _check_prefix(request.arguments["metadataPrefix"])
    _write(request, body, record)


def _write(request: _Request, body: Any, record: Record) -> None:
    whole = _add(body, "record")
    _header(request, whole, record)
    if record.published:
        found = dublin_core.elements(
            kind_named(record.entry.kind),
            record.published,
            request.words,
            request.settings.base_url,
        )
        dublin_core.write(_add(whole, "metadata"), found)


def _header(request: _Request, parent: Any, record: Record) -> None:
    header = _add(parent, "header")
    if record.published is None:
        header.set("status", "deleted")
    _add(header, "identifier", f"oai:{request.host}:{record.entry.id}")
    _add(header, "datestamp", record.entry.updated_at.strftime(_SECONDS))
    for spec in record.sets:
        _add(header, "setSpec", spec)


def _moment(name: str, text: str) -> tuple[datetime, bool]:
    """Return a moment and whether it is a day; raises OaiError when it is neither."""
    for form in (_SECONDS, _DAY):
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if found.strftime(form) == text:
            return found, form == _DAY
    raise OaiError("badArgument", f"{name} is a day or a moment, such as 2026-11-25T10:00:00Z.")


def _asked(request: _Request) -> Asked:
    given = request.arguments
    read = {name: _moment(name, given[name]) for name in ("from", "until") if name in given}
    if len({is_day for _, is_day in read.values()}) > 1:
        raise OaiError("badArgument", "Write from and until both as days, or both as moments.")
    since, until = (read[name][0] if name in read else None for name in ("from", "until"))
    if since and until and since > until:
        raise OaiError("badArgument", "from is later than until.")
    if until and read["until"][1]:
        until = until.replace(hour=23, minute=59, second=59)
    wanted = given.get("set")
    if wanted is not None and wanted not in dict(all_sets(request.words)):
        raise OaiError("noRecordsMatch", "There is no such set; ListSets names them all.")
    return Asked(since, until, wanted)


def _resumed(request: _Request, token: str) -> tuple[Asked, Place, int]:
    """Return what a token stands for: the question, the place in the list, how many came before."""
    try:
        since, until, wanted, at, key, count = request.signer.loads(
            token, max_age=int(TOKEN_HOLDS.total_seconds())
        )
        asked = Asked(
            datetime.fromisoformat(since) if since else None,
            datetime.fromisoformat(until) if until else None,
            wanted,
        )
        return asked, Place(datetime.fromisoformat(at), uuid.UUID(key)), int(count)
    except (BadData, ValueError, TypeError) as error:
        hours = int(TOKEN_HOLDS.total_seconds() // 3600)
        sentence = f"This token is not ours, or older than {hours} hours. Begin again."
        raise OaiError("badResumptionToken", sentence) from error


def _list(write: Callable[[_Request, Any, Record], None]) -> Callable[[_Request, Any], None]:
    """Return what answers a list, given what one record of it looks like."""

    def answer(request: _Request, body: Any) -> None:
        after, count = None, 0
        token = request.arguments.get("resumptionToken")
        if token is not None:
            asked, after, count = _resumed(request, token)
        else:
            _check_prefix(request.arguments["metadataPrefix"])
            asked = _asked(request)
        with request.database.reading(newest=True) as session:
            records, more = list_records(session, request.words, asked, after)
        if not records and after is None:
            raise OaiError("noRecordsMatch", "Nothing fits these arguments.")
        for record in records:
            write(request, body, record)
        if more or after is not None:
            _write_token(request, body, asked, records[-1].place if more else None, count)

    return answer


def _write_token(
    request: _Request, body: Any, asked: Asked, place: Place | None, count: int
) -> None:
    """End a part of a list: with a token, or with an empty one after the last part (3.5)."""
    element = _add(body, "resumptionToken")
    element.set("cursor", str(count))
    if place is None:
        return
    given = len([child for child in body if child is not element])
    element.text = request.signer.dumps(
        [
            asked.since.isoformat() if asked.since else None,
            asked.until.isoformat() if asked.until else None,
            asked.set,
            place.at.isoformat(),
            place.id.hex,
            count + given,
        ]
    )
    element.set("expirationDate", (request.moment + TOKEN_HOLDS).strftime(_SECONDS))


_SELECTS = ("from", "until", "set")
VERBS = {
    "Identify": Verb(_identify),
    "ListMetadataFormats": Verb(_formats, allows=("identifier",)),
    "ListSets": Verb(_sets, token=True),
    "GetRecord": Verb(_get, needs=("identifier", "metadataPrefix")),
    "ListIdentifiers": Verb(_list(_header), ("metadataPrefix",), _SELECTS, token=True),
    "ListRecords": Verb(_list(_write), ("metadataPrefix",), _SELECTS, token=True),
}
"""The verbs of the protocol (section 4)."""
