"""A visitor puts entries side by side and sees where they differ and what nobody states."""

import csv
import io
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

from directory.entries.kinds import KINDS
from tests.journeys.test_visitor import text

Site = TestClient[Any]

SCHOOL, BUILDERS = "training/cyber-school-initiative", "training/cyberpeace-builders"
CAMPUS, GCSP, PROGRAMME = "training/ai-campus", "organisation/gcsp", "programme/cyberpeace-builders"


def side_by_side(site: Site, names: Iterable[str]) -> str:
    page = site.get("/compare", params={"entry": list(names)})
    assert page.status_code == 200
    return page.text


def headings(html: str) -> list[str]:
    columns = re.findall(r'<th scope="col".*?</th>', html, re.DOTALL)
    return [re.findall(r'<a href="([^"?]+)', column)[0] for column in columns]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def rows(html: str) -> dict[str, tuple[str, list[str]]]:
    """Return by question whether the row differs, and what each entry says."""
    found = {}
    for verdict, row in re.findall(r'<tr class="(differs|same|alone)">(.*?)</tr>', html, re.DOTALL):
        head, *cells = re.split(r"<td", row)
        title = words(re.sub(r'<span class="verdict">.*?</span>', "", head))
        found[title] = (verdict, [words("<td" + re.sub(r'<span class="of">.*?</span>', "", c))
                                  for c in cells])  # fmt: skip
    return found


def test_an_officer_sees_the_first_questions_of_two_trainings_side_by_side(site: Site) -> None:
    html = side_by_side(site, [SCHOOL, BUILDERS])
    assert headings(html) == [f"/trainings/{name.split('/')[1]}" for name in (SCHOOL, BUILDERS)]
    found = rows(html)
    asked = sorted(
        (d.answers.order, d.answers.question)
        for d in KINDS["training"].public_fields.values()
        if d.answers
    )
    assert list(found)[: len(asked)] == [question for _, question in asked]
    verdict, (school, builders) = found["What it costs"]
    assert verdict == "differs"
    assert school == "Not stated in the CyberPeace Institute profile"
    assert builders.startswith("Free") and "source" in builders


def test_each_column_says_what_the_page_of_its_entry_says(site: Site) -> None:
    names = [SCHOOL, BUILDERS, CAMPUS]
    found = rows(side_by_side(site, names))
    for column, name in enumerate(names):
        entry = words(site.get(f"/trainings/{name.split('/')[1]}").text)
        for question in ("Who can take part", "What it costs", "What one learns", "Providers"):
            said = found[question][1][column]
            assert said.startswith("Not stated") or said.split(" source ")[0] in entry


def test_rows_in_which_all_agree_say_so_in_words(site: Site) -> None:
    html = side_by_side(site, [SCHOOL, BUILDERS])
    found = rows(html)
    assert {verdict for verdict, _ in found.values()} == {"differs", "same"}
    for verdict, cells in found.values():
        plain = {re.sub(r" (source|our reading).*| in the .*", "", cell) for cell in cells}
        assert (verdict == "same") == (len(plain) == 1), cells
    marked = re.findall(
        r'class="(differs|same)">\s*<th[^>]*>[^<]+<span class="verdict">(\w+)<', html
    )
    assert marked and all(kind == word for kind, word in marked)


def test_an_entry_beside_itself_is_one_entry(site: Site) -> None:
    assert headings(side_by_side(site, [SCHOOL, SCHOOL, "cyber-school-initiative"])) == [
        f"/trainings/{SCHOOL.split('/')[1]}"
    ]


def test_a_contradiction_is_named_beside_the_other_entry(site: Site) -> None:
    found = rows(side_by_side(site, [SCHOOL, CAMPUS]))
    verdict, (school, campus) = found["Results and figures"]
    assert verdict == "differs" and "two answers" in school and campus.startswith("Not stated")


def test_what_nobody_states_is_listed_and_not_drawn_as_empty_rows(site: Site) -> None:
    html = side_by_side(site, [SCHOOL, BUILDERS])
    open_questions = text(html).split("Not stated for any of them")[1]
    assert "Where to apply" in open_questions and "Where to apply" not in rows(html)


def test_an_organisation_beside_a_training_shares_the_questions_that_both_have(site: Site) -> None:
    found = rows(side_by_side(site, [SCHOOL, GCSP]))
    _, (school, gcsp) = found["Who can take part / Whom it works for"]
    assert school.startswith("Refugees") and "Policymakers" in gcsp
    verdict, cells = found["What it costs"]
    assert verdict == "alone" and "Does not apply" in cells[1]


