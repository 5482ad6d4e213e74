"""The site on a real port of this machine, for clients that bring their own connections."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from directory.app import create_app
from directory.settings import Settings

PATIENCE = 20.0
"""Seconds until the site must answer."""


@contextmanager
def live(settings: Settings) -> Iterator[str]:
    """Serve the site in a thread and return its address, which is also its public one."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app: Any = create_app(settings.model_copy(update={"base_url": address}))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            end = time.monotonic() + PATIENCE
            while not server.started and time.monotonic() < end and thread.is_alive():
                time.sleep(0.01)
            assert server.started, "the site did not start"
            yield address
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
