"""Mail goes out when the page is out: nobody waits for a mail server, nor for the next reminder."""

from typing import Any

from litestar import Request
from litestar.concurrency import sync_to_thread

from directory.mail import deliver


async def deliver_after(request: Request[Any, Any, Any]) -> None:
    """Deliver what waits, once the answer to a form is out. A hook for `after_response`.

    What cannot be delivered now stays in the queue.
    """
    if request.method in ("POST", "PUT"):
        state = request.app.state
        await sync_to_thread(deliver, state.database, state.settings)
