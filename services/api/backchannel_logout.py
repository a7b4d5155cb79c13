"""`POST /backchannel-logout`: a provider says that somebody's session there ended, and theirs here end with it.

OpenID Connect Back-Channel Logout 1.0. The provider is named by the token and proves itself by its signature; whatever
is wrong with a token gets one answer, and why is counted. Not part of the published API: providers call it.
"""

import asyncio
import logging
import time
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import Counter

from connectors.identity.jws import TokenRefused
from services.api.forms import FormUnreadable, read_form
from services.identity.signing_in import SigningIn

PATH: Final = "/backchannel-logout"
_log = logging.getLogger(__name__)
ENDED = Counter("ehcp_sessions_ended_by_providers", "Sessions that a provider's logout token ended")
REFUSED = Counter("ehcp_logout_tokens_refused", "Logout tokens that weren't accepted", ["reason"])
_LONGEST_FORM: Final = 8 * 1024
_MOST_FIELDS: Final = 10
#: Section 2.8 of the specification: no answer is kept by a cache.
_HEADERS: Final = {"Cache-Control": "no-store"}
_REFUSAL: Final = orjson.dumps(
    {"error": "invalid_request", "error_description": "Send one logout_token that is valid and wasn't sent before."}
)

routes = APIRouter(include_in_schema=False)


@routes.post(PATH)
async def end_at_provider(request: Request) -> Response:
    """End the sessions that a logout token names, if any are left; 200 either way, 400 for what is no such token."""
    signing_in: SigningIn = request.app.state.platform.signing_in
    try:
        token = (await read_form(request, limit=_LONGEST_FORM, most=_MOST_FIELDS)).get("logout_token", "")
        said, ended = await asyncio.to_thread(signing_in.end_at_provider, token, int(time.time()))
    except (FormUnreadable, TokenRefused) as refused:
        REFUSED.labels(refused.code).inc()
        _log.info("a logout token was refused", extra={"reason": refused.code})
        return Response(_REFUSAL, 400, _HEADERS, "application/json")
    ENDED.inc(ended)
    by = "session" if said.provider_session else "person"
    _log.info("a provider ended sessions", extra={"issuer": said.issuer, "by": by, "ended": ended})
    return Response(status_code=200, headers=_HEADERS)
