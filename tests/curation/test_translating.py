"""The text of an entry in another language: written beside the original, read by everybody."""

import html
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from directory.accounts.models import Grant, User
from directory.audit import AuditRow
from directory.curation.merging_entries import merge
from directory.curation.service import get_entry, latest_revision
from directory.curation.translating import Sent, mark_of, open_translation, save_translation
from directory.curation.unmerging import undo
from directory.curation.workflow import make_move
from directory.db import Database, last_change
from directory.entries.kinds import KINDS, ORGANISATION, TRAINING
from directory.entries.models import Entry, Revision
from directory.entries.translations import EntryTranslation, ids_outdated, rows_of
from directory.errors import Conflict
from directory.settings import Settings
from tests.curation.together import FOLD, KEEP, add, chain_is_whole, change, curator_in, public
from tests.people import Form, enter_as, form_in, send, writing

SLUG = "cyber-school-initiative"
PUBLIC, DESK = f"/trainings/{SLUG}", f"/curation/trainings/{SLUG}/translations"
FRENCH = "Une école d'hydrobiologie numérique, racontée pour essayer."

Client = TestClient[Any]


def school(session: Session) -> Entry:
    return get_entry(session, TRAINING, SLUG)


def form_of(client: Client, code: str = "fr") -> Form:
    return form_in(client.get(f"{DESK}/{code}").text, f"{DESK}/{code}")


def translate(client: Client, code: str = "fr", **texts: str) -> Any:
    return send(client, form_of(client, code).fill(**texts))


def read(client: Client, address: str = f"{PUBLIC}?lang=fr") -> str:
    return client.get(address).text


