"""Whoever comes from outside is shown a certificate that the public trusts, or it is said why not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from services.errors import ConfigurationError
from services.public_certificate import own_certificate_fault, public_certificate
from services.settings import Settings
from services.transport import require_sealed_transport
from tests.support.certificates import Authority

HOST = "ehcp.example"
WHY = "only the council's own network comes here"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Stands for an authority that the public trusts."""
    return Authority(tmp_path_factory.mktemp("authority"))


def serving(authority: Authority, *names: str, **stated: object) -> Settings:
    """A server with its own TLS and a certificate for these names."""
    certificate, key = authority.server(*names)
    said = {"base_url": f"https://{HOST}", "tls_certificate": certificate, "tls_key": key, **stated}
    return Settings(_env_file=None, **said)  # type: ignore[arg-type]


def test_a_certificate_of_a_public_authority_for_the_host_is_taken(authority: Authority) -> None:
    assert own_certificate_fault(serving(authority, HOST), str(authority.certificate)) == ""


def test_one_of_another_authority_or_for_another_host_is_not(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "another")
    assert "isn't one that the public trusts" in own_certificate_fault(serving(other, HOST), str(authority.certificate))
    wrong = serving(authority, "else.example")
    assert "isn't one that the public trusts" in own_certificate_fault(wrong, str(authority.certificate))


def test_production_starts_with_no_certificate_that_the_public_does_not_trust(authority: Authority) -> None:
    with pytest.raises(ConfigurationError, match="EHCP_PRIVATE_CERTIFICATE"):
        require_sealed_transport(serving(authority, HOST))
    with pytest.raises(ConfigurationError, match="EHCP_PRIVATE_CERTIFICATE"):
        require_sealed_transport(serving(authority, HOST, plain="http,kafka,mesh,postgresql"))
    assert require_sealed_transport(serving(authority, HOST, private_certificate=WHY))
    assert require_sealed_transport(serving(authority, HOST, env="development"))
    assert require_sealed_transport(serving(authority, HOST, listen="127.0.0.1:8443"))


@pytest.fixture
def proxy(authority: Authority) -> Iterator[int]:
    """The port of something that ends TLS on this machine with a certificate for "localhost"."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.server("localhost"))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                with plain, suppress(OSError), context.wrap_socket(plain, server_side=True):
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.fixture
def from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine is taken for an address that others reach."""
    monkeypatch.setattr("services.public_certificate.is_loopback", lambda _host: False)


@pytest.mark.usefixtures("from_outside")
def test_what_a_proxy_shows_is_looked_at_by_going_there(authority: Authority, proxy: int, tmp_path: Path) -> None:
    stated = Settings(_env_file=None, base_url=f"https://localhost:{proxy}")
    assert public_certificate(stated, str(authority.certificate)).startswith("publicly trusted until ")
    for other in (str(Authority(tmp_path, "another").certificate), None):
        with pytest.raises(ConfigurationError, match="isn't one that the public trusts"):
            public_certificate(stated, *([other] if other else []))
    said = stated.model_copy(update={"private_certificate": WHY})
    assert WHY in public_certificate(said)


@pytest.mark.usefixtures("from_outside")
def test_an_address_that_does_not_answer_is_not_known_to_be_right(unused_port: int) -> None:
    with pytest.raises(ConfigurationError, match="didn't answer"):
        public_certificate(Settings(_env_file=None, base_url=f"https://localhost:{unused_port}"))


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_nothing_is_asked_of_an_installation_that_nobody_else_reaches() -> None:
    for stated in ({}, {"base_url": "https://127.0.0.1"}, {"base_url": f"https://{HOST}", "env": "development"}):
        assert public_certificate(Settings(_env_file=None, **stated)) == "none is needed on this machine"  # type: ignore[arg-type]
