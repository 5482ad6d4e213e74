"""What an embed shows: the filters of the search, a few entries, and colours."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from urllib.parse import urlencode

from directory.embeds.theme import Theme
from directory.languages import gettext, marked
from directory.search.query import SearchQuery

SHAPES = {"list": marked("A list of entries"), "search": marked("A search box")}
ENTRIES = 5
MOST_ENTRIES = 20
"""A list on the page of somebody else is short; the rest is a link away."""

TARGETS = {"new": marked("In a new tab"), "here": marked("In the same tab")}
USUAL = {"list": "new", "search": "here"}
"""Who reads a list comes back to it; who searches has left for our site."""


@dataclass(frozen=True)
class Embed:
    """One embed. It writes itself back as its canonical address."""

    shape: str
    search: SearchQuery
    theme: Theme
    target: str

    @classmethod
    def read(cls, params: Iterable[tuple[str, str]], shape: str | None = None) -> "Embed":
        """Read the parameters of an address; what does not fit is replaced, as on every page."""
        given = list(params)
        last = dict(given)
        query = SearchQuery.read(given, strict=False)
        some = min(query.per_page, MOST_ENTRIES) if last.get("per_page") else ENTRIES
        asked = shape or last.get("shape", "")
        shape = asked if asked in SHAPES else "list"
        target = last.get("links", "")
        return cls(
            shape=shape,
            search=replace(query, page=1, per_page=some),
            theme=Theme.read(given),
            target=target if target in TARGETS else USUAL[shape],
        )

    def params(self) -> list[tuple[str, str]]:
        """Return the canonical parameters: nothing that is the default."""
        found = [(n, v) for n, v in self.search.params() if n not in ("page", "per_page")]
        if self.shape == "search":
            found = [(n, v) for n, v in found if n not in ("q", "sort")]
        elif self.search.per_page != ENTRIES:
            found.append(("per_page", str(self.search.per_page)))
        if self.target != USUAL[self.shape]:
            found.append(("links", self.target))
        return found + self.theme.params()

    @property
    def query(self) -> str:
        """Return the parameters as they stand in an address."""
        return urlencode(self.params())

    @property
    def url(self) -> str:
        """Return the address of what stands in the frame."""
        return f"/embed/{self.shape}" + (f"?{self.query}" if self.query else "")

    @property
    def all_url(self) -> str:
        """Return the search on our own site that shows everything the embed is about."""
        whole = replace(self.search, per_page=SearchQuery().per_page)
        return whole.url() if self.shape == "list" else SearchQuery(filters=whole.filters).url()

    @property
    def height(self) -> int:
        """Return a height in pixels that is about right where no script can measure it."""
        return 112 * self.search.per_page + 110 if self.shape == "list" else 130

    def snippets(self, site: str, name: str) -> dict[str, str]:
        """Return the HTML to copy: a link, a frame, and a link that a script makes a frame.

        `site` is our address and `name` our name.
        """
        if self.shape == "search":
            words = escape(gettext("Search the %(site)s", site=name))
        else:
            words = escape(gettext("From the %(site)s", site=name))
        link = f'href="{escape(site + self.all_url)}"'
        return {
            "link": f"<a {link}>{words}</a>",
            "frame": f'<iframe src="{escape(site + self.url)}" title="{words}" width="100%" '
            f'height="{self.height}" loading="lazy" style="border:0"></iframe>',
            "script": f'<a data-directory-{self.shape}="{escape(self.query)}" {link}>{words}</a>\n'
            f'<script src="{escape(site)}/embed/embed.js" defer></script>',
        }