def test_three_kinds_stand_side_by_side(site: Site) -> None:
    html = side_by_side(site, [BUILDERS, PROGRAMME, GCSP])
    assert headings(html) == [
        "/trainings/cyberpeace-builders", "/programmes/cyberpeace-builders", "/organisations/gcsp",
    ]  # fmt: skip
    assert all(len(cells) == 3 for _, cells in rows(html).values())


def test_a_fifth_entry_is_named_and_can_be_brought_to_the_front(site: Site) -> None:
    html = side_by_side(site, [SCHOOL, BUILDERS, CAMPUS, GCSP, PROGRAMME])
    assert len(headings(html)) == 4
    assert "At most four entries fit side by side." in text(html)
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', html)]
    first = next(link for link in links if link.startswith(f"/compare?entry={PROGRAMME}&"))
    again = site.get(first).text
    assert headings(again)[0] == "/programmes/cyberpeace-builders" and len(headings(again)) == 4


def test_a_slug_is_enough_where_only_one_entry_has_it(site: Site) -> None:
    assert headings(side_by_side(site, ["gcsp", "ai-campus"])) == [
        "/organisations/gcsp", "/trainings/ai-campus",
    ]  # fmt: skip
    html = side_by_side(site, ["cyberpeace-builders", "gcsp"])
    assert headings(html) == ["/organisations/gcsp"]
    assert (
        "More than one entry is called cyberpeace-builders: "
        "say programme/cyberpeace-builders or training/cyberpeace-builders." in text(html)
    )


def test_a_path_from_the_address_bar_names_an_entry(site: Site) -> None:
    assert headings(side_by_side(site, ["/organisations/gcsp"])) == ["/organisations/gcsp"]


def test_an_unknown_entry_gets_a_sentence_and_the_others_stay(site: Site) -> None:
    html = side_by_side(site, ["training/nothing", SCHOOL, "Not A Name", BUILDERS])
    assert len(headings(html)) == 2
    assert "There is no entry called training/nothing" in text(html)
    assert "“Not A Name” is not the name of an entry." in text(html)


def test_removing_leaves_the_others(site: Site) -> None:
    html = side_by_side(site, [SCHOOL, BUILDERS])
    ways = [unescape(way) for way in re.findall(r'class="small out" href="([^"]+)"', html)]
    assert ways == [f"/compare?entry={BUILDERS}", f"/compare?entry={SCHOOL}"]


@pytest.mark.parametrize("query", ["", "entry=nothing"])
def test_with_nothing_to_compare_the_page_says_how_to_begin(site: Site, query: str) -> None:
    page = site.get(f"/compare?{query}")
    assert page.status_code == 200
    assert "Add to shortlist" in text(page.text) and 'action="/search"' in page.text


def test_the_file_holds_the_words_of_the_page_and_where_they_come_from(site: Site) -> None:
    asked = {"entry": [SCHOOL, BUILDERS]}
    answer = site.get("/compare.csv", params=asked)
    assert answer.headers["content-type"].startswith("text/csv")
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert table[0] == [
        "Part", "Question", "Cyber School Initiative", "Origin", "CyberPeace Builders", "Origin",
    ]  # fmt: skip
    assert table[2][2] == f"http://testserver.local/trainings/{SCHOOL.split('/')[1]}"
    by_question = {row[1]: row for row in table[3:]}
    assert list(by_question) == list(rows(side_by_side(site, [SCHOOL, BUILDERS])))
    cost = by_question["What it costs"]
    assert cost[2] == "Not stated" and cost[3] == "not stated: CyberPeace Institute profile"
    assert cost[4] == "Free" and re.match(
        r"source: CyberPeace Institute profile, lines? \d+", cost[5]
    )
    assert "two answers" in by_question["Results and figures"][3]
    assert all(len(row) == 6 for row in table)


def test_an_entry_leads_to_itself_beside_others_like_it(site: Site) -> None:
    page = site.get("/trainings/cyber-school-initiative").text
    [link] = re.findall(r'href="([^"]+)">Compare it with these side by side', page)
    html = site.get(unescape(link)).text
    assert headings(html)[0] == "/trainings/cyber-school-initiative"
    assert "4 entries side by side" in html
    others = re.search(r"Others like it</h2><ul>(.*?)</ul>", page)
    assert others and headings(html)[1:] == re.findall(r'href="([^"]+)"', others[1])[:3]
