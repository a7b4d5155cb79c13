"""Fictional issuers, machine clients and the tokens that they sign, for whoever tries the platform's doors."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from starlette.testclient import TestClient

from connectors.identity.logout_token import EVENT
from connectors.identity.signing import signed
from connectors.identity.token_endpoint import ASSERTION_TYPE
from services.api.app import create_app
from services.bootstrap import Platform, open_platform
from services.settings import Settings

AUDIENCE = "http://127.0.0.1:8080"
TOKEN_URL = f"{AUDIENCE}/oauth2/token"
CONSOLE = "http://console.ehcp.example"
"""The client id under which people sign in at the issuers."""
RSA_ISSUER, EC_ISSUER = "https://sign-in.council.example", "https://sign-in.trust.example"


class Signer:
    """Somebody with a private key, an algorithm and a name."""

    def __init__(self, name: str, key: Key, algorithm: str) -> None:
        self.name = name
        self.key = key
        self.algorithm = algorithm

    @property
    def kid(self) -> str:
        return str(self.key.kid)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def access_claims(self, **changed: Any) -> dict[str, Any]:
        """What an access token of this issuer says; a change to None leaves the claim out."""
        now = int(time.time())
        said = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": "system-1",
            "org": "la:855",
            "role": "case-officer",
            "iat": now,
            "exp": now + 600,
            "jti": str(uuid4()),
        }
        return {name: value for name, value in {**said, **changed}.items() if value is not None}

    def assertion_claims(self, **changed: Any) -> dict[str, Any]:
        """What an assertion of this client says."""
        now = int(time.time())
        said = {"iss": self.name, "sub": self.name, "aud": TOKEN_URL, "exp": now + 240, "jti": str(uuid4())}
        return {name: value for name, value in {**said, **changed}.items() if value is not None}

    def logout_claims(self, **changed: Any) -> dict[str, Any]:
        """What a logout token of this provider says."""
        now = int(time.time())
        said = {"iss": self.name, "aud": CONSOLE, "sub": "person-1", "iat": now, "exp": now + 120, "jti": str(uuid4())}
        stated = {**said, "events": {EVENT: {}}, **changed}
        return {name: value for name, value in stated.items() if value is not None}

    def sign(self, claims: dict[str, Any], *, type_: str = "JWT") -> str:
        return signed(claims, self.key, self.algorithm, type_=type_)


def rsa_signer(name: str, kid: str = "rsa-1") -> Signer:
    # Not 3,072: a signature of 384 bytes leaves no loose bits in its last character of base64 for a forger to change.
    return Signer(name, RSAKey.generate_key(3080, {"kid": kid, "use": "sig"}), "RS512")


def ed_signer(name: str, kid: str = "ed-1") -> Signer:
    return Signer(name, OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"}), "Ed25519")


def ec_signer(name: str, kid: str = "ec-1") -> Signer:
    return Signer(name, ECKey.generate_key("P-256", {"kid": kid, "use": "sig"}), "ES256")


class Doors:
    """A platform in development with two issuers and two machine clients, and ways to knock."""

    def __init__(self, settings: Settings, issuers: list[Signer], clients: list[Signer]) -> None:
        self._settings = settings
        self.issuers = issuers
        self.clients = clients
        self._stack = ExitStack()
        self.platform, self.http = self._open()

    def restart(self) -> None:
        """Close the platform and open it anew, as after a release."""
        self.close()
        self.platform, self.http = self._open()

    def another(self) -> Doors:
        """Another process of the same platform, where its database lets several in; close it too."""
        return Doors(self._settings, self.issuers, self.clients)

    def close(self) -> None:
        """Close the platform."""
        self._stack.close()

    def _open(self) -> tuple[Platform, TestClient]:
        platform = open_platform(self._settings)
        http = TestClient(create_app(platform), raise_server_exceptions=False, base_url=AUDIENCE)
        return platform, self._stack.enter_context(http)

    def read(self, token: str | bytes, **headers: str) -> httpx.Response:
        """A read of something with content, with this as its bearer token."""
        sent = token if isinstance(token, bytes) else token.encode("utf-8", "surrogatepass")
        named = [(b"Authorization", b"Bearer " + sent), *((k.encode(), v.encode()) for k, v in headers.items())]
        answer: httpx.Response = self.http.get("/v1/plans?council=855&limit=1", headers=named)
        return answer

    def ask(self, assertion: str, **changed: str | None) -> httpx.Response:
        """A request for a token with this assertion."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
            **changed,
        }
        stated = {name: value for name, value in form.items() if value is not None}
        answer: httpx.Response = self.http.post("/oauth2/token", data=stated)
        return answer

    def sign_out(self, logout_token: str) -> httpx.Response:
        """A provider's word that somebody has signed out there."""
        answer: httpx.Response = self.http.post("/backchannel-logout", data={"logout_token": logout_token})
        return answer


def client_entry(signer: Signer, **more: Any) -> dict[str, Any]:
    """A client of the register's file."""
    return {"clientId": signer.name, "organisation": "ods:QJK", "role": "health", "jwks": signer.jwks(), **more}


def issuer_entry(issuer: Signer) -> dict[str, Any]:
    """An issuer of access tokens at which people sign in too."""
    sign_in = {"authorizationEndpoint": f"{issuer.name}/authorize", "tokenEndpoint": f"{issuer.name}/token"}
    credential = {"method": "client_secret_basic", "secretFile": "secret"}
    return {
        "issuer": issuer.name,
        "jwks": issuer.jwks(),
        "algorithms": [issuer.algorithm],
        "signIn": {"clientId": CONSOLE, **sign_in, "clientAuthentication": credential},
    }


@contextmanager
def doors(folder: Path, *, expired: Signer | None = None, **settings: Any) -> Iterator[Doors]:
    """Doors of a new record in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    issuers = [rsa_signer(RSA_ISSUER), ec_signer(EC_ISSUER)]
    clients = [rsa_signer("trust-system"), ed_signer("icb-system")]
    entries = [client_entry(client) for client in clients]
    if expired is not None:
        entries.append(client_entry(expired, activeUntil="2026-01-01T00:00:00Z"))
    (folder / "secret").touch(mode=0o600)
    (folder / "secret").write_text("a-fictional-secret")
    (folder / "issuers.json").write_text(json.dumps([issuer_entry(issuer) for issuer in issuers]))
    (folder / "clients.json").write_text(json.dumps({"clients": entries}))
    usual: dict[str, Any] = {"calls_per_minute": 0}
    usual |= {"env": "development", "base_url": AUDIENCE, "database_url": f"sqlite:///{folder}/record/record.sqlite"}
    files = {"issuers": folder / "issuers.json", "clients": folder / "clients.json"}
    made = Settings(**{**usual, **files, **settings})
    with closing(Doors(made, issuers, clients)) as served:
        yield served
