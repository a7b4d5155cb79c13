"""Signing in and out with a browser: `/login`, `/callback`, `/session`, `/logout`. There are no passwords here.

These are for browsers, not part of the published API, and exist only where the operator has configured a provider.
"""

import asyncio
import logging
import re
import time
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import Counter

from connectors.identity.provider import Provider
from connectors.identity.sign_in import SignInFailed
from services.api.bodies import read_bytes
from services.api.forms import FORM
from services.api.problems import Problem, not_found
from services.api.signed_in import (
    ATTEMPT_COOKIE,
    CSRF_FIELD,
    SESSION_COOKIE,
    drop_cookie,
    session_of,
    set_cookie,
    writing_session_of,
)
from services.identity.attempts import ATTEMPT_SECONDS
from services.identity.sessions import ABSOLUTE_SECONDS
from services.identity.signing_in import SigningIn

_log = logging.getLogger(__name__)
FAILED = Counter("ehcp_sign_ins_failed", "Attempts to sign in that led to no session", ["reason"])
SIGNED_IN = Counter("ehcp_sign_ins", "Sessions begun")
#: Who signed in within so many seconds may end other sessions of theirs.
RECENT_SECONDS: Final = 15 * 60
_LONGEST_PARAMETER: Final = 4_096
_LONGEST_FORM: Final = 1_024
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{20,64}")
#: A page of ours, by its path: never another host ("//..." and "/\..." are read as one).
_OWN_PAGE: Final = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~-]{0,200}")
_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

routes = APIRouter(include_in_schema=False)


@routes.get("/login")
async def login(
    request: Request, issuer: str, goes_to: str = "/", invitation: str = "", plan: UUID | None = None
) -> Response:
    """Send the browser to the provider, with what proves on its return that it began here."""
    signing_in = _signing_in(request)
    provider = _provider(signing_in, issuer)
    if not _OWN_PAGE.fullmatch(goes_to):
        goes_to = "/"
    if invitation and not (provider.by_invitation and _CODE.fullmatch(invitation)):
        raise _failed("invitation")
    about = {"goes_to": goes_to, "invitation": invitation, "plan": str(plan or "")}
    begun = signing_in.new_attempt(provider, int(time.time()), **about)
    address, sealed = signing_in.begin(provider, begun)
    response = Response(status_code=303, headers={**_HEADERS, "Location": address})
    set_cookie(response, ATTEMPT_COOKIE, sealed, ATTEMPT_SECONDS)
    return response


@routes.get("/callback")
async def callback(request: Request) -> Response:
    """Take the provider's answer, begin a session, and lead on. A session that the browser had before ends."""
    signing_in = _signing_in(request)
    sealed, held = request.cookies.get(ATTEMPT_COOKIE, ""), request.cookies.get(SESSION_COOKIE, "")
    answer = _once_each(request)
    try:
        session, begun = await asyncio.to_thread(signing_in.complete, sealed, answer, int(time.time()))
    except SignInFailed as failure:
        refusal = _failed(failure.code).response()
        drop_cookie(refusal, ATTEMPT_COOKIE)
        return refusal
    if held:
        await asyncio.to_thread(signing_in.sessions.end, held)
    SIGNED_IN.inc()
    _log.info("somebody signed in", extra={"role": session.principal.role, "issuer": session.principal.issuer})
    response = Response(status_code=303, headers={**_HEADERS, "Location": begun.goes_to})
    drop_cookie(response, ATTEMPT_COOKIE)
    set_cookie(response, SESSION_COOKIE, session.session_id, ABSOLUTE_SECONDS)
    return response


@routes.get("/session")
async def session(request: Request) -> Response:
    """Who is signed in, and the token that a page of ours sends with a write."""
    found = await session_of(request)
    own = _signing_in(request).sessions
    others = await asyncio.to_thread(own.open_of, found.principal, int(time.time()))
    principal = found.principal
    content = {
        "organisation": principal.organisation,
        "role": principal.role,
        "planId": principal.plan_id,
        "csrfToken": found.csrf,
        "ends": found.ends,
        "sessions": len(others),
        "open": [{"session": one.handle, "begun": one.begun, "seen": one.seen} for one in others],
    }
    shown = {name: value for name, value in content.items() if value != ""}
    return Response(orjson.dumps(shown), headers=_HEADERS, media_type="application/json")


@routes.post("/logout")
async def logout(request: Request) -> Response:
    """End the session, or with `everywhere=true` all of the person's; then sign out at the provider too.

    With `session`, one of the person's sessions is ended and this one goes on, `goes_to` a page if that is stated. To
    end others one has to have signed in within the last minutes: whoever finds an open screen can't lock its owner out
    elsewhere.
    """
    form = await _form(request)
    found = await writing_session_of(request, form.get(CSRF_FIELD))
    signing_in = _signing_in(request)
    everywhere, other = form.get("everywhere") == "true", form.get("session", "")
    if (everywhere or other) and time.time() > found.begun + RECENT_SECONDS:
        raise Problem(403, "sign-in-again", "Sign in again first", "To end other sessions, sign in again first.")
    if other:
        await asyncio.to_thread(signing_in.sessions.end_one_of, found.principal, other, int(time.time()))
        page = form.get("goes_to", "")
        if _OWN_PAGE.fullmatch(page):
            return Response(status_code=303, headers={**_HEADERS, "Location": page})
        return Response(status_code=204, headers=_HEADERS)
    if everywhere:
        principal = found.principal
        await asyncio.to_thread(signing_in.sessions.end_all_of, principal.issuer, principal.subject)
    else:
        await asyncio.to_thread(signing_in.sessions.end, found.session_id)
    _log.info("somebody signed out", extra={"role": found.principal.role, "issuer": found.principal.issuer})
    headers = {**_HEADERS, "Location": signing_in.goodbye(found) or "/", "Clear-Site-Data": '"cache"'}
    response = Response(status_code=303, headers=headers)
    drop_cookie(response, SESSION_COOKIE)
    return response


def _signing_in(request: Request) -> SigningIn:
    found: SigningIn = request.app.state.platform.signing_in
    return found


def _provider(signing_in: SigningIn, issuer: str) -> Provider:
    found = signing_in.providers.get(issuer)
    if found is None:
        raise not_found("There is no such way to sign in.")
    return found


def _failed(code: str) -> Problem:
    FAILED.labels(code).inc()
    _log.info("a sign-in failed", extra={"reason": code})
    return Problem(403, "sign-in-failed", "You couldn't be signed in", "Begin again from the page that led you here.")


def _once_each(request: Request) -> dict[str, str]:
    """The parameters of the provider's answer, none stated twice; else an answer that can't be right."""
    pairs = request.query_params.multi_items()
    answer = dict(pairs)
    sound = len(answer) == len(pairs) and all(len(value) <= _LONGEST_PARAMETER for value in answer.values())
    return answer if sound else {}


async def _form(request: Request) -> dict[str, str]:
    if not request.headers.get("content-type"):
        return {}
    content = await read_bytes(request, (FORM,), _LONGEST_FORM)
    try:
        return dict(parse_qsl(content.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=5))
    except ValueError:
        raise Problem(400, "malformed-form", "The form can't be read") from None
