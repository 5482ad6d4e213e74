"""A receiver on this machine, and a person who registers it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.db import Database
from directory.settings import Settings
from directory.webhooks.models import Webhook, WebhookMessage
from directory.webhooks.sending import Sent, deliver_webhooks
from directory.webhooks.service import Wanted, add_webhook
from tests.conftest import settings_for
from tests.imports.sites import Site, fetcher_for, running, says


@dataclass
class Receiver:
    """An installation, a person of it, and a server that is told."""

    database: Database
    settings: Settings
    site: Site
    user: User

    def register(self, path: str = "/hook", **wanted: list[str]) -> tuple[Webhook, str]:
        with self.database.writing() as session:
            asked = Wanted(self.site.url(path), **wanted)
            return add_webhook(session, asked, by=self.user, settings=self.settings)

    def deliver(self) -> Sent:
        return deliver_webhooks(self.database, self.settings, fetcher_for(self.site))

    def webhook(self) -> Webhook:
        with self.database.reading() as session:
            return session.exec(select(Webhook)).one()

    def messages(self) -> list[WebhookMessage]:
        with self.database.reading() as session:
            return list(session.exec(select(WebhookMessage).order_by(WebhookMessage.at)))  # type: ignore[arg-type]


@pytest.fixture
def receiver(any_seeded: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    database = Database(any_seeded)
    settings = settings_for(tmp_path_factory.mktemp("hooks"), str(any_seeded.url))
    with database.writing() as session:
        add_user(session, "cora@example.org", "curator")
        user = session.exec(select(User).where(User.email == "cora@example.org")).one()
    with running() as site:
        site.pages["/hook"] = says(204)
        yield Receiver(database, settings, site, user)
