"""Other programs are told: all of it, in order, signed, and not for ever."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from standardwebhooks import Webhook as Checker

from directory.accounts.models import User
from directory.curation.service import get_entry
from directory.curation.workflow import make_move
from directory.db import log_change, now
from directory.entries.kinds import TRAINING
from directory.imports.fetch import Fetcher
from directory.mail import OutgoingMail
from directory.webhooks import sending
from directory.webhooks.models import Webhook
from directory.webhooks.sending import WAITS, deliver_webhooks, send_test
from directory.webhooks.service import resume_webhook
from tests.api import editing
from tests.curation.together import FOLD, do_merge
from tests.imports.sites import fetcher_for, says, sends_on
from tests.spoken import Speak, speak
from tests.webhooks.conftest import Receiver

__all__ = ["speak"]

SLUG = "cyber-school-initiative"


def told(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(body) for body in receiver.site.bodies]


def later(monkeypatch: pytest.MonkeyPatch, passed: timedelta) -> None:
    monkeypatch.setattr(sending, "now", lambda: now() + passed)


def test_a_change_is_told_once_with_a_signature_that_others_can_check(receiver: Receiver) -> None:
    _, secret = receiver.register()
    assert receiver.deliver().arrived == 0
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    assert receiver.deliver().arrived == 1
    assert receiver.deliver().arrived == 0
    (asked,), (body,) = receiver.site.asked, receiver.site.bodies
    assert asked[0] == "POST"
    said = Checker(secret).verify(body, asked[3])
    assert said["type"] == "entry.updated"
    about = said["data"]
    assert (about["kind"], about["slug"], about["version"]) == ("training", SLUG, 2)
    assert about["url"] == f"http://testserver.local/trainings/{SLUG}"
    with pytest.raises(Exception, match="signature"):
        Checker(secret).verify(body.replace(b"training", b"draining"), asked[3])
    (message,) = receiver.messages()
    assert (message.status, message.tries) == (204, 1) and message.delivered_at


def test_drafts_are_told_to_nobody(receiver: Receiver) -> None:
    receiver.register()
    editing.change(receiver.database, SLUG, published=False, duration="Nine weeks")
    editing.start(receiver.database, "secret-course", title="Secret course")
    with receiver.database.writing() as session:
        log_change(session, get_entry(session, TRAINING, "secret-course").id)
    assert receiver.deliver().arrived == 0
    assert not sending.is_anything_due(receiver.database)


def test_what_is_taken_down_brought_back_and_merged_is_told(receiver: Receiver) -> None:
    receiver.register()
    for move in ("archive", "withdraw", "bring_back"):
        with receiver.database.writing() as session:
            entry = get_entry(session, TRAINING, SLUG)
            make_move(session, entry, move, by=receiver.user, reason="Not for other programs.")
        receiver.deliver()
    assert [m["type"] for m in told(receiver)] == [
        "entry.archived",
        "entry.withdrawn",
        "entry.published",
    ]
    assert b"Not for other programs" not in b"".join(receiver.site.bodies)
    with receiver.database.writing() as session:
        do_merge(session)
    receiver.deliver()
    merged = [m["data"] for m in told(receiver) if m["type"] == "entry.merged"]
    assert [(m["slug"], m["into"]["kind"]) for m in merged] == [(FOLD, "organisation")]


def test_what_happened_before_a_message_goes_out_is_one_message(receiver: Receiver) -> None:
    receiver.register()
    for number in range(3):
        editing.change(receiver.database, SLUG, published=True, duration=f"{number} weeks")
    receiver.deliver()
    assert [m["data"]["version"] for m in told(receiver)] == [4]


def test_a_webhook_hears_of_what_it_asked_for(receiver: Receiver) -> None:
    receiver.register(kinds=["organisation"])
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    assert receiver.deliver().arrived == 0
    receiver.register(terms=["action-lines:C7"])
    editing.change(receiver.database, SLUG, published=True, action_lines=["C7-EGOV"])
    receiver.deliver()
    assert len(told(receiver)) == 1
    # Who was told of an entry hears of it further, also when it is about something else now.
    editing.change(receiver.database, SLUG, published=True, action_lines=["C4"])
    receiver.deliver()
    assert len(told(receiver)) == 2
    editing.change(receiver.database, "ai-campus", published=True, action_lines=["C4"])
    receiver.deliver()
    assert len(told(receiver)) == 2


def test_what_does_not_arrive_is_tried_again_for_a_day_in_order_and_then_paused(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.register()
    receiver.site.pages["/hook"] = says(503)
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    assert receiver.deliver().failed == 1
    editing.change(receiver.database, "ai-campus", published=True, duration="One day")
    assert receiver.deliver().failed == 0  # It rests.
    passed = timedelta()
    for wait in WAITS:
        passed += wait + timedelta(seconds=1)
        later(monkeypatch, passed)
        assert receiver.deliver().failed == 1
    assert timedelta(hours=20) < passed < timedelta(hours=28)
    webhook = receiver.webhook()
    assert webhook.paused_at and webhook.paused_because == "Every try within a day failed."
    slugs = [m["data"]["slug"] for m in told(receiver)]
    assert slugs == [SLUG] * (len(WAITS) + 1)
    assert len(set(receiver.site.bodies)) == 1
    assert len({asked[3]["webhook-id"] for asked in receiver.site.asked}) == 1
    with receiver.database.reading() as session:
        (mail,) = session.exec(select(OutgoingMail)).all()
    assert mail.to == "cora@example.org" and f"/account/webhooks/{webhook.id}" in mail.text
    assert "It answered 503 Service Unavailable." in mail.text
    later(monkeypatch, passed + timedelta(days=3))
    assert receiver.deliver().failed == 0
    # The owner lets it go on: nothing was lost, and the order is kept.
    receiver.site.pages["/hook"] = says(200)
    with receiver.database.writing() as session:
        resume_webhook(session, webhook.id, by=receiver.user)
    assert receiver.deliver().arrived == 2
    assert [m["data"]["slug"] for m in told(receiver)][-2:] == [SLUG, "ai-campus"]


def test_whoever_answers_that_it_is_gone_hears_no_more(receiver: Receiver) -> None:
    receiver.register()
    receiver.site.pages["/hook"] = says(410)
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    assert receiver.deliver().failed == 1
    assert "410" in str(receiver.webhook().paused_because)


def test_a_redirect_is_not_followed_and_a_huge_answer_is_not_read(receiver: Receiver) -> None:
    receiver.register()
    receiver.site.pages["/hook"] = sends_on("/elsewhere", 307)
    receiver.site.pages["/elsewhere"] = says(200)
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    assert receiver.deliver().failed == 1
    assert [asked[2] for asked in receiver.site.asked] == ["/hook"]
    assert "register the address where it leads" in receiver.messages()[0].answer
    receiver.site.pages["/hook"] = says(200, b"x" * 30_000_000)
    began = datetime.now()
    with receiver.database.writing() as session:
        webhook = session.exec(select(Webhook)).one()
        webhook.try_after = now()
        session.add(webhook)
    assert receiver.deliver().arrived == 1
    assert datetime.now() - began < timedelta(seconds=5)


def test_addresses_of_the_inside_are_never_told(receiver: Receiver) -> None:
    webhook, _ = receiver.register()
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    guarded = Fetcher("http://testserver.local", resolve=lambda host, port: ["127.0.0.1"])
    sent = deliver_webhooks(receiver.database, receiver.settings, guarded)
    assert (sent.arrived, sent.failed) == (0, 1)
    assert not receiver.site.asked
    assert receiver.messages()[0].status is None and receiver.messages()[0].said
    good, said = send_test(
        receiver.database, receiver.settings, guarded, webhook.id, by=receiver.user
    )
    assert not good and said and not receiver.site.asked


def test_a_receiver_that_never_answers_holds_nothing_up(receiver: Receiver) -> None:
    receiver.register()

    def waits(_: Any) -> None:
        receiver.site.closing.wait(20)

    receiver.site.pages["/hook"] = waits
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    hurried = fetcher_for(receiver.site, seconds=0.3)
    assert deliver_webhooks(receiver.database, receiver.settings, hurried).failed == 1
    assert "did not answer within" in receiver.messages()[0].said


def test_whoever_may_no_more_is_told_no_more(receiver: Receiver) -> None:
    receiver.register()
    with receiver.database.writing() as session:
        user = session.exec(select(User).where(User.email == "cora@example.org")).one()
        user.role = "contributor"
        session.add(user)
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    assert receiver.deliver().arrived == 0
    assert "owner" in str(receiver.webhook().paused_because)
    assert not receiver.site.asked


def test_after_a_copy_was_put_back_the_next_change_is_told(receiver: Receiver) -> None:
    webhook, _ = receiver.register()
    with receiver.database.writing() as session:
        found = session.get_one(Webhook, webhook.id)
        found.position += 1000
        session.add(found)
    receiver.deliver()
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    assert receiver.deliver().arrived == 1


def test_a_secret_stands_nowhere_in_the_database(receiver: Receiver) -> None:
    _, secret = receiver.register()
    assert secret.removeprefix("whsec_") not in receiver.webhook().model_dump_json()


def test_the_owner_reads_in_their_own_language_that_a_webhook_is_paused(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, speak: Speak
) -> None:
    speak(
        "fr",
        {
            "Your webhook is paused": "Votre webhook est en pause",
            "Every try within a day failed.": "Aucun essai n’a abouti en un jour.",
            "It answered %(answer)s.": "Réponse : %(answer)s.",
        },
    )
    receiver.register()
    with receiver.database.writing() as session:
        user = session.exec(select(User).where(User.email == "cora@example.org")).one()
        user.language = "fr"
        session.add(user)
    receiver.site.pages["/hook"] = says(503)
    editing.change(receiver.database, SLUG, published=True, duration="Nine weeks")
    passed = timedelta()
    for wait in (timedelta(), *WAITS):
        passed += wait + timedelta(seconds=1)
        later(monkeypatch, passed)
        assert receiver.deliver().failed == 1
    with receiver.database.reading() as session:
        (mail,) = session.exec(select(OutgoingMail)).all()
    assert mail.subject == "Votre webhook est en pause"
    assert "Aucun essai n’a abouti en un jour. Réponse : 503 Service Unavailable." in mail.text
