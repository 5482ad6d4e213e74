"""Assistants."""

import asyncio
from typing import Any

from mcp import Client

from tests.interop.registry import row
from tests.interop.site import Site

QUESTIONS: dict[str, dict[str, Any]] = {
    "overview": {},
    "search": {"kind": ["training"], "per_page": 100},
    "match": {"policy_area": ["cybersecurity"], "country": "KE"},
    "gaps": {"by": "language"},
}


def _ask(site: Site, errors: list[str], mode: Any) -> int:
    async def asking() -> int:
        async with Client(f"{site.address}/mcp", mode=mode) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            for name in tools - {*QUESTIONS, "entry"}:
                errors.append(f"nobody asks the tool {name}")
            for name, arguments in QUESTIONS.items():
                result = await client.call_tool(name, arguments)
                if result.is_error:
                    errors.append(f"{name}: {result.content}")
                if name == "search":
                    found: Any = result.structured_content
            read = 0
            for item in found["items"]:
                named = {"kind": item["kind"], "slug": item["slug"]}
                result = await client.call_tool("entry", named)
                if result.is_error:
                    errors.append(f"{named}: {result.content}")
                read += 1
            for resource in (await client.list_resources()).resources:
                await client.read_resource(resource.uri)
                read += 1
            return read

    site.get("/about/assistants")
    return asyncio.run(asking())


@row("MCP 2026-07-28", "/mcp", "mcp")
def today(site: Site, errors: list[str]) -> int:
    """Ask every tool, read every training and every vocabulary."""
    return _ask(site, errors, "auto")


@row("MCP 2025-11-25", "/mcp", "mcp")
def before(site: Site, errors: list[str]) -> int:
    """Do the same as clients of the year before do, with a handshake first."""
    return _ask(site, errors, "legacy")
