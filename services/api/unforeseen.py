"""The last net: a fault that nobody foresaw is answered without a word of what it was about, and logged without one.

The text of an exception may quote what was being worked on, which is a child's plan. The log gets the kind of the
fault and the places in the code that it went through; that is what mending it takes.
"""

import logging
from traceback import format_tb

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.problems import Problem

log = logging.getLogger(__name__)


class LastNet:
    """Middleware around everything else that answers HTTP."""

    def __init__(self, app: ASGIApp) -> None:
        """Catch what `app` raises."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; should that fail before an answer has begun, answer with a problem."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as fault:
            if scope["type"] != "http":
                raise
            places = "".join(format_tb(fault.__traceback__))
            log.error("%s in %s\n%s", type(fault).__name__, scope["method"], places)  # noqa: TRY400 (no text of it)
            if not begun:
                await _problem().response()(scope, receive, send)


def _problem() -> Problem:
    detail = "The fault is ours and has been logged. If you sent an act, repeat it under the same Idempotency-Key."
    return Problem(500, "unforeseen", "Something went wrong here", detail)
