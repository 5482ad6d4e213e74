"""Requests to edit an organisation: asked, proved, granted or refused.

Whoever asks gets the same answer from the site, whether or not there is an account or a request:
only the owner of the address learns more, by mail. Nothing is granted before a curator decides.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.accounts.permissions import allow
from directory.accounts.service import add_user
from directory.audit import record
from directory.db import now, write_alone
from directory.entries.merges import what_became_of
from directory.entries.models import Entry, State
from directory.errors import Conflict, Invalid, NotFound, TooMany
from directory.inbox import letters
from directory.inbox.evidence import domain_of, same_house
from directory.inbox.grants import HANDED_OVER, Held, end_grant, give_grant, holders_of
from directory.inbox.letters import Letter
from directory.inbox.limits import DAY, HOUR, check_limits
from directory.inbox.models import Request, RequestStep
from directory.inbox.moves import ASKED, DISPUTED, MOVES, OPEN, REFUSED, Move
from directory.inbox.proof import read_token, token_for
from directory.inbox.words import RequestForm, check_address, check_words
from directory.languages import gettext, language, marked, reading
from directory.mail import queue_mail
from directory.settings import Settings

WAITS = timedelta(days=30)
_MAILS_A_DAY = 3


def _move(
    session: Session, request: Request, name: str, *, by: User | None, text: str = ""
) -> Move:
    """Make a move and write it down; raises Conflict where the request has moved on since."""
    session.refresh(request)
    move = MOVES[name]
    if request.state not in move.before:
        raise Conflict(gettext("This request has moved on since you opened it. Look at it again."))
    request.state, request.state_since = move.after.value, now()
    step = RequestStep(
        request_id=request.id,
        move=name,
        text=text,
        by_id=by.id if by else None,
        created_at=now(),
    )
    session.add_all([request, step])
    session.flush()
    _record(session, name, request, by)
    return move


def _record(session: Session, name: str, request: Request, by: User | None) -> None:
    """Write down that a request moved: by its id, because the log never forgets an address."""
    entry = organisation_of(session, request)
    detail = {"request": str(request.id), "state": request.state}
    record(session, f"{name} request", entry.title, by=by, entry_id=entry.id, **detail)


def _mail(session: Session, to: str, letter: Letter, *, secret: str | None = None) -> None:
    queue_mail(session, to, *letter, secret=secret)


def organisation_of(session: Session, request: Request) -> Entry:
    """Return the organisation that a request is about, or that it was folded into since."""
    return what_became_of(session, session.get_one(Entry, request.organisation_id))


def ask(
    session: Session, organisation: Entry, form: RequestForm, *, sender: str, settings: Settings
) -> None:
    """Take a request, or remind of one that is under way: the mail says which, the page does not.

    Raises TooMany for a sender who asks too often.
    """
    write_alone(session)
    limits = [("request/hour", sender, 5, HOUR), ("request/day", sender, 15, DAY)]
    check_limits(session, limits, secret=settings.secret)
    _take(session, organisation, form, None, settings)


def hand_over(session: Session, held: Held, email: str, *, by: User, settings: Settings) -> None:
    """Name a successor; one's own grant ends when a curator grants theirs.

    Raises Invalid for an address that cannot be one, and for one's own; TooMany for too many.
    """
    write_alone(session)
    email = check_address(email, "email")
    limits = [("request/holder", str(by.id), 5, DAY)]
    check_limits(session, limits, secret=settings.secret)
    if email == by.email:
        raise Invalid(
            gettext("This is your own address."), {"email": gettext("Name somebody else.")}
        )
    form = RequestForm(email=email, job=marked("Named as successor"))
    _take(session, held.organisation, form, by, settings)


def _take(
    session: Session,
    organisation: Entry,
    form: RequestForm,
    holder: User | None,
    settings: Settings,
) -> None:
    limits = [("request/mail", form.email, _MAILS_A_DAY, DAY)]
    try:
        check_limits(session, limits, secret=settings.secret)
    except TooMany:
        return
    user = session.exec(select(User).where(User.email == form.email)).first()
    if user and any(h.user.id == user.id for h in holders_of(session, organisation)):
        with reading(user.language):
            _mail(session, form.email, letters.holds_already(settings, organisation))
        return
    request = _under_way(session, organisation, form.email)
    if request and holder:
        request.vouched_by = holder.id
        session.add(request)
    if request and request.state in OPEN:
        with reading(request.language):
            _mail(session, form.email, letters.still_waits(settings, organisation))
    elif request and request.state == REFUSED:
        _mail_refusal(session, request, organisation, settings)
    else:
        request = request or _new(organisation, form, holder)
        if not request.vouched_by:
            request.job, request.message = form.job, form.message
            request.language = language().code
        session.add(request)
        session.flush()
        _record(session, "ask", request, holder)
        token = token_for(request, settings.secret)
        name = holder.email if holder else None
        with reading(request.language):
            _mail(session, form.email, letters.prove_address(settings, organisation, token, name))


def _new(organisation: Entry, form: RequestForm, holder: User | None) -> Request:
    return Request(
        organisation_id=organisation.id,
        email=form.email,
        job=form.job,
        language=language().code,
        vouched_by=holder.id if holder else None,
        state_since=now(),
        created_at=now(),
    )


def _under_way(session: Session, organisation: Entry, email: str) -> Request | None:
    """Return the request of an address that can still move on; a refusal is so for 30 days."""
    return session.exec(
        select(Request).where(
            Request.organisation_id == organisation.id,
            Request.email == email,
            sa.or_(
                col(Request.state).in_([ASKED.value, *(s.value for s in OPEN)]),
                sa.and_(col(Request.state) == REFUSED, col(Request.state_since) > now() - WAITS),
            ),
        )
    ).first()


def prove(session: Session, token: str, *, settings: Settings) -> Request:
    """Take the word of the owner of an address; raises NotFound for a link that is used up.

    Where somebody of another house holds the organisation, both go to the curators.
    """
    write_alone(session)
    request = read_token(session, token, ASKED, settings.secret)
    _move(session, request, "prove", by=None)
    # A successor was asked in the language of who named them, and is now heard in their own.
    request.language = language().code
    organisation = organisation_of(session, request)
    holders = [] if request.vouched_by else holders_of(session, organisation)
    for held in holders:
        with reading(held.user.language):
            letter = letters.somebody_else_asks(settings, organisation, domain_of(request.email))
        _mail(session, held.user.email, letter)
    if holders and not any(same_house(request.email, h.user.email) for h in holders):
        said = marked("Somebody of another domain edits it already.")
        _dispute(session, request, said, None, settings)
    return request


def _dispute(
    session: Session, request: Request, text: str, by: User | None, settings: Settings
) -> None:
    _move(session, request, "dispute", by=by, text=text)
    _mail_dispute(session, request, organisation_of(session, request), settings)


def _mail_dispute(
    session: Session, request: Request, organisation: Entry, settings: Settings
) -> None:
    with reading(request.language):
        _mail(session, request.email, letters.disputed(settings, organisation))


def answer_refusal(session: Session, token: str, text: str, *, settings: Settings) -> Request:
    """Take an applicant's answer to a refusal; the request waits for a decision again."""
    write_alone(session)
    request = read_token(session, token, REFUSED, settings.secret)
    text = check_words(text, "answer", needed=gettext("Write your answer."))
    _move(session, request, "answer", by=None, text=text)
    return request


