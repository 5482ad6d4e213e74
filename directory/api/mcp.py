"""The tools and resources of the catalogue over the Model Context Protocol, at `/mcp`.

Streamable HTTP without a session: each POST is answered by one JSON object, and nothing outlives
it (Model Context Protocol 2025-11-25, Transports, and 2026-07-28). The official SDK takes a second
to import, a quarter of what a start may take; it is loaded with the first question.

A page of another site must not ask through the browser of a visitor: its Origin is refused, no
CORS header is sent, and only known names of this server are answered (DNS rebinding). Scripts of
other sites have `/api`, which is open to all of them.
"""

import json
import logging
import re
from collections.abc import Mapping
from importlib.metadata import version
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from litestar import Request, Response, asgi
from litestar.concurrency import sync_to_thread
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from directory.api.tools import TOOLS
from directory.api.tools.base import Catalogue, with_short_lists
from directory.api.v1.vocabularies import term_list
from directory.db import Database
from directory.entries.kinds import BY_PATH, KINDS
from directory.entries.queries import read_published
from directory.entries.vocabularies import Vocabularies
from directory.errors import DirectoryError, Invalid, NotFound, TooMany
from directory.exports.json import entry_of
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.errors import headers_of, status_of
from directory.web.limits import limit_by_address

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp_types import CallToolResult

log = logging.getLogger("directory")

PATH = "/mcp"
LARGEST_MESSAGE = 64 * 1024
"""Bytes; a need with every field filled in has some ten thousand."""

