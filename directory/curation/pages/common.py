"""What the curator's pages share."""

from typing import Any

from litestar import Request

from directory.entries.kinds import BY_PATH, Kind
from directory.errors import NotFound
from directory.languages import gettext

AnyRequest = Request[Any, Any, Any]


def kind_at(path: str) -> Kind:
    """Return the kind whose list is at this path; raises NotFound."""
    if path not in BY_PATH:
        raise NotFound(gettext("There is no list of %(path)s.", path=path))
    return BY_PATH[path]
