"""The development issuer: tokens for trying the platform on one machine, never in production.

Its key is made at first use and kept in a file that only its owner can read. `services.bootstrap` starts it only when
EHCP_ENV=development is set and the server listens on loopback.
"""

import json
import os
from pathlib import Path
from uuid import uuid4

from joserfc.jwk import KeySet, OKPKey

from connectors.identity.principal import Principal
from connectors.identity.signing import signed

#: The issuer's name: a URN, since nobody can fetch its keys.
ISSUER = "urn:ehcp-exchange:development-issuer"
#: How long a development token lasts, in seconds (one working day).
LIFETIME_SECONDS = 8 * 3600


class DevelopmentIssuer:
    """Signs tokens with an Ed25519 key of its own."""

    def __init__(self, key: OKPKey) -> None:
        """Sign with this key."""
        self._key = key

    @classmethod
    def load_or_create(cls, path: Path) -> "DevelopmentIssuer":
        """The issuer whose private key (a JWK) is in the file; a missing file is made, mode 0600."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(_new_key().as_dict(private=True), file)
        return cls(OKPKey.import_key(json.loads(path.read_text())))

    @classmethod
    def ephemeral(cls) -> "DevelopmentIssuer":
        """An issuer whose key exists in this process only."""
        return cls(_new_key())

    def public_keys(self) -> KeySet:
        """The key set that checks this issuer's tokens."""
        return KeySet([OKPKey.import_key(self._key.as_dict(private=False))])

    def issue(
        self,
        principal: Principal,
        *,
        audience: str,
        now: int,
        lifetime: int = LIFETIME_SECONDS,
        issuer: str = ISSUER,
        certificate: str = "",
    ) -> str:
        """A signed token for the principal, valid from `now` (seconds since the epoch) for `lifetime` seconds.

        With the thumbprint of a certificate the token is bound to it (RFC 8705).
        """
        claims = {
            "iss": issuer,
            "aud": audience,
            "sub": principal.subject,
            "org": principal.organisation,
            "role": principal.role,
            "name": principal.name,
            "plan": principal.plan_id,
            "contact": principal.contact_id,
            "client_id": principal.client,
            "iat": now,
            "exp": now + lifetime,
            "jti": str(uuid4()),
        }
        stated = {name: value for name, value in claims.items() if value != ""}
        if certificate:
            stated["cnf"] = {"x5t#S256": certificate}
        return signed(stated, self._key, "Ed25519", type_="at+jwt")


def _new_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": "development", "use": "sig"}, private=True)
