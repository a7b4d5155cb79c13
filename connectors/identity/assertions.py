"""Client assertions (RFC 7523, the NHS application-restricted pattern): a system signs that it is itself, once.

The order matters: the assertion is used up only when everything else about it is right, so that nobody but its signer
can use it up.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from msgspec import Struct

from connectors.identity.clients import ClientRegistry, RegisteredClient
from connectors.identity.jws import TokenRefused, read, verify
from connectors.identity.tokens import LEEWAY_SECONDS, whole_second

#: NHS England's pattern signs RS512; EdDSA is Ed25519 under its older name.
ASSERTION_ALGORITHMS: Final = ("RS512", "Ed25519", "EdDSA")
#: How far ahead an assertion may expire, in seconds.
LONGEST_AHEAD: Final = 300
#: The longest assertion that is looked at, in characters; with RS512 and a 4,096-bit key it takes about 1,200.
MAX_ASSERTION: Final = 4 * 1024
_TYPES: Final = ("jwt", "client-authentication+jwt")
_ONCE: Final = re.compile(r"[\x21-\x7e]{1,128}")


class SingleUse(Protocol):
    """Remembers what may be used once, for as long as it could be used again; shared by every process."""

    def use(self, purpose: str, value: str, until: int) -> bool:
        """Use the value up: true the first time, false for ever after until `until` (seconds since the epoch)."""


class ClientAssertions(Struct, frozen=True, kw_only=True):
    """Tells which registered client signed an assertion for one audience, the token endpoint's address."""

    audience: str
    registry: ClientRegistry
    once: SingleUse

    def client_of(self, assertion: str, now: int) -> RegisteredClient:
        """The client, its assertion used up; `now` in seconds since the epoch. Raises TokenRefused."""
        signed = read(assertion, limit=MAX_ASSERTION)
        client_id = signed.claims.get("iss")
        client = self.registry.client(client_id) if isinstance(client_id, str) else None
        if client is None:
            raise TokenRefused("client")
        claims = verify(signed, client, ASSERTION_ALGORITHMS)
        if signed.type not in _TYPES:
            raise TokenRefused("type")
        if claims.get("sub") != client.client_id:
            raise TokenRefused("subject")
        if claims.get("aud") not in (self.audience, [self.audience]):
            raise TokenRefused("audience")
        if not client.is_active(datetime.fromtimestamp(now, UTC)):
            raise TokenRefused("inactive")
        expires = _expiry(claims, now)
        jti = claims.get("jti")
        if not isinstance(jti, str) or not _ONCE.fullmatch(jti):
            raise TokenRefused("jti")
        if not self.once.use("client-assertion", f"{client.client_id}\x00{jti}", expires + LEEWAY_SECONDS):
            raise TokenRefused("replayed")
        return client


def _expiry(claims: dict[str, Any], now: int) -> int:
    expires = whole_second(claims.get("exp"))
    if expires is None or expires + LEEWAY_SECONDS <= now:
        raise TokenRefused("expired")
    if expires > now + LONGEST_AHEAD:
        raise TokenRefused("lifetime")
    for name in ("iat", "nbf"):
        begins = whole_second(claims[name]) if name in claims else 0
        if begins is None or begins > now + LEEWAY_SECONDS:
            raise TokenRefused("not-yet")
    return expires
