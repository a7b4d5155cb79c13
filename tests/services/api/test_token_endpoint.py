"""A machine client signs an assertion and gets a token for the platform: once, in time, and only if it is itself."""

from __future__ import annotations

import json
import socket
import threading
import time
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from starlette.testclient import TestClient

from services.api.app import create_app
from services.bootstrap import open_platform
from services.cli.serving import server_config
from services.errors import ConfigurationError
from services.settings import Settings
from tests.support.identity import AUDIENCE, TOKEN_URL, Doors, Signer, client_entry, doors, ed_signer

HEADER = "X-Client-Certificate"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors")) as made:
        yield made


@pytest.fixture
def icb(served: Doors) -> Signer:
    return served.clients[1]


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return found


def test_a_client_gets_a_token_of_ten_minutes_in_its_registered_role(served: Doors, icb: Signer) -> None:
    answer = served.ask(icb.sign(icb.assertion_claims()))
    assert answer.status_code == 200
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 600)
    assert answer.headers["Cache-Control"] == "no-store"
    claims = claims_of(answer.json()["access_token"])
    assert (claims["sub"], claims["org"], claims["role"]) == ("icb-system", "ods:QJK", "health")
    assert claims["client_id"] == claims["sub"]
    assert (claims["aud"], claims["exp"] - claims["iat"]) == (AUDIENCE, 600)
    assert served.read(answer.json()["access_token"]).status_code != 401


def test_each_registered_client_may_sign_in_its_own_way(served: Doors) -> None:
    assert [client.algorithm for client in served.clients] == ["RS512", "Ed25519"]
    for client in served.clients:
        assert served.ask(client.sign(client.assertion_claims()), client_id=client.name).status_code == 200


def test_an_assertion_is_used_once(served: Doors, icb: Signer) -> None:
    claims = icb.assertion_claims()
    assert served.ask(icb.sign(claims)).status_code == 200
    again = served.ask(icb.sign({**claims, "exp": claims["exp"] + 1}))
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def test_an_assertion_is_used_once_by_all_workers_and_after_a_restart(
    migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        doors(tmp_path, database_url=migrated, keyring=str(tmp_path / "keyring")) as one,
        closing(one.another()) as two,
    ):
        used = [client.sign(client.assertion_claims()) for client in one.clients]
        assert [one.ask(assertion).status_code for assertion in used] == [200, 200]
        assert [two.ask(assertion).status_code for assertion in used] == [401, 401]
        one.restart()
        assert [one.ask(assertion).status_code for assertion in used] == [401, 401]
        for door in (one, two):
            assert door.ask(one.clients[0].sign(one.clients[0].assertion_claims())).status_code == 200


def test_nobody_else_can_use_an_assertion_up(served: Doors, icb: Signer) -> None:
    claims = icb.assertion_claims()
    stranger = ed_signer(icb.name)
    assert served.ask(stranger.sign(claims)).status_code == 401
    assert served.ask(icb.sign({**claims, "aud": AUDIENCE})).status_code == 401
    assert served.ask(icb.sign(claims)).status_code == 200


def test_an_assertion_may_run_for_five_minutes_and_no_longer(served: Doors, icb: Signer) -> None:
    now = int(time.time())
    assert served.ask(icb.sign(icb.assertion_claims(exp=now + 299))).status_code == 200
    assert served.ask(icb.sign(icb.assertion_claims(exp=now + 310))).status_code == 401
    assert served.ask(icb.sign(icb.assertion_claims(exp=now - 31))).status_code == 401


