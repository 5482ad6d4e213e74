"""What a reader makes of a feed: items with raw values, and what could not be one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from directory.entries.kinds import Kind
from directory.errors import DirectoryError, SourceFailed
from directory.imports.fetch import Answer
from directory.languages import gettext

LONGEST_ID = 500
LONGEST_URL = 2000
MOST_ITEMS = 20_000


@dataclass(frozen=True)
class Item:
    """One item. `values` maps declared fields to what the feed says, still in its own words.

    `notes` are sentences about fields that could not be read whole. A field in `notes` without
    a value stays as it is in the entry. In the fields of `quiet`, words that are none of our
    terms are left out without a note.
    """

    remote_id: str
    values: Mapping[str, Any]
    url: str | None = None
    notes: dict[str, str] = field(default_factory=dict)
    quiet: tuple[str, ...] = ()

    @property
    def link(self) -> str | None:
        """Return its address as it is kept, or None when it cannot be one."""
        url = self.url if isinstance(self.url, str) else ""
        fits = len(url) <= LONGEST_URL and url.isprintable() and " " not in url
        return url if fits and url.startswith(("https://", "http://")) else None


@dataclass(frozen=True)
class Rejected:
    """What could not be taken, and why; `name` is whatever tells a person which one it was."""

    name: str
    reason: str


Found = Item | Rejected


class Ask(Protocol):
    """Asks for one more page of a feed, within the limits of a run; raises SourceFailed."""

    def __call__(self, url: str) -> Answer:
        """Return the answer, which is a success."""
        ...


Reader = Callable[[Ask, str, Kind], Iterator[Found]]
"""Reads a feed: how to ask, its address, the kind of its entries."""


def checked_id(text: object) -> str:
    """Return an id as it is kept, or an empty text when it cannot be one."""
    if not isinstance(text, str | int) or isinstance(text, bool):
        return ""
    plain = " ".join(str(text).split())
    return plain if plain.isprintable() and len(plain) <= LONGEST_ID else ""


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Turn whatever a library says about a broken document into one sentence."""
    try:
        yield
    except (DirectoryError, SQLAlchemyError):
        raise
    except RecursionError as error:
        raise SourceFailed(
            gettext("This is nested too deeply to be %(format)s of good will.", format=what)
        ) from error
    except Exception as error:
        # Libraries raise what they like when a document is broken on purpose.
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise SourceFailed(
            gettext(
                "This cannot be read as %(format)s: %(reason)s.",
                format=what,
                reason=reason.rstrip("."),
            )
        ) from error
