"""The one place where the parts are joined."""

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from litestar import Litestar, Request, Response
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.plugins.flash import FlashConfig, FlashPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.plugins.prometheus import PrometheusConfig, PrometheusController
from litestar.template.config import TemplateConfig
from litestar.types import ASGIApp

import directory.accounts.pages
import directory.alerts.pages
import directory.api.pages
import directory.api.v1
import directory.curation.pages
import directory.curation.pages.audit
import directory.curation.pages.by_mail
import directory.embeds.pages
import directory.entries.pages
import directory.exports.pages
import directory.imports.pages
import directory.inbox.pages
import directory.insights.pages
import directory.matching.pages
import directory.search.pages
import directory.sources.pages
import directory.web.pages
import directory.webhooks.pages
from directory.accounts.guards import note_refusal
from directory.accounts.permissions import is_allowed_somewhere
from directory.accounts.sessions import session_config
from directory.alerts.following import count_readers
from directory.alerts.pages.follow import WITHOUT_TOKEN
from directory.alerts.sending import send_letters
from directory.api.assistants import about_assistants
from directory.api.mcp import assistants
from directory.api.openapi import openapi_config
from directory.api.problems import is_api, problem_response
from directory.curation.lists import Elsewhere
from directory.db import Database, open_database
from directory.errors import Unavailable
from directory.exports.endings import ENDINGS, INSIDE, PICTURE, formats_of
from directory.exports.formats import OF_A_SEARCH
from directory.exports.jsonld import LinkedData
from directory.exports.state import PublicState
from directory.imports.fetch import Fetcher, Pace
from directory.imports.harvest.service import to_decide
from directory.imports.intake.service import open_readings
from directory.inbox.queue import open_reports, open_requests
from directory.languages import marked
from directory.memory import give_back, settle
from directory.search.service import SearchService
from directory.settings import Settings
from directory.standbys import Reader, reading_as
from directory.web.compression import with_compression
from directory.web.csrf import CarefulCSRF, csrf_config
from directory.web.errors import error_page, refuse_unreadable_path
from directory.web.formats import with_endings
from directory.web.head import allow_head_with_get, with_head
from directory.web.keeping import say_who_may_keep
from directory.web.kept import with_kept_pages
from directory.web.languages import with_language
from directory.web.limits import Limits, rate_limit_headers
from directory.web.origins import open_data_to_all_origins
from directory.web.post import deliver_after
from directory.web.readers import with_readers
from directory.web.security import add_security_headers
from directory.web.static_files import static_file
from directory.web.templating import template_engine
from directory.webhooks.sending import PATIENCE, Postman

THREADS = 16
# Somebody waits for the page meanwhile.
SECONDS_TO_FETCH = 6.0
LARGEST_BODY = 4 * 1024 * 1024
ELSEWHERE = (
    Elsewhere(
        "reports",
        marked("Reports and suggestions"),
        marked("What readers say is wrong."),
        "handle reports",
        "/curation/reports",
        open_reports,
    ),
    Elsewhere(
        "requests",
        marked("Requests of providers"),
        marked("Who asks to edit an organisation."),
        "grant",
        "/curation/requests",
        open_requests,
    ),
    Elsewhere(
        "import",
        marked("Bring in a file"),
        marked(
            "Tables from Excel and other files of entries: see what would change, then save drafts."
        ),
        "bring in",
        "/curation/import",
    ),
    Elsewhere(
        "intake",
        marked("Profiles brought in"),
        marked("Bring in a text about organisations, and decide what becomes an entry."),
        "bring in",
        "/curation/intake",
        open_readings,
    ),
    Elsewhere(
        "duplicates",
        marked("Likely duplicates"),
        marked("Pairs that may be one and the same."),
        "merge",
        "/curation/duplicates",
    ),
    Elsewhere(
        "rules",
        marked("Would fail today"),
        marked("Public entries that the rules of today would not let through."),
        "publish",
        "/curation/rules",
    ),
    Elsewhere(
        "feeds",
        marked("Feeds"),
        marked(
            "Lists of others that are read again and again. Counted are those that wait for you."
        ),
        "approve source",
        "/curation/feeds",
        to_decide,
    ),
    Elsewhere(
        "demand",
        marked("What is looked for"),
        marked("How many people look for a topic, and no training fits their need."),
        "see demand",
        "/curation/demand",
    ),
    Elsewhere(
        "followers",
        "Readers who follow something",
        "How many people hear of what is new, by mail.",
        "see followers",
        "/admin/alerts",
        count_readers,
    ),
)
"""Lists of work that have pages of their own, for the desk: one row each."""

FOR_MACHINES = ["^/api", "^/mcp$", "^/oai$", "^/static", "^/healthz", "^/readyz", "^/metrics"]


