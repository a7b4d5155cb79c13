"""Checking of bearer tokens (JWT, RFC 7519; Ed25519 of RFC 9864 and RS512 signatures).

The platform is a resource server and issues no tokens in production. A token names the caller's organisation
(`org`, for example "la:855") and role there (`role`); a family member's token also names the plan and its contact.
"""

from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from msgspec import Struct, field

#: Signature algorithms that are accepted; "none" and shared-secret algorithms never are.
ALGORITHMS = ("Ed25519", "RS512")
ROLES = frozenset(
    {"case-officer", "send-manager", "school", "health", "family", "auditor", "identity-guardian", "service"}
)


class TokenRefused(Exception):
    """The token can't be accepted; the text says why without repeating the token."""


class Principal(Struct, frozen=True, kw_only=True):
    """The caller of a request, as the token's issuer states it."""

    subject: str
    organisation: str
    role: str
    name: str = ""
    plan_id: str = ""
    contact_id: str = ""
    issuer: str = ""


class TokenChecker(Struct, frozen=True, kw_only=True):
    """Accepts tokens for one audience from the issuers whose public keys it holds (JWKS, RFC 7517)."""

    audience: str
    issuers: Mapping[str, KeySet]
    leeway_seconds: int = 30
    registry: JWSRegistry = field(default_factory=lambda: JWSRegistry(algorithms=list(ALGORITHMS)))

    def check(self, token: str, now: int) -> Principal:
        """The principal of a valid token; `now` in seconds since the epoch.

        Raises TokenRefused when the issuer is unknown, the signature or a claim is wrong, or the token has expired.
        """
        claims = self._verified_claims(token)
        self._check_claims(claims, now)
        return Principal(
            subject=claims["sub"],
            organisation=claims["org"],
            role=claims["role"],
            name=str(claims.get("name", "")),
            plan_id=str(claims.get("plan", "")),
            contact_id=str(claims.get("contact", "")),
            issuer=claims["iss"],
        )

    def _verified_claims(self, token: str) -> dict[str, Any]:
        for issuer, keys in self.issuers.items():
            try:
                claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS), registry=self.registry).claims
            except (JoseError, ValueError, TypeError, KeyError, AttributeError, UnicodeError):
                continue
            if claims.get("iss") == issuer:
                return claims
        raise TokenRefused("No known issuer has signed this token.")

    def _check_claims(self, claims: Mapping[str, Any], now: int) -> None:
        if any(not isinstance(claims.get(name), str) or not claims[name] for name in ("sub", "org", "role")):
            raise TokenRefused("The token must name a subject (sub), an organisation (org) and a role (role).")
        audience = claims.get("aud")
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenRefused("The token is for another audience.")
        if claims["role"] not in ROLES:
            raise TokenRefused("The token names a role that does not exist here.")
        expires, not_before = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(expires, int) or expires + self.leeway_seconds < now:
            raise TokenRefused("The token has expired.")
        if not isinstance(not_before, int) or not_before - self.leeway_seconds > now:
            raise TokenRefused("The token isn't valid yet.")
