"""The API with what it needs and nothing else."""

# To be replaced: `create_app` joins the same parts as soon as the lead has wired them.

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.testing import TestClient
from litestar.types import ASGIApp

import directory.api.v1
import directory.exports.pages
from directory.api.openapi import openapi_config
from directory.api.problems import problem_response
from directory.db import Database, make_engine
from directory.entries.kinds import BY_PATH
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.formats import with_json_addresses
from directory.web.head import with_head
from directory.web.origins import open_api_to_all_origins


def _error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    return problem_response(request, error)


def join(settings: Settings) -> ASGIApp:
    database = Database(make_engine(settings.database_url))
    app = Litestar(
        [directory.api.v1.router, directory.exports.pages.router],
        state=State(
            {
                "settings": settings,
                "database": database,
                "search": SearchService(database, settings.data_dir),
            }
        ),
        openapi_config=openapi_config(settings),
        include_in_schema=False,
        before_send=[open_api_to_all_origins],
        exception_handlers={Exception: _error},
    )
    return with_head(with_json_addresses(app, BY_PATH, "/api/v1"))


@pytest.fixture
def api(desk_settings: Settings) -> Iterator[TestClient]:
    with TestClient(join(desk_settings), base_url="http://testserver.local") as client:
        yield client
