"""The one place where the parts are joined."""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from litestar import Litestar, Request, Response
from litestar.concurrency import set_asyncio_executor
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.logging import LoggingConfig
from litestar.plugins.flash import FlashConfig, FlashPlugin
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp

import directory.accounts.pages
import directory.curation.pages
import directory.entries.pages
import directory.search.pages
import directory.sources.pages
import directory.web.pages
from directory.accounts.sessions import session_config
from directory.db import Database, make_engine
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.errors import error_page
from directory.web.head import with_head
from directory.web.security import add_security_headers
from directory.web.templating import STATIC, template_engine

THREADS = 16
LARGEST_BODY = 4 * 1024 * 1024
NOT_FOR_BROWSERS = ["^/api", "^/static", "^/healthz", "^/readyz", "^/metrics"]


def _error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    return error_page(request, error)


def create_app(settings: Settings | None = None, database: Database | None = None) -> ASGIApp:
    """Join the parts into one application; tests hand over their own database."""
    settings = settings or Settings()
    database = database or Database(make_engine(settings.database_url))
    set_asyncio_executor(ThreadPoolExecutor(THREADS))
    engine = template_engine(settings)
    app = Litestar(
        route_handlers=[
            directory.entries.pages.router,
            directory.sources.pages.router,
            directory.search.pages.router,
            directory.accounts.pages.router,
            directory.curation.pages.router,
            directory.web.pages.router,
            create_static_files_router(
                "/static",
                [STATIC],
                cache_control=CacheControlHeader(max_age=31536000, public=True, immutable=True),
            ),
        ],
        state=State(
            {
                "settings": settings,
                "database": database,
                "search": SearchService(database, settings.data_dir),
            }
        ),
        template_config=None,
        before_send=[add_security_headers],
        exception_handlers={Exception: _error},
        csrf_config=CSRFConfig(
            secret=settings.secret,
            cookie_httponly=True,
            cookie_secure=settings.secure,
            exclude=NOT_FOR_BROWSERS,
        ),
        request_max_body_size=LARGEST_BODY,
        openapi_config=None,
        logging_config=LoggingConfig(log_exceptions="never"),
    )
    return with_head(app)