def test_its_audience_is_the_token_endpoint_alone(served: Doors, icb: Signer) -> None:
    assert served.ask(icb.sign(icb.assertion_claims(aud=[TOKEN_URL]))).status_code == 200
    assert served.ask(icb.sign(icb.assertion_claims(aud=[TOKEN_URL, AUDIENCE]))).status_code == 401


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"resource": "x"}, "invalid_request"),
        ({"client_assertion_type": "x"}, "invalid_client"),
        ({"client_assertion": ""}, "invalid_client"),
        ({"client_id": "trust-system"}, "invalid_client"),
    ],
)
def test_a_request_that_is_wrong_gets_the_code_of_the_rfc(
    served: Doors, icb: Signer, changed: dict[str, str | None], error: str
) -> None:
    answer = served.ask(icb.sign(icb.assertion_claims()), **changed)
    assert (answer.json()["error"], answer.status_code) == (error, 401 if error == "invalid_client" else 400)
    assert answer.headers["Cache-Control"] == "no-store"


def test_keys_of_a_client_are_changed_in_the_file_while_the_platform_runs(tmp_path: Path) -> None:
    with doors(tmp_path) as served:
        old = served.clients[1]
        new = ed_signer(old.name, "ed-2")
        both = {"keys": [*old.jwks()["keys"], *new.jwks()["keys"]]}
        write = (tmp_path / "clients.json").write_text
        write(json.dumps({"clients": [client_entry(old, jwks=both)]}))
        assert served.ask(old.sign(old.assertion_claims())).status_code == 200
        assert served.ask(new.sign(new.assertion_claims())).status_code == 200
        write(json.dumps({"clients": [client_entry(new)]}))
        assert served.ask(old.sign(old.assertion_claims())).status_code == 401
        write("{ half a file")
        assert served.ask(new.sign(new.assertion_claims())).status_code == 200


def test_a_client_that_is_not_active_gets_nothing(tmp_path: Path) -> None:
    with doors(tmp_path) as served:
        client = served.clients[1]
        for more in ({"activeFrom": "2999-01-01T00:00:00Z"}, {"activeUntil": "2026-01-01T00:00:00+00:00"}):
            (tmp_path / "clients.json").write_text(json.dumps({"clients": [client_entry(client, **more)]}))
            assert served.ask(client.sign(client.assertion_claims())).status_code == 401


def test_no_token_is_issued_in_production_or_beyond_this_machine(tmp_path: Path) -> None:
    for number, settings in enumerate(
        ({"env": "production"}, {"env": "development", "base_url": "https://ehcp.example"})
    ):
        record = f"sqlite:///{tmp_path}/{number}/record.sqlite"
        platform = open_platform(Settings(database_url=record, **settings))  # type: ignore[arg-type]
        with TestClient(create_app(platform)) as http:
            assert http.post("/oauth2/token", data={"grant_type": "client_credentials"}).status_code == 404


# Bound to a certificate (RFC 8705).


def certificate() -> x509.Certificate:
    key, name = Ed25519PrivateKey.generate(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a fictional system")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    return made.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, None)


def thumbprint(of: x509.Certificate) -> str:
    return urlsafe_b64encode(sha256(of.public_bytes(Encoding.DER)).digest()).rstrip(b"=").decode()


def in_header(of: x509.Certificate) -> dict[str, str]:
    return {HEADER: quote(of.public_bytes(Encoding.PEM).decode())}


@pytest.fixture
def bound(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Doors, x509.Certificate, str]]:
    """Doors behind a proxy that states certificates, and a token bound to one."""
    proxies = getattr(request, "param", "127.0.0.0/8, ::1")
    with doors(tmp_path, trusted_proxies=proxies, client_certificate_header=HEADER) as served:
        client, shown = served.clients[1], certificate()
        entry = client_entry(client, certificateThumbprints=[thumbprint(shown)])
        (tmp_path / "clients.json").write_text(json.dumps({"clients": [entry]}))
        served.http = TestClient(served.http.app, base_url=AUDIENCE, client=("127.0.0.1", 50_000))
        yield served, shown, _bound_token(served, client, shown)


def _bound_token(served: Doors, client: Signer, shown: x509.Certificate) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": client.sign(client.assertion_claims()),
    }
    answer = served.http.post("/oauth2/token", data=form, headers=in_header(shown))
    return str(answer.json().get("access_token", ""))


