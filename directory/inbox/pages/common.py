"""What these pages share: reading a form, knowing a sender, asking to wait."""

import uuid
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response

from directory.db import Database
from directory.errors import Invalid, NotFound, TooMany
from directory.inbox.limits import sender_key
from directory.languages import gettext
from directory.settings import Settings

AnyRequest = Request[Any, Any, Any]
TRAP = "company_fax"
"""A field that nobody sees; only a program fills it in."""


def database_of(request: AnyRequest) -> Database:
    """Return the database."""
    database: Database = request.app.state.database
    return database


def settings_of(request: AnyRequest) -> Settings:
    """Return the settings."""
    settings: Settings = request.app.state.settings
    return settings


def sender_of(request: AnyRequest) -> str:
    """Return the keyed hash of the network address of whoever sends."""
    return sender_key(settings_of(request).secret, request.client.host if request.client else "")


def refuse_programs(sent: Mapping[str, str]) -> None:
    """Raise Invalid where the field that nobody sees is filled in.

    The form comes back with it empty, so that a person whose browser did it only sends again.
    """
    if sent.get(TRAP):
        said = gettext(
            "We took this for the message of a program. If it is not, send it once more."
        )
        raise Invalid(said, {"message": said})


def ask_to_wait(response: Response[Any], error: TooMany) -> Response[Any]:
    """Say to programs too when to try again (RFC 9110, 10.2.3)."""
    response.headers["Retry-After"] = str(error.wait)
    return response


def uuid_of(text: str) -> uuid.UUID:
    """Return an id from an address; raises NotFound when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(gettext("There is nothing at this address.")) from None
