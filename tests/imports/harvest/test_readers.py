"""Each format: what becomes of it, and what is said of what cannot be read."""

import json
from typing import Any

import pytest

from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.errors import SourceFailed
from directory.imports.fetch import Answer
from directory.imports.harvest.items import Found, Item, Rejected
from directory.imports.harvest.reading import FORMATS

BASE = "https://school.example/feed"


class Pages:
    """Answers as a server would, by address; any other address has the first page."""

    def __init__(self, *bodies: bytes | str, content_type: str = "") -> None:
        self.bodies = [b.encode() if isinstance(b, str) else b for b in bodies]
        self.headers = {"content-type": content_type} if content_type else {}
        self.asked: list[str] = []

    def __call__(self, url: str) -> Answer:
        self.asked.append(url)
        if len(self.asked) > 50:
            raise SourceFailed("too many pages")
        body = self.bodies[min(len(self.asked), len(self.bodies)) - 1]
        return Answer(url, 200, self.headers, body)


def read(name: str, pages: Pages | bytes | str, kind: Kind = TRAINING) -> list[Found]:
    pages = pages if isinstance(pages, Pages) else Pages(pages)
    return list(FORMATS[name].read(pages, BASE, kind))


def item(name: str, body: bytes | str, kind: Kind = TRAINING) -> Item:
    [found] = read(name, body, kind)
    assert isinstance(found, Item), found
    return found


def refused(name: str, body: bytes | str) -> str:
    with pytest.raises(SourceFailed) as raised:
        read(name, body)
    assert "\n" not in str(raised.value)
    return str(raised.value)


# Tables


def test_columns_are_known_by_name_and_by_title() -> None:
    found = item(
        "csv", "guid;Title;Languages of teaching;link\n7;Rain;en|fr;https://school.example/7\n"
    )
    assert found.remote_id == "7"
    assert found.values == {
        "title": "Rain",
        "languages": ["en", "fr"],
        "website": "https://school.example/7",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_may_be_in_any_common_encoding(encoding: str) -> None:
    text = "id,title\n1,Sécurité numérique à l’école\n2,Où se préparer à l’été\n"
    first = read("csv", text.encode(encoding))[0]
    assert isinstance(first, Item)
    assert first.values["title"] == "Sécurité numérique à l’école"


def test_a_row_of_another_length_and_one_without_an_id_are_rejected_alone() -> None:
    found = read("csv", "id,title\n1,Rain\n2,Snow,more\n,Hail\n")
    assert [type(f) for f in found] == [Item, Rejected, Rejected]
    assert found[1] == Rejected("line 3", "It has 3 cells, and 2 columns.")
    assert "line 4" in found[2].reason  # type: ignore[union-attr]


def test_a_csv_without_a_title_column_says_what_it_names() -> None:
    assert "it names cat, dog" in refused("csv", "cat,dog\n1,2\n")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("a," * 1_000_000, "more than 500 columns"),
        ('"' + "x" * 1_000_000, ""),
        (b"\x81\x8d\x00" * 99, ""),
    ],
)
def test_a_csv_that_is_too_much_says_so(body: bytes | str, said: str) -> None:
    assert said in refused("csv", body)


def test_a_calendar_that_is_too_much_says_so() -> None:
    assert "more than 20,000 events" in refused("ical", "BEGIN:VEVENT\r\n" * 20_001)


def test_objects_may_be_flat_or_entries_of_ours() -> None:
    flat = item("json", json.dumps({"items": [{"id": 3, "name": "Rain"}]}), ORGANISATION)
    assert (flat.remote_id, flat.values) == ("3", {"name": "Rain"})
    ours = item("json", json.dumps([{"id": "x", "profile": {"title": "Rain", "mode": "online"}}]))
    assert ours.values == {"title": "Rain", "mode": "online"}


@pytest.mark.parametrize(
    ("body", "said"),
    [("", "cannot be read"), ("[NaN]", "NaN"), ("3", "no list"), ("[" * 200_000, "deeply")],
)
def test_json_that_is_none_is_refused(body: str, said: str) -> None:
    assert said in refused("json", body)


