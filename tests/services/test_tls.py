"""A server that speaks TLS itself: which versions and suites it takes, and that it says nothing in the clear."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from services.api.app import create_app
from services.bootstrap import open_platform
from services.cli.serving import server_config
from services.errors import ConfigurationError
from services.settings import Settings
from services.tls import server_context
from tests.support.certificates import Authority

#: From the recommendations of the NCSC and of Mozilla's intermediate profile: no suite beyond these is taken.
RECOMMENDED = {
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256",
}  # fmt: skip


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def settings(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    certificate, key = authority.server("127.0.0.1")
    record = f"sqlite:///{tmp_path_factory.mktemp('record')}/record.sqlite"
    return Settings(_env_file=None, database_url=record, tls_certificate=certificate, tls_key=key)


@pytest.fixture(scope="module")
def port(settings: Settings) -> Iterator[int]:
    platform = open_platform(settings)
    server = uvicorn.Server(server_config(create_app(platform), server_context(settings)))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


def shaken_hands(port: int, context: ssl.SSLContext) -> str:
    """The version that was agreed on."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as sealed,
    ):
        return str(sealed.version())


def client(authority: Authority, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    # A client of the past, to be turned away: OpenSSL speaks old versions below its own level of security only.
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


def test_it_answers_over_tls_and_says_so_to_browsers(port: int, authority: Authority) -> None:
    verified = ssl.create_default_context(cafile=str(authority.certificate))
    answer = httpx.get(f"https://127.0.0.1:{port}/healthz", verify=verified, trust_env=False)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("version", "said"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")]
)
def test_current_versions_are_spoken(port: int, authority: Authority, version: ssl.TLSVersion, said: str) -> None:
    assert shaken_hands(port, client(authority, version)) == said


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_versions_of_the_past_are_not(port: int, authority: Authority, version: ssl.TLSVersion) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shaken_hands(port, client(authority, version))


def test_no_suite_without_forward_secrecy_is_taken(port: int, authority: Authority) -> None:
    weak = client(authority, ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers("AES128-GCM-SHA256:AES256-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shaken_hands(port, weak)


def test_every_suite_that_is_taken_is_recommended(settings: Settings) -> None:
    context = server_context(settings)
    assert context is not None
    assert {suite["name"] for suite in context.get_ciphers()} <= RECOMMENDED
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_nothing_is_said_in_the_clear(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: ehcp.example\r\n\r\n")
        assert b"HTTP/" not in plain.recv(1_000)


def test_a_certificate_that_the_client_does_not_trust_is_none(port: int, tmp_path: Path) -> None:
    stranger = ssl.create_default_context(cafile=str(Authority(tmp_path, "another").certificate))
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken_hands(port, stranger)


def test_a_key_that_others_can_read_is_not_used(authority: Authority) -> None:
    certificate, key = authority.server("localhost")
    key.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        server_context(Settings(_env_file=None, tls_certificate=certificate, tls_key=key))
