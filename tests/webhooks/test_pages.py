"""A person registers a webhook, sees what it was told, tests it and takes it away."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.app import create_app
from directory.settings import Settings
from directory.webhooks.models import Webhook, WebhookMessage
from tests.imports.sites import Site, fetcher_for, running, says
from tests.people import enter_as, form_in, quick_hashes, send, writing

__all__ = ["quick_hashes"]

Client = TestClient[Any]
HERE = "/account/webhooks"


@pytest.fixture
def receiver() -> Iterator[Site]:
    with running() as site:
        site.pages["/hook"] = says(200)
        yield site


@pytest.fixture
def curator(desk_settings: Settings, receiver: Site) -> Iterator[Client]:
    app = create_app(desk_settings, fetcher=fetcher_for(receiver))
    with TestClient(app, base_url="http://testserver.local") as client:
        enter_as(client, desk_settings, "curator")
        yield client


def register(client: Client, **values: Any) -> str:
    form = form_in(client.get(HERE).text, HERE).fill(**values)
    return send(client, form).text


def address_of(client: Client) -> str:
    return HERE + client.get(HERE).text.split(f'href="{HERE}')[1].split('"')[0]


def test_a_secret_is_shown_once_and_a_test_arrives(
    curator: Client, receiver: Site, desk_settings: Settings
) -> None:
    page = register(curator, url=receiver.url("/hook"), kind=["training"])
    secret = page.split('id="f-secret" value="')[1].split('"')[0]
    assert secret.startswith("whsec_")
    assert secret not in curator.get(HERE).text
    one = address_of(curator)
    assert "The test arrived." in send(curator, form_in(curator.get(one).text, f"{one}/test")).text
    assert b"webhook.test" in receiver.bodies[0]
    receiver.pages["/hook"] = says(500)
    page = send(curator, form_in(curator.get(one).text, f"{one}/test")).text
    assert "The test did not arrive." in page and "500 Internal Server Error" in page
    page = send(curator, form_in(curator.get(one).text, f"{one}/remove")).text
    assert "is told nothing any more" in page
    with writing(desk_settings) as session:
        assert not session.exec(select(Webhook)).all()
        assert not session.exec(select(WebhookMessage)).all()


@pytest.mark.parametrize(
    "url", ["", "here", "ftp://site.example/", "http://user:word@site.example/", "http://"]
)
def test_an_address_that_is_none_is_answered_by_its_field(curator: Client, url: str) -> None:
    page = register(curator, url=url)
    assert 'role="alert"' in page and 'id="f-url-error"' in page


def test_what_nobody_offered_is_refused(curator: Client, receiver: Site) -> None:
    page = register(curator, url=receiver.url("/hook"), kind=["draft"], term=["levels:x"])
    assert "no kind of entry called draft" in page and "no term called levels:x" in page


def test_where_the_site_is_encrypted_the_receiver_is_too(
    desk_settings: Settings, receiver: Site
) -> None:
    from directory.errors import Invalid
    from directory.webhooks.service import Wanted, add_webhook
    from tests.curation.together import curator_in

    safe = desk_settings.model_copy(update={"base_url": "https://directory.example"})
    with writing(desk_settings) as session:
        by = curator_in(session)
        with pytest.raises(Invalid) as refused:
            add_webhook(session, Wanted(receiver.url()), by=by, settings=safe)
    assert "https://" in refused.value.by_field["url"]


def test_there_is_an_end_to_webhooks(curator: Client, receiver: Site) -> None:
    for _ in range(10):
        register(curator, url=receiver.url("/hook"))
    assert "Remove one" in register(curator, url=receiver.url("/hook"))


def test_only_those_who_may_have_webhooks(desk: Client, desk_settings: Settings) -> None:
    assert desk.get(HERE, follow_redirects=False).status_code == 303
    enter_as(desk, desk_settings, "contributor")
    assert desk.get(HERE).status_code == 403
    assert HERE not in desk.get("/account").text


def test_nobody_sees_or_touches_the_webhook_of_another(
    curator: Client, receiver: Site, desk_settings: Settings
) -> None:
    register(curator, url=receiver.url("/hook"))
    one = address_of(curator)
    form = form_in(curator.get(one).text, f"{one}/remove")
    curator.cookies.clear()
    enter_as(curator, desk_settings, "admin")
    assert curator.get(one).status_code == 404
    token = form_in(curator.get(HERE).text, HERE)["_csrf_token"]
    for step in ("test", "remove", "resume"):
        answer = curator.post(f"{one}/{step}", data={"_csrf_token": token})
        assert answer.status_code == 404, step
    assert form.action.startswith(one)


def test_after_a_publication_on_the_page_the_message_goes_out_by_itself(
    curator: Client, receiver: Site
) -> None:
    register(curator, url=receiver.url("/hook"))
    desk = "/curation/trainings/cyber-school-initiative"
    form = form_in(curator.get(desk).text).fill(duration="Nine weeks", _source="gcsp-profile")
    assert send(curator, form, to=form.action + "/publish", follow=False).status_code == 303
    assert b"entry.updated" in _wait_for(receiver)


def _wait_for(receiver: Site) -> bytes:
    for _ in range(200):
        if receiver.bodies:
            return receiver.bodies[0]
        receiver.closing.wait(0.02)
    pytest.fail("nothing was told")
