"""Reading a feed whole, within limits of pages, bytes and items, and only when it has changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from directory.entries.kinds import KINDS, PROGRAMME, TRAINING, kind_named
from directory.errors import DirectoryError, SourceFailed
from directory.imports.fetch import Answer, Fetcher
from directory.imports.harvest.calendars import read_calendar
from directory.imports.harvest.catalogue import read_catalogue
from directory.imports.harvest.items import MOST_ITEMS, Found, Item, Reader, Rejected, readable
from directory.imports.harvest.jsonld import read_jsonld
from directory.imports.harvest.models import Feed
from directory.imports.harvest.oai import read_oai
from directory.imports.harvest.syndication import read_syndication
from directory.imports.harvest.tables import read_csv, read_json
from directory.languages import gettext, marked

MOST_PAGES = 500
MOST_BYTES = 64 * 1024 * 1024
PAGES_OF_A_TEST = 5


@dataclass(frozen=True)
class Format:
    """One format: what people call it, what its address is, the kinds it can hold, its reader."""

    name: str
    label: str
    help: str
    kinds: tuple[str, ...]
    read: Reader


_ALL = tuple(KINDS)
FORMATS = {
    f.name: f
    for f in (
        Format("csv", "CSV", marked("a table with a line of column names."), _ALL, read_csv),
        Format("json", "JSON", marked("a list of objects."), _ALL, read_json),
        Format("ical", "iCalendar", marked("a calendar; each event is a training."),
               (TRAINING.name,), read_calendar),
        Format("atom", marked("Atom or RSS"), marked("title, address and summary of each item."),
               (PROGRAMME.name, TRAINING.name), read_syndication),
        Format("jsonld", marked("schema.org in a page"),
               marked("a page with JSON-LD, or JSON-LD by itself."), _ALL, read_jsonld),
        Format("oai", "OAI-PMH", marked("the base address of a repository."), _ALL, read_oai),
        Format("catalogue", marked("Another directory like this one"),
               marked("the address of its home page."), _ALL, read_catalogue),
    )
}  # fmt: skip
"""Every format that a feed can have, by name."""


class NotModified(DirectoryError):
    """The other side says that nothing has changed since the last run."""


class OnlyTheBeginning(DirectoryError):
    """A test run has read as many pages as it may."""


@dataclass
class Read:
    """What was read. `whole` says whether all of it was, so that what is missing can be told."""

    items: list[Item] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    whole: bool = True
    etag: str | None = None
    last_modified: str | None = None


@dataclass
class _Asker:
    """Asks for the pages of one run; `beat` is called before each, to show that one is alive."""

    fetcher: Fetcher
    feed: Feed
    read: Read
    beat: Callable[[], None]
    conditional: bool
    most_pages: int
    is_test: bool
    pages: int = 0
    size: int = 0

    def __call__(self, url: str) -> Answer:
        if self.pages >= self.most_pages:
            if self.is_test:
                raise OnlyTheBeginning
            raise SourceFailed(
                gettext("The feed has more than %(number)s pages.", number=self.most_pages)
            )
        self.beat()
        first = self.pages == 0
        answer = self.fetcher.fetch(url, headers=self._headers() if first else None)
        self.pages, self.size = self.pages + 1, self.size + len(answer.body)
        if first and self.conditional and answer.status == 304:
            raise NotModified
        if answer.status != 200:
            raise SourceFailed(
                gettext(
                    "%(address)s answers with status %(status)s, not with a feed.",
                    address=answer.url,
                    status=str(answer.status),
                )
            )
        if self.size > MOST_BYTES:
            raise SourceFailed(
                gettext("The feed holds more than %(number)s bytes.", number=MOST_BYTES)
            )
        if first:
            self.read.etag = _kept(answer.headers.get("etag"))
            self.read.last_modified = _kept(answer.headers.get("last-modified"))
        return answer

    def _headers(self) -> dict[str, str]:
        """Return the condition under which we want an answer (RFC 9110, 13.1)."""
        if not self.conditional:
            return {}
        found = {"If-None-Match": self.feed.etag, "If-Modified-Since": self.feed.last_modified}
        return {name: value for name, value in found.items() if value}


def _kept(header: str | None) -> str | None:
    """Return a header that can be sent back as it is."""
    fine = header and len(header) <= 300 and header.isascii() and header.isprintable()
    return header if fine else None


def read_feed(
    fetcher: Fetcher,
    feed: Feed,
    *,
    conditional: bool = False,
    is_test: bool = False,
    beat: Callable[[], None] = lambda: None,
) -> Read:
    """Read a feed. Items whose id another item had before are rejected.

    Raises NotModified when it is asked conditionally and nothing has changed, and SourceFailed
    when it cannot be read, or not whole; a test reads the first pages only.
    """
    read = Read()
    pages = PAGES_OF_A_TEST if is_test else MOST_PAGES
    ask = _Asker(fetcher, feed, read, beat, conditional, pages, is_test)
    known: set[str] = set()
    try:
        for found in _found(feed, ask):
            if isinstance(found, Item) and found.remote_id in known:
                found = Rejected(
                    found.remote_id, marked("Another item of the feed has the same id.")
                )
            if isinstance(found, Item):
                known.add(found.remote_id)
                read.items.append(found)
            else:
                read.rejected.append(found)
            if len(read.items) + len(read.rejected) > MOST_ITEMS:
                raise SourceFailed(
                    gettext("The feed holds more than %(number)s items.", number=MOST_ITEMS)
                )
    except OnlyTheBeginning:
        read.whole = False
    return read


def _found(feed: Feed, ask: _Asker) -> Iterator[Found]:
    kind, form = kind_named(feed.kind), FORMATS[feed.format]
    # One feed that is broken in a way nobody thought of must not keep the others waiting.
    with readable(form.label):
        yield from form.read(ask, feed.address, kind)
