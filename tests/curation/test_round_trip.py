"""A form that is sent as it came changes nothing: for every entry, field, widget and claim."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.curation.controls import Control, controls_of
from directory.curation.editing import draft_from, open_entry
from directory.curation.forms import CLAIM_PARTS, Form, read_form
from directory.curation.service import (
    Draft,
    get_entry,
    latest_revision,
    publish,
    read_draft,
    save_draft,
)
from directory.db import Database
from directory.entries.fields import Declared, is_model
from directory.entries.kinds import KINDS, Kind, kind_named
from directory.entries.models import Entry, Revision
from directory.entries.vocabularies import Vocabularies
from directory.settings import Settings
from tests.people import form_in, send, writing

CURATOR = User(email="ana@example.org", role="curator")


def pairs_of(controls: dict[str, Control], form: Form) -> Iterator[tuple[str, str]]:
    """Write a form out as the page does."""
    yield "_base", str(form.base)
    for name, control in controls.items():
        yield from _pairs(control, name, form.values[name])
        for n, row in enumerate(form.claims[name]):
            for part in CLAIM_PARTS:
                text = "\r\n".join(row[part]) if part == "values" else row[part]
                yield f"claims.{name}.{n}.{part}", text


def _pairs(control: Control, name: str, value: Any) -> Iterator[tuple[str, str]]:
    if control.parts:
        for n, row in enumerate(value):
            for part in control.parts:
                yield from _pairs(part, f"{name}.{n}.{part.name}", row[part.name])
    elif control.widget == "lines":
        yield name, "\r\n".join(value)
    elif control.many:
        yield from ((name, text) for text in value)
    else:
        yield name, value.replace("\n", "\r\n")


def test_every_entry_of_the_seed_survives_its_form(database: Database) -> None:
    with database.reading() as session:
        entries = session.exec(select(Entry)).all()
        assert len(entries) > 100
        for entry in entries:
            kind = kind_named(entry.kind)
            controls = controls_of(kind, private=True)
            opened = open_entry(session, kind, entry.slug, CURATOR)
            form = read_form(controls, pairs_of(controls, opened.form))
            draft = draft_from(session, kind, entry, form, CURATOR)
            assert opened.draft
            assert draft.values == opened.draft.values, entry.slug
            assert draft.claims_json == opened.draft.claims_json, entry.slug


def codes(session: Session, vocabulary: str) -> list[str]:
    """Return three codes, the last of the list among them."""
    known = list(Vocabularies.read(session).terms[vocabulary])
    return [known[0], known[len(known) // 2], known[-1]]


def full_value(session: Session, declared: Declared) -> Any:
    """Make up a value that a field of this type can hold, awkward where it may be."""
    if is_model(declared.type):
        return [full_part(session, declared.type, n) for n in range(2)]
    if declared.vocabulary:
        found = list(dict.fromkeys(codes(session, declared.vocabulary)))
        return found if declared.many else found[-1]
    if declared.reference:
        slugs = list(
            session.exec(select(Entry.slug).where(Entry.kind == declared.reference.kind).limit(3))
        )
        return slugs if declared.many else slugs[0]
    samples: dict[str, Any] = {
        "text": 'Two\n\nlines with "quotes", <b>marks</b> & signs; ünïcödé, עברית.',
        "lines": ["One <i>line</i>", "'Another' & one"],
        "switch": False,
        "number": 1999,
    }
    if declared.widget in samples:
        return samples[declared.widget] if declared.name != "workload_hours_per_week" else "7.5"
    for sample in ('A "line" & more', "https://example.org/?a=1&b=2", "office@example.org"):
        try:
            read_draft(KINDS["training"], "x", {declared.name: sample}, {})
            return sample
        except Exception:
            continue
    return "A line"


def full_part(session: Session, model: Any, number: int) -> dict[str, Any]:
    """Fill every field of a structured value, from its own schema."""
    from directory.curation.controls import _of_model

    found: dict[str, Any] = {}
    for control in _of_model(model):
        if control.parts:
            inner = model.model_fields[control.name].annotation.__args__[0].__args__[0]
            found[control.name] = [full_part(session, inner, n) for n in range(2)]
        elif control.vocabulary:
            found[control.name] = codes(session, control.vocabulary)[number]
        elif control.reference:
            found[control.name] = ["gcsp", "diplofoundation"][number]
        else:
            samples = {"date": f"2027-0{number + 1}-01", "number": "12", "tick": number == 1}
            found[control.name] = samples.get(control.widget, f"Line {number}")
    return found


FULL_CLAIMS = [
    {"source": "gcsp-profile", "status": "stated", "locator": "line 1", "checked_on": "2020-02-02"},
    {"source": "curator-check", "status": "derived", "note": "Said\nin two lines."},
    {"source": "gcsp-profile", "status": "contradicted", "values": ["one", "two", "three"]},
    {"source": "curator-check", "status": "confirmed", "item": "C5", "checked_by": "the provider"},
    {"source": "gcsp-profile", "status": "not_stated"},
]


def publish_a_full_one(session: Session, kind: Kind) -> Draft:
    """Publish an entry with a value and claims of every status in every field."""
    profile = {name: full_value(session, d) for name, d in kind.fields.items()}
    claims = {name: FULL_CLAIMS for name in kind.public_fields}
    draft = read_draft(kind, "full", profile, claims)
    entry, revision = save_draft(session, draft, by=None)
    publish(session, entry, revision, by=None)
    return draft


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_a_full_entry_survives_the_page_itself(
    curator: TestClient[Any], desk_settings: Settings, kind: Kind
) -> None:
    with writing(desk_settings) as session:
        draft = publish_a_full_one(session, kind)
    assert set(draft.values) == set(kind.fields)
    page = curator.get(f"/curation/{kind.path}/full")
    answer = send(curator, form_in(page.text), follow=False)
    assert answer.status_code == 303, answer.text[:3000]
    with writing(desk_settings) as session:
        revision = latest_revision(session, get_entry(session, kind, "full"))
    assert revision.number == 2
    assert revision.profile == draft.values
    assert revision.claims == draft.claims_json


def test_entries_of_the_seed_survive_the_page_itself(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    """One of each kind of thing: those with the most claims hold the most that can go wrong."""
    with writing(desk_settings) as session:
        revisions = session.exec(
            select(Entry, Revision).join(Revision, col(Revision.entry_id) == Entry.id)
        ).all()
    most = sorted(revisions, key=lambda found: -len(str(found[1].claims)))
    chosen = {entry.kind: (entry, revision) for entry, revision in reversed(most)}
    assert set(chosen) == set(KINDS)
    for entry, before in chosen.values():
        kind = kind_named(entry.kind)
        page = curator.get(f"/curation/{kind.path}/{entry.slug}").text
        assert send(curator, form_in(page), follow=False).status_code == 303
        with writing(desk_settings) as session:
            after = latest_revision(session, get_entry(session, kind, entry.slug))
        assert (after.number, after.profile) == (before.number + 1, before.profile)
        assert after.claims == before.claims
