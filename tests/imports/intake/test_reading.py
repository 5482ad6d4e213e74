"""Profiles of organisations that do not exist, read into what a curator would have written."""

from typing import Any

import pytest

from directory.curation.service import check_codes
from directory.errors import SourceFailed
from directory.imports.intake.blocks import Document
from directory.imports.intake.drafts import check_proposal
from directory.imports.intake.proposals import Proposal
from directory.imports.intake.propose import propose
from directory.imports.intake.readers import read_bytes
from directory.imports.intake.terms import Reader
from tests.imports.intake.profiles import FRENCH, HTML, MARKDOWN, TWO_PROFILES

Read = tuple[Document, dict[str, Proposal]]


def read(reader: Reader, name: str, text: str, **more: Any) -> Read:
    document = read_bytes(name, text.encode())
    return document, {p.title: p for p in propose(document, reader, **more)}


def titles(found: dict[str, Proposal], kind: str) -> set[str]:
    return {title for title, p in found.items() if p.kind.name == kind}


def test_a_card_and_its_headings_become_the_organisation(reader: Reader) -> None:
    _, found = read(reader, "a.md", MARKDOWN)
    profile = found["Harbour Institute for Digital Trust"].profile()
    assert profile["acronym"] == "HIDT"
    assert profile["founded_year"] == 2011
    assert (profile["headquarters_city"], profile["headquarters_country"]) == ("Malmö", "SE")
    assert profile["website"] == "https://harbour-institute.example"
    assert profile["organisation_type"] == "civil-society"
    wanted = {"privacy-and-data-protection", "child-safety-online", "capacity-development"}
    assert wanted <= set(profile["policy_areas"])


def test_names_in_bold_are_what_is_said_about_them(reader: Reader) -> None:
    _, found = read(reader, "a.md", MARKDOWN)
    assert titles(found, "training") == {
        "Lantern",
        "Privacy by Design for Clerks",
        "Summer Lab on Municipal AI",
    }
    assert titles(found, "programme") == {"Data Stewards Programme", "Quiet Streams"}
    lantern = found["Lantern"].profile()
    assert (lantern["training_kind"], lantern["cost"]) == ("self-assessment", "free")
    assert lantern["duration"] == "40 minutes"
    assert "310 town halls" in lantern["results"]
    course = found["Privacy by Design for Clerks"].profile()
    assert (course["mode"], course["duration"]) == ("online", "six weeks")
    assert course["recognition"] == "certificate-of-completion"
    assert course["audiences"] == ["government-officials"]
    assert (course["cost_amount"], course["cost_currency"]) == ("250", "EUR")


def test_partners_have_their_roles_and_entries_of_their_own(reader: Reader) -> None:
    _, found = read(reader, "a.md", MARKDOWN)
    behind = found["Data Stewards Programme"].profile()["organisations"]
    assert {(o["organisation"], o["role"]) for o in behind} == {
        ("harbour-institute-for-digital-trust", "lead"),
        ("norrland-university", "partner"),
        ("tidewater-fund", "funder"),
    }
    assert found["Tidewater Fund"].profile()["listed_as"] == "named"
    assert found["Data Stewards Programme"].profile()["start_year"] == 2016
    assert found["Quiet Streams"].profile()["status"] == "ended"


def test_every_value_has_its_passage_confidence_and_rule(reader: Reader) -> None:
    document, found = read(reader, "a.md", MARKDOWN)
    for proposal in found.values():
        for value in proposal.values:
            block = document.blocks[value.place.block]
            assert 0 <= value.place.start < value.place.end <= len(block.text)
            assert 0 < value.confidence <= 1
            assert value.rule
    year = next(v for v in found["Data Stewards Programme"].values if v.field == "start_year")
    said = document.blocks[year.place.block].text[year.place.start : year.place.end]
    assert said == "launched in 2016"


def test_a_web_page_with_a_table_is_read_the_same_way(reader: Reader) -> None:
    _, found = read(reader, "a.html", HTML)
    school = found["Andes Network Operators School"].profile()
    assert (school["acronym"], school["founded_year"]) == ("ANOS", 2004)
    assert school["headquarters_country"] == "BO"
    assert titles(found, "programme") == {
        "Condor Incident Exchange Platform",
        "Routes without Borders",
    }
    assert titles(found, "training") == {
        "Puna Fellowship",
        "Routing Basics for Villages",
        "Secure DNS in Practice",
        "Spectrum for Community Networks",
    }
    assert found["Pacific Peering Association"].profile()["acronym"] == "PPA"
    assert not any("Menu" in t or "Evil" in t for t in found)


def test_two_profiles_in_one_text_are_told_apart(reader: Reader) -> None:
    _, found = read(reader, "a.txt", TWO_PROFILES)
    first = found["Meridian Council on Cyber Resilience"].profile()
    second = found["Willow Centre for Media Literacy"].profile()
    assert {"cybersecurity", "capacity-development"} <= set(first["policy_areas"])
    assert {"content-policy", "online-education"} <= set(second["policy_areas"])
    assert "content-policy" not in first["policy_areas"]
    assert (first["founded_year"], first["headquarters_country"]) == (1998, "KE")
    assert found["Fact Garden"].profile()["providers"] == ["willow-centre-for-media-literacy"]
    assert found["Savannah Drill"].profile()["training_kind"] == "simulation-exercise"
    assert {"Open Doors", "Newsroom Safety Alliance"} <= titles(found, "programme")
    assert {"Norms in Everyday Practice", "Reading Between Pixels MOOC"} <= titles(
        found, "training"
    )


