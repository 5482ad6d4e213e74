"""Who may do what: one row a role, one column an action. Nothing else decides it."""

from directory.errors import NotAllowed

#                save drafts and  make a draft  read and write what
#                read the desk    public        only curators see
_ROLES = {
    "contributor": ("save",),
    "curator":     ("save",       "publish",    "see private"),
    "admin":       ("save",       "publish",    "see private"),
}  # fmt: skip

ROLES = tuple(_ROLES)
ACTIONS = tuple(dict.fromkeys(action for actions in _ROLES.values() for action in actions))

_REFUSED = {
    "save": "Your account may not save drafts.",
    "publish": "Your account may save drafts; a curator publishes them.",
    "see private": "Only curators see this.",
}


def is_allowed(role: str, action: str) -> bool:
    """Say whether a role may do something; a role or action nobody knows may nothing."""
    return action in _ROLES.get(role, ())


def allow(role: str, action: str) -> None:
    """Raise NotAllowed, with a sentence for the person, unless the role may do it."""
    if not is_allowed(role, action):
        raise NotAllowed(_REFUSED[action])
