"""One field of many entries: seen first, then changed and published, each by its own rules."""

from typing import Any

import pytest
from litestar.testing import TestClient

from directory.audit import verify_chain
from directory.curation.service import get_entry, latest_revision
from directory.entries.kinds import TRAINING
from directory.settings import Settings
from tests.people import Form, enter_as, form_in, send, writing

MANY = "/curation/many"
PREVIEW = MANY + "/preview"


def asked(client: TestClient[Any], query: str, **values: Any) -> Any:
    """Fill in the third step, and look at what would change."""
    form = form_in(client.get(f"{MANY}?{query}").text, PREVIEW).fill(**values)
    return send(client, form)


def totals(client: TestClient[Any], query: str) -> int:
    return int(client.get(f"/api/v1/search?{query}").json()["total"])


def newest(settings: Settings, slug: str) -> Any:
    with writing(settings) as session:
        return latest_revision(session, get_entry(session, TRAINING, slug))


def test_a_curator_adds_an_audience_to_what_a_search_finds(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    query = "kind=training&q=cyber&field=audiences"
    before = totals(curator, "kind=training&audience=diplomats")
    page = asked(curator, query, how="add", audiences=["diplomats"], _source="gcsp-profile")
    assert page.status_code == 200
    preview = form_in(page.text, MANY)
    chosen = preview.all("entry")
    assert len(chosen) > 3
    done = send(curator, preview)
    assert f"{len(chosen)} entries changed and published" in done.text
    assert totals(curator, "kind=training&audience=diplomats") == before + len(chosen)
    slug, base = chosen[0].split("@")
    revision = newest(desk_settings, slug)
    assert revision.number == int(base) + 1
    claim = revision.claims["audiences"][-1]
    assert (claim["item"], claim["source"]) == ("diplomats", "gcsp-profile")
    with writing(desk_settings) as session:
        assert verify_chain(session).broken is None


def test_a_value_of_a_long_list_is_given_without_a_script(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    query = "kind=training&q=cyber&field=providers"
    first = curator.get(f"{MANY}?{query}").text
    assert 'id="f-providers"' in first
    assert "Add another" not in first
    assert "Not in the list?" not in first
    page = asked(curator, query, how="add", providers=["gcsp", ""], _source="gcsp-profile")
    assert "Geneva Centre for Security Policy" in page.text
    chosen = form_in(page.text, MANY).all("entry")
    assert f"{len(chosen)} entries changed" in send(curator, form_in(page.text, MANY)).text
    assert "gcsp" in newest(desk_settings, chosen[0].split("@")[0]).profile["providers"]


def test_what_is_missing_is_named_with_its_field(curator: TestClient[Any]) -> None:
    page = asked(curator, "kind=training&field=providers", how="add")
    assert page.status_code == 422
    assert '<a href="#f-providers">Providers: Give the value first.</a>' in page.text


def test_only_what_stays_ticked_is_changed(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    page = asked(
        curator, "kind=training&q=cyber&field=mode", how="set", mode="online-live",
        _source="gcsp-profile",
    )  # fmt: skip
    preview = form_in(page.text, MANY)
    first, *others = preview.all("entry")
    assert "1 entry changed" in send(curator, preview.fill(entry=[first])).text
    assert newest(desk_settings, first.split("@")[0]).profile["mode"] == "online-live"
    assert newest(desk_settings, others[0].split("@")[0]).number == int(others[0].split("@")[1])


def test_taking_out_and_emptying_asks_what_publishing_needs(curator: TestClient[Any]) -> None:
    """Who it is for is needed: without a source that does not state it, it cannot go."""
    query = "kind=training&q=cyber&field=audiences"
    page = asked(curator, query, how="clear")
    assert "needed to publish" in page.text
    with pytest.raises(StopIteration):
        form_in(page.text, MANY)["entry"]
    page = asked(curator, query, how="clear", _source="gcsp-profile")
    assert "would change" in page.text
    assert form_in(page.text, MANY).all("entry")


def test_an_entry_with_a_waiting_change_is_left_alone(curator: TestClient[Any]) -> None:
    school = "/curation/trainings/cyber-school-initiative"
    send(curator, form_in(curator.get(school).text).fill(duration="Nine weeks"))
    page = asked(
        curator, "kind=training&q=cyber+school&field=licence", how="set", licence="CC BY 4.0",
        _source="gcsp-profile",
    )  # fmt: skip
    assert "A change waits here already" in page.text
    assert not [e for e in form_in(page.text, MANY).all("entry") if e.startswith("cyber-school-i")]


def test_what_changed_since_the_preview_is_said_and_kept(curator: TestClient[Any]) -> None:
    page = asked(
        curator, "kind=training&q=cyber&field=licence", how="set", licence="CC BY 4.0",
        _source="gcsp-profile",
    )  # fmt: skip
    preview = form_in(page.text, MANY)
    slug = preview.all("entry")[0].split("@")[0]
    other = form_in(curator.get(f"/curation/trainings/{slug}").text).fill(duration="Ten weeks")
    send(curator, other, to=other.action + "/publish", _source="gcsp-profile")
    done = send(curator, preview)
    assert "These were left as they are" in done.text
    assert "Somebody else saved this entry" in done.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"how": "set", "licence": ""}, "Give the value first."),
        ({"how": "set", "licence": "x" * 301}, "would not fit"),
        ({"how": "set", "licence": "CC BY"}, "Say where this comes from"),
        ({"how": "add", "licence": "CC BY"}, "Choose a field and what to do with it."),
        ({"how": "../../etc", "licence": "CC BY"}, "Choose a field and what to do with it."),
    ],
)
def test_a_change_that_cannot_be_is_named(
    curator: TestClient[Any], values: dict[str, str], said: str
) -> None:
    source = {} if said.startswith("Say where") else {"_source": "gcsp-profile"}
    page = asked(curator, "kind=training&q=cyber&field=licence", **values, **source)
    if said == "would not fit":
        assert "would change" in page.text and "0 entries would change" in page.text
        return
    assert page.status_code == 422
    assert said in page.text


def test_a_field_nobody_declared_is_no_choice(curator: TestClient[Any]) -> None:
    for name in ("title", "runs", "password", ""):
        page = curator.get(f"{MANY}?kind=training&field={name}")
        assert page.status_code == 200
        assert "3. What to do" not in page.text


def test_who_may_not_change_many_is_refused(desk: TestClient[Any], desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "contributor")
    assert desk.get(MANY).status_code == 403
    assert "Change these entries" not in desk.get("/search?kind=training").text
    form = Form(MANY, [("_csrf_token", desk.cookies.get("csrftoken") or "")])
    assert send(desk, form).status_code == 403
    assert send(desk, form, to=PREVIEW).status_code == 403


def test_the_search_page_leads_there(curator: TestClient[Any]) -> None:
    assert (
        'href="/curation/many?q=cyber&amp;kind=training"'
        in curator.get("/search?q=cyber&kind=training").text
    )