def as_json(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1{PUBLIC}").json()
    return found


def note_on(page: str) -> str:
    """Return what the page says about the language of its text, as plain words."""
    found = re.search(r'<div class="small quiet" id="reading">(.*?)</div>', page, re.S)
    text = re.sub(r"<[^>]+>", " ", found[1]) if found else ""
    return html.unescape(" ".join(text.split()))


# What a reader finds


def test_who_reads_in_another_language_is_told_that_the_text_is_in_english(desk: Client) -> None:
    assert 'id="reading"' not in read(desk, f"{PUBLIC}?lang=en")
    page = read(desk, f"{PUBLIC}?lang=fr")
    assert 'id="reading"' in page
    assert '<bdi lang="en" dir="ltr">' in page


def test_a_translation_is_read_in_ones_language_and_the_original_is_one_link_away(
    curator: Client,
) -> None:
    assert translate(curator, summary=FRENCH).status_code == 200
    page = read(curator)
    assert f'<bdi lang="fr" dir="ltr">{html.escape(FRENCH, quote=False)[:20]}' in page.replace(
        "&#39;", "'"
    )
    assert f'<meta name="description" content="{FRENCH[:10]}' in page.replace("&#39;", "'")
    original = as_json(curator)["profile"]["summary"]
    assert original not in html.unescape(page).split("</head>")[1]
    link = re.search(rf'href="({PUBLIC}\?text=en)"', page)
    assert link
    assert original in html.unescape(read(curator, f"{link[1]}&lang=fr"))
    english = read(curator, f"{PUBLIC}?lang=en")
    assert original in html.unescape(english)
    assert "Also in: français" in note_on(english)


def test_the_note_says_who_made_it_and_when_and_what_is_not_translated(curator: Client) -> None:
    translate(curator, summary=FRENCH)
    said = note_on(read(curator, f"{PUBLIC}?lang=en&text=fr"))
    assert "You are reading a translation into French of " in said
    assert "made by the editors of this directory" in said
    assert "Some of the text is not translated yet, and is in English." in said


def test_a_language_that_the_pages_are_not_in_can_be_read_too(curator: Client) -> None:
    translate(curator, "sw", summary="Shule ya mtandao kwa wote.")
    assert "Kiswahili" in note_on(read(curator, f"{PUBLIC}?lang=en"))
    page = read(curator, f"{PUBLIC}?text=sw")
    assert '<bdi lang="sw" dir="ltr">Shule ya mtandao' in page


def test_a_text_that_is_written_from_right_to_left_says_so(curator: Client) -> None:
    translate(curator, "ar", summary="مدرسة الأمن السيبراني للجميع.")
    assert '<bdi lang="ar" dir="rtl">مدرسة' in read(curator, f"{PUBLIC}?lang=ar")
    assert 'lang="ar" dir="rtl" aria-labelledby="f-summary-title' in read(curator, f"{DESK}/ar")


@pytest.mark.parametrize("code", ["en", "zz", "fr-", "%00", "../fr"])
def test_a_language_that_is_not_there_shows_what_is(curator: Client, code: str) -> None:
    translate(curator, summary=FRENCH)
    answer = curator.get(f"{PUBLIC}?text={code}&lang=en")
    assert answer.status_code == 200
    assert 'lang="fr"' not in answer.text.split('class="lead"')[1].split("</div>")[0]


def test_cards_and_lists_tell_it_in_the_language_of_the_reader(curator: Client) -> None:
    translate(curator, summary=FRENCH)
    french = html.escape(FRENCH).replace("&#x27;", "&#39;")
    for address in (
        "/search?q=cyber+school",
        "/trainings",
        "/compare?entry=training/cyber-school-initiative",
        "/policy-areas/capacity-development",
    ):
        between = "&" if "?" in address else "?"
        assert french in read(curator, f"{address}{between}lang=fr"), address
        assert french not in read(curator, f"{address}{between}lang=en"), address


def test_the_changed_original_is_named_until_the_translation_follows(
    curator: Client, desk_settings: Settings
) -> None:
    translate(curator, summary=FRENCH, topics="Toute personne.")
    before = as_json(curator)["profile"]["summary"]
    with writing(desk_settings) as session:
        change(session, school(session), published=True, summary=f"{before} With herons.")
    said = note_on(read(curator, f"{PUBLIC}?lang=en&text=fr"))
    assert "The original has changed since, in: In one sentence." in said
    assert as_json(curator)["translations"]["fr"]["outdated"] == ["summary"]
    assert SLUG in read(curator, "/curation/lists/translations")
    assert "1 field out of date" in read(curator, f"{DESK}?lang=en")
    page = read(curator, f"{DESK}/fr?lang=en")
    assert re.search(r"<ins>.*With herons", page)
    form = form_of(curator)
    form.pairs.append(("_still.summary", "yes"))
    send(curator, form)
    assert as_json(curator)["translations"]["fr"]["outdated"] == []
    assert SLUG not in read(curator, "/curation/lists/translations")


def test_what_the_original_no_longer_says_is_said_in_no_language(
    curator: Client, desk_settings: Settings
) -> None:
    translate(curator, summary=FRENCH, topics="Le wombatologie.")
    with writing(desk_settings) as session:
        change(session, school(session), published=True, topics=None)
    assert "wombatologie" not in read(curator)
    assert "wombatologie" not in str(as_json(curator))
    assert SLUG not in read(curator, "/search?q=wombatologie")
    assert SLUG not in read(curator, "/curation/lists/translations")


def test_a_question_in_its_language_finds_the_translation(curator: Client) -> None:
    assert SLUG not in read(curator, "/search?q=hydrobiologie&lang=fr")
    translate(curator, summary=FRENCH)
    assert SLUG in read(curator, "/search?q=hydrobiologie&lang=fr")
    translate(curator, summary="")
    assert SLUG not in read(curator, "/search?q=hydrobiologie&lang=fr")


def test_an_entry_that_was_written_in_french_says_so(
    curator: Client, desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        change(session, school(session), published=True, summary=FRENCH, text_language="fr")
    assert as_json(curator)["language"] == "fr"
    assert 'id="reading"' not in read(curator, f"{PUBLIC}?lang=fr")
    page = read(curator, f"{PUBLIC}?lang=en")
    assert "This text is in French; it is not translated into English yet." in note_on(page)
    assert curator.get(f"{DESK}/fr").status_code == 404
    translate(curator, "en", summary="A school of waters.")
    assert "A school of waters." in read(curator, f"{PUBLIC}?lang=en")
    assert SLUG not in read(curator, "/search?q=languages&language=fr")


# Programs


def test_programs_get_the_translation_beside_the_original_and_hear_of_it(curator: Client) -> None:
    since = curator.get("/api/v1/trainings?updated_since=2020-01-01").json()["next_updated_since"]
    assert as_json(curator)["translations"] == {}
    translate(curator, summary=FRENCH)
    found = as_json(curator)
    assert found["translations"]["fr"]["texts"] == {"summary": FRENCH}
    assert found["translations"]["fr"]["made_by"] == "curator"
    assert found["profile"]["summary"] != FRENCH
    changed = curator.get("/api/v1/trainings", params={"updated_since": since}).json()["items"]
    assert [one["slug"] for one in changed] == [SLUG]
    assert FRENCH in curator.get(f"{PUBLIC}.json").text


# At the desk


def test_saving_the_same_again_is_no_change(curator: Client, desk_settings: Settings) -> None:
    translate(curator, summary=FRENCH)
    with writing(desk_settings) as session:
        before = last_change(session), len(session.exec(select(AuditRow)).all())
    answer = send(curator, form_of(curator))
    assert "Nothing is different" in answer.text or "Rien" in answer.text
    with writing(desk_settings) as session:
        assert before == (last_change(session), len(session.exec(select(AuditRow)).all()))
        assert session.exec(select(EntryTranslation.version)).all() == [1]


def test_two_translators_at_once_keep_what_both_have_written(curator: Client) -> None:
    mine, theirs = form_of(curator), form_of(curator)
    send(curator, theirs.fill(topics="Toute personne."))
    assert send(curator, mine.fill(summary=FRENCH)).status_code == 200
    texts = as_json(curator)["translations"]["fr"]["texts"]
    assert texts == {"summary": FRENCH, "topics": "Toute personne."}


def test_a_field_that_both_have_changed_is_shown_with_both_texts(curator: Client) -> None:
    mine, theirs = form_of(curator), form_of(curator)
    send(curator, theirs.fill(summary="Leur phrase."))
    answer = send(curator, mine.fill(summary=FRENCH, topics="Toute personne."))
    assert answer.status_code == 409
    assert "Leur phrase." in answer.text
    assert as_json(curator)["translations"]["fr"]["texts"] == {"summary": "Leur phrase."}
    again = form_in(answer.text, f"{DESK}/fr")
    assert (again["summary"], again["topics"]) == (FRENCH, "Toute personne.")
    assert send(curator, again).status_code == 200
    assert as_json(curator)["translations"]["fr"]["texts"]["summary"] == FRENCH


@pytest.mark.parametrize("text", ["x" * 8001, "a\x08b"])
def test_what_cannot_be_kept_is_named_and_nothing_is_lost(curator: Client, text: str) -> None:
    answer = translate(curator, summary=FRENCH, description=text)
    assert answer.status_code == 422
    assert 'href="#f-description"' in answer.text
    again = form_in(answer.text, f"{DESK}/fr")
    assert (again["summary"], again["description"]) == (FRENCH, text)
    assert as_json(curator)["translations"] == {}


@pytest.mark.parametrize("number", ["", "0", "x", "999999", "-1", "99999999999999999999"])
def test_a_made_up_original_translates_nothing(curator: Client, number: str) -> None:
    form = form_of(curator).fill(summary=FRENCH)
    assert send(curator, form.fill(_original=number)).status_code == 409
    assert as_json(curator)["translations"] == {}


def test_fields_that_are_no_prose_are_not_translated(curator: Client) -> None:
    form = form_of(curator)
    assert not {"title", "name", "website", "curator_note", "level"} & {n for n, _ in form.pairs}
    form.pairs += [("title", "Autre titre"), ("curator_note", "secret"), ("nothing", "x")]
    send(curator, form.fill(summary=FRENCH))
    assert as_json(curator)["translations"]["fr"]["texts"] == {"summary": FRENCH}


def test_only_what_was_read_counts_as_translated(curator: Client, desk_settings: Settings) -> None:
    form = form_of(curator)
    before = as_json(curator)["profile"]["summary"]
    with writing(desk_settings) as session:
        change(session, school(session), published=True, summary=f"{before} With herons.")
    send(curator, form.fill(summary=FRENCH))
    assert as_json(curator)["translations"]["fr"]["outdated"] == ["summary"]


@pytest.mark.parametrize("code", ["zz", "en", "klingon", "%00"])
def test_a_language_nobody_knows_has_no_page(curator: Client, code: str) -> None:
    assert curator.get(f"{DESK}/{code}").status_code == 404


def test_any_language_of_the_list_can_be_begun(curator: Client) -> None:
    answer = curator.get(f"{DESK}?language=sw", follow_redirects=False)
    assert answer.headers["location"] == f"{DESK}/sw"
    assert curator.get(f"{DESK}?language=zz").status_code == 200


def test_a_contributor_may_not_translate_and_sees_no_way_to(contributor: Client) -> None:
    assert contributor.get(DESK).status_code == 403
    assert contributor.get(f"{DESK}/fr").status_code == 403
    assert DESK not in read(contributor, PUBLIC)


def test_an_organisation_translates_its_own_and_no_other(
    desk: Client, desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "provider")
    with writing(desk_settings) as session:
        user = session.exec(select(User).where(User.email == email)).one()
        mine = get_entry(session, ORGANISATION, "cyberpeace-institute")
        session.add(Grant(user_id=user.id, organisation_id=mine.id))
    translate(desk, summary=FRENCH)
    assert "made by the organisation itself" in note_on(read(desk, f"{PUBLIC}?lang=en&text=fr"))
    assert desk.get("/curation/organisations/gcsp/translations/fr").status_code == 403
    form = form_of(desk).fill(summary="Autre.")
    other = "/curation/organisations/gcsp/translations/fr"
    assert send(desk, form, to=other).status_code == 403


def test_what_is_not_public_is_public_in_no_language(
    curator: Client, desk_settings: Settings
) -> None:
    translate(curator, summary=FRENCH)
    with writing(desk_settings) as session:
        entry = school(session)
        make_move(session, entry, "withdraw", by=curator_in(session), reason="It has ended.")
    assert FRENCH[:20] not in read(curator)
    assert SLUG not in read(curator, "/search?q=hydrobiologie&lang=fr")
    assert curator.get(f"/api/v1{PUBLIC}").status_code == 410
    assert translate(curator, summary=f"{FRENCH} Encore.").status_code == 200
    with writing(desk_settings) as session:
        make_move(session, school(session), "bring_back", by=curator_in(session))
    assert "Encore." in read(curator)


def test_a_draft_is_translated_before_anybody_reads_it(
    curator: Client, desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        add(session, TRAINING, "first-light", title="First light", summary="A course at dawn.")
    address = "/curation/trainings/first-light/translations/fr"
    send(curator, form_in(curator.get(address).text, address).fill(summary="Un cours à l'aube."))
    assert curator.get("/trainings/first-light?text=fr").status_code == 404
    assert "first-light" not in read(curator, "/search?q=aube")


# Rules, on both databases


def save(session: Session, slug: str, code: str, **texts: str) -> bool:
    by = curator_in(session)
    opened = open_translation(session, ORGANISATION, slug, code, by)
    was = {box.control.name: box.was for box in opened.boxes}
    sent = Sent(texts, was, opened.original.number)
    return save_translation(session, ORGANISATION, slug, code, sent, by=by)[1]


def texts_of(session: Session, slug: str) -> dict[str, dict[str, str]]:
    entry = get_entry(session, ORGANISATION, slug)
    rows = rows_of(session, [entry.id]).get(entry.id, [])
    return {row.language: row.texts for row in rows}


def test_what_is_out_of_date_is_found_by_comparing(any_seeded: Engine) -> None:
    with Database(any_seeded).writing() as session:
        save(session, KEEP, "fr", summary="Une plateforme.", description="Elle relie.")
        save(session, FOLD, "fr", summary="Une fondation.")
        assert session.execute(ids_outdated()).all() == []
        keep = get_entry(session, ORGANISATION, KEEP)
        change(session, keep, published=True, summary="It says something else.")
        assert session.execute(ids_outdated()).scalars().all() == [keep.id]
        save(session, KEEP, "fr", summary="Elle dit autre chose.")
        assert session.execute(ids_outdated()).all() == []
        assert chain_is_whole(session)


def test_a_merge_brings_along_what_was_translated_and_its_undoing_takes_it_back(
    any_seeded: Engine,
) -> None:
    with Database(any_seeded).writing() as session:
        save(session, FOLD, "fr", summary="Une fondation.")
        save(session, FOLD, "ar", summary="مؤسسة")
        save(session, KEEP, "ar", summary="منصة")
        before = public(session)
        done = merge(
            session,
            ORGANISATION,
            KEEP,
            FOLD,
            by=curator_in(session),
            choices={"summary": "theirs"},
        )
        assert texts_of(session, KEEP) == {
            "ar": {"summary": "منصة"},
            "fr": {"summary": "Une fondation."},
        }
        undo(session, done.id, by=curator_in(session))
        assert public(session) == before
        assert texts_of(session, KEEP)["ar"] == {"summary": "منصة"}
        assert not texts_of(session, KEEP)["fr"]
        assert texts_of(session, FOLD)["fr"] == {"summary": "Une fondation."}


def test_a_merged_entry_takes_no_translation(database: Database) -> None:
    with database.writing() as session:
        by = curator_in(session)
        merge(session, ORGANISATION, KEEP, FOLD, by=by)
        with pytest.raises(Conflict):
            save(session, FOLD, "fr", summary="Une fondation.")
        session.rollback()


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=60
)


@settings(
    max_examples=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_whatever_is_translated_the_original_stays_and_twice_is_once(
    database: Database, data: Any
) -> None:
    with database.writing() as session:
        kind = data.draw(st.sampled_from(list(KINDS.values())))
        slugs = session.exec(select(Entry.slug).where(Entry.kind == kind.name)).all()
        slug = data.draw(st.sampled_from(sorted(slugs)))
        entry, by = get_entry(session, kind, slug), curator_in(session)
        number = latest_revision(session, entry).number
        before, revisions = public(session), len(session.exec(select(Revision)).all())
        there: dict[str, str] = {}
        for _ in range(data.draw(st.integers(1, 3))):
            names = st.sampled_from(list(kind.prose_fields))
            texts = data.draw(st.dictionaries(names, TEXTS, max_size=4))
            texts = {n: t[:200].replace("\n", " ") for n, t in texts.items()}
            was = {n: mark_of(there.get(n, "")) for n in texts}
            save_translation(session, kind, slug, "fr", Sent(texts, was, number), by=by)
            row = session.get(EntryTranslation, (entry.id, "fr"))
            there = dict(row.texts) if row else {}
            says = latest_revision(session, entry).profile
            for name, text in texts.items():
                assert there.get(name, "") == (text.strip() if name in says else "")
            again = Sent(there, {n: mark_of(t) for n, t in there.items()}, number)
            assert save_translation(session, kind, slug, "fr", again, by=by)[1] is False
        assert public(session) == before
        assert len(session.exec(select(Revision)).all()) == revisions
        session.rollback()