Bound = tuple[Doors, x509.Certificate, str]


def test_a_bound_token_counts_only_with_its_certificate(bound: Bound) -> None:
    served, shown, token = bound
    assert claims_of(token)["cnf"] == {"x5t#S256": thumbprint(shown)}
    assert served.read(token, **in_header(shown)).status_code != 401
    der = b64encode(shown.public_bytes(Encoding.DER)).decode()
    assert served.read(token, **{HEADER: f":{der}:"}).status_code != 401
    assert served.read(token).status_code == 401
    assert served.read(token, **in_header(certificate())).status_code == 401
    for odd in ("", "x", ":x:", "%00", "-----BEGIN CERTIFICATE-----", "A" * 20_000):
        assert served.read(token, **{HEADER: odd}).status_code == 401


def test_a_client_that_has_certificates_must_show_one(bound: Bound) -> None:
    served, _, _ = bound
    client = served.clients[1]
    assert served.ask(client.sign(client.assertion_claims())).status_code == 401
    assert _bound_token(served, client, certificate()) == ""


@pytest.mark.parametrize("bound", ["10.0.0.0/8", "192.0.2.1"], indirect=True)
def test_a_header_from_anybody_but_the_proxy_is_no_certificate(bound: Bound) -> None:
    assert bound[2] == ""


@pytest.mark.parametrize(("proxies", "status"), [("127.0.0.0/8", 200), ("10.0.0.0/8", 401)])
def test_nobody_becomes_the_proxy_by_saying_so(tmp_path: Path, proxies: str, status: int) -> None:
    issuer, shown = ed_signer("https://sign-in.council.example"), certificate()
    entry = {"issuer": issuer.name, "jwks": issuer.jwks()}
    (tmp_path / "issuers.json").write_text(json.dumps(entry))
    stated = Settings(
        base_url=AUDIENCE,
        database_url=f"sqlite:///{tmp_path}/record/record.sqlite",
        issuers=tmp_path / "issuers.json",
        trusted_proxies=proxies,
        client_certificate_header=HEADER,
    )
    token = issuer.sign(issuer.access_claims(cnf={"x5t#S256": thumbprint(shown)}), type_="at+jwt")
    forged = {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https", "Forwarded": "for=10.0.0.1"}
    headers = {"Authorization": f"Bearer {token}", **in_header(shown), **forged}
    with listening(create_app(open_platform(stated))) as address:
        answer = httpx.get(f"{address}/v1/plans?council=855&limit=1", headers=headers, trust_env=False)
    assert answer.status_code == status


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """The address of a server as `ehcp serve` starts it."""
    server = uvicorn.Server(server_config(app))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("proxies", ["", "the proxy", "10.0.0.0/99"])
def test_a_header_that_nobody_is_trusted_to_send_stops_the_start(tmp_path: Path, proxies: str) -> None:
    record = f"sqlite:///{tmp_path}/record.sqlite"
    wrong = Settings(database_url=record, client_certificate_header=HEADER, trusted_proxies=proxies)
    with pytest.raises((ConfigurationError, ValueError), match="EHCP_TRUSTED_PROXIES"):
        open_platform(wrong)


def test_the_certificate_of_the_tls_layer_counts_without_any_setting(tmp_path: Path) -> None:
    shown = certificate()
    with doors(tmp_path) as served:
        issuer = served.issuers[0]
        token = issuer.sign(issuer.access_claims(cnf={"x5t#S256": thumbprint(shown)}), type_="at+jwt")
        app = served.http.app

        async def with_tls(scope: Any, receive: Any, send: Any) -> None:
            pem = shown.public_bytes(Encoding.PEM).decode()
            extensions = {"tls": {"client_cert_chain": [pem]}}
            await app({**scope, "extensions": extensions}, receive, send)  # type: ignore[arg-type]

        assert served.read(token).status_code == 401
        served.http = TestClient(with_tls, base_url=AUDIENCE)
        assert served.read(token).status_code == 200
