"""Which states and moves a request to edit an organisation has, as data."""

from dataclasses import dataclass

from directory.inbox.models import RequestState
from directory.languages import marked

ASKED, PROVED, DISPUTED, GRANTED, REFUSED, EXPIRED = RequestState
OPEN = (PROVED, DISPUTED)


@dataclass(frozen=True)
class Move:
    """One move: whose it is, from which states to which, and whether it needs words.

    `done` is how its line in the story of a request begins, in English.
    """

    name: str
    done: str
    who: str
    before: tuple[RequestState, ...]
    after: RequestState
    explains: bool = False


MOVES = {
    m.name: m
    for m in (
        Move("prove", marked("Address proved"), "applicant", (ASKED,), PROVED),
        Move("answer", marked("Answered"), "applicant", (REFUSED,), PROVED, explains=True),
        Move("dispute", marked("Disputed"), "curator", (PROVED,), DISPUTED, explains=True),
        Move(
            "object",
            marked("Objection of the present editor"),
            "holder",
            OPEN,
            DISPUTED,
            explains=True,
        ),
        Move("grant", marked("Granted"), "curator", OPEN, GRANTED),
        Move("refuse", marked("Refused"), "curator", OPEN, REFUSED, explains=True),
        Move("expire", marked("Expired"), "program", (ASKED, *OPEN), EXPIRED),
    )
}


def moves_from(state: str, who: str) -> list[Move]:
    """Return the moves that somebody can make with a request in this state."""
    return [m for m in MOVES.values() if m.who == who and state in m.before]
