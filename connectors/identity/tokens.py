"""Checking of bearer tokens (JWT, RFC 7519 and RFC 9068): from a token to the party that it names.

The platform is a resource server and issues no tokens in production. Each trusted issuer has keys, algorithms, types
and audiences of its own, and a mapping from its claims to what the platform wants to know: the party's organisation
("la:855"), its role there, and for a family member the plan and the contact in it.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from msgspec import Struct

from connectors.identity.claims import OWN_CLAIMS, ClaimMapping, MappingFault
from connectors.identity.jws import Keys, Signed, TokenRefused, read, verify
from connectors.identity.principal import ROLES, Principal

__all__ = ["ALGORITHMS", "ROLES", "Principal", "TokenChecker", "TokenRefused", "TrustedIssuer", "whole_second"]

#: Signature algorithms that are accepted unless an issuer's configuration names others.
ALGORITHMS: Final = ("Ed25519", "RS512")
#: What an access token may call itself (RFC 9068; "JWT" from issuers that don't follow it).
TYPES: Final = ("at+jwt", "jwt")
#: How far our clock and an issuer's may differ, in seconds.
LEEWAY_SECONDS: Final = 30
#: The longest life of a token that is accepted, in seconds (one day).
LONGEST_LIFE: Final = 24 * 3600
_LAST_SECOND: Final = 2**40


class TrustedIssuer(Struct, frozen=True, kw_only=True):
    """Somebody whose tokens are believed, within limits."""

    issuer: str
    keys: Keys
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...] = ALGORITHMS
    types: tuple[str, ...] = TYPES
    claims: ClaimMapping = OWN_CLAIMS
    longest_life: int = LONGEST_LIFE


def _never(_principal: Principal, _issued: int) -> bool:
    return False


class TokenChecker(Struct, frozen=True, kw_only=True):
    """Accepts access tokens of the issuers that it knows, by their names.

    `is_over` tells of a principal and the second in which its token was issued whether that was ended since.
    """

    issuers: Mapping[str, TrustedIssuer]
    leeway_seconds: int = LEEWAY_SECONDS
    is_over: Callable[[Principal, int], bool] = _never

    def check(self, token: str, now: int, certificate: str | None = None) -> Principal:
        """The party that a valid token names; `now` in seconds since the epoch.

        `certificate` is the SHA-256 thumbprint of the client certificate of the connection: a token that is bound to
        one (RFC 8705) is accepted over such a connection only. Raises TokenRefused.
        """
        signed = read(token)
        name = signed.claims.get("iss")
        issuer = self.issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise TokenRefused("issuer")
        claims = verify(signed, issuer.keys, issuer.algorithms)
        _require_type(signed, issuer.types)
        require_audience(claims, issuer.audiences)
        require_time(claims, now, leeway=self.leeway_seconds, longest_life=issuer.longest_life)
        _require_binding(claims, certificate)
        try:
            principal = issuer.claims.principal(claims, issuer.issuer)
        except MappingFault as fault:
            raise TokenRefused(fault.code) from None
        if self.is_over(principal, whole_second(claims.get("iat")) or 0):
            raise TokenRefused("ended")
        return principal


def whole_second(value: Any) -> int | None:
    """A NumericDate in whole seconds, None for anything else (true is no number, nor is the end of time)."""
    return value if type(value) is int and 0 <= value < _LAST_SECOND else None


def require_audience(claims: Mapping[str, Any], audiences: Collection[str]) -> None:
    """Raises TokenRefused unless the token is meant for one of these."""
    stated = claims.get("aud")
    named = stated if isinstance(stated, list) else [stated]
    if not any(isinstance(name, str) and name in audiences for name in named):
        raise TokenRefused("audience")


def require_time(claims: Mapping[str, Any], now: int, *, leeway: int, longest_life: int) -> None:
    """Raises TokenRefused unless `now` is within exp, nbf and iat, and exp isn't further away than a token may last."""
    expires = whole_second(claims.get("exp"))
    if expires is None or expires + leeway <= now:
        raise TokenRefused("expired")
    for name in ("iat", "nbf"):
        if name in claims:
            begins = whole_second(claims[name])
            if begins is None or begins - leeway > now:
                raise TokenRefused("not-yet")
    issued = whole_second(claims.get("iat"))
    if issued is None or expires - issued > longest_life:
        raise TokenRefused("lifetime")


def _require_type(signed: Signed, types: Collection[str]) -> None:
    if signed.type not in types:
        raise TokenRefused("type")


def _require_binding(claims: Mapping[str, Any], certificate: str | None) -> None:
    """A confirmation of a kind that isn't known here binds the token to something that nobody has shown."""
    if "cnf" not in claims:
        return
    stated = claims["cnf"]
    if certificate is None or stated != {"x5t#S256": certificate}:
        raise TokenRefused("binding")
