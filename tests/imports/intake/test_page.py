"""The page of a curator who brings a profile in, as a browser without scripts sends it."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from directory.imports.pages import intake as pages
from tests.imports.intake.files import pdf
from tests.imports.intake.profiles import MARKDOWN
from tests.people import form_in, send

Client = TestClient[Any]


def bring(client: Client, file: tuple[str, bytes] | None = None, **fields: Any) -> httpx.Response:
    form = form_in(client.get("/curation/intake").text, "/curation/intake")
    data = {name: values[-1] for name, values in form.body.items()} | fields
    data.pop("file", None)
    files = {"file": file} if file else None
    return client.post("/curation/intake", data=data, files=files, follow_redirects=True)


def forms_of(html: str) -> list[str]:
    return re.findall(r'name="key" value="([^"]+)"', html)


def decide(
    client: Client, page: httpx.Response, key: str, decision: str, **more: Any
) -> httpx.Response:
    """Send the form of one proposal as it stands, with one button pressed."""
    part = next(p for p in page.text.split("<article")[1:] if f'value="{key}"' in p)
    path = page.url.path
    form = form_in(part, path).fill(**more)
    return send(client, form, to=path, decision=decision)


def test_a_pasted_text_becomes_proposals_beside_the_text(curator: Client) -> None:
    page = bring(curator, text=MARKDOWN, title="Profile of the Harbour Institute")
    assert page.status_code == 200
    assert "<mark" in page.text
    assert "Data Stewards Programme" in page.text
    assert "training:lantern" in forms_of(page.text)
    anchors = set(re.findall(r'href="#(s\d+-\d+)"', page.text))
    assert anchors
    assert anchors <= set(re.findall(r'id="(s\d+-\d+)"', page.text))


def test_accepting_a_proposal_leads_to_a_draft_that_nobody_else_sees(curator: Client) -> None:
    page = bring(curator, text=MARKDOWN, title="Harbour")
    done = decide(curator, page, "training:lantern", "accept")
    assert "Saved as a draft: Lantern." in done.text
    assert curator.get("/curation/trainings/lantern").status_code == 200
    assert curator.get("/trainings/lantern").status_code == 404
    assert "training:lantern" not in forms_of(done.text)


def test_a_rejected_proposal_can_be_opened_again(curator: Client) -> None:
    page = bring(curator, text=MARKDOWN, title="Harbour")
    done = decide(curator, page, "training:lantern", "reject")
    assert "Rejected. The next reading of this source remembers it." in done.text
    again = bring(curator, text=MARKDOWN, title="Harbour")
    assert 'class="proposal rejected" id="training-lantern"' in again.text
    opened = decide(curator, again, "training:lantern", "reopen")
    assert 'class="proposal proposed" id="training-lantern"' in opened.text


def test_a_merge_into_nothing_is_said_beside_the_field_and_what_was_typed_stays(
    curator: Client,
) -> None:
    page = bring(curator, text=MARKDOWN, title="Harbour")
    wrong = decide(curator, page, "training:lantern", "merge", into="no-such")
    assert wrong.status_code == 422
    assert (
        '<a href="#training-lantern-into">No entry of this kind is called no-such.</a>'
        in wrong.text
    )
    assert 'value="no-such"' in wrong.text


def test_a_proposal_is_merged_into_an_entry_that_is_named_by_its_title(curator: Client) -> None:
    page = bring(curator, text=MARKDOWN, title="Harbour")
    done = decide(curator, page, "training:lantern", "merge", into="cyber school INITIATIVE")
    assert "Saved as a draft: Cyber School Initiative." in done.text
    assert "8 weeks" in curator.get("/curation/trainings/cyber-school-initiative").text


def test_what_an_entry_says_already_is_told_before_it_is_changed(curator: Client) -> None:
    text = "The CyberPeace Institute (CPI) runs the ‘Cyber School Initiative’, a training course on line."
    page = bring(curator, text=text, title="School", organisation="cyberpeace-institute")
    part = next(p for p in page.text.split("<article")[1:] if "Cyber School Initiative" in p)
    assert "would change" in part and ">Cyber School Initiative</a>" in part
    assert "What the entry says already stays." in part
    values = re.findall(r"<li data-passage.*?</li>", part, re.S)
    title = next(v for v in values if "Take Title" in v)
    assert "the entry says this already" in title


def test_an_organisation_is_called_by_its_name_before_it_is_an_entry(curator: Client) -> None:
    page = bring(curator, text=MARKDOWN, title="Harbour")
    assert "Take Organisations: Harbour Institute for Digital Trust (Lead)" in page.text


def test_a_text_in_which_nothing_is_found_says_what_to_do(curator: Client) -> None:
    page = bring(curator, text="It rained, and then it did not.", title="Weather")
    assert "No organisation, programme or training was found in this text." in page.text


def test_a_file_is_read_and_a_broken_one_is_named(curator: Client) -> None:
    page = bring(curator, ("harbour.md", MARKDOWN.encode()))
    assert "Data Stewards Programme" in page.text
    page = bring(curator, ("harbour.pdf", pdf("The Oak Trust (OT) runs the Acorn Programme.")))
    assert "Acorn Programme" in page.text
    wrong = bring(curator, ("harbour.pdf", b"%PDF-1.7 and no more"))
    assert wrong.status_code == 422
    assert "harbour.pdf" in wrong.text


@pytest.mark.parametrize(
    "fields",
    [{}, {"text": "A text."}, {"text": "A text.", "url": "https://a.example", "title": "Both"},
     {"url": "ftp://a.example", "title": "x"}, {"url": "http://127.0.0.1/", "title": "x"},
     {"text": "A text.", "title": "x", "organisation": "no-such-one"},
     {"text": " \n ", "title": "x"}],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_kept(curator: Client, fields: dict[str, Any]) -> None:
    wrong = bring(curator, **fields)
    assert wrong.status_code == 422
    assert 'class="error-summary"' in wrong.text
    for value in fields.values():
        assert value.strip() in wrong.text


def test_only_curators_come_near(desk: Client, contributor: Client) -> None:
    assert contributor.get("/curation/intake").status_code == 403
    unknown = "/curation/intake/01a21576-6d5b-72d1-89af-7b52d94e2391"
    assert contributor.get(unknown).status_code == 403


def test_an_unknown_reading_is_not_found(curator: Client) -> None:
    unknown = "/curation/intake/01a21576-6d5b-72d1-89af-7b52d94e2391"
    assert curator.get(unknown).status_code == 404
    assert curator.get("/curation/intake/nothing").status_code == 404


def test_the_desk_counts_readings_with_something_to_decide(curator: Client) -> None:
    bring(curator, text=MARKDOWN, title="Harbour")
    desk = curator.get("/curation").text
    assert "Profiles brought in" in desk
    assert "/curation/intake" in desk
    assert "Harbour" in curator.get("/curation/intake").text


def test_a_text_with_markup_in_it_stays_text(curator: Client) -> None:
    evil = "The Oak Trust (OT) runs the ‘<script>alert(1)</script> Acorn’ programme & more."
    page = bring(curator, text=evil, title='"><img src=x>')
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x>" not in page.text


def test_too_many_at_once_are_asked_to_wait(
    curator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def acquire(self, blocking: bool) -> bool:
            return False

    monkeypatch.setattr(pages, "_slots", Full())
    assert "Try again in a minute" in bring(curator, text="A text.", title="x").text


def test_the_text_of_a_reading_stands_on_no_public_page(curator: Client, tmp_path: Path) -> None:
    page = bring(curator, text=MARKDOWN + "\nA wombat walks by.\n", title="Harbour")
    decide(curator, page, "training:lantern", "accept")
    curator.cookies.clear()
    for path in ("/sources", "/sources/harbour", "/search?q=wombat", "/api/v1/trainings"):
        assert "wombat walks" not in curator.get(path).text
