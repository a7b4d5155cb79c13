"""While the log isn't the one that was signed or published, nothing is changed: every write gets the same answer.

Reading goes on, also where it is asked for by POST; and so does signing in, without which there is none.
"""

import re
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from services.api.problems import log_differs

WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
READING: Final = re.compile(r"/v1/plans/(search|[^/]+/emergency-reads)")
"""What is read by POST: a search holds personal words, an emergency read a reason."""


class Refusing:
    """Middleware around the routes."""

    def __init__(self, app: ASGIApp, *, refused: Callable[[], str]) -> None:
        """`refused` says why no act is taken, and nothing while all is well."""
        self._app = app
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        why = self._refused()
        if why and scope["type"] == "http" and _writes(scope["method"], scope["path"]):
            await log_differs(why).response()(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _writes(method: str, path: str) -> bool:
    return method in WRITING and path.startswith("/v1/") and not READING.fullmatch(path)
