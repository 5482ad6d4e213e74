"""What can go wrong, as one small tree. Services raise these; `web/errors.py` translates them.

DirectoryError
├── NotFound       there is no such thing
│   └── Gone       there was, and it was taken down for a reason
├── NotAllowed     the person may not do this
├── Invalid        the input does not fit; `by_field` says where and why
├── Conflict       somebody else changed it meanwhile
├── TooMany        it was tried too often; `wait` says for how many seconds to stop
├── Unavailable    the database is away for a moment; `wait` says when to try again
└── SourceFailed   a file or an address could not be read
"""

from directory.languages import gettext, ngettext


class DirectoryError(Exception):
    """The root: every message is one plain sentence that a reader can act on."""


class NotFound(DirectoryError):
    """There is no such thing."""


class Gone(NotFound):
    """There was such a thing, and it was taken down; the message says why."""


class NotAllowed(DirectoryError):
    """The person may not do this."""


class Invalid(DirectoryError):
    """The input does not fit. `by_field` maps a field name to one sentence."""

    def __init__(self, message: str, by_field: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.by_field = by_field or {}


class Conflict(DirectoryError):
    """Somebody else changed it meanwhile; nothing was written."""


class TooMany(DirectoryError):
    """It was tried too often. `wait` is in seconds."""

    def __init__(self, wait: int, message: str | None = None) -> None:
        said = message or gettext("This was tried too many times.")
        super().__init__(f"{said} {_when(wait)}")
        self.wait = wait


def _when(seconds: int) -> str:
    """Say when to try again: in 12 minutes, in 3 hours, in 2 days."""
    minutes, hours, days = (-(-seconds // unit) for unit in (60, 3_600, 86_400))
    if seconds >= 86_400:
        return ngettext("Try again in %(count)s day.", "Try again in %(count)s days.", days)
    if seconds >= 3_600:
        return ngettext("Try again in %(count)s hour.", "Try again in %(count)s hours.", hours)
    return ngettext("Try again in %(count)s minute.", "Try again in %(count)s minutes.", minutes)


class Unavailable(DirectoryError):
    """The database cannot be reached, or not be written to, for a moment. `wait` is in seconds."""

    wait = 5

    def __init__(self) -> None:
        super().__init__(
            gettext("The database cannot be reached just now. Please try again in a few seconds.")
        )


class SourceFailed(DirectoryError):
    """A file or an address could not be read."""