def object_to(
    session: Session, held: Held, request: Request, text: str, *, by: User, settings: Settings
) -> None:
    """Take a holder's word that somebody should not edit the organisation; curators decide.

    Raises NotFound for a request that is not about this organisation, and Invalid without words.
    """
    write_alone(session)
    if request.organisation_id != held.organisation.id or held.user.id != by.id:
        raise NotFound(gettext("There is no such request."))
    text = check_words(text, "reason", needed=gettext("Say why: a curator reads it."))
    was = request.state
    _move(session, request, "object", by=by, text=text)
    if was != DISPUTED:
        _mail_dispute(session, request, held.organisation, settings)


@dataclass(frozen=True)
class Decided:
    """What came of a grant; `link` sets the password of an account that was made for it."""

    grant: Grant
    link: str | None


def grant(session: Session, request: Request, *, by: User, settings: Settings) -> Decided:
    """Let the applicant edit the organisation, with an account if there is none.

    Raises NotAllowed, and Conflict where the request has moved on or its organisation is not
    public.
    """
    write_alone(session)
    allow(by.role, "grant")
    organisation = organisation_of(session, request)
    if organisation.state is not State.PUBLISHED:
        raise Conflict(
            gettext(
                "%(title)s is not public, so nobody can edit it for a provider.",
                title=organisation.title,
            )
        )
    _move(session, request, "grant", by=by)
    user, link = _account(session, request, settings)
    given = give_grant(session, organisation, user, by=by)
    assert given.expires_at
    with reading(user.language):
        letter = letters.granted(settings, organisation, link, given.expires_at)
    _mail(session, request.email, letter, secret=settings.secret if link else None)
    for held in holders_of(session, organisation):
        if held.user.id == request.vouched_by:
            end_grant(session, held, HANDED_OVER, by=by, settings=settings)
    return Decided(given, link)


