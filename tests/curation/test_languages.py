"""Curators who read French work beside others who read English."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import col, select

import directory.languages as spoken
from directory.curation.controls import controls_of
from directory.curation.likeness import compare, signs_of
from directory.curation.many import How
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.entries.models import Revision
from directory.languages import reading
from directory.mail import OutgoingMail
from directory.settings import Settings
from tests.curation.test_review import SCHOOL, act, become, propose
from tests.people import form_in, send, writing

Client = TestClient[Any]

FRENCH = {
    "In one sentence": "En une phrase",
    "the same acronym, %(acronym)s": "le même sigle, %(acronym)s",
    "the same name but for the year": "le même nom, à l’année près",
    "another name of one of them: %(reason)s": "un autre nom de l’une : %(reason)s",
    "Please look again: %(title)s": "À revoir : %(title)s",
    "They wrote:": "On vous écrit :",
    "%(title)s went back to its author.": "%(title)s est de retour chez l’auteur.",
    "it went back to its author": "retour chez l’auteur",
    "Restored revision %(number)s.": "Version %(number)s rétablie.",
    "Nothing public has changed.": "Rien de public n’a changé.",
    "Write this value": "Écrire cette valeur",
    "New training": "Nouvelle formation",
    "Waiting for review": "À examiner",
    "“%(move)s”": "« %(move)s »",
    "Refuse": "Refuser",
    "Request changes": "Demander des changements",
}


@pytest.fixture(autouse=True)
def french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The site is there in French as well."""
    lines = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"']
    lines += [f'msgid "{english}"\nmsgstr "{said}"' for english, said in FRENCH.items()]
    monkeypatch.setattr(spoken, "FOLDER", tmp_path)
    (tmp_path / "fr.po").write_text("\n\n".join(lines), encoding="utf-8")
    spoken.languages.cache_clear()
    spoken._catalogue.cache_clear()
    yield
    spoken.languages.cache_clear()
    spoken._catalogue.cache_clear()


def test_a_form_that_was_made_for_one_reader_speaks_to_the_next_in_their_language() -> None:
    with reading("fr"):
        assert controls_of(TRAINING, private=True)["summary"].title == "En une phrase"
    assert controls_of(TRAINING, private=True)["summary"].title == "In one sentence"


def test_why_two_entries_look_the_same_is_told_to_each_reader_in_their_language() -> None:
    one = signs_of(ORGANISATION, "one", {"name": "Network 2024", "acronym": "XYZ"})
    other = signs_of(
        ORGANISATION, "other", {"name": "Bureau", "aliases": ["Network 2025"], "acronym": "XYZ"}
    )
    reasons = compare(one, other).reasons
    with reading("fr"):
        assert [str(reason) for reason in reasons] == [
            "un autre nom de l’une : le même nom, à l’année près",
            "le même sigle, XYZ",
        ]
    assert str(reasons[1]) == "the same acronym, XYZ"


def test_what_stands_in_the_history_is_in_english_whoever_wrote_it() -> None:
    with reading("fr"):
        assert How.SET.words == "Écrire cette valeur"
        assert How.SET.in_english == "Write this value"


def test_a_french_curator_reads_french_and_sends_no_french_letter(
    desk: Client, desk_settings: Settings
) -> None:
    become(desk, desk_settings, "contributor")
    propose(desk, duration="Nine weeks")
    become(desk, desk_settings, "curator")
    assert "Nouvelle formation" in desk.get("/curation?lang=fr").text
    assert "<h1>À examiner" in desk.get("/curation/lists/review").text
    assert "« Demander des changements » ou « Refuser »" in desk.get(f"{SCHOOL}/review").text
    sent = act(desk, "request_changes", "Which nine?").text
    assert "Cyber School Initiative est de retour chez l’auteur." in sent
    assert "retour chez l’auteur · " in sent
    with writing(desk_settings) as session:
        letter = session.exec(select(OutgoingMail).order_by(col(OutgoingMail.queued_at))).all()[-1]
    assert letter.subject == "Please look again: Cyber School Initiative"
    assert "Cyber School Initiative (Training)\n" in letter.text
    assert "They wrote:\n\n  Which nine?\n" in letter.text


def test_a_comment_that_the_program_wrote_is_kept_in_english(
    desk: Client, desk_settings: Settings
) -> None:
    become(desk, desk_settings, "curator")
    send(desk, form_in(desk.get(f"{SCHOOL}?lang=fr").text).fill(duration="Nine weeks"))
    old = desk.get(f"{SCHOOL}/history/1").text
    assert send(desk, form_in(old, "restore")).status_code == 200
    with writing(desk_settings) as session:
        newest = session.exec(select(Revision).order_by(col(Revision.created_at).desc())).first()
    assert newest is not None
    assert newest.comment == "Restored revision 1."
