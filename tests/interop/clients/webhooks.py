"""Messages to other programs."""

from sqlmodel import select
from standardwebhooks import Webhook as Checker

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.db import Database, make_engine
from directory.settings import Settings
from directory.webhooks.sending import deliver_webhooks
from directory.webhooks.service import Wanted, add_webhook
from tests.api import editing
from tests.imports.sites import fetcher_for, running, says
from tests.interop.registry import row
from tests.interop.site import SAMPLE, Site


@row("Webhooks, signed", "/account/webhooks", "standardwebhooks")
def webhooks(site: Site, errors: list[str]) -> int:
    """Register a receiver on this machine, publish a change, and check what arrives."""
    settings = Settings(
        database_url=site.environment["DIRECTORY_DATABASE_URL"],
        data_dir=site.folder / "data",
        base_url=site.address,
    )
    engine = make_engine(settings.database_url)
    database = Database(engine)
    with running() as receiver:
        receiver.pages["/hook"] = says(204)
        with database.writing() as session:
            add_user(session, "interop@example.org", "curator")
            user = session.exec(select(User).where(User.email == "interop@example.org")).one()
            asked = Wanted(receiver.url("/hook"))
            _, secret = add_webhook(session, asked, by=user, settings=settings)
        editing.change(database, SAMPLE, published=True, duration="Nine weeks")
        deliver_webhooks(database, settings, fetcher_for(receiver))
        for sent, body in zip(receiver.asked, receiver.bodies, strict=True):
            said = Checker(secret).verify(body, sent[3])
            if said["data"]["slug"] != SAMPLE:
                errors.append(f"told of {said['data']['slug']} and not of {SAMPLE}")
    engine.dispose()
    return len(receiver.bodies)
