"""Sees to it that an issuer's key is at hand before a request is answered, where keys are fetched.

Checking a token never waits for the network; this does, beside the event loop, and only for a key that is missing.
"""

import asyncio
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.identity.fetched_keys import FetchedKeys
from connectors.identity.jws import TokenRefused, read
from connectors.identity.tokens import TrustedIssuer
from services.api.caller import bearer_token


class KeysAtHand:
    """Middleware in front of the routes."""

    def __init__(self, app: ASGIApp, issuers: Mapping[str, TrustedIssuer]) -> None:
        """Watch for tokens of these issuers."""
        self._app = app
        self._fetched = {name: one.keys for name, one in issuers.items() if isinstance(one.keys, FetchedKeys)}
        self._under_way: set[asyncio.Future[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Fetch what is missing, begin to fetch what is old, pass the request on."""
        if self._fetched and scope["type"] == "http":
            await self._provide(bearer_token(Headers(scope=scope).getlist("authorization")))
        await self._app(scope, receive, send)

    async def _provide(self, token: str | None) -> None:
        try:
            signed = read(token or "")
        except TokenRefused:
            return
        name = signed.claims.get("iss")
        keys = self._fetched.get(name) if isinstance(name, str) else None
        due = keys.due(signed.key_id) if keys else ""
        if keys is None or not due:
            return
        fetching = asyncio.ensure_future(asyncio.to_thread(keys.refresh, signed.key_id))
        if due == "now":
            await fetching
        else:
            self._under_way.add(fetching)
            fetching.add_done_callback(self._under_way.discard)
