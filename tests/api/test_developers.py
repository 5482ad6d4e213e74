"""People who build on the API find all of it on one page, with answers of this very site."""

import json
import re
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from directory.api.pages.reference import words_of
from directory.api.problems import TYPES
from directory.api.tokens import SCOPES
from directory.app import create_app
from directory.db import Database
from directory.entries.kinds import KINDS
from directory.exports.formats import FORMATS
from directory.migrate import migrate
from directory.webhooks.messages import EVENTS
from tests.api.conftest import Client
from tests.conftest import settings_for

PAGE, REFERENCE = "/developers", "/developers/reference"


def test_the_page_is_found_from_every_page_and_from_a_problem(site: Client) -> None:
    assert 'href="/developers"' in site.get("/").text
    page = site.get(PAGE).text
    for problem in TYPES.values():
        assert f'id="{problem.name}"' in page
    address = site.get("/api/v1/nothing").json()["type"]
    assert address == "http://testserver.local/developers#not-found"


def test_examples_are_what_this_site_answers(site: Client) -> None:
    page = site.get(PAGE).text
    paths = re.findall(r'href="(/api/v1/[^"]*)">Open the whole answer', page)
    assert len(paths) == 4
    for path in paths:
        answer = site.get(path.replace("&amp;", "&"))
        assert answer.status_code == 200
        first = json.dumps(answer.json(), indent=2, ensure_ascii=False).split("\n")[:6]
        assert as_written(first) in page


def as_written(lines: list[str]) -> str:
    """Return lines of JSON as they stand in a page."""
    return "\n".join(lines).replace("&", "&amp;").replace('"', "&#34;").replace("'", "&#39;")


def test_nothing_that_can_be_used_is_left_out(site: Client) -> None:
    page = site.get(PAGE).text
    for kind in KINDS.values():
        for name in kind.public_fields:
            assert f"<code>{name}</code>" in page, name
        private = set(kind.fields) - set(kind.public_fields)
        assert not [n for n in private if f"<code>{n}</code>" in page]
    for word in (*SCOPES, *EVENTS):
        assert f"<code>{word}</code>" in page


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_other_formats_are_there(site: Client, row: Any) -> None:
    assert site.get(row.example or row.address).status_code == 200


def test_no_header_is_promised_that_no_answer_has(site: Client) -> None:
    description = site.get("/api/v1/openapi.json").text.lower()
    exposed = site.get("/api/v1/action-lines").headers["access-control-expose-headers"].lower()
    page = site.get(PAGE).text.lower()
    for header in ("deprecation", "sunset"):
        assert header not in exposed and header not in page and header not in description


def test_every_link_of_both_pages_leads_somewhere(site: Client) -> None:
    for address in (PAGE, REFERENCE):
        page = site.get(address).text
        main = page.partition('id="main"')[2].partition("<footer")[0]
        ids = set(re.findall(r'id="([^"]+)"', page))
        for link in set(re.findall(r'href="([^"]+)"', main)):
            path, _, part = link.replace("&amp;", "&").partition("#")
            if not path:
                assert part in ids, link
            elif not path.startswith("/account"):
                assert site.get(path).status_code == 200, link
            if path == PAGE and part:
                assert f'id="{part}"' in site.get(PAGE).text, link


def test_the_reference_has_every_address_and_shape_of_the_description(site: Client) -> None:
    page = site.get(REFERENCE).text
    description = site.get("/api/v1/openapi.json").json()
    for path, methods in description["paths"].items():
        assert f"<code>{path}</code>" in page
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
            for parameter in operation.get("parameters", []):
                assert f"<code>{parameter['name']}</code>" in page
    for name, schema in description["components"]["schemas"].items():
        assert not schema.get("properties") or f'id="schema-{name}"' in page


def test_an_empty_directory_has_the_page_too(empty_engine: Engine, tmp_path: Any) -> None:
    migrate(empty_engine)
    settings = settings_for(tmp_path, str(empty_engine.url))
    with TestClient(create_app(settings, Database(empty_engine))) as client:
        assert client.get(PAGE).status_code == 200
        assert client.get("/api/v1/changes").json() == {
            "items": [],
            "cursor": "0-0",
            "more": False,
        }
        assert client.get("/api/v1/trainings?updated_since=2020-01-01").json()["total"] == 0


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "date-time"}, "a moment"),
        ({"type": "integer", "minimum": 1.0, "maximum": 1000000.0},
         "whole number, at least 1, at most 1,000,000"),
        ({"anyOf": [{"$ref": "#/components/schemas/Link"}, {"type": "null"}]}, "Link or null"),
        ({"type": "array", "items": {"type": "boolean"}}, "list of true or false"),
        ({"enum": ["a", None]}, "a, null"),
        ({"enum": list(range(10))}, "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"),
        ({}, "anything"),
    ],
)  # fmt: skip
def test_a_schema_in_words(schema: dict[str, Any], text: str) -> None:
    assert words_of(schema).text == text
