"""What an entry said before, what changed, and who said what."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts.models import User
from directory.curation.audited import verify
from directory.curation.history import since_when
from directory.curation.service import get_entry, latest_revision, read_draft, save_draft
from directory.curation.workflow import make_move
from directory.entries.kinds import TRAINING
from directory.entries.models import Revision
from directory.entries.vocabularies import Term
from directory.mail import OutgoingMail
from directory.settings import Settings
from tests.people import Form, form_in, send, writing

SLUG = "cyber-school-initiative"
SCHOOL = f"/curation/trainings/{SLUG}"
Client = TestClient[Any]


def change(client: Client, comment: str = "", **values: Any) -> None:
    form = form_in(client.get(SCHOOL).text).fill(_comment=comment, **values)
    assert send(client, form).status_code == 200


def newest(settings: Settings) -> Revision:
    with writing(settings) as session:
        return latest_revision(session, get_entry(session, TRAINING, SLUG))


def restoring(client: Client, number: int) -> Form:
    return form_in(client.get(f"{SCHOOL}/history/{number}").text, "restore")


def test_the_history_says_who_changed_what_and_why(curator: Client) -> None:
    change(curator, "They wrote to us.", duration="Nine weeks", licence="CC0")
    page = curator.get(f"{SCHOOL}/history").text
    first, second = page.split("Revision 1<", 1)
    assert "Changed: Length, " in first
    assert "They wrote to us." in first and "curator@example.org" in first
    assert "The first revision." in second and "public now" in second


def test_steps_of_the_review_stand_with_the_revision_they_are_about(
    curator: Client, desk_settings: Settings
) -> None:
    change(curator, duration="Nine weeks")
    with writing(desk_settings) as session:
        user = session.exec(select(User)).one()
        entry = get_entry(session, TRAINING, SLUG)
        make_move(session, entry, "submit", by=user)
        make_move(session, entry, "request_changes", by=user, reason="Which weeks?")
    page = curator.get(f"{SCHOOL}/history").text.split("Revision 1<", 1)[0]
    assert page.index("was sent to review") < page.index("went back to its author")
    assert "Which weeks?" in page and "changes requested" in page


def test_two_revisions_are_compared_word_by_word_and_item_by_item(curator: Client) -> None:
    before = form_in(curator.get(SCHOOL).text)
    change(curator, duration="Nine weeks", languages=["en", "fr"], licence="CC0")
    change(
        curator, duration="Nine months", licence="CC BY", claims__licence__0__source="gcsp-profile"
    )
    page = curator.get(f"{SCHOOL}/history").text
    form = form_in(page, f"{SCHOOL}/history/compare")
    assert (form["from"], form["to"]) == ("2", "3")
    found = curator.get(f"{SCHOOL}/history/compare?from=2&to=3").text
    assert "Nine <del" in found and "weeks</del>" in found and "months</ins>" in found
    assert "gcsp" in found.lower()
    assert "Languages" not in found.split("</main>")[0].split("<dl")[1]
    whole = curator.get(f"{SCHOOL}/history/compare?from=1&to=3").text
    added = re.findall(r"<li><ins>.*?</ins></li>", whole, re.S)
    assert any("French" in item for item in added)
    assert before["duration"].split()[0] in whole
    # The other way round it reads from the older to the newer all the same.
    turned = curator.get(f"{SCHOOL}/history/compare?from=3&to=1").text
    # The foot of the page names its own address, in other languages.
    assert turned.partition("<footer")[0] == whole.partition("<footer")[0]


@pytest.mark.parametrize("query", ["from=1&to=99", "from=x", "to=0", f"from={'9' * 50}", "from=-1"])
def test_a_revision_that_is_not_there_is_not_found(curator: Client, query: str) -> None:
    assert curator.get(f"{SCHOOL}/history/compare?{query}").status_code == 404


def test_a_first_revision_has_nothing_to_compare_with(curator: Client) -> None:
    answer = curator.get(f"{SCHOOL}/history/compare")
    assert answer.status_code == 200
    assert "choose two" in answer.text
    assert curator.get(f"{SCHOOL}/history?page=99").status_code == 200


def test_what_one_may_not_see_is_no_part_of_the_history(
    contributor: Client, desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        before = latest_revision(session, get_entry(session, TRAINING, SLUG))
        profile = before.profile | {"curator_note": "Zanzibarwort"}
        save_draft(session, read_draft(TRAINING, SLUG, profile, before.claims), by=None)
    for address in ("history", "history/compare?from=1&to=2", "history/2", "values"):
        page = contributor.get(f"{SCHOOL}/{address}").text
        assert "Zanzibarwort" not in page and "Note for curators" not in page, address
    assert "Nothing that you see changed." in contributor.get(f"{SCHOOL}/history").text


def test_a_revision_comes_back_as_a_new_one(curator: Client, desk_settings: Settings) -> None:
    first = newest(desk_settings)
    change(curator, duration="Nine weeks", licence="CC0")
    assert send(curator, restoring(curator, 1)).status_code == 200
    again = newest(desk_settings)
    assert (again.number, again.comment) == (3, "Restored revision 1.")
    assert (again.profile, again.claims) == (first.profile, first.claims)
    with writing(desk_settings) as session:
        entry = get_entry(session, TRAINING, SLUG)
        assert (entry.version, entry.waiting) == (1, "draft")
        assert verify(session).broken is None


def test_a_revision_is_published_again(curator: Client, desk_settings: Settings) -> None:
    change(curator, duration="Nine weeks")
    form = form_in(curator.get(SCHOOL).text)
    assert send(curator, form, to=f"{SCHOOL}/publish").status_code == 200
    assert "Nine weeks" in curator.get(f"/trainings/{SLUG}").text
    answer = send(curator, restoring(curator, 1), to=f"{SCHOOL}/history/1/restore/publish")
    assert answer.status_code == 200 and "is public again" in answer.text
    assert "Nine weeks" not in curator.get(f"/trainings/{SLUG}").text


def test_who_wrote_a_revision_hears_that_it_is_public_again(
    curator: Client, desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        writer = User(email="writer@example.org", role="contributor")
        session.add(writer)
        session.flush()
        before = latest_revision(session, get_entry(session, TRAINING, SLUG))
        for length in ("Nine weeks", "Ten weeks"):
            profile = before.profile | {"duration": length}
            save_draft(session, read_draft(TRAINING, SLUG, profile, before.claims), by=writer)
    answer = send(curator, restoring(curator, 2), to=f"{SCHOOL}/history/2/restore/publish")
    assert answer.status_code == 200
    with writing(desk_settings) as session:
        (mail,) = session.exec(select(OutgoingMail)).all()
        assert mail.to == "writer@example.org" and mail.subject.startswith("Published:")


def test_a_contributor_restores_drafts_alone_and_not_what_is_hidden(
    contributor: Client, desk_settings: Settings
) -> None:
    change(contributor, duration="Nine weeks")
    with writing(desk_settings) as session:
        before = latest_revision(session, get_entry(session, TRAINING, SLUG))
        profile = before.profile | {"curator_note": "Ask again in May."}
        save_draft(session, read_draft(TRAINING, SLUG, profile, before.claims), by=None)
    form = restoring(contributor, 1)
    assert send(contributor, form, to=f"{SCHOOL}/history/1/restore/publish").status_code == 403
    assert send(contributor, form).status_code == 200
    after = newest(desk_settings)
    assert after.profile["curator_note"] == "Ask again in May."
    assert after.profile["duration"] != "Nine weeks"


def test_a_code_that_is_gone_today_keeps_a_revision_from_coming_back(
    curator: Client, desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        before = latest_revision(session, get_entry(session, TRAINING, SLUG))
        for number, codes in enumerate((["x-gone"], ["en"])):
            session.add(
                Revision(
                    entry_id=before.entry_id,
                    number=number + 2,
                    profile=before.profile | {"languages": codes},
                    claims=before.claims,
                )
            )
        assert session.get(Term, ("languages", "x-gone")) is None
    answer = send(curator, restoring(curator, 2))
    assert answer.status_code == 422
    assert "Not in the list of languages: x-gone." in answer.text
    assert '<a href="#f-languages">' in answer.text and 'id="f-languages"' in answer.text
    assert newest(desk_settings).number == 3


def test_nothing_is_restored_over_what_somebody_saved_meanwhile(
    curator: Client, desk_settings: Settings
) -> None:
    change(curator, duration="Nine weeks")
    form = restoring(curator, 1)
    change(curator, duration="Ten weeks")
    answer = send(curator, form)
    assert answer.status_code == 409
    assert "Look again" in answer.text
    assert newest(desk_settings).profile["duration"] == "Ten weeks"
    assert send(curator, restoring(curator, 1).fill(_base="x")).status_code == 409


def test_the_newest_revision_needs_no_restoring(curator: Client) -> None:
    assert 'id="restore"' not in curator.get(f"{SCHOOL}/history/1").text
    change(curator, duration="Nine weeks")
    send(curator, restoring(curator, 1))
    answer = send(curator, restoring(curator, 1))
    assert answer.status_code == 422
    assert "says the same as revision 1" in answer.text


# Who said each value


def test_each_value_has_its_author_its_revision_and_its_source(curator: Client) -> None:
    change(curator, duration="Nine weeks")
    page = curator.get(f"{SCHOOL}/values").text
    rows = {r.split("</b>")[0]: r for r in page.split("<b>")[1:]}
    assert "curator@example.org" in rows["Length"] and "/history/2" in rows["Length"]
    assert "no person" in rows["Title"] and "/history/1" in rows["Title"]
    assert "line 115" in rows["Title"]


PROFILES = st.lists(
    st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from([1, 2]), max_size=2),
    min_size=1,
    max_size=8,
)


@given(profiles=PROFILES)
def test_a_value_is_as_old_as_its_last_unbroken_run(profiles: list[dict[str, int]]) -> None:
    revisions = [Revision(number=n, profile=p, claims={}) for n, p in enumerate(profiles)]
    found = since_when(revisions, ["a", "b"])
    assert set(found) == set(profiles[-1])
    for name, since in found.items():
        run = [p.get(name) for p in profiles[since:]]
        assert set(run) == {profiles[-1][name]}
        assert since == 0 or profiles[since - 1].get(name) != run[0]
