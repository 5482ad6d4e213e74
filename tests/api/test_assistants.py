"""An assistant asks, with the official client, over the wire."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.shared.exceptions import MCPError

from directory.api.tools import TOOLS
from directory.db import Database
from directory.entries.vocabularies import Vocabularies
from directory.matching.need import Need
from directory.search.query import FACETS, PARAMETERS
from directory.settings import Settings
from tests.api import editing
from tests.api.test_privacy import DRAFT, NOTE, SCHOOL
from tests.conftest import settings_for
from tests.live import live

T = TypeVar("T")
JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
GOOD: dict[str, dict[str, Any]] = {
    "overview": {},
    "search": {"q": "cybersecurity", "kind": ["training"], "per_page": 3},
    "entry": {"kind": "training", "slug": SCHOOL},
    "match": {"policy_area": ["cybersecurity"], "country": "KE", "language": ["en"]},
    "gaps": {"by": "language", "rows": "policy_area"},
}
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("overview", {"colour": "red"}, "no parameter colour"),
    ("search", {"page": 10**12}, "page is a number from 1 to"),
    ("search", {"page": [1, 2]}, "page is given more than once"),
    ("search", {"per_page": 101}, "per_page is a number from 1 to 100"),
    ("search", {"colour": "red"}, "no parameter colour"),
    ("search", {"policy_area": ["astrology"]}, "policy_area has no value astrology"),
    ("search", {"kind": ""}, "kind needs a value"),
    ("search", {"q": {"deep": [1]}}, "q takes texts and numbers"),
    ("search", {"provider": "No Slug!"}, "provider is the slug of an organisation"),
    ("entry", {}, "slug is the short name"),
    ("entry", {"kind": "training", "slug": "nothing-here"}, "no training called nothing-here"),
    ("entry", {"kind": "training", "slug": "a\x00b"}, "slug is the short name"),
    ("entry", {"kind": "planet", "slug": "gcsp"}, "kind is one of organisation"),
    ("entry", {"id": "12"}, "32 hexadecimal digits"),
    ("entry", {"id": "01a202f6-daa9-7380-8e81-844945b75c45"}, "no entry with the id"),
    ("match", {"head_count": -1}, "head_count: Write a number of at least 1"),
    ("match", {"audience": ["martians"]}, "audience: There is no martians"),
    ("match", {"shoe_size": 44}, "shoe_size: There is no such field"),
    ("gaps", {"by": "shoe_size"}, "by is one of"),
    ("gaps", {"kind": ["training"], "rows": "audience"}, "rows is one of action_line"),
]


@pytest.fixture(scope="module")
def address(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("assistants")
    copy = shutil.copy(seeded_file, folder / "directory.db")
    with live(settings_for(folder, f"sqlite:///{copy}")) as found:
        yield found


def ask(address: str, question: Callable[[Client], Awaitable[T]], mode: Any = "auto") -> T:
    """Connect as an assistant does, and ask."""

    async def asking() -> T:
        async with Client(f"{address}/mcp", mode=mode) as client:
            return await question(client)

    return asyncio.run(asking())


def said(result: Any) -> str:
    return str(result.content[0].text)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_each_tool_answers_both_generations_of_clients(address: str, mode: str) -> None:
    async def question(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == list(TOOLS) == list(GOOD)
        assert all(t.annotations and t.annotations.read_only_hint for t in tools.values())
        for name, arguments in GOOD.items():
            result = await client.call_tool(name, arguments)
            assert not result.is_error, said(result)
            assert len(said(result)) > 100, name
            # The client checks it, too; here it must say something.
            schema = tools[name].output_schema
            Draft202012Validator(schema).validate(result.structured_content)
            Draft202012Validator.check_schema(tools[name].input_schema)
            Draft202012Validator(tools[name].input_schema).validate(arguments)

    ask(address, question, mode)


def test_what_does_not_fit_is_told_to_the_assistant_in_a_sentence(address: str) -> None:
    async def question(client: Client) -> list[str]:
        problems = []
        for name, arguments, sentence in WRONG:
            result = await client.call_tool(name, arguments)
            if not result.is_error or sentence not in said(result):
                problems.append(f"{name} {arguments!r}: {said(result)}")
        return problems

    assert ask(address, question) == []


def test_the_overview_says_what_there_is_and_what_is_missing(address: str) -> None:
    async def question(client: Client) -> Any:
        return (await client.call_tool("overview", {})).structured_content

    found = ask(address, question)
    api = httpx.get(f"{address}/api/v1/search?per_page=1").json()
    assert found["counts"]["action_line"][:5] == api["facets"]["action_line"][:5]
    assert {k["kind"]: k["count"] for k in found["kinds"]} == {
        v["value"]: v["count"] for v in api["facets"]["kind"]
    }
    of_trainings = next(k for k in found["kinds"] if k["kind"] == "training")
    missing = {u["filter"]: u["not_stated"] for u in of_trainings["not_stated"]}
    query = "kind=training&cost=not-stated&per_page=1"
    assert missing["cost"] == httpx.get(f"{address}/api/v1/search?{query}").json()["total"] > 0
    assert address in found["how_to_cite"] and found["freshness"]["last_change"]


def test_an_entry_comes_with_its_claims_their_sources_and_how_to_cite_it(address: str) -> None:
    async def question(client: Client) -> tuple[Any, Any, str]:
        by_slug = await client.call_tool("entry", GOOD["entry"])
        found: Any = by_slug.structured_content
        by_id = await client.call_tool("entry", {"id": found["entry"]["id"]})
        return found, by_id.structured_content, said(by_slug)

    found, again, words = ask(address, question)
    assert found == again
    api = httpx.get(f"{address}/api/v1/trainings/{SCHOOL}").json()
    assert found["entry"]["profile"] == api["profile"]
    cited = {c["source"] for claims in found["entry"]["claims"].values() for c in claims}
    assert {s["slug"] for s in found["sources"]} == cited
    page = f"{address}/trainings/{SCHOOL}"
    assert found["entry"]["url"] == page and found["cite"].endswith(page)
    assert "No source states:" in words and "cyberpeace-institute-profile, line 115" in words
    assert all(httpx.get(s["url"]).status_code == 200 for s in found["sources"])


def test_search_and_match_say_the_same_as_the_api(address: str) -> None:
    async def question(client: Client) -> tuple[Any, Any]:
        search = await client.call_tool("search", GOOD["search"])
        match = await client.call_tool("match", GOOD["match"])
        return search.structured_content, match.structured_content

    searched, matched = ask(address, question)
    api = httpx.get(f"{address}/api/v1/search?q=cybersecurity&kind=training&per_page=3").json()
    assert [i["slug"] for i in searched["items"]] == [i["slug"] for i in api["items"]]
    assert searched["items"][0]["url"] == address + api["items"][0]["url"]
    offers = httpx.post(f"{address}/api/v1/match", json=GOOD["match"]).json()
    assert matched["totals"] == offers["totals"]
    assert [o["slug"] for o in matched["offers"]][:5] == [o["slug"] for o in offers["offers"]][:5]


def test_resources_are_the_addresses_of_the_site(address: str) -> None:
    async def question(client: Client) -> list[tuple[str, str]]:
        listed = (await client.list_resources()).resources
        uris = [r.uri for r in listed if r.name in ("action-lines", "countries")]
        templates = (await client.list_resource_templates()).resource_templates
        uris += [t.uri_template.format(slug="gcsp") for t in templates if t.name == "organisation"]
        found = []
        for uri in uris:
            contents: Any = (await client.read_resource(uri)).contents[0]
            found.append((uri, contents.text))
        for uri in (f"{address}/trainings/nothing.json", "file:///etc/passwd", f"{address}/admin"):
            with pytest.raises(MCPError, match=r"There is no"):
                await client.read_resource(uri)
        with pytest.raises(MCPError, match="no tool"):
            await client.call_tool("delete_everything", {})
        return found

    found = ask(address, question)
    assert len(found) == 3
    for uri, text in found:
        assert httpx.get(uri).json() == httpx.Response(200, text=text).json()


def test_fifty_questions_at_once_are_all_answered(address: str) -> None:
    async def question(client: Client) -> list[Any]:
        names = list(GOOD) * 10
        return await asyncio.gather(*(client.call_tool(name, GOOD[name]) for name in names))

    results = ask(address, question)
    assert len(results) == 50
    assert not [said(r) for r in results if r.is_error]


def test_what_is_private_or_a_draft_is_never_told(
    desk_settings: Settings, desk_database: Database
) -> None:
    editing.change(desk_database, SCHOOL, published=True, curator_note=f"{NOTE} of ours")
    editing.change(desk_database, SCHOOL, published=False, summary=f"{DRAFT} to come")
    editing.start(desk_database, "quokkawort-course", title=f"{DRAFT} course")

    async def question(client: Client) -> str:
        calls = [
            *GOOD.items(),
            ("search", {"kind": "training", "per_page": 100}),
            ("entry", {"kind": "training", "slug": "quokkawort-course"}),
            ("match", {"text": "course to come"}),
        ]
        told = [(await client.call_tool(name, args)).model_dump_json() for name, args in calls]
        uri = f"{client_address}/trainings/{SCHOOL}.json"
        told.append((await client.read_resource(uri)).model_dump_json())
        with pytest.raises(MCPError):
            await client.read_resource(uri.replace(SCHOOL, "quokkawort-course"))
        for word in (NOTE, DRAFT):
            found: Any = (await client.call_tool("search", {"q": word})).structured_content
            told.append(str([item["title"] for item in found["items"]]))
        return "".join(told).replace("no training called quokkawort-course", "")

    with live(desk_settings) as client_address:
        told = ask(client_address, question)
    assert SCHOOL in told
    assert NOTE not in told and DRAFT not in told and "quokkawort" not in told
    assert "curator_note" not in told


def test_only_post_is_answered_and_nothing_is_kept(address: str) -> None:
    for method in ("GET", "DELETE", "PUT", "HEAD", "OPTIONS"):
        answer = httpx.request(method, f"{address}/mcp")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST"), method
    assert "/about/assistants" in httpx.get(f"{address}/mcp").text
    answer = httpx.post(f"{address}/mcp", json=PING, headers=JSON)
    assert answer.json()["result"] == {}
    assert answer.headers["content-type"] == "application/json"
    assert "set-cookie" not in answer.headers and "mcp-session-id" not in answer.headers


def test_whoever_asks_too_often_is_told_when_to_ask_again(
    seeded_file: Path, tmp_path: Path
) -> None:
    copy = shutil.copy(seeded_file, tmp_path / "directory.db")
    settings = settings_for(tmp_path, f"sqlite:///{copy}")

    async def question(client: Client) -> str:
        with pytest.raises(MCPError) as refused:
            for _ in range(7):
                await client.call_tool("search", GOOD["search"])
        return str(refused.value)

    with live(settings.model_copy(update={"api_requests_a_minute": 6})) as address:
        first = httpx.post(f"{address}/mcp", json=PING, headers=JSON)
        assert first.headers["ratelimit-policy"] == '"address";q=6;w=60'
        assert first.headers["ratelimit"] == '"address";r=5;t=10'
        told = ask(address, question)
        assert told == "At most 6 requests a minute are answered. Try again in 1 minute."
        last = httpx.post(f"{address}/mcp", json=PING, headers=JSON)
        assert last.status_code == 429 and last.json()["id"] is None
        assert 0 < int(last.headers["retry-after"]) <= 10
        assert last.headers["ratelimit"].startswith('"address";r=0')
        assert httpx.get(f"{address}/api/v1/action-lines").status_code == 429
        assert httpx.get(f"{address}/about/assistants").status_code == 200


def test_people_are_told_how_to_connect_one(address: str) -> None:
    words = httpx.get(f"{address}/about/assistants").text
    assert f"{address}/mcp" in words
    assert "requests a minute, here and to the API together" in words
    assert all(f"<code>{name}</code>" in words for name in TOOLS)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Host": "evil.test"}]
)
def test_pages_of_other_sites_cannot_ask_through_a_visitor(
    address: str, headers: dict[str, str]
) -> None:
    answer = httpx.post(f"{address}/mcp", json=PING, headers={**JSON, **headers})
    assert answer.status_code in (403, 421)
    assert "access-control-allow-origin" not in answer.headers


def test_an_installation_is_asked_by_its_public_name_and_by_that_of_the_machine(
    address: str,
) -> None:
    port = address.rsplit(":", 1)[1]
    for headers in ({"Host": f"localhost:{port}"}, {"Origin": address}, {"Host": "127.0.0.1"}):
        answer = httpx.post(f"{address}/mcp", json=PING, headers={**JSON, **headers})
        assert answer.status_code == 200, headers


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[" * 20_000, b'{"jsonrpc": "2.0"', b"\xff\xfe", b"null", b"[]",
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search"',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[1]}',
        b'{"jsonrpc":"2.0","id":1,"method":"no/such"}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("generation", ["2025-11-25", "2026-07-28", "1999-01-01"])
def test_bodies_that_are_no_questions_are_refused(
    address: str, body: bytes, generation: str
) -> None:
    headers = {**JSON, "MCP-Protocol-Version": generation}
    answer = httpx.post(f"{address}/mcp", content=body, headers=headers)
    assert answer.status_code < 500
    assert answer.status_code >= 400 or "error" in answer.json()


@pytest.mark.parametrize("generation", ["2025-11-25", "2026-07-28"])
@pytest.mark.parametrize("method", ["tools/call", "resources/read"])
def test_half_a_character_breaks_nothing(address: str, method: str, generation: str) -> None:
    half = r"\ud800"
    asked = f'"name":"search","arguments":{{"q":"{half}","language":["{half}"],"{half}":1}}'
    body = (
        f'{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{asked},"uri":"{half}",'
        f'"_meta":{{"io.modelcontextprotocol/protocolVersion":"{generation}",'
        '"io.modelcontextprotocol/clientCapabilities":{}}}}'
    )
    headers = {**JSON, "MCP-Protocol-Version": generation, "Mcp-Method": method}
    answer = httpx.post(f"{address}/mcp", content=body.encode(), headers=headers)
    assert answer.status_code < 500, answer.text
    assert "error" in answer.json() or answer.json()["result"]["isError"]


def test_a_body_that_is_too_large_is_refused_unread(address: str) -> None:
    answer = httpx.post(f"{address}/mcp", content=b" " * (64 * 1024 + 1), headers=JSON)
    assert answer.status_code == 413


def test_schemas_follow_the_declarations(database: Database) -> None:
    with database.reading() as session:
        words = Vocabularies.read(session)
    searched = TOOLS["search"].takes(words)["properties"]
    assert set(searched) == set(PARAMETERS)
    assert searched["action_line"]["items"]["enum"][0] == "C1"
    assert all(searched[name]["description"] for name in FACETS)
    assert set(TOOLS["match"].takes(words)["properties"]) == set(Need.model_fields)


def test_the_sdk_waits_for_the_first_question() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, directory.app; print('mcp.server' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_the_first_questions_may_come_together(
    seeded_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copy(seeded_file, tmp_path / "directory.db")
    made: list[int] = []
    from directory.api.mcp import Assistants

    make = Assistants._made

    def counted(self: Assistants) -> Any:
        made.append(1)
        return make(self)

    monkeypatch.setattr(Assistants, "_made", counted)

    async def questions() -> list[int]:
        async with httpx.AsyncClient() as client:
            posts = [client.post(f"{address}/mcp", json=PING, headers=JSON) for _ in range(8)]
            return [answer.status_code for answer in await asyncio.gather(*posts)]

    with live(settings_for(tmp_path, f"sqlite:///{copy}")) as address:
        assert asyncio.run(questions()) == [200] * 8
    assert made == [1]