def _warm(database: Database, search: SearchService) -> None:
    """Open the index before the first question, and spare what it holds the garbage collector."""
    if database.standbys:
        database.standbys.start()
    with reading_as(Reader.PERSON):
        search.refresh()
    settle()


async def _threads() -> None:
    """Let as many handlers work at once as the pool of the database has connections for."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))


def _error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    for_programs = is_api(request) or request.scope["path"].startswith((f"{INSIDE}/", "/moochub/"))
    return problem_response(request, error) if for_programs else error_page(request, error)


async def _after_response(request: Request[Any, Any, Any]) -> None:
    """Send mail and tell other programs, once the answer to a form or a program is out.

    While the database is away, both wait.
    """
    with suppress(Unavailable):
        await deliver_after(request)
        if request.method == "POST" and request.scope["path"].rstrip("/") == "/alerts":
            await sync_to_thread(_answer_readers, request)
        if request.method in ("POST", "PUT"):
            await sync_to_thread(request.app.state.postman.deliver_soon)


def _answer_readers(request: Request[Any, Any, Any]) -> None:
    """Send the links that readers wait for; news wait for `directory alerts send`."""
    state, engine = request.app.state, request.app.template_engine
    assert isinstance(engine, JinjaTemplateEngine)
    send_letters(state.database, state.search, state.settings, engine.engine, answers_only=True)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    fetcher: Fetcher | None = None,
) -> ASGIApp:
    """Join the parts into one application; tests hand over their own database and client."""
    settings = settings or Settings()
    database = database or open_database(settings)
    metrics = PrometheusConfig(app_name="directory", prefix="directory", group_path=True)
    csrf = csrf_config(settings, [*FOR_MACHINES, *WITHOUT_TOKEN])
    sessions = session_config(settings)
    search = SearchService(database, settings.data_dir)
    # Who asked to be told is told at once: no second between two messages.
    postman = Postman(
        database, settings, fetcher or Fetcher(settings.base_url, seconds=PATIENCE, pace=Pace(0))
    )
    engine = template_engine(settings)
    engine.engine.globals |= {
        "may": is_allowed_somewhere,
        "linked_data": LinkedData(settings),
        "formats_of": formats_of,
        "formats_of_a_search": OF_A_SEARCH,
    }
    templates = TemplateConfig(instance=engine)
    app = Litestar(
        route_handlers=[
            directory.entries.pages.router,
            directory.sources.pages.router,
            directory.search.pages.router,
            directory.exports.pages.router,
            directory.insights.pages.router,
            *directory.matching.pages.ROUTERS,
            *directory.alerts.pages.ROUTERS,
            directory.embeds.pages.router,
            directory.api.v1.router,
            directory.accounts.pages.router,
            *directory.inbox.pages.ROUTERS,
            directory.accounts.pages.people_router,
            *directory.api.pages.ROUTERS,
            directory.webhooks.pages.router,
            directory.curation.pages.router,
            directory.imports.pages.router,
            directory.curation.pages.by_mail.router,
            directory.curation.pages.audit.router,
            directory.web.pages.router,
            assistants(settings, database, search),
            about_assistants,
            PrometheusController,
            static_file,
        ],
        state=State(
            {
                "settings": settings,
                "database": database,
                "search": search,
                "limits": Limits(settings),
                "fetcher": fetcher or Fetcher(settings.base_url, seconds=SECONDS_TO_FETCH),
                "postman": postman,
                "elsewhere": ELSEWHERE,
            }
        ),
        template_config=templates,
        plugins=[FlashPlugin(FlashConfig(template_config=templates))],
        middleware=[
            metrics.middleware,
            sessions.middleware,
            DefineMiddleware(CarefulCSRF, config=csrf),
        ],
        before_request=refuse_unreadable_path,
        before_send=[
            say_who_may_keep,
            rate_limit_headers,
            open_data_to_all_origins,
            add_security_headers,
            allow_head_with_get,
        ],
        after_response=_after_response,
        exception_handlers={Exception: _error},
        after_exception=[note_refusal],
        request_max_body_size=LARGEST_BODY,
        openapi_config=openapi_config(settings),
        include_in_schema=False,
        on_startup=[give_back, _threads, partial(_warm, database, search)],
        # Tests make many applications in one process; what a dead one holds must be let go.
        on_shutdown=[search.close, postman.close, database.close, gc.unfreeze],
    )
    public = PublicState(database, search.moves)
    pages = with_kept_pages(with_compression(app), public, settings, sessions.key)
    whole = with_language(with_endings(with_head(pages), (*ENDINGS, PICTURE)))
    return with_readers(whole, sessions.key) if database.standbys else whole
