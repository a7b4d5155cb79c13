"""The token endpoint of the development issuer: OAuth 2.0 client credentials with a signed assertion.

What suppliers of NHS systems have code for already (RFC 6749 section 4.4, RFC 7523 section 2.2), so that they can try
the platform on one machine exactly as they will call an issuer in production.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from connectors.identity.assertions import ClientAssertions
from connectors.identity.development import DevelopmentIssuer
from connectors.identity.jws import TokenRefused
from connectors.identity.principal import Principal

GRANT: Final = "client_credentials"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#: How long an access token lasts, in seconds.
LIFETIME_SECONDS: Final = 600
_KNOWN: Final = frozenset({"grant_type", "client_assertion_type", "client_assertion", "client_id", "scope"})


class GrantRefused(Exception):
    """No token; `error` is a code of RFC 6749 section 5.2, `reason` says more to figures and logs, never to callers."""

    def __init__(self, error: str, reason: str = "") -> None:
        """Keep both."""
        super().__init__(error)
        self.error = error
        self.reason = reason or error


class TokenEndpoint(Struct, frozen=True, kw_only=True):
    """Gives a registered client an access token for the platform."""

    assertions: ClientAssertions
    issuer: DevelopmentIssuer
    audience: str

    def token(self, form: Mapping[str, str], now: int, certificate: str | None = None) -> dict[str, Any]:
        """The answer to a request for a token; `certificate` is the thumbprint of the connection's, if it has one.

        Raises GrantRefused.
        """
        if form.get("grant_type", "") == "" or not form.keys() <= _KNOWN:
            raise GrantRefused("invalid_request", "parameters")
        if form["grant_type"] != GRANT:
            raise GrantRefused("unsupported_grant_type")
        if form.get("scope"):
            raise GrantRefused("invalid_scope")
        if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
            raise GrantRefused("invalid_client", "no-assertion")
        try:
            client = self.assertions.client_of(form["client_assertion"], now)
        except TokenRefused as refused:
            raise GrantRefused("invalid_client", refused.code) from None
        if form.get("client_id", client.client_id) != client.client_id:
            raise GrantRefused("invalid_client", "client")
        if client.certificate_thumbprints and certificate not in client.certificate_thumbprints:
            raise GrantRefused("invalid_client", "certificate")
        principal = Principal(
            subject=client.client_id, client=client.client_id, organisation=client.organisation, role=client.role
        )
        bound = certificate if certificate in client.certificate_thumbprints else ""
        made = self.issuer.issue(
            principal, audience=self.audience, now=now, lifetime=LIFETIME_SECONDS, certificate=bound or ""
        )
        return {"access_token": made, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
