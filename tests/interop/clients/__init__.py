"""The clients, by what they read. To import a module is to register its rows."""

from tests.interop.clients import (  # noqa: F401
    api,
    assistants,
    dump,
    exchange,
    feeds,
    hsds,
    linked,
    pages,
    tables,
    webhooks,
)
