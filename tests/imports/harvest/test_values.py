"""From the words of a feed to declared values."""

import json
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from directory.db import Database
from directory.entries.kinds import KINDS, PROGRAMME, TRAINING, Kind
from directory.entries.queries import list_published
from directory.exports.json import entry_of
from directory.imports.harvest.items import Item
from directory.imports.harvest.planning import with_owner
from directory.imports.harvest.reading import FORMATS
from directory.imports.harvest.values import Understood, Words, understand
from tests.imports.harvest.test_readers import Pages


@pytest.fixture(scope="module")
def words(seeded_engine: Engine) -> Words:
    with Database(seeded_engine).reading() as session:
        return Words.read(session)


def understood(words: Words, kind: Kind = TRAINING, **values: Any) -> Understood:
    return understand(words, kind, Item("1", {"title": "Rain", **values}))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_another_instance_with_the_same_entries_says_exactly_the_same(
    seeded_engine: Engine, words: Words, kind: Kind
) -> None:
    with Database(seeded_engine).reading() as session:
        _, found = list_published(session, kind, offset=0, limit=500)
    entries = [entry_of(one).model_dump(mode="json") for one in found]
    pages = Pages(json.dumps({"pages": 1, "items": entries}))
    read = list(FORMATS["catalogue"].read(pages, "https://other.example/", kind))
    assert len(read) == len(entries) > 5
    taken = {n for n, d in kind.public_fields.items() if not d.ours}
    for item, published in zip(read, found, strict=True):
        assert isinstance(item, Item)
        said = understand(words, kind, item)
        assert said.notes == {}
        want = {n: v for n, v in published.profile.items() if v is not None and n in taken}
        assert said.values == json.loads(json.dumps(want))


@pytest.mark.parametrize(
    ("field", "said", "value"),
    [
        ("languages", ["English", "FR", "español"], ["en", "fr", "es"]),
        ("languages", "English", ["en"]),
        ("mode", "Face to face", "in-person"),
        ("providers", ["Geneva Centre for Security Policy", "gcsp"], ["gcsp"]),
        ("on_request", "Yes", True),
        ("cost_amount", "12.5", "12.50"),
        ("workload_hours", 20, "20.0"),
        ("countries", ["Kenya"], ["KE"]),
        (
            "organisations",
            [{"organisation": "DiploFoundation", "role": "Funder"}],
            [{"organisation": "diplofoundation", "role": "funder"}],
        ),
    ],
)
def test_labels_and_names_become_codes_and_slugs(
    words: Words, field: str, said: Any, value: Any
) -> None:
    found = understood(words, **{field: said})
    assert (found.values[field], found.notes) == (value, {})


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("languages", ["Klingon"]),
        ("providers", ["Nobody at all"]),
        ("website", "javascript:alert(1)"),
        ("cost_amount", "a lot"),
        ("cost_amount", -1),
        ("runs", [{"start": "soon"}]),
        ("runs", [{"start": "2027-02-02", "end": "2027-02-01"}]),
        ("on_request", "perhaps"),
        ("organisations", [{"organisation": "Nobody", "role": "lead"}]),
    ],
)
def test_what_is_not_understood_is_left_out_with_a_note(
    words: Words, field: str, said: Any
) -> None:
    found = understood(words, **{field: said})
    assert found.values == {"title": "Rain"}
    assert set(found.notes) == {field}


def test_part_of_a_list_may_be_understood(words: Words) -> None:
    found = understood(words, languages=["English", "Klingon"])
    assert found.values["languages"] == ["en"]
    assert "Klingon" in found.notes["languages"]


def test_what_is_private_or_our_own_is_never_taken(words: Words) -> None:
    found = understood(words, curator_note="x", descriptive_title=True, unheard_of="x")
    assert found.values == {"title": "Rain"} and found.notes == {}


def test_the_owner_stands_in_only_where_an_item_names_nobody(words: Words) -> None:
    nobody, unknown = Item("1", {"title": "R"}), Item("2", {"title": "R", "providers": ["X"]})
    found = understand(words, TRAINING, nobody)
    with_owner(TRAINING, nobody, found, "gcsp")
    assert (found.values["providers"], found.by_owner) == (["gcsp"], "providers")
    found = understand(words, TRAINING, unknown)
    with_owner(TRAINING, unknown, found, "gcsp")
    assert "providers" not in found.values
    found = understand(words, PROGRAMME, nobody)
    with_owner(PROGRAMME, nobody, found, "gcsp")
    assert found.values["organisations"] == [{"organisation": "gcsp", "role": "lead"}]
