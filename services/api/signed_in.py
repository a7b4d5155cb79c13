"""People in a browser: their session's cookie in, their session out; for what is no bearer API (the web console).

The cookie holds a random id and nothing else. `__Host-` makes the browser keep it to this host, over TLS; HttpOnly
keeps it from scripts; SameSite=Lax and the session's own token keep other sites from writing in somebody's name.
"""

import asyncio
import time
from typing import Final

from fastapi import Request, Response

from services.api.headers import only_header
from services.api.problems import Problem
from services.identity.sessions import Session, Sessions

SESSION_COOKIE: Final = "__Host-ehcp-session"
ATTEMPT_COOKIE: Final = "__Host-ehcp-attempt"
#: The header, or the field of a form, in which a page of ours sends the session's token with a write.
CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf_token"


async def session_if_any(request: Request) -> Session | None:
    """The session of the browser, None when there is none."""
    sessions: Sessions = request.app.state.platform.signing_in.sessions
    held = request.cookies.get(SESSION_COOKIE, "")
    return await asyncio.to_thread(sessions.find, held, int(time.time()))


async def session_of(request: Request) -> Session:
    """The session of the browser. Raises Problem 401."""
    found = await session_if_any(request)
    if found is None:
        raise Problem(401, "not-signed-in", "Sign in first", "You aren't signed in, or your session has ended.")
    return found


async def writing_session_of(request: Request, csrf: str | None = None) -> Session:
    """The session for a request that writes; `csrf` is the token of a form, else that of the header counts.

    Raises Problem 401, or 403 when the session's token is missing or wrong.
    """
    session = await session_of(request)
    stated = csrf if csrf is not None else only_header(request, CSRF_HEADER)
    if stated is None or not session.is_own_request(stated):
        detail = "Reload the page and try again: the request doesn't come from a page of this session."
        raise Problem(403, "not-from-our-page", "This request isn't from our page", detail)
    return session


def set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    """Give the browser a secret for so many seconds."""
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def drop_cookie(response: Response, name: str) -> None:
    """Take the secret away again."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
