"""A fictional OpenID provider on loopback: keys, code flow with PKCE, userinfo, and faults to order."""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

from tests.support.identity import Signer, ec_signer

CLIENT, SECRET = "ehcp-exchange", "a-fictional-secret"


class FictionalProvider:
    """What the provider knows and does; a test changes it to be wrong."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.signers = [ec_signer(self.base, "key-1")]
        self.person: dict[str, Any] = {"sub": "person-1", "org": "urn:199101", "role": "school"}
        self.userinfo: dict[str, Any] = {"sub": "person-1"}
        self.changed: dict[str, Any] = {}
        self.is_down = False
        self.signs_with: Signer | None = None
        self.fetches = 0
        self.codes: dict[str, dict[str, str]] = {}
        self.forms: list[dict[str, str]] = []

    def entry(self, **more: Any) -> dict[str, Any]:
        """This provider as an issuer of the configuration."""
        sign_in = {
            "clientId": CLIENT,
            "authorizationEndpoint": f"{self.base}/authorize",
            "tokenEndpoint": f"{self.base}/token",
            "endSessionEndpoint": f"{self.base}/logout",
            "clientAuthentication": {"method": "client_secret_basic", "secretFile": "secret"},
        }
        keys = {"jwksUri": f"{self.base}/keys", "algorithms": ["ES256"]}
        return {
            "issuer": self.base,
            **keys,
            "accessTokens": False,
            **more,
            "signIn": {**sign_in, **more.get("signIn", {})},
        }

    def consent(self, address: str) -> dict[str, str]:
        """Somebody signs in at the address to which the browser was sent: what the browser comes back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.base}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        said = {"iss": self.base, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.person}
        said = {name: value for name, value in {**said, **self.changed}.items() if value is not None}
        return (self.signs_with or self.signers[0]).sign(said)

    def logout_claims(self, **changed: Any) -> dict[str, Any]:
        """What a logout token of this provider says; a change to None leaves the claim out."""
        return self.signers[0].logout_claims(**{"aud": CLIENT, "sub": self.person.get("sub"), **changed})

    def logout_token(self, type_: str = "logout+jwt", by: Signer | None = None, **changed: Any) -> str:
        """A logout token, signed by the provider unless by another."""
        return (by or self.signers[0]).sign(self.logout_claims(**changed), type_=type_)

    def redeem(self, form: dict[str, str]) -> dict[str, Any] | None:
        """The tokens for a code, once, for who began with its challenge."""
        self.forms.append(form)
        asked = self.codes.pop(form.get("code", ""), None)
        proof = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != proof or asked["redirect_uri"] != form["redirect_uri"]:
            return None
        return {"id_token": self.id_token(asked["nonce"]), "access_token": "opaque", "token_type": "Bearer"}


class _Handler(BaseHTTPRequestHandler):
    provider: FictionalProvider

    def do_GET(self) -> None:
        if self.provider.is_down:
            self._answer(503, {})
        elif self.path == "/keys":
            self.provider.fetches += 1
            self._answer(200, {"keys": [one.key.as_dict(private=False) for one in self.provider.signers]})
        elif self.path == "/userinfo" and self.headers["Authorization"] == "Bearer opaque":
            self._answer(200, self.provider.userinfo)
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(content).items()}
        form["authorization"] = self.headers.get("Authorization", "")
        tokens = self.provider.redeem(form)
        self._answer(200, tokens) if tokens else self._answer(400, {"error": "invalid_grant"})

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def fictional_provider() -> Iterator[FictionalProvider]:
    """A provider that listens at a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    provider = FictionalProvider(server.server_port)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"provider": provider})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def configured(folder: Path, *entries: dict[str, Any]) -> Path:
    """A folder of issuers for EHCP_ISSUERS, with the secret that they name."""
    (folder / "issuers").mkdir(parents=True)
    secret = folder / "issuers" / "secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET)
    for number, entry in enumerate(entries):
        (folder / "issuers" / f"{number}.json").write_text(json.dumps(entry))
    return folder / "issuers"
