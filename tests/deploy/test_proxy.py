"""The nginx in front of the platform: its TLS, what it passes on, what it holds back and what it rewrites."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from typing_extensions import override

from tests.support.certificates import Authority
from tests.support.served_process import spare_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "proxy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
MISSING = "nginx is not installed: run deploy/local/install.sh as root, or `apt-get install nginx-light`."


class _Platform(BaseHTTPRequestHandler):
    """Stands for the platform: answers with what came to it."""

    seen: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Proxy:
    """nginx with the file of deploy/proxy, on loopback."""

    def __init__(self, folder: Path, authority: Authority, upstream: int) -> None:
        self.port, self.plain_port = spare_port(), spare_port()
        self.authority = authority
        self.errors = folder / "errors"
        certificate, key = authority.server("ehcp.example")
        text = CONFIGURATION.read_text()
        for written, here in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
            ("/etc/ehcp/tls/ehcp.pem", str(certificate)),
            ("/etc/ehcp/tls/ehcp.key", str(key)),
            ("http://127.0.0.1:8080", f"http://127.0.0.1:{upstream}"),
        ):
            assert written in text
            text = text.replace(written, here)
        (folder / "site.conf").write_text(text)
        places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{place}_temp_path {folder}/{place};" for place in places)
        main = f"daemon off; master_process off; pid {folder}/pid; error_log stderr emerg; events {{}}"
        (folder / "nginx.conf").write_text(f"{main} http {{ {temporary} include {folder}/site.conf; }}\n")
        with self.errors.open("wb") as errors:
            command = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
            self.process = subprocess.Popen(command, stdout=errors, stderr=errors)
        self._wait()
        trusted = ssl.create_default_context(cafile=str(authority.certificate))
        self.http = httpx.Client(base_url=f"https://127.0.0.1:{self.port}", verify=trusted, trust_env=False)

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {"Host": "ehcp.example", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.http.get(path, headers=named, extensions={"sni_hostname": "ehcp.example"})

    def shaken_hands(self, context: ssl.SSLContext) -> tuple[str, str]:
        """The version and the suite that were agreed on."""
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="ehcp.example") as sealed,
        ):
            return str(sealed.version()), (sealed.cipher() or ("", "", 0))[0]

    def close(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(20)

    def _wait(self) -> None:
        for _ in range(1_000):
            if self.process.poll() is not None:
                raise RuntimeError(self.errors.read_text())
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("nginx doesn't listen")


@pytest.fixture
def seen() -> list[tuple[str, dict[str, str]]]:
    """What came to the platform."""
    return []


@pytest.fixture
def proxy(tmp_path: Path, seen: list[tuple[str, dict[str, str]]]) -> Iterator[Proxy]:
    if NGINX is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI must run the proxy. {MISSING}", pytrace=False)
        pytest.skip(MISSING)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Platform,), {"seen": seen}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with closing(Proxy(tmp_path, Authority(tmp_path / "tls"), server.server_port)) as running:
            yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client(proxy: Proxy, version: ssl.TLSVersion, suites: str = "DEFAULT@SECLEVEL=0") -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(proxy.authority.certificate))
    context.set_ciphers(suites)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


def test_it_speaks_current_tls_with_forward_secrecy_and_nothing_else(proxy: Proxy) -> None:
    assert proxy.shaken_hands(client(proxy, ssl.TLSVersion.TLSv1_3))[0] == "TLSv1.3"
    version, suite = proxy.shaken_hands(client(proxy, ssl.TLSVersion.TLSv1_2))
    assert (version, suite.startswith("ECDHE-ECDSA-")) == ("TLSv1.2", True)
    weak = "AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0"
    refused = [
        client(proxy, ssl.TLSVersion.TLSv1),
        client(proxy, ssl.TLSVersion.TLSv1_1),
        client(proxy, ssl.TLSVersion.TLSv1_2, weak),
    ]
    for context in refused:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            proxy.shaken_hands(context)


def test_what_comes_in_the_clear_is_turned_away_not_led_on(proxy: Proxy, seen: list[Any]) -> None:
    address = f"http://127.0.0.1:{proxy.plain_port}/v1/plans"
    answer = httpx.get(address, headers={"Host": "ehcp.example", "Authorization": "Bearer x"}, trust_env=False)
    assert (answer.status_code, answer.headers.get("Location")) == (403, None)
    assert seen == []


PASSED = [
    "/v1/plans", "/schemas/plan/1.0/plan.schema.json", "/openapi.json", "/login?issuer=x", "/callback?code=x",
    "/session", "/", "/account", "/logout", "/backchannel-logout",
]  # fmt: skip

KEPT = [
    "/metrics",
    "/views",
    "/healthz",
    "/readyz",
    "/account/",
    "/v1",
    "/oauth2/token",
    "/session/x",
    "//v1/../metrics",
]


def test_what_is_published_is_passed_on_and_what_runs_the_platform_is_not(proxy: Proxy, seen: list[Any]) -> None:
    for path in PASSED:
        assert proxy.get(path).status_code == 200, path
    assert [path for path, _ in seen] == PASSED
    seen.clear()
    for path in KEPT:
        assert proxy.get(path).status_code == 404, path
    assert seen == []


def test_no_header_of_a_client_passes_for_one_of_the_proxy(proxy: Proxy, seen: list[Any]) -> None:
    proxy.get("/v1/plans", X_Client_Certificate="mine", Client_Cert=":mine:", X_Forwarded_For="192.0.2.1")
    ((_, headers),) = seen
    assert not {"x-client-certificate", "client-cert", "x-forwarded-for"} & headers.keys()
    assert headers["host"] == "ehcp.example"


def test_an_address_that_calls_too_often_is_held_back(proxy: Proxy) -> None:
    answers = [proxy.get("/login").status_code for _ in range(400)]
    assert 429 in answers
    assert answers[:100] == [200] * 100
    assert proxy.get("/v1/plans").status_code == 200


def test_a_file_for_import_fits_and_what_never_ends_does_not(proxy: Proxy) -> None:
    extensions = {"sni_hostname": "ehcp.example"}
    for size, status in ((20 * 2**20, 200), (25 * 2**20, 413)):
        sent = proxy.http.build_request(
            "POST", "/v1/imports", content=b"x" * size, headers={"Host": "ehcp.example"}, extensions=extensions
        )
        assert proxy.http.send(sent).status_code == status


def test_it_writes_nothing_of_what_passes(proxy: Proxy, tmp_path: Path) -> None:
    for path in ("/v1/plans/a-plan-of-a-child", "/callback?code=a-secret-code", "/nowhere/a-plan-of-a-child"):
        proxy.get(path)
    for _ in range(300):
        proxy.get("/login?invitation=a-secret-code")
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"a-plan-of-a-child" not in file.read_bytes()
            assert b"a-secret-code" not in file.read_bytes()
