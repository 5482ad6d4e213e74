"""Still right: one click at the desk, or by a link in a mail, and nothing else moves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.audit import AuditRow, verify_chain
from directory.curation import confirming
from directory.curation.confirming import link_to_confirm, renew_all_review_dates
from directory.curation.service import get_entry
from directory.db import Database, log_change, make_engine
from directory.entries.kinds import KINDS, ORGANISATION, TRAINING
from directory.entries.models import Entry, State
from directory.settings import Settings
from tests.people import enter_as, form_in, send, writing

SLUG = "cyber-school-initiative"
PUBLIC, DESK = f"/trainings/{SLUG}", f"/curation/trainings/{SLUG}"
CONFIRM = f"{DESK}/confirm"


def school(session: Session) -> Entry:
    return get_entry(session, TRAINING, SLUG)


def outdate(settings: Settings, day: date = date(2026, 1, 2)) -> None:
    with writing(settings) as session:
        entry = school(session)
        entry.review_by = day
        session.add(entry)
        log_change(session, entry.id)


def link(settings: Settings) -> str:
    with writing(settings) as session:
        return link_to_confirm(settings, school(session)).removeprefix(settings.base_url)


def as_json(client: TestClient[Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1{PUBLIC}").json()
    return found


def test_past_its_day_an_entry_says_so_and_stays_where_it_is(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    assert "Not confirmed since" not in desk.get(PUBLIC).text
    assert as_json(desk)["stale"] is False
    outdate(desk_settings)
    assert "Not confirmed since 22 November 2026" in desk.get(PUBLIC).text
    assert (as_json(desk)["stale"], as_json(desk)["review_by"]) == (True, "2026-01-02")
    assert SLUG in desk.get("/sitemap.xml").text


def test_confirming_changes_nothing_public_but_the_confirmation(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    outdate(desk_settings)
    before, page_before = as_json(curator), curator.get("/sitemap.xml").text
    answer = send(curator, form_in(curator.get(DESK).text, CONFIRM))
    assert "is confirmed. Nothing else has changed." in answer.text
    after = as_json(curator)
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"confirmed_at", "confirmed_by", "review_by", "stale"}
    assert after["confirmed_by"] == "curator"
    assert after["review_by"] > str(date.today())
    assert curator.get("/sitemap.xml").text == page_before
    text = curator.get(PUBLIC).text
    assert "confirmed by a curator" in text and "Not confirmed since" not in text
    with writing(desk_settings) as session:
        row = session.exec(select(AuditRow).where(AuditRow.action == "confirm")).one()
        assert (row.role, row.subject) == ("curator", "Cyber School Initiative")
        assert verify_chain(session).broken is None


def test_a_version_that_one_has_not_seen_is_not_confirmed(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    seen = form_in(curator.get(DESK).text, CONFIRM)
    changed = form_in(curator.get(DESK).text).fill(duration="Nine weeks")
    send(curator, changed, to=changed.action + "/publish")
    answer = send(curator, seen)
    assert "has changed since you looked at it" in answer.text
    with writing(desk_settings) as session:
        assert school(session).confirmed_at is None


@pytest.mark.parametrize("version", ["", "0", "-1", "99", "²", "9" * 400, "1; drop"])
def test_a_made_up_version_confirms_nothing(
    curator: TestClient[Any], desk_settings: Settings, version: str
) -> None:
    form = form_in(curator.get(DESK).text, CONFIRM).fill(version=version)
    assert send(curator, form, follow=False).status_code == 303
    with writing(desk_settings) as session:
        assert school(session).confirmed_at is None


def test_the_button_leads_back_but_never_to_another_site(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(DESK).text, CONFIRM)
    for back, leads in (
        ("/curation/lists/stale?kind=training", "/curation/lists/stale?kind=training"),
        ("//evil.example", "/curation"),
        ("https://evil.example", "/curation"),
    ):
        answer = send(curator, form.fill(back=back), follow=False)
        assert answer.headers["location"] == leads


def test_a_contributor_may_not_confirm(
    contributor: TestClient[Any], desk_settings: Settings
) -> None:
    page = contributor.get(DESK).text
    assert CONFIRM not in page
    form = form_in(page)
    body = {"_csrf_token": form["_csrf_token"], "version": "1", "back": "/curation"}
    assert contributor.post(CONFIRM, data=body).status_code == 403
    with writing(desk_settings) as session:
        assert school(session).confirmed_at is None


def test_a_provider_editor_confirms_their_own_and_no_other(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "provider")
    with writing(desk_settings) as session:
        user = session.exec(select(User).where(User.email == email)).one()
        mine = get_entry(session, ORGANISATION, "cyberpeace-institute")
        session.add(Grant(user_id=user.id, organisation_id=mine.id))
    assert send(desk, form_in(desk.get(DESK).text, CONFIRM)).status_code == 200
    assert as_json(desk)["confirmed_by"] == "provider"
    assert "confirmed by the provider" in desk.get(PUBLIC).text
    token = form_in(desk.get(DESK).text)["_csrf_token"]
    body = {"_csrf_token": token, "version": "1", "back": "/curation"}
    assert desk.post("/curation/organisations/gcsp/confirm", data=body).status_code == 403


# By a link in a mail


def test_a_provider_confirms_by_the_link_without_an_account(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    outdate(desk_settings)
    address = link(desk_settings)
    page = desk.get(address)
    assert page.headers["x-robots-tag"] == "noindex"
    assert "no-store" in page.headers["cache-control"]
    assert "Who can take part" in page.text
    assert f'href="/report?entry=trainings/{SLUG}"' in page.text
    before = as_json(desk)
    done = send(desk, form_in(page.text, address))
    assert "Thank you" in done.text
    after = as_json(desk)
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"confirmed_at", "confirmed_by", "review_by", "stale"}
    assert "confirmed by the provider" in desk.get(PUBLIC).text
    assert "Last confirmed by you or a colleague" in desk.get(address).text


def test_a_program_that_opens_every_link_changes_nothing(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    address = link(desk_settings)
    for _ in range(3):
        assert desk.get(address).status_code == 200
        assert desk.head(address).status_code == 200
        assert desk.post(address).status_code == 403
    assert as_json(desk)["confirmed_at"] is None


def test_a_link_for_an_older_version_says_so_and_confirms_nothing(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    address = link(desk_settings)
    early = form_in(curator.get(address).text, address)
    changed = form_in(curator.get(DESK).text).fill(duration="Nine weeks")
    send(curator, changed, to=changed.action + "/publish")
    page = curator.get(address).text
    assert "This entry has changed" in page
    assert "Yes, all of this" not in page
    late = send(curator, early)
    assert late.status_code == 409 and "This entry has changed" in late.text
    assert as_json(curator)["confirmed_at"] is None


def test_a_link_holds_thirty_days(
    desk: TestClient[Any], desk_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = link(desk_settings)
    monkeypatch.setattr(confirming, "LINK_HOLDS", timedelta(seconds=-1))
    answer = desk.get(address)
    assert answer.status_code == 410
    assert "The next mail from us has a new one" in answer.text


def test_a_link_that_was_cut_or_made_up_is_none(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    address = link(desk_settings)
    for wrong in (address[:-3], address[:-1] + "!", "/confirm/x", "/confirm/a.b.c", "/confirm/é"):
        assert desk.get(wrong).status_code == 404
    known = desk_settings.model_dump() | {"secret_key": "another-key"}
    other = Settings(**known)
    assert desk.get(link(other)).status_code == 404


def test_what_is_no_longer_listed_cannot_be_confirmed(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    address = link(desk_settings)
    with writing(desk_settings) as session:
        entry = school(session)
        entry.state = State.WITHDRAWN
        session.add(entry)
    assert desk.get(address).status_code == 410


# In step with the rules


def test_dates_from_before_the_rules_are_put_right_once(desk_settings: Settings) -> None:
    database = Database(make_engine(desk_settings.database_url))
    with database.writing() as session:
        before = dict(session.execute(sa.select(col(Entry.id), col(Entry.review_by))).all())
        assert set(before.values()) != {None}
        session.execute(sa.update(Entry).values(review_by=None))
    assert renew_all_review_dates(database) == len(before)
    assert renew_all_review_dates(database) == 0
    with database.reading() as session:
        after = dict(session.execute(sa.select(col(Entry.id), col(Entry.review_by))).all())
    assert after == before
    database.engine.dispose()


def test_a_confirmed_entry_that_is_published_again_keeps_its_confirmation(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    send(curator, form_in(curator.get(DESK).text, CONFIRM))
    confirmed = as_json(curator)["confirmed_at"]
    changed = form_in(curator.get(DESK).text).fill(duration="Nine weeks")
    send(curator, changed, to=changed.action + "/publish")
    assert as_json(curator)["confirmed_at"] == confirmed
    assert datetime.fromisoformat(confirmed).astimezone(UTC).date() <= date.today()


def test_every_kind_has_the_button(curator: TestClient[Any]) -> None:
    for kind in KINDS.values():
        slug = curator.get(f"/api/v1/{kind.path}").json()["items"][0]["slug"]
        form = form_in(
            curator.get(f"/curation/{kind.path}/{slug}").text,
            f"/curation/{kind.path}/{slug}/confirm",
        )
        assert "is confirmed" in send(curator, form).text
