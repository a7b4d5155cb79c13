"""`POST /oauth2/token`: the token endpoint of the development issuer. In production the address doesn't exist."""

import asyncio
import time
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response

from connectors.identity.token_endpoint import GrantRefused, TokenEndpoint
from services.api.caller import note_refusal
from services.api.certificates import certificate_of
from services.api.forms import FormUnreadable, read_form

PATH: Final = "/oauth2/token"
_LONGEST_FORM: Final = 8 * 1024
_MOST_FIELDS: Final = 10
#: Neither a token nor a refusal of one is anything for a cache (RFC 6749 section 5.1).
_HEADERS: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_SAYS: Final = {
    "invalid_request": "Send grant_type, client_assertion_type and client_assertion as a form, each once.",
    "invalid_client": "The client assertion isn't accepted.",
    "unsupported_grant_type": "Only client_credentials is supported.",
    "invalid_scope": "No scope is known here: what a client may do follows from its registration.",
}

#: Not part of the published contract: in production another server issues tokens.
routes = APIRouter(include_in_schema=False)


@routes.post(PATH)
async def token(request: Request) -> Response:
    """A token for a registered client that signs an assertion (RFC 7523)."""
    endpoint: TokenEndpoint = request.app.state.platform.token_endpoint
    try:
        form = await _form(request)
        certificate = certificate_of(request)
        made = await asyncio.to_thread(endpoint.token, form, int(time.time()), certificate)
    except GrantRefused as refused:
        note_refusal(refused.reason)
        return _refusal(refused.error)
    return Response(orjson.dumps(made), 200, _HEADERS, "application/json")


async def _form(request: Request) -> dict[str, str]:
    """The form, every field once. Raises GrantRefused."""
    try:
        return await read_form(request, limit=_LONGEST_FORM, most=_MOST_FIELDS)
    except FormUnreadable as unreadable:
        raise GrantRefused("invalid_request", unreadable.code) from None


def _refusal(error: str) -> Response:
    content = {"error": error, "error_description": _SAYS[error]}
    return Response(orjson.dumps(content), 401 if error == "invalid_client" else 400, _HEADERS, "application/json")