TOO_MANY = -32000
"""A code that is ours to give a meaning (JSON-RPC 2.0, 5.1)."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
JSON = "application/json"
BROKEN = "Something broke on our side; please try again in a minute."
INSTRUCTIONS = """\
A catalogue of organisations, programmes and trainings in digital policy. Begin with the tool
overview. Every value names the source that states it; a value that is null is stated by none and
must not be guessed. Cite entries with the text that the tool entry gives. Everything here is
public and can only be read.
"""


def _readable(text: str) -> str:
    """Return a text that can be sent: half a character, as JSON may hold, cannot."""
    return text.encode("utf-8", "replace").decode()


def _sentences(error: DirectoryError) -> str:
    """Return an error in plain sentences, with the parameter before each."""
    if not isinstance(error, Invalid) or not error.by_field:
        return _readable(str(error))
    said = [f"{name}: {sentence}" for name, sentence in error.by_field.items()]
    return _readable("\n".join([str(error), *said]))


def with_addresses(found: Any, site: str) -> Any:
    """Return JSON in which what stands under `url` is a whole address: an assistant shows it."""
    if isinstance(found, list):
        return [with_addresses(part, site) for part in found]
    if not isinstance(found, dict):
        return found
    return {
        name: site + part
        if name == "url" and isinstance(part, str) and part.startswith("/")
        else with_addresses(part, site)
        for name, part in found.items()
    }


def _with_whole_addresses(schema: Any) -> Any:
    """Return the schema of such JSON."""
    text = json.dumps(schema).replace(", below the address of the site.", ", as a whole address.")
    return json.loads(text)


class Assistants:
    """Answers assistants. The SDK and what depends on it are made once, by whoever asks first."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = Lock()
        self._server: Server[Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; there is nothing to start with the application, or to stop."""
        if scope.get("method") != "POST":
            await self._refuse_method(send)
            return
        if (server := self._server) is None:
            server = await sync_to_thread(self._loaded)
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        manager = StreamableHTTPSessionManager(
            server,
            json_response=True,
            stateless=True,
            security_settings=self._security(),
            max_request_body_size=LARGEST_MESSAGE,
        )
        async with manager.run():
            handle: Any = manager.handle_request
            await handle(scope, receive, send)

    async def _refuse_method(self, send: Send) -> None:
        """Answer 405: without sessions there is nothing to listen to, and none to end."""
        help_at = self._catalogue.address("/about/assistants")
        words = f"This address is for assistants, which send POST. How to connect one: {help_at}\n"
        headers = [(b"allow", b"POST"), (b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body", "body": words.encode(), "more_body": False})

    def _security(self) -> Any:
        """Return which names of this server, and which pages, may ask."""
        from mcp.server.transport_security import TransportSecuritySettings

        base = urlsplit(self._catalogue.settings.base_url)
        hosts = [base.netloc, *LOOPBACK, *(f"{name}:*" for name in LOOPBACK)]
        origin = f"{base.scheme}://{base.netloc}"
        return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[origin])

    def _loaded(self) -> "Server[Any]":
        """Import the SDK and describe the catalogue to it; in a thread, since it takes a second."""
        with self._lock:
            server = self._server or self._made()
            self._server = server
            return server

    def _made(self) -> "Server[Any]":
        from mcp.server.lowlevel import Server
        from mcp.shared.exceptions import MCPError
        from mcp_types import (
            INVALID_PARAMS,
            CallToolRequestParams,
            ListResourcesResult,
            ListResourceTemplatesResult,
            ListToolsResult,
            ReadResourceRequestParams,
            ReadResourceResult,
            Resource,
            ResourceTemplate,
            TextResourceContents,
            Tool,
        )

        async def list_tools(_context: Any, _params: Any) -> ListToolsResult:
            described = await sync_to_thread(self._describe_tools)
            return ListToolsResult(tools=[Tool.model_validate(one) for one in described])

        async def call_tool(_context: Any, params: CallToolRequestParams) -> "CallToolResult":
            if params.name not in TOOLS:
                raise MCPError(INVALID_PARAMS, _readable(f"There is no tool {params.name}."))
            return await sync_to_thread(self._call, params.name, params.arguments or {})

        async def list_resources(_context: Any, _params: Any) -> ListResourcesResult:
            described = await sync_to_thread(self._describe_vocabularies)
            return ListResourcesResult(resources=[Resource.model_validate(r) for r in described])

        async def list_templates(_context: Any, _params: Any) -> ListResourceTemplatesResult:
            found = [ResourceTemplate.model_validate(t) for t in self._describe_entries()]
            return ListResourceTemplatesResult(resource_templates=found)

        async def read_resource(
            _context: Any, params: ReadResourceRequestParams
        ) -> ReadResourceResult:
            uri = str(params.uri)
            try:
                text = await sync_to_thread(self._read, uri)
            except DirectoryError as error:
                raise MCPError(INVALID_PARAMS, _sentences(error), {"uri": _readable(uri)}) from None
            contents = TextResourceContents(uri=uri, mime_type=JSON, text=text)
            return ReadResourceResult(contents=[contents])

        # It tells of each request that it begins and that it ends.
        logging.getLogger("mcp").setLevel(logging.WARNING)
        settings = self._catalogue.settings
        return Server(
            "capacity-directory",
            version=version("capacity-directory"),
            title=settings.site_name,
            website_url=settings.base_url,
            instructions=INSTRUCTIONS,
            on_list_tools=list_tools,
            on_call_tool=call_tool,
            on_list_resources=list_resources,
            on_list_resource_templates=list_templates,
            on_read_resource=read_resource,
        )

    def _describe_tools(self) -> list[dict[str, Any]]:
        words = self._catalogue.search.vocabularies
        return [
            {
                "name": tool.name,
                "title": tool.title,
                "description": tool.description,
                "inputSchema": with_short_lists(tool.takes(words), words),
                "outputSchema": _with_whole_addresses(
                    tool.gives.model_json_schema(mode="serialization")
                ),
                "annotations": {
                    "title": tool.title,
                    "readOnlyHint": True,
                    "destructiveHint": False,
                    "idempotentHint": True,
                    "openWorldHint": False,
                },
            }
            for tool in TOOLS.values()
        ]

    def _call(self, name: str, arguments: Mapping[str, Any]) -> "CallToolResult":
        """Run a tool; what goes wrong is told to the assistant, so that it can ask better."""
        from mcp_types import CallToolResult, TextContent

        try:
            answer = TOOLS[name].run(self._catalogue, arguments)
        except DirectoryError as error:
            said = _sentences(error)
        except Exception:
            log.exception("the tool %s failed", name)
            said = BROKEN
        else:
            site = self._catalogue.settings.base_url
            return CallToolResult(
                content=[TextContent(type="text", text=answer.words)],
                structured_content=with_addresses(answer.found.model_dump(mode="json"), site),
            )
        return CallToolResult(content=[TextContent(type="text", text=said)], is_error=True)

    def _describe_vocabularies(self) -> list[dict[str, Any]]:
        return [
            {
                "uri": self._catalogue.address(f"/api/v1/vocabularies/{name}"),
                "name": name,
                "title": held.title,
                "description": held.description,
                "mimeType": JSON,
            }
            for name, held in self._catalogue.search.vocabularies.vocabularies.items()
        ]

    def _describe_entries(self) -> list[dict[str, Any]]:
        return [
            {
                "uriTemplate": self._catalogue.address(f"/{kind.path}/{{slug}}.json"),
                "name": kind.name,
                "title": kind.label,
                "description": f"A published {kind.label.lower()} with its claims.",
                "mimeType": JSON,
            }
            for kind in KINDS.values()
        ]

    def _read(self, uri: str) -> str:
        """Return the JSON at an address of this site that a resource has; raises NotFound."""
        site = self._catalogue.settings.base_url
        path = uri.removeprefix(site) if uri.startswith(f"{site}/") else ""
        with self._catalogue.database.reading() as session:
            if found := re.fullmatch(r"/api/v1/vocabularies/([a-z0-9-]+)", path):
                return term_list(Vocabularies.read(session), found[1]).model_dump_json()
            found = re.fullmatch(r"/([a-z]+)/([a-z0-9-]+)\.json", path)
            if found and (kind := BY_PATH.get(found[1])):
                return entry_of(read_published(session, kind, found[2])).model_dump_json()
        raise NotFound(f"There is no resource {uri}.")


def _refuse_too_many(_request: Request[Any, Any, Any], error: TooMany) -> Response[Any]:
    """Refuse with an error of JSON-RPC that has no id, which a client hands to its assistant.

    Source: Model Context Protocol 2025-11-25, Transports, Sending Messages to the Server, 5.
    """
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": TOO_MANY, "message": str(error)}}
    return Response(body, status_code=status_of(error), headers=headers_of(error))


def assistants(settings: Settings, database: Database, search: SearchService) -> ASGIRouteHandler:
    """Return the handler; no session is read for it, since it knows nobody.

    What assistants ask counts together with what the same address asks the API.
    """
    answering = Assistants(Catalogue(database, search, settings))

    @asgi(
        PATH,
        copy_scope=True,
        opt={"skip_session": True},
        guards=[limit_by_address],
        exception_handlers={TooMany: _refuse_too_many},
    )
    async def answer_assistant(scope: Scope, receive: Receive, send: Send) -> None:
        await answering(scope, receive, send)

    return answer_assistant
