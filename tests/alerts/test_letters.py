"""Somebody follows a search by mail and hears of what opens, once, and of nothing else."""

from datetime import timedelta

import pytest
from sqlmodel import select

from directory.alerts.following import forget_unconfirmed, stop
from directory.alerts.links import link_to_stop
from directory.alerts.models import (
    CONFIRM_WITHIN,
    Begun,
    Every,
    Following,
    Letter,
    Question,
    Reader,
)
from directory.settings import Settings
from tests.alerts.conftest import FOLLOWED, House, html, run, whole

ADA, BOB = "ada@example.org", "bob@example.org"
TABLES = (Question, Begun, Reader, Following, Letter)


def soon(house: House, days: int) -> str:
    return str(house.day(days))


def test_a_new_entry_is_told_once(house: House) -> None:
    house.follow(ADA)
    house.publish("new-course", runs=[run(house.day(6))])
    house.publish("elsewhere", action_lines=["C3"])
    assert house.send().sent == 0, "not before it is due"
    house.wait(1)
    assert house.send().sent == 1
    (letter,) = house.news(ADA)
    assert letter["Subject"] == "1 new entry: Trainings, Confidence & security"
    text = whole(letter)
    assert "New Course" in text and "Elsewhere" not in text
    assert "Geneva Centre for Security Policy" in text
    assert "Closes in 5 days · " in text and "(time in Europe/Zurich) · 20" in text
    assert "http://testserver.local/trainings/new-course\n" in text
    assert "http://testserver.local/trainings/new-course.ics" in text
    assert "Why you get this letter" in text and "every day" in text
    for _ in range(3):
        house.wait(1)
        assert house.send().sent == 0, "no letter when nothing is new"


def test_a_letter_says_the_same_in_html_and_tracks_nobody(house: House) -> None:
    house.follow(ADA)
    house.publish("new-course", title="A <b>course</b> & more")
    house.wait(1)
    house.send()
    (letter,) = house.news(ADA)
    said = html(letter)
    assert "A &lt;b&gt;course&lt;/b&gt; &amp; more" in said
    assert "A <b>course</b> & more" in whole(letter)
    assert "<img" not in said and "<script" not in said and "url(" not in said
    assert 'href="http://testserver.local/trainings/new-course"' in said
    assert ADA not in said and ADA not in whole(letter)
    assert "prefers-color-scheme: dark" in said


def test_a_mail_program_finds_how_to_stop_in_one_press(house: House) -> None:
    """RFC 8058, section 3.1: both headers, and the address of the first as it is."""
    following = house.follow(ADA)
    house.publish("new-course")
    house.wait(1)
    house.send()
    head = house.box.raw[-1].partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert f"List-Unsubscribe: <{link_to_stop(house.settings, following)}>" in head
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    assert all(len(line) <= 998 for line in head)
    assert not [line for line in house.box.raw[0].decode().split("\r\n") if "List-" in line]


def test_what_was_there_before_is_no_news(house: House) -> None:
    house.publish("old-course")
    house.follow(ADA)
    house.publish("old-course", title="Old Course, Renamed")
    house.wait(1)
    assert house.send().sent == 0


def test_an_entry_that_begins_to_fit_is_new_to_who_follows(house: House) -> None:
    house.publish("a-course", action_lines=["C3"])
    house.follow(ADA)
    house.publish("a-course", action_lines=["C3", "C5"])
    house.wait(1)
    house.send()
    assert "A Course" in whole(house.news(ADA)[0])


def test_a_translation_is_news_only_where_it_begins_to_fit(house: House) -> None:
    house.publish("a-course")
    house.follow(ADA)
    house.follow(BOB, "/search?q=hydrobiologie")
    house.translate("a-course", "fr", "Un cours d'hydrobiologie.")
    house.wait(1)
    house.send()
    assert house.news(ADA) == []
    assert "A Course" in whole(house.news(BOB)[0])


def test_a_deadline_that_changes_is_told_with_what_it_was(house: House) -> None:
    first, later = (house.day(20), house.day(40))
    house.publish("dated-course", runs=[run(first)])
    house.follow(ADA)
    house.publish("dated-course", runs=[run(later)])
    house.wait(1)
    house.send()
    (letter,) = house.news(ADA)
    assert letter["Subject"].startswith("Deadlines have changed: ")
    text = whole(letter)
    assert "\nDeadlines that have changed\n" in text and "The deadline was: " in text
    assert "Closes in 39 days" in text
    house.wait(1)
    assert house.send().sent == 0


def test_a_training_that_opens_again_is_told(house: House) -> None:
    over = house.day(-20)
    house.publish("yearly-course", runs=[run(over)])
    house.follow(ADA, f"{FOLLOWED}&open=1")
    house.publish("yearly-course", runs=[run(over), run(over + timedelta(days=365))])
    house.wait(1)
    house.send()
    text = whole(house.news(ADA)[0])
    assert "\nNew\n" in text and "Yearly Course" in text


def test_what_closes_soon_stands_in_a_letter_that_has_news(house: House) -> None:
    house.publish("closing-course", runs=[run(house.day(9))])
    house.follow(ADA)
    house.wait(1)
    assert house.send().sent == 0
    house.publish("new-course")
    house.wait(1)
    house.send()
    text = whole(house.news(ADA)[0])
    assert text.index("New Course") < text.index("\nCloses soon\n") < text.index("Closing Course")
    assert "Closes in 7 days" in text


