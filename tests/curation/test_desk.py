"""The desk: counts that agree with their lists, lists that one narrows down and walks through."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.curation.desk import read_desk
from directory.curation.listing import Narrowed, read_list, read_walk
from directory.curation.lists import LISTS, Elsewhere
from directory.curation.owning import are_own, is_own
from directory.curation.service import get_entry, read_draft, save_draft
from directory.curation.workflow import make_move
from directory.db import now
from directory.entries.kinds import KINDS, ORGANISATION, TRAINING
from directory.entries.models import Entry
from directory.settings import Settings
from tests.curation.test_reminders import Office, office
from tests.people import enter_as, form_in, send, writing

__all__ = ["office"]
STALE = "/curation/lists/stale"


@pytest.fixture
def stale(desk_settings: Settings) -> Iterator[list[str]]:
    """Three trainings are out of date, the first for longest; everything else is fresh."""
    with writing(desk_settings) as session:
        session.execute(sa.update(Entry).values(review_by=date(2099, 1, 1)))
        found = session.exec(
            select(Entry).where(Entry.kind == "training").order_by(Entry.slug).limit(3)
        ).all()
        for days, entry in enumerate(found):
            entry.review_by = date(2026, 1, 1) + timedelta(days=days)
            session.add(entry)
        slugs = [entry.slug for entry in found]
    yield slugs


def titles(page: str) -> list[str]:
    return re.findall(r'<a class="title" href="/curation/\w+/([\w-]+)', page)


def counts(page: str) -> dict[str, int]:
    found = re.findall(r'<a href="/curation/lists/(\w+)"><b class="num">([\d,]+)</b>', page)
    return {name: int(count.replace(",", "")) for name, count in found}


def person(session: Session, email: str) -> User:
    return session.exec(select(User).where(User.email == email)).one()


def draft(session: Session, by: User, slug: str, **profile: Any) -> Entry:
    made = read_draft(TRAINING, slug, {"title": slug.replace("-", " ").title(), **profile}, {})
    return save_draft(session, made, by=by)[0]


def test_every_count_on_the_desk_is_the_length_of_its_list(
    curator: TestClient[Any], stale: list[str]
) -> None:
    shown = counts(curator.get("/curation").text)
    assert set(shown) == {name for name, one in LISTS.items() if not one.of_a_field}
    assert shown["stale"] == 3 and shown["contradictions"] > 0
    for name, count in shown.items():
        page = curator.get(f"/curation/lists/{name}").text
        assert len(titles(page)) == count
        assert page.count("Nothing is left to do here.") == (count == 0)


def test_what_visitors_ask_leads_to_the_entries_that_leave_it_open(
    curator: TestClient[Any],
) -> None:
    page = curator.get("/curation").text
    gaps = re.findall(
        r'href="(/curation/lists/unstated\?field=\w+\.\w+)">.*?class="num">([\d,]+)', page
    )
    asked = [d for kind in KINDS.values() for d in kind.fields.values() if d.answers]
    assert 10 < len(gaps) <= len(asked)
    for url, count in gaps[::5]:
        shown = curator.get(unescape(url)).text
        assert f'<span class="quiet num">{count}</span>' in shown
        assert "is not stated" in shown


@pytest.mark.parametrize(
    "path",
    ["nothing", "unstated", "unstated?field=x", "unstated?field=training.curator_note"],
)
def test_a_list_that_there_is_not_is_not_found(curator: TestClient[Any], path: str) -> None:
    assert curator.get(f"/curation/lists/{path}").status_code == 404


def test_a_list_is_narrowed_sorted_and_paged(curator: TestClient[Any], stale: list[str]) -> None:
    assert titles(curator.get(STALE).text) == stale
    assert titles(curator.get(f"{STALE}?kind=organisation").text) == []
    assert "Show the whole list" in curator.get(f"{STALE}?kind=organisation").text
    word = stale[1].split("-")[0]
    assert stale[1] in titles(curator.get(f"{STALE}?q={word.upper()}").text)
    assert titles(curator.get(f"{STALE}?q=%25").text) == []
    assert sorted(titles(curator.get(f"{STALE}?sort=title").text)) == sorted(stale)
    assert "past the last page" in curator.get(f"{STALE}?page=9").text
    strange = "?q=%00&kind=x&area=%00&who=x&sort=x&page=²&list=y"
    assert titles(curator.get(STALE + strange).text) == stale


def test_a_long_list_is_paged(curator: TestClient[Any], desk_settings: Settings) -> None:
    with writing(desk_settings) as session:
        session.execute(sa.update(Entry).values(review_by=date(2026, 1, 1)))
    first, second = (titles(curator.get(f"{STALE}?page={n}").text) for n in (1, 2))
    assert len(first) == len(second) == 50
    assert not set(first) & set(second)


def test_one_walks_from_entry_to_entry_and_confirming_leads_on(
    curator: TestClient[Any], stale: list[str]
) -> None:
    page = curator.get(f"/curation/trainings/{stale[1]}?list=stale").text
    assert "2 of 3</b> in" in page
    assert f'rel="prev" href="/curation/trainings/{stale[0]}?list=stale"' in page
    assert f'rel="next" href="/curation/trainings/{stale[2]}?list=stale"' in page
    on = send(curator, form_in(page, f"/curation/trainings/{stale[1]}/confirm"))
    assert on.url.path == f"/curation/trainings/{stale[2]}"
    assert "2 of 2</b> in" in on.text
    gone = curator.get(f"/curation/trainings/{stale[1]}?list=stale").text
    assert "No longer in" in gone and "2 entries left" in gone
    assert f'rel="next" href="/curation/trainings/{stale[0]}?list=stale"' in gone


def test_saving_and_mistakes_keep_the_place_in_the_list(
    curator: TestClient[Any], stale: list[str]
) -> None:
    url = f"/curation/trainings/{stale[0]}?list=stale&kind=training"
    form = form_in(curator.get(url).text)
    saved = send(curator, form.fill(duration="Nine weeks"))
    assert "1 of 3</b> in" in saved.text
    assert "kind=training" in str(saved.url)
    wrong = send(curator, form_in(saved.text).fill(website="nowhere"))
    assert wrong.status_code == 422 and "1 of 3</b> in" in wrong.text
    assert "</b> in" not in curator.get(f"/curation/trainings/{stale[0]}").text
    assert "</b> in" not in curator.get(f"/curation/trainings/{stale[0]}?list=x").text


def test_from_the_list_an_entry_is_confirmed_with_one_button(
    curator: TestClient[Any], stale: list[str]
) -> None:
    page = curator.get(f"{STALE}?kind=training").text
    back = send(curator, form_in(page, f"/curation/trainings/{stale[0]}/confirm"))
    assert str(back.url).endswith("/curation/lists/stale?kind=training")
    assert titles(back.text) == stale[1:]


def test_the_review_queue_says_who_sent_what_how_long_ago_and_who_has_it(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        me = person(session, "curator@example.org")
        for slug in ("first-course", "second-course"):
            entry = draft(session, me, slug)
            make_move(session, entry, "submit", by=me)
            entry.waiting_since = now() - timedelta(days=3 if slug == "first-course" else 1)
            session.add(entry)
        entry.assignee_id = me.id
    page = curator.get("/curation/lists/review").text
    assert titles(page) == ["first-course", "second-course"]
    assert "waits 3 days · sent by curator@example.org · nobody has taken it" in page
    assert "waits 1 day · sent by curator@example.org · with curator@example.org" in page
    mine, free = (curator.get(f"/curation/lists/review?who={w}").text for w in ("mine", "nobody"))
    assert (titles(mine), titles(free)) == (["second-course"], ["first-course"])


def test_my_drafts_are_mine_and_those_of_others_are_beside_them(
    contributor: TestClient[Any], desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        other = User(email="other@example.org", role="curator")
        session.add(other)
        session.flush()
        draft(session, person(session, "contributor@example.org"), "my-course")
        draft(session, other, "their-course")
    assert titles(contributor.get("/curation/lists/drafts").text) == ["my-course"]
    others = contributor.get("/curation/lists/others").text
    assert titles(others) == ["their-course"]
    assert "not yet public" in others and "by other@example.org" in others
    assert "Still right" not in contributor.get(STALE).text


def test_a_provider_editor_sees_their_own_and_nothing_else(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "provider")
    with writing(desk_settings) as session:
        user = person(session, email)
        mine = get_entry(session, ORGANISATION, "cyberpeace-institute")
        session.add(Grant(user_id=user.id, organisation_id=mine.id))
        session.execute(sa.update(Entry).values(review_by=date(2026, 1, 1)))
        stranger = User(email="stranger@example.org", role="contributor")
        session.add(stranger)
        session.flush()
        draft(session, stranger, "their-own", providers=["cyberpeace-institute"])
        draft(session, stranger, "of-another", providers=["gcsp"])
        draft(session, stranger, "only-in-words", summary='Not by "cyberpeace-institute".')
    assert titles(desk.get("/curation/lists/others").text) == ["their-own"]
    shown = titles(desk.get(STALE).text)
    assert "cyberpeace-institute" in shown and "gcsp" not in shown
    assert counts(desk.get("/curation").text)["stale"] == len(shown)


def test_a_provider_editor_without_a_grant_sees_an_empty_desk(
    desk: TestClient[Any], desk_settings: Settings, stale: list[str]
) -> None:
    enter_as(desk, desk_settings, "provider")
    assert set(counts(desk.get("/curation").text).values()) == {0}


def test_own_as_a_condition_is_own_entry_by_entry(desk_settings: Settings) -> None:
    with writing(desk_settings) as session:
        user = User(email="p@example.org", role="provider")
        session.add(user)
        session.flush()
        for slug in ("gcsp", "cyberpeace-institute"):
            organisation = get_entry(session, ORGANISATION, slug)
            session.add(Grant(user_id=user.id, organisation_id=organisation.id))
        draft(session, user, "mine", providers=["gcsp"])
        draft(session, user, "not-mine", providers=["diplofoundation"])
        session.flush()
        listed = set(session.exec(select(Entry.id).where(are_own(session, user))))
        alone = {e.id for e in session.exec(select(Entry)).all() if is_own(session, e, user)}
        assert listed == alone
        assert 4 < len(listed) < session.scalar(sa.select(sa.func.count(col(Entry.id))))  # type: ignore[operator]


def test_lists_read_a_page_and_no_more(desk_settings: Settings) -> None:
    """However long a list is, a page of it takes as many statements as a short one."""
    with writing(desk_settings) as session:
        user = User(email="c@example.org", role="curator")
        session.add(user)
        session.flush()
        said: list[str] = []
        sa.event.listen(session.connection(), "before_cursor_execute", lambda *a: said.append(a[2]))
        for name in LISTS:
            said.clear()
            read_list(session, Narrowed(name, field="training.cost"), user)
            assert len(said) <= 12, said


def test_lists_of_other_parts_stand_on_the_desk_of_whom_they_concern(
    desk_settings: Settings,
) -> None:
    rows = [
        Elsewhere("reports", "Reports", "What readers say.", "handle reports", "/x", lambda s: 7),
        Elsewhere("pairs", "Pairs", "What looks alike.", "merge", "/y"),
    ]
    with writing(desk_settings) as session:
        shown = {
            role: [(one.name, n) for one, n in read_desk(session, user, rows).elsewhere]
            for role in ("curator", "contributor")
            if (user := User(email=f"{role}@example.org", role=role))
        }
    assert shown == {"curator": [("reports", 7), ("pairs", None)], "contributor": []}


def test_nobody_else_reads_the_desk(desk: TestClient[Any]) -> None:
    for path in ("/curation", STALE):
        assert (
            desk.get(path, follow_redirects=False)
            .headers["location"]
            .startswith("/account/sign-in?next=")
        )


def test_the_desk_works_on_either_database(office: Office) -> None:
    office.publish("organisation", "provider", contact_email="office@example.org")
    office.publish("training", "old-course", providers=["provider"], looked=date(2020, 1, 1))
    office.publish("training", "new-course", providers=["provider"], looked=date.today())
    with office.db.writing() as session:
        user = User(email="p@example.org", role="provider")
        session.add(user)
        session.flush()
        mine = get_entry(session, ORGANISATION, "provider")
        session.add(Grant(user_id=user.id, organisation_id=mine.id))
        draft(session, user, "next-course", providers=["provider"])
    with office.db.reading() as session:
        desk = read_desk(session, user)
        assert {one.name: count for one, count in desk.counts} == {
            "drafts": 1, "review": 0, "others": 0, "stale": 1, "links": 0, "translations": 0,
            "contradictions": 0,
        }  # fmt: skip
        assert [row.entry.slug for row in desk.drafts] == ["next-course"]
        assert {gap.count for gap in desk.gaps if gap.kind is TRAINING} == {2}
        for name in LISTS:
            found = read_list(session, Narrowed(name, q="course", field="training.cost"), user)
            for row in found.rows:
                walk = read_walk(session, found.narrowed, user, row.entry)
                assert walk.total == found.paging.total and walk.place