def test_a_course_that_opens_a_paragraph_opens_no_profile(reader: Reader) -> None:
    text = (
        "# Lumo Centre for Digital Skills\n\nAcronym: LCDS\nEstablished: 2011\n"
        "Address: 5 Example Street, Geneva\nWebsite: https://lumo.example.org\n"
        "Stakeholder group: Civil society\n\n## Activities\n\n"
        "## Capacity development\n\n"
        "The **Lumo Open Course** is a free six-week online course on data protection for civil "
        "servants. The Centre runs the “Bridge Fellowship”.\n\n"
        "## Cybersecurity\n\nLumo runs the Safe Clinics Programme."
    )
    _, found = read(reader, "a.md", text)
    assert titles(found, "organisation") == {"Lumo Centre for Digital Skills"}
    assert titles(found, "training") == {"Lumo Open Course", "Bridge Fellowship"}
    course = found["Lumo Open Course"].profile()
    assert (course["cost"], course["mode"], course["duration"]) == ("free", "online", "six weeks")


def test_a_french_name_is_found_by_the_acronym_that_spells_it_out(reader: Reader) -> None:
    _, found = read(reader, "a.md", FRENCH)
    programme = found["Programme d’appui à la gouvernance des données publiques"].profile()
    assert (programme["acronym"], programme["start_year"]) == ("PAGDP", 2018)
    assert found["Cartes ouvertes pour les communes"].kind.name == "training"
    assert found["Baobab Connect"].profile()["programme_kind"] == "project"


def test_names_of_one_thing_are_one_entry(reader: Reader) -> None:
    text = (
        "The Ember Foundation (EF) is a foundation based in Accra, Ghana.\n"
        "EF runs the Ember Foundation Academy, an initiative for nurses. EF opened the ‘Ember "
        "Academy’ in 2019.\n"
        "The Coral Assessment Network (CAN) links hospitals. CAN has 30 members."
    )
    _, found = read(reader, "a.txt", text)
    assert sum("Academy" in title for title in found) == 1
    academy = next(p for t, p in found.items() if "Academy" in t)
    assert len({*academy.listed("aliases"), academy.title}) == 2
    assert "CAN" not in titles(found, "programme")


def test_two_answers_are_both_kept(reader: Reader) -> None:
    text = "# Elm Trust (ET)\n\n- Established: 1999\n\nThe Elm Trust was founded in 2001.\n"
    document, found = read(reader, "a.md", text)
    draft = check_proposal(document, found["Elm Trust"], "elm")
    [claim] = draft.claims["founded_year"]
    assert claim.status == "contradicted"
    assert claim.values == ["1999 (line 3)", "2001 (line 5)"]


def test_what_the_text_does_not_say_stays_open(reader: Reader) -> None:
    _, found = read(reader, "a.txt", "The Fir Society runs the Needle Programme.")
    assert set(found["Needle Programme"].profile()) <= {
        "title",
        "programme_kind",
        "organisations",
        "action_lines",
    }


def test_a_text_without_an_organisation_is_about_the_one_the_curator_names(reader: Reader) -> None:
    text = "We run the Needle Programme for teachers."
    _, found = read(reader, "a.txt", text, organisation="Fir Society")
    assert found["Fir Society"].kind.name == "organisation"
    lead = {"organisation": "fir-society", "role": "lead"}
    assert lead in found["Needle Programme"].profile()["organisations"]


@pytest.mark.parametrize(
    "text",
    [
        "It rained in Geneva in December, and the Swiss were pleased.",
        "An EU-funded project and AI tools for UN processes help many PhD programmes.",
        "The minister gave a report on Lakes and Rivers.",
        "What must be done? ‘Nothing at all’, he said.",
    ],
)
def test_what_names_nothing_proposes_nothing(reader: Reader, text: str) -> None:
    _, found = read(reader, "a.txt", text)
    assert not titles(found, "programme") | titles(found, "training")


@pytest.mark.parametrize("text", [MARKDOWN, HTML, TWO_PROFILES, FRENCH])
def test_every_proposal_is_a_draft_that_the_catalogue_takes(reader: Reader, text: str) -> None:
    document, found = read(reader, "a.html" if text == HTML else "a.md", text)
    for proposal in found.values():
        draft = check_proposal(document, proposal, "source")
        assert check_codes(draft, reader.words, {"source"}) == {}
        for claims in draft.claims.values():
            assert all(c.note and c.note not in text and c.locator for c in claims)


def test_a_text_that_names_far_too_much_is_refused_in_time(reader: Reader) -> None:
    text = "\n".join(f"The Body {n} runs the Zu{n} Programme." for n in range(3000))
    with pytest.raises(SourceFailed, match="in parts"):
        read(reader, "a.txt", text)
