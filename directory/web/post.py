"""Mail goes out when the page is out: nobody waits for a mail server, nor for the next reminder."""

from typing import Any

from litestar import Request, Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks

from directory.mail import deliver


def deliver_after(
    request: Request[Any, Any, Any], response: Response[Any], *first: BackgroundTask
) -> Response[Any]:
    """Return the response; once it is sent, do what comes `first`, then deliver what waits.

    What cannot be delivered now stays in the queue.
    """
    state = request.app.state
    mail = BackgroundTask(deliver, state.database, state.settings)
    response.background = BackgroundTasks([*first, mail])
    return response
