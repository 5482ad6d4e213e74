"""A curator merges two entries, looks at what happened, and takes it back."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from directory.accounts.models import Grant, User
from directory.accounts.service import add_user
from directory.audit import AuditRow
from directory.curation.duplicates import likely_pairs
from directory.curation.merging_entries import merge
from directory.curation.references import Content, references_in, with_references
from directory.curation.service import get_entry, latest_revision, read_draft, save_draft
from directory.curation.unmerging import look_at_undo, undo
from directory.db import Database
from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.entries.merges import Merge
from directory.entries.models import EntryLink, State, Waiting
from directory.entries.queries import find_published
from directory.errors import Conflict, DirectoryError, Invalid, NotAllowed
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import Settings, data
from tests.curation.test_at_once import at_once
from tests.curation.together import (
    FOLD,
    KEEP,
    add,
    chain_is_whole,
    change,
    curator_in,
    do_merge,
    do_undo,
    leads_nowhere,
    public,
    waiting,
)
from tests.people import form_in, send, writing

GCSP = "/organisations/gcsp"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        yield session
        session.rollback()


@pytest.fixture
def by(session: Session) -> User:
    return curator_in(session)


def profile(session: Session, kind: Kind, slug: str) -> dict[str, Any]:
    found: dict[str, Any] = latest_revision(session, get_entry(session, kind, slug)).profile
    return found


# The way through the pages


def test_from_the_queue_to_one_entry_and_back_to_two(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        twin = add(
            session,
            ORGANISATION,
            "geneva-centre-security-policy",
            published=True,
            name="Geneva Center for Security Policies",
            acronym="GCSP",
            summary="The same house, written down once more.",
            languages=["ar"],
        )
        course = get_entry(session, TRAINING, "bespoke-courses-on-cybersecurity")
        providers = [*latest_revision(session, course).profile["providers"], twin.slug]
        change(session, course, published=True, providers=providers)
    site = curator
    queue = site.get("/curation/duplicates", params={"kind": "organisation"}).text
    assert "the same acronym, GCSP" in queue
    link = re.search(r'href="(/curation/merge\?[^"]+)"', queue)
    assert link
    choose = site.get(link[1].replace("&amp;", "&"))
    assert choose.status_code == 200
    swap = re.search(r'href="(/curation/merge\?[^"]+)">Let', choose.text)
    assert swap and "keep=geneva-centre-security-policy" in swap[1].replace("&amp;", "&")

    form = form_in(choose.text, "choices")
    assert form["choice.name"] == "keep"
    assert form["choice.languages"] == "theirs"
    shown = site.get("/curation/merge/preview", params=form.fill(choice__summary="theirs").body)
    assert "The same house, written down once more" in shown.text
    assert "/organisations/geneva-centre-security-policy" in shown.text
    assert "Bespoke courses on cybersecurity" in shown.text
    assert site.get(GCSP).text.count("The same house") == 0

    done = send(site, form_in(shown.text, "merge"))
    assert "Merged. The old address leads to the entry that stays." in done.text
    old = site.get("/organisations/geneva-centre-security-policy", follow_redirects=False)
    assert (old.status_code, old.headers["location"]) == (301, GCSP)
    assert old.headers["cache-control"] == "no-cache", "an undone merge must be seen again"
    assert "The same house" in site.get(GCSP).text

    def hits(q: str) -> list[str]:
        items = site.get("/api/v1/search", params={"q": q, "kind": "organisation"}).json()["items"]
        return [item["slug"] for item in items]

    assert "geneva-centre-security-policy" not in hits("Geneva Center for Security Policies")
    assert hits("Geneva Center for Security Policies")[0] == "gcsp"
    entry = site.get("/api/v1/trainings/bespoke-courses-on-cybersecurity").json()
    assert entry["profile"]["providers"] == ["gcsp"]
    assert "nothing here looks" in site.get("/curation/duplicates?kind=organisation").text.lower()

    undone = send(site, form_in(done.text, "undo"))
    assert "are two again" in undone.text
    again = site.get("/organisations/geneva-centre-security-policy", follow_redirects=False)
    assert again.status_code == 200
    assert "The same house" not in site.get(GCSP).text
    assert set(hits("Geneva Center for Security Policies")) >= {
        "gcsp",
        "geneva-centre-security-policy",
    }
    entry = site.get("/api/v1/trainings/bespoke-courses-on-cybersecurity").json()
    assert entry["profile"]["providers"] == ["gcsp", "geneva-centre-security-policy"]
    assert send(site, form_in(done.text, "undo")).status_code == 409


def everything(site: TestClient[Any]) -> dict[str, Any]:
    """Return what programs read: every entry, search and old addresses, without its moments."""
    found: dict[str, Any] = {}
    for kind in KINDS.values():
        for number in (1, 2, 3):
            address = f"/api/v1/{kind.path}?per_page=100&page={number}"
            for item in site.get(address).json()["items"]:
                found[item["url"]] = {
                    name: value
                    for name, value in item.items()
                    if name not in ("version", "updated_at")
                }
    for q in ("diplo", "geneva internet platform", "cyber"):
        # Among equals the order is that of indexing: all pages count, not the cut between them.
        answers = [
            site.get("/api/v1/search", params={"q": q, "per_page": "100", "page": page}).json()
            for page in ("1", "2", "3")
        ]
        items = {item["url"]: item["summary"] for answer in answers for item in answer["items"]}
        assert len(items) == answers[0]["total"]
        found[q] = (items, answers[0]["facets"])
    for slug in (KEEP, FOLD):
        found[slug] = site.get(f"/organisations/{slug}", follow_redirects=False).status_code
    return found


def test_what_programs_read_is_the_same_again_after_undo(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    before = everything(desk)
    with writing(desk_settings) as session:
        do_merge(session)
    between = everything(desk)
    assert between[FOLD] == 301
    assert f"/organisations/{FOLD}" not in between
    assert all(f'"{FOLD}"' not in json.dumps(said) for said in between.values())
    with writing(desk_settings) as session:
        do_undo(session)
    assert everything(desk) == before


def test_the_desk_leads_from_a_merged_entry_to_the_one_that_stays(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        merge(session, ORGANISATION, KEEP, FOLD, by=curator_in(session))
    for path in ("", "/review"):
        page = curator.get(f"/curation/organisations/{FOLD}{path}").text
        assert "This entry was merged into" in page
        assert f'href="/curation/organisations/{KEEP}"' in page
        assert "Save draft</button>\n" not in page.partition('class="actions"')[2]
        assert "What publishing still needs" not in page


def test_who_looked_at_an_older_version_is_told_and_nothing_happens(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    params = {"kind": "organisation", "keep": "gcsp", "fold": "access-now"}
    form = form_in(curator.get("/curation/merge/preview", params=params).text, "merge")
    with writing(desk_settings) as session:
        entry = get_entry(session, ORGANISATION, "access-now")
        change(session, entry, published=True, summary="Somebody wrote this meanwhile.")
    late = send(curator, form)
    assert late.status_code == 409
    assert "Nothing was merged" in late.text
    assert "saved since you opened this page" in late.text
    assert curator.get("/organisations/access-now", follow_redirects=False).status_code == 200
    for seen in ("", "x", "1", "1-2-3", "9" * 40 + "-1"):
        assert send(curator, form, seen=seen).status_code == 409


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 200),
        ({"kind": "organisation", "keep": "gcsp", "fold": "gcsp"}, 422),
        ({"kind": "organisation", "keep": "gcsp", "fold": "nobody"}, 404),
        ({"kind": "wonder", "keep": "gcsp", "fold": "apc"}, 404),
        ({"kind": "organisation", "keep": "gcsp", "fold": "\x00"}, 404),
    ],
)
def test_a_pair_that_is_none_gets_a_clear_page(
    curator: TestClient[Any], params: dict[str, str], status: int
) -> None:
    assert curator.get("/curation/merge", params=params).status_code == status


def test_a_merge_that_is_none_is_not_found(curator: TestClient[Any]) -> None:
    for name in ("x", "0" * 32):
        assert curator.get(f"/curation/merges/{name}").status_code == 404


def test_what_publishing_still_needs_is_said_before_and_stops_it(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        save_draft(
            session,
            read_draft(ORGANISATION, "hasty", {"name": "Hasty", "founded_year": 1999}, {}),
            by=None,
        )
    params = {"kind": "organisation", "keep": "gcsp", "fold": "hasty", "choice.name": "theirs"}
    shown = curator.get("/curation/merge/preview", params=params).text
    assert "It cannot be merged like this" in shown
    assert "Say where this comes from" in shown
    assert "Merge them now" not in shown
    refused = send(curator, form_in(shown, "merge"))
    assert refused.status_code == 422
    assert "It cannot be merged like this" in refused.text


# What a merge does


def test_names_are_not_lost_and_each_keeps_its_source(session: Session, by: User) -> None:
    merge(session, ORGANISATION, "diplofoundation", "gcsp", by=by)
    entry = get_entry(session, ORGANISATION, "diplofoundation")
    revision = latest_revision(session, entry)
    assert {"Geneva Centre for Security Policy", "GCSP"} <= set(revision.profile["aliases"])
    items = {c.get("item"): c["source"] for c in revision.claims["aliases"]}
    assert items["Geneva Centre for Security Policy"] == "gcsp-profile"
    assert revision.number == entry.version
    assert leads_nowhere(session) == []


def test_two_that_a_programme_names_in_the_same_role_become_one(session: Session, by: User) -> None:
    together = [
        {"organisation": "gcsp", "role": "lead"},
        {"organisation": "apc", "role": "lead"},
        {"organisation": "apc", "role": "funder"},
    ]
    programme = add(
        session, PROGRAMME, "shared", published=True, title="Shared", organisations=together
    )
    merge(session, ORGANISATION, "gcsp", "apc", by=by)
    assert profile(session, PROGRAMME, "shared")["organisations"] == [
        {"organisation": "gcsp", "role": "lead"},
        {"organisation": "gcsp", "role": "funder"},
    ]
    links = session.exec(select(EntryLink).where(EntryLink.entry_id == programme.id)).all()
    assert [link.rel for link in links] == ["lead", "funder"]


def test_one_that_names_the_other_does_not_name_itself_afterwards(
    session: Session, by: User
) -> None:
    change(
        session,
        get_entry(session, ORGANISATION, "gcsp"),
        published=True,
        relations=[{"organisation": "apc", "role": "partner"}],
    )
    merge(session, ORGANISATION, "gcsp", "apc", by=by, choices={"relations": "keep"})
    assert "relations" not in profile(session, ORGANISATION, "gcsp")


def test_a_change_that_waits_stays_waiting_on_top_of_what_was_merged(
    session: Session, by: User
) -> None:
    course = get_entry(session, TRAINING, "bespoke-courses-on-cybersecurity")
    change(session, course, published=False, duration="Nine days")
    course.waiting = Waiting.IN_REVIEW
    stays = get_entry(session, ORGANISATION, "apc")
    change(session, stays, published=False, founded_year=1990)
    before, waits = public(session), waiting(session)
    done = merge(session, ORGANISATION, "apc", "gcsp", by=by, choices={"summary": "theirs"})
    assert (course.state, course.waiting) == (State.PUBLISHED, Waiting.IN_REVIEW)
    newest = latest_revision(session, course)
    assert newest.number == course.version + 1
    assert newest.profile["duration"] == "Nine days"
    assert newest.profile["providers"] == ["apc"]
    live: Any = session.get(TRAINING.table, course.id)
    assert (live.providers, live.duration) == (["apc"], None)
    waits_on_top = latest_revision(session, stays).profile
    assert waits_on_top["founded_year"] == 1990
    assert "Geneva Centre for Security Policy" in waits_on_top["aliases"]
    undo(session, done.id, by=by)
    assert public(session) == before
    assert waiting(session) == waits


def test_a_reference_in_a_draft_alone_moves_and_nothing_is_published(
    session: Session, by: User
) -> None:
    draft = add(session, TRAINING, "only-a-draft", title="Only a draft", providers=["apc", "gcsp"])
    merge(session, ORGANISATION, "gcsp", "apc", by=by)
    assert profile(session, TRAINING, "only-a-draft")["providers"] == ["gcsp"]
    assert (draft.state, draft.waiting, draft.version) == (State.DRAFT, Waiting.DRAFT, 0)


def test_what_was_taken_down_names_the_one_that_stays_and_stays_down(
    session: Session, by: User
) -> None:
    course = get_entry(session, TRAINING, "bespoke-courses-on-cybersecurity")
    course.state, course.state_reason = State.WITHDRAWN, "It is over."
    done = merge(session, ORGANISATION, "apc", "gcsp", by=by)
    assert profile(session, TRAINING, course.slug)["providers"] == ["apc"]
    assert (course.state, course.state_reason) == (State.WITHDRAWN, "It is over.")
    undo(session, done.id, by=by)
    assert profile(session, TRAINING, course.slug)["providers"] == ["gcsp"]
    assert course.state is State.WITHDRAWN


def test_two_drafts_become_one_draft(session: Session, by: User) -> None:
    add(session, ORGANISATION, "first-draft", name="First draft", summary="One.")
    second = add(session, ORGANISATION, "second-draft", name="Second draft", founded_year=1999)
    done = merge(session, ORGANISATION, "first-draft", "second-draft", by=by)
    made = get_entry(session, ORGANISATION, "first-draft")
    assert (made.state, made.version) == (State.DRAFT, 0)
    says = latest_revision(session, made).profile
    assert (says["founded_year"], says["aliases"]) == (1999, ["Second draft"])
    assert (second.state, second.merged_into) == (State.MERGED, made.id)
    undo(session, done.id, by=by)
    assert second.state is State.DRAFT
    assert "founded_year" not in latest_revision(session, made).profile


def test_who_may_edit_the_folded_organisation_may_edit_the_one_that_stays(
    session: Session, by: User
) -> None:
    add_user(session, "provider@example.org", "provider")
    person = session.exec(select(User).where(User.email == "provider@example.org")).one()
    apc, gcsp = (get_entry(session, ORGANISATION, slug) for slug in ("apc", "gcsp"))
    grant = Grant(user_id=person.id, organisation_id=apc.id)
    session.add(grant)
    session.flush()
    done = merge(session, ORGANISATION, "gcsp", "apc", by=by)
    session.refresh(grant)
    assert grant.organisation_id == gcsp.id
    undo(session, done.id, by=by)
    session.refresh(grant)
    assert grant.organisation_id == apc.id


def test_addresses_of_a_chain_lead_to_its_end(session: Session, by: User) -> None:
    first = merge(session, ORGANISATION, "apc", "okta", by=by)
    second = merge(session, ORGANISATION, "gcsp", "apc", by=by)
    for slug in ("okta", "apc"):
        assert find_published(session, ORGANISATION, slug).slug == "gcsp"
    with pytest.raises(Conflict, match="Undo that first"):
        undo(session, first.id, by=by)
    undo(session, second.id, by=by)
    assert find_published(session, ORGANISATION, "okta").slug == "apc"
    undo(session, first.id, by=by)
    assert find_published(session, ORGANISATION, "okta").slug == "okta"


def test_what_somebody_edited_since_is_left_alone_and_named(session: Session, by: User) -> None:
    done = merge(session, ORGANISATION, "apc", "gcsp", by=by)
    course = get_entry(session, TRAINING, "bespoke-courses-on-cybersecurity")
    change(session, course, published=True, duration="Nine days")
    with pytest.raises(Conflict, match="Bespoke courses on cybersecurity"):
        undo(session, done.id, by=by)
    looked = look_at_undo(session, done.id, by)
    assert [t.side.entry.id for t in looked.edited] == [course.id]
    undo(session, done.id, by=by, partly=True)
    assert profile(session, TRAINING, course.slug)["providers"] == ["apc"]
    other = profile(session, TRAINING, "cyber-security-in-the-context-of-international-security")
    assert other["providers"] == ["gcsp"]
    assert get_entry(session, ORGANISATION, "gcsp").state is State.PUBLISHED
    assert leads_nowhere(session) == []


def test_an_older_merge_can_be_undone_while_a_later_one_stands(session: Session, by: User) -> None:
    """What comes back names whoever the entries it named were merged into since."""
    change(
        session,
        get_entry(session, ORGANISATION, "okta"),
        published=True,
        relations=[{"organisation": "apc", "role": "partner"}],
    )
    first = merge(session, ORGANISATION, "adobe", "okta", by=by, choices={"relations": "keep"})
    merge(session, ORGANISATION, "gcsp", "apc", by=by)
    undo(session, first.id, by=by)
    assert profile(session, ORGANISATION, "okta")["relations"] == [
        {"organisation": "gcsp", "role": "partner"}
    ]
    assert leads_nowhere(session) == []


@pytest.mark.parametrize(
    ("keep", "fold", "error"),
    [("draft-one", "gcsp", "let the public one stay"), ("down", "gcsp", "bring it back first")],
)
def test_a_pair_that_would_hide_what_is_public_is_refused(
    session: Session, by: User, keep: str, fold: str, error: str
) -> None:
    add(session, ORGANISATION, "draft-one", name="Draft one")
    down = add(session, ORGANISATION, "down", published=True, name="Down")
    down.state = State.WITHDRAWN
    with pytest.raises(Invalid, match=error):
        merge(session, ORGANISATION, keep, fold, by=by)


def test_a_merged_entry_is_not_edited_named_or_merged_again(session: Session, by: User) -> None:
    merge(session, ORGANISATION, "gcsp", "apc", by=by)
    with pytest.raises(Conflict, match="was already merged into Geneva Centre"):
        merge(session, ORGANISATION, "okta", "apc", by=by)
    with pytest.raises(Conflict):
        change(session, get_entry(session, ORGANISATION, "apc"), published=False, name="Again")
    with pytest.raises(Invalid) as refused:
        add(session, TRAINING, "late", published=True, title="Late", providers=["apc"])
    assert "name that one" in refused.value.by_field["providers"]


def test_who_may_not_merge_does_not(session: Session) -> None:
    add_user(session, "c@example.org", "contributor")
    person = session.exec(select(User).where(User.email == "c@example.org")).one()
    with pytest.raises(NotAllowed):
        merge(session, ORGANISATION, "gcsp", "apc", by=person)


def test_everything_is_written_down(session: Session, by: User) -> None:
    do_merge(session)
    do_undo(session)
    mine = session.exec(
        select(AuditRow.action).where(AuditRow.actor_id == by.id).order_by(AuditRow.sequence)  # type: ignore[arg-type]
    ).all()
    assert (mine.count("merge"), mine.count("undo merge")) == (1, 1)
    # The folded entry comes back by the revision it had.
    assert mine.count("save") == mine.count("publish") > 20
    assert chain_is_whole(session)


# On both databases


def test_of_those_who_merge_the_same_pair_at_once_one_does(any_engine: Engine) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    with database.writing() as session:
        load_seed(session, data("seed"))
        curator_in(session)
    with database.reading() as session:
        before = public(session)
        pairs = likely_pairs(session)
        assert {"working-group-on-enhanced-cooperation-2013-2014"} & {p.a.slug for p in pairs}

    def work(number: int) -> None:
        pair = ("gcsp", "apc") if number % 2 else ("apc", "gcsp")
        with database.writing() as session:
            merge(session, ORGANISATION, *pair, by=curator_in(session))

    assert at_once(work) == ["Conflict"] * 3 + ["done"]

    def back(number: int) -> None:
        with database.writing() as session:
            done = session.exec(select(Merge)).one()
            undo(session, done.id, by=curator_in(session))

    assert at_once(back) == ["Conflict"] * 3 + ["done"]
    with database.reading() as session:
        assert public(session) == before
        assert leads_nowhere(session) == []
        assert chain_is_whole(session)
        assert likely_pairs(session) == pairs


# References


def test_references_are_found_by_their_declaration_however_deep() -> None:
    found = set(
        references_in(
            PROGRAMME,
            {"organisations": [{"organisation": "apc", "role": "lead"}], "part_of": "wsis"},
        )
    )
    assert found == {
        ("organisations", ("organisation", "apc"), "lead"),
        ("part_of", ("programme", "wsis"), "part_of"),
    }


def test_a_claim_about_one_value_follows_it_and_goes_with_it() -> None:
    said = Content(
        {"providers": ["apc", "gcsp"], "programme": "old"},
        {
            "providers": [{"source": "s", "item": "apc"}, {"source": "s", "item": "gcsp"}],
            "programme": [{"source": "s"}],
        },
    )
    moved = with_references(
        TRAINING, said, {("organisation", "apc"): "gcsp", ("programme", "old"): None}
    )
    assert moved.profile == {"providers": ["gcsp"]}
    assert moved.claims == {"providers": [{"source": "s", "item": "gcsp"}]}
    dropped = with_references(TRAINING, said, {("organisation", "gcsp"): None})
    assert dropped.claims["providers"] == [{"source": "s", "item": "apc"}]


def test_publishing_names_the_entry_that_stands_in_the_way(session: Session, by: User) -> None:
    """An entry that no longer meets what publishing needs stops the merge, and is named."""
    course = get_entry(session, TRAINING, "bespoke-courses-on-cybersecurity")
    revision = latest_revision(session, course)
    revision.claims = {k: v for k, v in revision.claims.items() if k != "summary"}
    session.add(revision)
    session.flush()
    with pytest.raises(DirectoryError, match="Bespoke courses on cybersecurity cannot"):
        merge(session, ORGANISATION, "apc", "gcsp", by=by)