def _account(session: Session, request: Request, settings: Settings) -> tuple[User, str | None]:
    """Return the account of who asks and, where it was made just now, its one-time link."""
    known = select(User).where(User.email == request.email)
    if user := session.exec(known).first():
        if user.ended_at:
            raise Conflict(
                gettext(
                    "An administrator has ended the access of this account, so that nothing can be "
                    "granted to it. Ask an administrator to give it access again first."
                )
            )
        return user, None
    with reading(request.language):
        token = add_user(session, request.email, "provider")
    return session.exec(known).one(), f"{settings.base_url}/account/password/{token}"


def refuse(
    session: Session, request: Request, reason: str, *, by: User, settings: Settings
) -> None:
    """Refuse with a reason, which the applicant reads and can answer.

    Raises NotAllowed, Invalid without a reason, and Conflict.
    """
    write_alone(session)
    allow(by.role, "grant")
    reason = check_words(
        reason, "reason", needed=gettext("Say why: the person reads it and can answer.")
    )
    _move(session, request, "refuse", by=by, text=reason)
    _mail_refusal(session, request, organisation_of(session, request), settings)


def _mail_refusal(
    session: Session, request: Request, organisation: Entry, settings: Settings
) -> None:
    token = token_for(request, settings.secret)
    reason = refusal_of(session, request)
    with reading(request.language):
        _mail(session, request.email, letters.refused(settings, organisation, reason, token))


def refusal_of(session: Session, request: Request) -> str:
    """Return the reason with which a request was refused last."""
    newest = (
        select(RequestStep.text)
        .where(RequestStep.request_id == request.id, RequestStep.move == "refuse")
        .order_by(col(RequestStep.created_at).desc())
    )
    return session.exec(newest).first() or ""


def mark_disputed(
    session: Session, request: Request, reason: str, *, by: User, settings: Settings
) -> None:
    """Say that somebody objects, so that two curators do not decide in haste."""
    write_alone(session)
    allow(by.role, "grant")
    reason = check_words(reason, "reason", needed=gettext("Say who objects, and why."))
    _dispute(session, request, reason, by, settings)


def expire_old(session: Session, settings: Settings) -> int:
    """End requests that nobody proved or decided within 30 days; return how many.

    Of one that was never proved the address goes: it may be that of somebody who never asked.
    """
    write_alone(session)
    late = session.exec(
        select(Request).where(
            col(Request.state).in_([s.value for s in MOVES["expire"].before]),
            col(Request.state_since) <= now() - WAITS,
        )
    ).all()
    for request in late:
        proved = request.state in OPEN
        said = (
            marked("Not decided within 30 days.")
            if proved
            else marked("The address was not proved in 30 days.")
        )
        _move(session, request, "expire", by=None, text=said)
        if proved:
            with reading(request.language):
                letter = letters.not_decided(settings, organisation_of(session, request))
            _mail(session, request.email, letter)
        else:
            request.email, request.job, request.message = "", "", None
            session.add(request)
    return len(late)


def open_requests(session: Session, organisation: Entry) -> list[Request]:
    """Return what waits for a decision about an organisation."""
    waiting = col(Request.state).in_([s.value for s in OPEN])
    found = select(Request).where(Request.organisation_id == organisation.id, waiting)
    return list(session.exec(found.order_by(col(Request.created_at))))


def find_request(session: Session, key: uuid.UUID) -> Request:
    """Return a request; raises NotFound."""
    found = session.get(Request, key)
    if found is None:
        raise NotFound(gettext("There is no such request."))
    return found
