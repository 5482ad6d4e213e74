"""Nothing of the API breaks unannounced: today's description against the one that was agreed."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.breaking import breaking
from tests.api.conftest import Client
from tests.api.snapshot import agreed, description_of

Document = dict[str, Any]


def test_nothing_that_programs_rely_on_has_changed(site: Client) -> None:
    broken = breaking(agreed(), description_of(site))
    assert not broken, (
        "Programs that use the API would break:\n"
        + "\n".join(broken)
        + "\nWithin version 1 nothing is renamed or removed. If it must be, announce it "
        "on the page for developers and in the CHANGELOG, six months before; "
        "`make api-snapshot` then writes tests/api/openapi.json."
    )


def test_what_is_there_today_is_part_of_the_agreement(site: Client) -> None:
    """What was added is a promise from the next release on; the file says so beforehand."""
    missing = breaking(description_of(site), agreed())
    assert not missing, "New: run `make api-snapshot`.\n" + "\n".join(missing)


# The comparison itself, on a small description


def document() -> Document:
    thing = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "size": {"type": "integer"},
            "colour": {"anyOf": [{"type": "string", "enum": ["red", "blue"]}, {"type": "null"}]},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
        },
        "required": ["name"],
    }
    written = copy.deepcopy(thing)
    written["properties"]["parts"]["items"] = _ref("Sent")  # type: ignore[index]
    sent = {"required": True, "content": {"application/json": {"schema": _ref("Sent")}}}
    answer = {
        "content": {"application/json": {"schema": _ref("Thing")}},
        "headers": {"ETag": {"schema": {"type": "string"}}},
    }
    asked = {
        "name": "size",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 9},
    }
    kind = {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}}
    return {
        "paths": {
            "/things": {
                "get": {"parameters": [asked, kind], "responses": {"200": answer}},
                "post": {"requestBody": sent, "responses": {"201": answer}},
            }
        },
        "components": {"schemas": {"Thing": thing, "Sent": written}},
    }


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def schema(d: Document, name: str) -> Document:
    found: Document = d["components"]["schemas"][name]
    return found


def parameters(d: Document) -> list[Document]:
    found: list[Document] = d["paths"]["/things"]["get"]["parameters"]
    return found


def member(d: Document, name: str, field: str) -> Document:
    found: Document = schema(d, name)["properties"][field]
    return found


def asking(d: Document) -> Document:
    found: Document = d["paths"]["/things"]["get"]
    return found


NEW = {"name": "new", "in": "query", "schema": {}}
BREAKS: list[tuple[str, Callable[[Document], Any]]] = [
    ("/things is gone", lambda d: d["paths"].pop("/things")),
    ("POST /things is gone", lambda d: d["paths"]["/things"].pop("post")),
    ("parameter size: it is gone", lambda d: parameters(d).pop(0)),
    ("parameter size: it is needed", lambda d: parameters(d)[0].update(required=True)),
    ("new and needed", lambda d: parameters(d).append({**NEW, "required": True})),
    ("maximum was 9 and is 5", lambda d: parameters(d)[0]["schema"].update(maximum=5)),
    ("minimum was 1 and is 2", lambda d: parameters(d)[0]["schema"].update(minimum=2)),
    ("maxLength was not set", lambda d: member(d, "Sent", "name").update(maxLength=5)),
    ("must look like", lambda d: member(d, "Sent", "name").update(pattern="x")),
    ("the value b is taken no more", lambda d: parameters(d)[1]["schema"]["enum"].remove("b")),
    ("only some values", lambda d: parameters(d)[0]["schema"].update(enum=[1])),
    ("its type was integer", lambda d: parameters(d)[0]["schema"].update(type="boolean")),
    ("size: its type was integer", lambda d: member(d, "Thing", "size").update(type="string")),
    ("name: the field is gone", lambda d: schema(d, "Thing")["properties"].pop("name")),
    ("size: the field is gone", lambda d: schema(d, "Sent")["properties"].pop("size")),
    ("name: it may be missing", lambda d: schema(d, "Thing")["required"].clear()),
    ("size: it is needed now", lambda d: schema(d, "Sent")["required"].append("size")),
    (
        "null is taken no more",
        lambda d: member(d, "Sent", "colour")["anyOf"].remove({"type": "null"}),
    ),
    (
        "can be integer now",
        lambda d: member(d, "Thing", "colour")["anyOf"].append({"type": "integer"}),
    ),
    (
        "blue is taken no more",
        lambda d: member(d, "Sent", "colour")["anyOf"][0]["enum"].remove("blue"),
    ),
    ("never answers 200", lambda d: asking(d)["responses"].pop("200")),
    ("ETag is gone", lambda d: asking(d)["responses"]["200"]["headers"].pop("ETag")),
    (
        "application/json is gone",
        lambda d: asking(d)["responses"]["200"]["content"].pop("application/json"),
    ),
    ("a token is needed", lambda d: asking(d).update(security=[{"token": []}])),
    ("body: it is taken no more", lambda d: d["paths"]["/things"]["post"].pop("requestBody")),
    ("any other name are refused", lambda d: schema(d, "Sent").update(additionalProperties=False)),
    ("format", lambda d: member(d, "Thing", "name").update(format="uri")),
]
ADDS: list[Callable[[Document], Any]] = [
    lambda d: d["paths"].update({"/more": {"get": {"responses": {}}}}),
    lambda d: d["paths"]["/things"].update({"put": {"responses": {}}}),
    lambda d: parameters(d).append(NEW),
    lambda d: parameters(d)[0]["schema"].update(maximum=50),
    lambda d: parameters(d)[1]["schema"]["enum"].append("c"),
    lambda d: schema(d, "Thing")["properties"].update({"new": {"type": "string"}}),
    lambda d: schema(d, "Sent")["properties"].update({"new": {"type": "string"}}),
    lambda d: schema(d, "Thing")["required"].append("size"),
    lambda d: schema(d, "Sent")["required"].clear(),
    lambda d: asking(d)["responses"].update({"429": {"description": "Too often."}}),
    lambda d: member(d, "Sent", "size").update(type=["integer", "string"]),
    lambda d: member(d, "Sent", "colour")["anyOf"].append({"type": "integer"}),
]


@pytest.mark.parametrize(("said", "mutate"), BREAKS, ids=[b[0] for b in BREAKS])
def test_what_breaks_is_named(said: str, mutate: Callable[[Document], Any]) -> None:
    after = document()
    mutate(after)
    found = breaking(document(), after)
    assert any(said in sentence for sentence in found), found


@given(st.lists(st.sampled_from(range(len(ADDS))), unique=True))
def test_additions_break_nothing_in_any_combination(some: list[int]) -> None:
    after = document()
    for number in some:
        ADDS[number](after)
    assert breaking(document(), after) == []


@given(st.sampled_from(range(len(BREAKS))), st.lists(st.sampled_from(range(len(ADDS)))))
def test_an_addition_hides_no_break(broken: int, some: list[int]) -> None:
    said, mutate = BREAKS[broken]
    after = document()
    for number in dict.fromkeys(some):
        ADDS[number](after)
    try:
        mutate(after)
    except (IndexError, KeyError, ValueError):
        return
    assert breaking(document(), after), said