# Atom and RSS

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>
<entry><id>urn:1</id><title type="html">Rain &amp;amp; snow</title>
<link rel="self" href="/self"/><link href="/rain"/>
<summary type="html">
&lt;p&gt;Wet.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</summary></entry></feed>"""
RSS = """<rss version="2.0"><channel><title>F</title>
<item><guid>9</guid><title>Rain</title><link>https://school.example/rain</link>
<description><![CDATA[<b>Wet</b> days]]></description></item>
<item><title>Nobody</title></item></channel></rss>"""


def test_atom_gives_title_page_and_summary_as_plain_text() -> None:
    found = item("atom", ATOM)
    assert (found.remote_id, found.url) == ("urn:1", "https://school.example/rain")
    assert found.values["title"] == "Rain & snow"
    assert found.values["summary"] == "Wet."


def test_rss_is_read_too_and_an_item_without_id_is_rejected() -> None:
    rain, nobody = read("atom", RSS, PROGRAMME)
    assert isinstance(rain, Item) and isinstance(nobody, Rejected)
    assert (rain.remote_id, rain.values["summary"]) == ("9", "Wet days")
    assert nobody.name == "Nobody"


BOMB = """<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><item><guid>1</guid><title>&b;</title></item></channel></rss>"""
XXE = """<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<rss><channel><item><guid>1</guid><title>&f;</title></item></channel></rss>"""


@pytest.mark.parametrize("name", ["atom", "oai"])
@pytest.mark.parametrize("body", [BOMB, XXE])
def test_entities_of_their_own_are_not_read(name: str, body: str) -> None:
    assert "entities of its own" in refused(name, body)


@pytest.mark.parametrize("name", ["atom", "oai"])
@pytest.mark.parametrize(
    "body",
    ["", "<a>", "no xml", "<html/>", "\x00", b'<?xml version="1.0" encoding="utf-8"?><a>\xff'],
)
def test_broken_xml_says_so(name: str, body: bytes | str) -> None:
    assert refused(name, body)


# Calendars


def calendar(*events: str, more: str = "") -> str:
    inside = "".join(f"BEGIN:VEVENT\r\n{e}\r\nEND:VEVENT\r\n" for e in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{more}{inside}END:VCALENDAR\r\n"


def runs(*lines: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = item(
        "ical", calendar("\r\n".join(["UID:1", "SUMMARY:Rain", *lines]))
    ).values["runs"]
    return found


def test_an_event_is_a_training_with_one_run_in_its_own_zone() -> None:
    assert runs(
        "DTSTART;TZID=Europe/Zurich:20270301T090000",
        "DTEND;TZID=Europe/Zurich:20270303T170000",
        "LOCATION:Geneva",
    ) == [
        {
            "start": "2027-03-01",
            "end": "2027-03-03",
            "time_zone": "Europe/Zurich",
            "place": "Geneva",
        }
    ]


def test_a_day_has_no_zone_and_ends_on_its_last_day() -> None:
    assert runs("DTSTART;VALUE=DATE:20270301", "DTEND;VALUE=DATE:20270303") == [
        {"start": "2027-03-01", "end": "2027-03-02"}
    ]


def test_a_floating_time_has_an_unknown_zone_and_utc_is_named() -> None:
    assert "time_zone" not in runs("DTSTART:20270301T090000")[0]
    assert runs("DTSTART:20270301T090000Z")[0]["time_zone"] == "UTC"


def test_a_cancelled_event_is_a_cancelled_run() -> None:
    assert runs("DTSTART:20270301T090000Z", "STATUS:CANCELLED")[0]["cancelled"] is True


def test_what_repeats_is_one_training_and_single_dates_may_be_moved_or_cancelled() -> None:
    weekly = "UID:1\r\nSUMMARY:Rain\r\nDTSTART:20270301T090000Z\r\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "UID:1\r\nRECURRENCE-ID:20270308T090000Z\r\nDTSTART:20270309T090000Z\r\nSUMMARY:Rain"
    found = item("ical", calendar(weekly, moved))
    assert [r["start"] for r in found.values["runs"]] == ["2027-03-01", "2027-03-09", "2027-03-15"]


def test_without_an_end_only_the_first_date_is_taken_and_said() -> None:
    found = item(
        "ical", calendar("UID:1\r\nSUMMARY:R\r\nDTSTART:20270301T090000Z\r\nRRULE:FREQ=DAILY")
    )
    assert len(found.values["runs"]) == 1
    assert "without an end" in found.notes["runs"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=SECONDLY;COUNT=100000000",
        "FREQ=DAILY;UNTIL=99991231T000000Z",
    ],
)
def test_a_rule_that_goes_on_and_on_is_cut(rule: str) -> None:
    found = item(
        "ical", calendar(f"UID:1\r\nSUMMARY:R\r\nDTSTART:20270301T090000Z\r\nRRULE:{rule}")
    )
    assert len(found.values.get("runs", [])) <= 60


@pytest.mark.parametrize("body", ["", "BEGIN:VCALENDAR", "BEGIN:VEVENT\r\nEND:VTODO", "\x00\xff"])
def test_what_is_no_calendar_gives_no_item(body: str) -> None:
    try:
        assert not [f for f in read("ical", body) if isinstance(f, Item)]
    except SourceFailed as error:
        assert "iCalendar" in str(error)


# schema.org


def page(*documents: Any) -> str:
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps(d)}</script>' for d in documents
    )
    return f"<!doctype html><html><head>{scripts}</head><body>x</body></html>"


COURSE: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "Course",
    "@id": "https://school.example/rain#course",
    "name": "Rain",
    "url": "/rain",
    "description": "<p>How it falls.</p>",
    "provider": {"@id": "#school"},
    "inLanguage": ["en-GB", {"@type": "Language", "name": "French"}],
    "hasCourseInstance": [
        {
            "@type": "CourseInstance",
            "courseMode": "online",
            "startDate": "2027-03-01T09:00:00+01:00",
            "endDate": "2027-03-05",
            "location": {"@type": "Place", "name": "Hall", "address": {"addressLocality": "Bern"}},
        }
    ],
    "offers": {"@type": "Offer", "price": "120.50", "priceCurrency": "CHF"},
}
SCHOOL = {"@type": "EducationalOrganization", "@id": "#school", "name": "School of Weather"}


def test_a_course_with_its_instance_offer_and_provider() -> None:
    found = item("jsonld", page({"@graph": [COURSE, SCHOOL]}))
    assert found.remote_id == "https://school.example/rain#course"
    assert found.url == "https://school.example/rain"
    assert found.values == {
        "title": "Rain",
        "website": "https://school.example/rain",
        "description": "How it falls.",
        "providers": ["School of Weather"],
        "languages": ["en", "French"],
        "mode": "online",
        "runs": [{"start": "2027-03-01", "end": "2027-03-05", "place": "Hall, Bern"}],
        "cost": "fee",
        "cost_amount": "120.50",
        "cost_currency": "CHF",
    }


def test_one_feed_holds_one_kind_and_a_provider_inside_is_no_item() -> None:
    documents = page({"@graph": [COURSE, SCHOOL]})
    assert [f.remote_id for f in read("jsonld", documents, ORGANISATION)] == [  # type: ignore[union-attr]
        "https://school.example/feed#school"
    ]
    inside = {**COURSE, "provider": SCHOOL}
    assert read("jsonld", page(inside), ORGANISATION) == []


def test_a_list_of_events_with_one_cancelled_and_one_free() -> None:
    events = [
        {"@type": "ListItem", "item": {
            "@type": "EducationEvent", "identifier": f"e{n}", "name": f"Rain {n}",
            "startDate": "2027-03-01", "isAccessibleForFree": True,
            "eventStatus": "https://schema.org/EventCancelled",
            "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode"}}
        for n in range(3)
    ]  # fmt: skip
    found = read("jsonld", json.dumps({"@type": "ItemList", "itemListElement": events}))
    assert [f.remote_id for f in found] == ["e0", "e1", "e2"]  # type: ignore[union-attr]
    assert found[0].values["runs"] == [{"start": "2027-03-01", "cancelled": True}]  # type: ignore[union-attr]
    assert found[0].values["cost"] == "free"  # type: ignore[union-attr]
    assert found[0].values["mode"] == "online"  # type: ignore[union-attr]


def test_nodes_that_name_each_other_come_to_an_end() -> None:
    a = {"@type": "Course", "@id": "#a", "name": "A", "provider": {"@id": "#b"}}
    b = {"@type": "Organization", "@id": "#b", "name": {"@id": "#a"}, "parent": {"@id": "#b"}}
    assert item("jsonld", page({"@graph": [a, b, {"@id": "#a", "hasPart": [{"@id": "#a"}]}]}))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<html>nothing</html>", "no JSON-LD"),
        ("", ""),
        (page() + '<script type="application/ld+json">{"a": </script>', "JSON-LD"),
        ('{"hasPart":' * 50 + "1" + "}" * 50, "too deeply"),
        ('{"hasPart":' * 100_000, "too deeply"),
        (json.dumps([{"@type": "Course"}] * 60_000), "too many parts"),
    ],
)
def test_json_ld_that_is_none_is_refused(body: str, said: str) -> None:
    assert said in refused("jsonld", body)


# OAI-PMH


def records(*inside: str, token: str = "") -> str:
    more = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
        f"{''.join(inside)}{more}</ListRecords></OAI-PMH>"
    )


def record(number: int, status: str = "") -> str:
    core = (
        '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>Rain {number}</dc:title><dc:identifier>https://school.example/{number}"
        "</dc:identifier><dc:language>en</dc:language></oai_dc:dc></metadata>"
    )
    head = f"<header{status}><identifier>oai:{number}</identifier></header>"
    return f"<record>{head}{'' if status else core}</record>"


def test_every_page_of_a_repository_is_read_and_deleted_records_are_not_there() -> None:
    pages = Pages(
        records(record(1), record(2, ' status="deleted"'), token="two"), records(record(3))
    )
    found = read("oai", pages)
    assert [f.remote_id for f in found] == ["oai:1", "oai:3"]  # type: ignore[union-attr]
    assert pages.asked[1].endswith("?verb=ListRecords&resumptionToken=two")


def test_a_token_that_comes_again_ends_the_reading() -> None:
    with pytest.raises(SourceFailed, match="read already"):
        read("oai", Pages(records(record(1), token="same")))


def test_an_error_of_a_repository_is_passed_on_and_no_match_is_none() -> None:
    error = '<OAI-PMH><error code="{}">Sorry.</error></OAI-PMH>'
    assert "Sorry" in refused("oai", error.format("badVerb"))
    assert read("oai", error.format("noRecordsMatch")) == []


# Another instance of this catalogue


def test_another_instance_is_read_page_by_page_and_its_references_travel_as_names() -> None:
    def api(number: int) -> str:
        entry = {
            "id": f"id-{number}", "url": "/trainings/rain", "title": "Rain",
            "profile": {"title": "Rain", "providers": ["sw"], "curator_note": "x", "mode": None},
            "links": [{"rel": "provider", "slug": "sw", "title": "School of Weather"}],
        }  # fmt: skip
        return json.dumps({"total": 2, "page": number, "pages": 2, "items": [entry]})

    pages = Pages(api(1), api(2))
    found = read("catalogue", pages)
    assert [f.remote_id for f in found] == ["id-1", "id-2"]  # type: ignore[union-attr]
    assert found[0] == Item(
        "id-1",
        {"title": "Rain", "providers": ["School of Weather"]},
        "https://school.example/feed/trainings/rain",
    )
    assert pages.asked[0] == f"{BASE}/api/v1/trainings?per_page=100&page=1"


@pytest.mark.parametrize("body", ["[]", '{"items": []}', '{"items": 1, "pages": 1}', "<html>"])
def test_what_is_no_api_of_ours_is_refused(body: str) -> None:
    assert refused("catalogue", body)


def test_every_format_names_kinds_that_there_are() -> None:
    assert all(set(f.kinds) <= set(KINDS) for f in FORMATS.values())
