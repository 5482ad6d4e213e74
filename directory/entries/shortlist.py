"""A list of entries that somebody carries along in the address of a page.

Nothing is stored and no account is needed: the `entry` parameters of a URL are the list, for
`/shortlist`, for `/compare`, and for the pages on which one goes on looking.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlmodel import Session, col, select

from directory.entries.kinds import KINDS, Kind, kind_named
from directory.entries.models import Entry, Redirect
from directory.entries.queries import is_published
from directory.errors import NotFound
from directory.languages import either, gettext, ngettext

PARAMETER = "entry"
ADD, REMOVE = CHANGES = ("add", "remove")
"""What the buttons of a card send beside the list; the address that follows has them no more."""

MOST = 50
"""So many entries with long names still fit into an address that every server takes (8 kB)."""

_LONGEST_SHOWN = 60
_NAME = re.compile(r"(?:[a-z]{1,20}/)?[a-z0-9]+(?:-[a-z0-9]+)*")


def name_of(kind: Kind, slug: str) -> str:
    """Return the name under which an entry stands in a list: `training/ai-campus`."""
    return f"{kind.name}/{slug}"


@dataclass(frozen=True)
class Shortlist:
    """The names in an address, in order and each once; it writes itself back as an address.

    `unreadable` are the values that can name no entry, `left_out` how many were too many.
    """

    names: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    left_out: int = 0

    @classmethod
    def read(cls, params: Iterable[tuple[str, str]]) -> "Shortlist":
        """Read the parameters `entry`, with `add` at their end and without `remove`."""
        found: dict[str, list[str]] = {PARAMETER: [], ADD: [], REMOVE: []}
        for parameter, value in params:
            if parameter in found and (name := value.strip().strip("/")):
                found[parameter].append(name)
        given = dict.fromkeys(found[PARAMETER] + found[ADD])
        removed = set(found[REMOVE])
        names = [n for n in given if n not in removed and _readable(n)]
        unreadable = [_cut(n) for n in given if not _readable(n)]
        return cls(tuple(names[:MOST]), tuple(unreadable[:MOST]), max(0, len(names) - MOST))

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Shortlist":
        """Return the list of these entries, under their present names."""
        return cls(tuple(name_of(kind_named(e.kind), e.slug) for e in entries))

    def __bool__(self) -> bool:
        return bool(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def with_entry(self, name: str) -> "Shortlist":
        """Return the list with this entry at its end."""
        return Shortlist(tuple(dict.fromkeys((*self.names, name))))

    def without(self, name: str) -> "Shortlist":
        """Return the list without this entry."""
        return Shortlist(tuple(n for n in self.names if n != name))

    def beginning_with(self, name: str) -> "Shortlist":
        """Return the list with this entry moved to its head."""
        return Shortlist((name, *self.without(name).names))

    def params(self) -> list[tuple[str, str]]:
        """Return the parameters of an address."""
        return [(PARAMETER, name) for name in self.names]

    def url(self, path: str = "/shortlist") -> str:
        """Return the address of a page with this list; a slash needs no escape (RFC 3986, 3.4)."""
        return f"{path}?{urlencode(self.params(), safe='/')}" if self.names else path


def _readable(name: str) -> bool:
    return len(name) <= 141 and bool(_NAME.fullmatch(name))


def _cut(text: str) -> str:
    """Return what can be shown of a text that somebody put into an address."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return clean if len(clean) <= _LONGEST_SHOWN else f"{clean[: _LONGEST_SHOWN - 1]}…"


@dataclass(frozen=True)
class Found:
    """The published entries that a list names, each once, and a sentence for each other name."""

    entries: list[Entry]
    problems: list[str]


def find_entries(session: Session, shortlist: Shortlist) -> Found:
    """Return what a list names: by kind and slug, by an old slug, or by a slug of one entry."""
    candidates = _candidates(session, {name.rpartition("/")[2] for name in shortlist.names})
    entries: dict[str, Entry] = {}
    problems = [
        gettext("“%(name)s” is not the name of an entry.", name=name)
        for name in shortlist.unreadable
    ]
    for name in shortlist.names:
        kind, _, slug = name.rpartition("/")
        possible = _of_kind(candidates.get(slug, {}), kind)
        if len(possible) == 1:
            entries.setdefault(str(possible[0].id), possible[0])
        elif possible:
            names = either(Shortlist.of(possible).names)
            problems.append(
                gettext(
                    "More than one entry is called %(slug)s: say %(names)s.", slug=slug, names=names
                )
            )
        else:
            problems.append(
                gettext("There is no entry called %(name)s; it may have been withdrawn.", name=name)
            )
    if shortlist.left_out:
        problems.append(
            ngettext(
                "A list holds %(most)s entries; the last one is left out.",
                "A list holds %(most)s entries; the %(count)s last are left out.",
                shortlist.left_out,
                most=MOST,
            )
        )
    return Found(list(entries.values()), problems)


def _of_kind(possible: dict[str, Entry], kind: str) -> list[Entry]:
    """Return the candidates of a kind, or all of them where a name says no kind."""
    if not kind:
        return [possible[name] for name in KINDS if name in possible]
    try:
        found = possible.get(kind_named(kind).name)
    except NotFound:
        return []
    return [found] if found else []


def _candidates(session: Session, slugs: set[str]) -> dict[str, dict[str, Entry]]:
    """Return the published entries with these slugs, present or old, by slug and kind."""
    if not slugs:
        return {}
    found: dict[str, dict[str, Entry]] = {}
    moved = (
        select(Redirect, Entry)
        .join(Entry, col(Redirect.entry_id) == Entry.id)
        .where(col(Redirect.slug).in_(slugs), is_published())
    )
    for redirect, entry in session.exec(moved):
        found.setdefault(redirect.slug, {})[redirect.kind] = entry
    here = select(Entry).where(col(Entry.slug).in_(slugs), is_published())
    for entry in session.exec(here):
        found.setdefault(entry.slug, {})[entry.kind] = entry
    return found