def test_what_was_taken_down_before_the_letter_is_in_none(house: House) -> None:
    house.follow(ADA)
    house.publish("short-lived")
    house.wait(1)
    assert house.make() == 1
    house.move("short-lived", "withdraw")
    assert house.deliver().sent == 0
    house.publish("another")
    house.wait(1)
    house.send()
    (letter,) = house.news(ADA)
    assert "Short Lived" not in whole(letter) and "Short Lived" not in html(letter)


def test_many_new_entries_are_twenty_and_a_link_to_the_rest(house: House) -> None:
    house.follow(ADA)
    for number in range(23):
        house.publish(f"course-{number:02}")
    house.wait(1)
    house.send()
    text = whole(house.news(ADA)[0])
    assert text.count("\n* ") == 20
    assert "3 more entries" in text
    assert "/search?kind=training&action_line=C5&sort=newest" in text


def test_each_hears_as_often_as_they_asked(house: House) -> None:
    for every in Every:
        house.follow(f"{every.value}@example.org", every=every)
    for day in range(32):
        if day % 4 == 0:
            house.publish(f"course-of-day-{day}")
        house.wait(1)
        house.send()
    counts = {every: len(house.news(f"{every.value}@example.org")) for every in Every}
    assert counts == {Every.DAY: 8, Every.WEEK: 4, Every.MONTH: 1}
    for every in Every:
        told = "".join(whole(m) for m in house.news(f"{every.value}@example.org"))
        days = [day for day in range(0, 28, 4) if told.count(f"/course-of-day-{day}\n") == 1]
        assert len(days) == 7, every


def test_a_search_for_everything_can_be_followed(house: House) -> None:
    house.follow(ADA, "/search")
    house.publish("elsewhere", action_lines=["C3"])
    house.wait(1)
    house.send()
    assert house.news(ADA)[0]["Subject"] == "1 new entry: everything in the directory"


@pytest.mark.usefixtures("french")
def test_each_reader_of_a_search_is_written_to_in_their_own_language(house: House) -> None:
    house.follow(ADA, "/search", language="fr")
    house.follow("bob@example.org", "/search")
    house.publish("new-course", runs=[run(house.day(6))])
    house.wait(1)
    assert house.send().sent == 2
    (adas,), (bobs,) = house.news(ADA), house.news("bob@example.org")
    assert adas["Subject"] == "1 nouvelle fiche : tout l’annuaire"
    assert bobs["Subject"] == "1 new entry: everything in the directory"
    for said in (whole(adas), html(adas)):
        assert "Clôture dans 5 jours" in said and "Closes in" not in said
    assert "Closes in 5 days" in whole(bobs) and "Clôture" not in whole(bobs)
    assert '<html lang="fr"' in html(adas) and '<html lang="en"' in html(bobs)


def test_a_letter_that_fails_is_tried_again_and_reported(house: House) -> None:
    house.follow(ADA)
    house.publish("new-course")
    house.wait(1)
    house.box.answer = "451 Too busy"
    first = house.send()
    assert (first.sent, first.failed) == (0, 1) and "Too busy" in first.reason
    assert house.send().failed == 0, "not at once"
    house.box.answer = "250 OK"
    house.wait(0.1)
    assert house.send().sent == 1
    assert not house.rows(Letter)


def test_a_mailbox_that_is_gone_for_a_month_is_forgotten(house: House) -> None:
    house.follow(ADA)
    house.publish("new-course")
    house.wait(1)
    house.box.answer = "550 No such user"
    for _ in range(32):
        house.send()
        house.wait(1)
    assert not any(house.rows(table) for table in TABLES)


def test_who_does_not_confirm_is_forgotten(house: House) -> None:
    house.ask(ADA)
    house.publish("new-course")
    house.wait(CONFIRM_WITHIN.days - 1)
    house.send()
    assert not house.news(ADA) and house.rows(Reader)
    house.wait(1.1)
    with house.database.writing() as session:
        assert forget_unconfirmed(session) == 1
    assert not any(house.rows(table) for table in TABLES)


def test_who_stops_is_forgotten_and_hears_no_more(house: House) -> None:
    one = house.follow(ADA)
    two = house.follow(ADA, "/search?q=cyber")
    house.publish("cyber-course")
    house.wait(1)
    house.make()
    with house.database.writing() as session:
        stop(session, one.id)
    assert house.deliver().sent == 1
    assert house.news(ADA)[0]["Subject"].endswith("“cyber”")
    with house.database.writing() as session:
        stop(session, two.id)
        stop(session, two.id)
    assert not any(house.rows(table) for table in TABLES)


def test_the_database_does_not_say_who_follows_what(house: House) -> None:
    house.follow(ADA)
    with house.database.reading() as session:
        (reader,) = session.exec(select(Reader))
    assert "ada" not in reader.sealed and "ada" not in reader.address_hash
    assert not [m for m in house.rows(Letter) if "ada" in str(m)]


def test_another_secret_key_is_reported_and_loses_nothing(house: House) -> None:
    house.follow(ADA)
    house.publish("new-course")
    house.wait(1)
    right = house.settings
    house.settings = Settings(**right.model_dump() | {"secret_key": "another, by mistake"})
    assert house.send().failed == 1
    house.settings = right
    house.wait(0.1)
    assert house.send().sent == 1
