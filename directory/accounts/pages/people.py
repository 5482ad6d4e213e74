"""The administrator's list of people, and the page of each."""

import uuid
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery

from directory.accounts.guards import signed_in
from directory.accounts.models import User
from directory.accounts.pages.common import AnyRequest
from directory.accounts.people import (
    change_role,
    end_access,
    free_of_factors,
    invite,
    list_people,
    read_person,
    send_link,
)
from directory.accounts.permissions import ROLE_NAMES
from directory.db import Database
from directory.errors import Conflict, Invalid
from directory.languages import marked
from directory.web.csrf import form_page
from directory.web.errors import status_of
from directory.web.page import go_to, texts

DONE = {
    "role": marked("The role is changed. The person signs in anew."),
    "ended": marked("The person has no access any more. What they wrote stays."),
    "factors": marked(
        "The second factor is removed. The person signs in anew, with the password alone."
    ),
}


@get("", sync_to_thread=True)
def show_people(request: AnyRequest) -> Response[Any]:
    """Everybody with an account, and the form to invite somebody."""
    return _people_page(request, {}, {"email": "", "role": "contributor"})


def _people_page(
    request: AnyRequest, errors: dict[str, str], form: dict[str, str]
) -> Response[Any]:
    database: Database = request.app.state.database
    with database.reading() as session:
        people = list_people(session)
    return form_page(
        request,
        "accounts/people.html",
        status=422 if errors else 200,
        errors=errors,
        form=form,
        people=people,
        roles=ROLE_NAMES,
    )


@post("/invite")
async def send_invitation(request: AnyRequest) -> Response[Any]:
    """Invite a person; the page shows their link once, for sites that send no mail."""
    sent = await texts(request)
    form = {"email": sent.get("email", ""), "role": sent.get("role", "")}
    try:
        user, link = await sync_to_thread(
            _invite, request.app.state, form["email"], form["role"], signed_in(request)
        )
    except Invalid as error:
        return await sync_to_thread(_people_page, request, error.by_field, form)
    return await sync_to_thread(_person_page, request, user.id, link=link)


def _invite(state: State, email: str, role: str, by: User) -> tuple[User, str]:
    database: Database = state.database
    with database.writing() as session:
        return invite(session, email, role, state.settings, by=by)


@get("/{number:uuid}", sync_to_thread=True)
def show_person(
    request: AnyRequest, number: FromPath[uuid.UUID], done: FromQuery[str] = ""
) -> Response[Any]:
    """One person, and what can be done for them."""
    return _person_page(request, number, done=DONE.get(done))


def _person_page(
    request: AnyRequest,
    number: uuid.UUID,
    *,
    link: str | None = None,
    done: str | None = None,
    refused: Exception | None = None,
) -> Response[Any]:
    database: Database = request.app.state.database
    with database.reading() as session:
        person = read_person(session, number)
    return form_page(
        request,
        "accounts/person.html",
        status=status_of(refused) if refused else 200,
        errors={"role": str(refused)} if refused else {},
        person=person,
        roles=ROLE_NAMES,
        link=link,
        done=done,
    )


@post("/{number:uuid}/role")
async def send_role(request: AnyRequest, number: FromPath[uuid.UUID]) -> Response[Any]:
    """Give a person another role."""
    role, by = (await texts(request)).get("role", ""), signed_in(request)
    try:
        await sync_to_thread(_role, request.app.state.database, number, role, by)
    except (Conflict, Invalid) as error:
        return await sync_to_thread(_person_page, request, number, refused=error)
    return go_to(request, f"/admin/people/{number}?done=role")


def _role(database: Database, number: uuid.UUID, role: str, by: User) -> None:
    with database.writing() as session:
        change_role(session, read_person(session, number).user, role, by=by)


@post("/{number:uuid}/end", sync_to_thread=True)
def send_end(request: AnyRequest, number: FromPath[uuid.UUID]) -> Response[Any]:
    """End a person's access."""
    database: Database = request.app.state.database
    try:
        with database.writing() as session:
            end_access(session, read_person(session, number).user, by=signed_in(request))
    except Conflict as error:
        return _person_page(request, number, refused=error)
    return go_to(request, f"/admin/people/{number}?done=ended")


@post("/{number:uuid}/link", sync_to_thread=True)
def send_new_link(request: AnyRequest, number: FromPath[uuid.UUID]) -> Response[Any]:
    """Send a person a new link; the page shows it once as well."""
    state, by = request.app.state, signed_in(request)
    with state.database.writing() as session:
        link = send_link(session, read_person(session, number).user, state.settings, by=by)
    return _person_page(request, number, link=link)


@post("/{number:uuid}/factors", sync_to_thread=True)
def send_free(request: AnyRequest, number: FromPath[uuid.UUID]) -> Response[Any]:
    """Remove the second factor of a person who lost it."""
    database: Database = request.app.state.database
    with database.writing() as session:
        free_of_factors(session, read_person(session, number).user, by=signed_in(request))
    return go_to(request, f"/admin/people/{number}?done=factors")


HANDLERS = [
    show_people,
    send_invitation,
    show_person,
    send_role,
    send_end,
    send_new_link,
    send_free,
]
