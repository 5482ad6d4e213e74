"""Who may do what: one row an action, one column a role. Nothing else decides it.

`any` is every entry; `own` is an entry of an organisation that was granted to the person; a blank
is no. A visitor is whoever is not signed in; what only reads what is public needs no permission.
"""

from dataclasses import dataclass

from directory.errors import NotAllowed
from directory.languages import gettext, marked, worded

ROLES = ("contributor", "provider", "curator", "admin")
ROLE_NAMES = {
    "contributor": marked("Contributor"),
    "provider": marked("Provider editor"),
    "curator": marked("Curator"),
    "admin": marked("Administrator"),
}
"""What people call the roles, in English."""

_TABLE = """
action           contributor   provider   curator   admin    in words
save             any           own        any       any      save drafts and propose changes
read drafts      any           own        any       any      read drafts and the history of entries
submit           any           own        any       any      send drafts to review
answer           any           own        any       any      answer what a reviewer has said
confirm          own           own        any       any      confirm that an entry is still right
translate        .             own        any       any      translate the text of entries
review           .             .          any       any      review what others propose
publish          .             .          any       any      publish
take down        .             .          any       any      withdraw and archive entries, and bring them back
merge            .             .          any       any      merge two entries into one, and undo it
see private      .             .          any       any      read and write what only curators see
handle reports   .             .          any       any      answer reports of problems and suggestions
grant            .             .          any       any      give providers the right to edit their organisation
change many      .             .          any       any      change many entries at once
bring in         .             .          any       any      read files and profiles into drafts
register         .             own        any       any      register a source that is read again and again
approve source   .             .          any       any      let a registered source be read, and stop it
see demand       .             any        any       any      see how much is looked for that nobody offers
webhooks         .             .          any       any      have another program told of what changes in the catalogue
invite           .             .          .         any      invite people, change their role and end their access
read audit       .             .          .         any      read the log of who did what
see followers    .             .          .         any      see how many readers follow something
"""  # noqa: E501


@dataclass(frozen=True)
class Action:
    """One row of the table: which role may do it, on which entries, and what it is in English."""

    name: str
    words: str
    roles: dict[str, str]


def _read(table: str) -> dict[str, Action]:
    """Read the table; a column starts where its title does."""
    head, *rows = table.strip().split("\n")
    starts = [head.index(role) for role in ROLES]
    end = head.index("in words")
    found = {}
    for row in rows:
        cells = [row[a:b].strip() for a, b in zip(starts, [*starts[1:], end], strict=True)]
        roles = {r: c for r, c in zip(ROLES, cells, strict=True) if c in ("any", "own")}
        name = row[: starts[0]].strip()
        found[name] = Action(name, row[end:].strip(), roles)
    return found


ACTIONS = _read(_TABLE)


def is_allowed(role: str, action: str, *, own: bool = False) -> bool:
    """Say whether a role may do something to an entry; `own` says that it is one of theirs.

    A role or an action nobody knows may nothing.
    """
    scope = ACTIONS[action].roles.get(role) if action in ACTIONS else None
    return scope == "any" or (scope == "own" and own)


def is_allowed_somewhere(role: str, action: str) -> bool:
    """Say whether there can be an entry to which a role may do something."""
    return is_allowed(role, action, own=True)


def allow(role: str, action: str, *, own: bool = False) -> None:
    """Raise NotAllowed, with a sentence for the person, unless the role may do it."""
    if is_allowed(role, action, own=own):
        return
    if action not in ACTIONS:
        raise NotAllowed(gettext("Your account may not do this."))
    what = worded(ACTIONS[action].words)
    if is_allowed_somewhere(role, action):
        raise NotAllowed(
            gettext(
                "You may do this only for your own organisations, and this is not one: %(action)s.",
                action=what,
            )
        )
    raise NotAllowed(gettext("Your account may not do this: %(action)s.", action=what))
