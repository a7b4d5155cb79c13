"""In production nothing leaves the machine in the clear: what is refused before anything is opened, and what isn't."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from deploy.local.postgres.private import private_cluster
from services.bootstrap import open_platform
from services.errors import ConfigurationError
from services.settings import Settings
from services.store.errors import StoreUnavailable
from services.store.postgres.database import PostgresDatabase
from services.transport import require_sealed_database, require_sealed_transport
from tests.support.certificates import Authority
from tests.support.postgres import require_postgres

ELSEWHERE = "postgresql://ehcp@db.example/ehcp"
SEALED = f"{ELSEWHERE}?sslmode=verify-full"


def settings(**stated: object) -> Settings:
    return Settings(_env_file=None, **stated)  # type: ignore[arg-type]


def credentials(folder: Path, **said: str) -> Path:
    (folder / "kafka.json").write_text(json.dumps(said))
    return folder / "kafka.json"


@pytest.mark.parametrize(
    "url",
    [
        ELSEWHERE, f"{ELSEWHERE}?sslmode=disable", f"{ELSEWHERE}?sslmode=prefer", f"{ELSEWHERE}?sslmode=require",
        f"{ELSEWHERE}?sslmode=verify-ca", "postgresql://ehcp@192.0.2.1:5432/ehcp", "postgresql://127.0.0.1,db.example/e",
        "postgresql:///ehcp?host=db.example", "postgresql:///ehcp?hostaddr=192.0.2.1", "postgresql:///ehcp?service=x",
        SEALED, f"{SEALED}&require_auth=none", f"{SEALED}&require_auth=password", f"{SEALED}&require_auth=!password",
        f"{SEALED}&require_auth=scram-sha-256,none",
    ],
)  # fmt: skip
def test_a_database_elsewhere_that_is_reached_in_the_clear_or_by_anybody_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PostgreSQL is elsewhere"):
        require_sealed_transport(settings(database_url=url))
    with pytest.raises(ConfigurationError, match="PostgreSQL is elsewhere"):
        require_sealed_database(settings(), url)
    with pytest.raises(ConfigurationError, match="PostgreSQL is elsewhere"):
        open_platform(settings(database_url=url))
    assert require_sealed_transport(settings(database_url=url, env="development"))
    assert "postgresql" in require_sealed_transport(settings(database_url=url, plain="postgresql"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ehcp@127.0.0.1:5432/ehcp", "postgresql://ehcp@[::1]/ehcp", "postgresql://localhost/ehcp",
        "postgresql:///ehcp?host=/run/postgresql", "postgresql:///ehcp", f"{SEALED}&require_auth=scram-sha-256",
        f"{SEALED}&sslcert=ehcp.pem&sslkey=ehcp.key",
    ],
)  # fmt: skip
def test_a_database_on_this_machine_or_behind_its_certificate_is_not(url: str) -> None:
    assert require_sealed_transport(settings(database_url=url)) == "sealed, or on this machine"
    require_sealed_database(settings(), url)


def test_what_the_environment_says_to_the_driver_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    with pytest.raises(ConfigurationError):
        require_sealed_transport(settings(database_url="postgresql:///ehcp"))
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGREQUIREAUTH", "scram-sha-256")
    assert require_sealed_transport(settings(database_url="postgresql:///ehcp"))


@pytest.mark.parametrize(
    "said",
    [
        {"protocol": "PLAINTEXT"}, {"protocol": "SASL_PLAINTEXT", "username": "u", "password": "p"},
        {"protocol": "SSL"}, {"protocol": "SSL", "caFile": "ca.pem"},
    ],
)  # fmt: skip
def test_a_cluster_elsewhere_that_is_reached_in_the_clear_or_as_nobody_is_refused(
    tmp_path: Path, said: dict[str, str]
) -> None:
    for file in (credentials(tmp_path, **said), None):
        stated = settings(kafka_bootstrap="127.0.0.1:9092, kafka.example:9092", kafka_credentials=file)
        with pytest.raises(ConfigurationError, match="Kafka is elsewhere"):
            require_sealed_transport(stated)
    assert require_sealed_transport(settings(kafka_bootstrap="127.0.0.1:9092,[::1]:9092,localhost:1"))
    assert require_sealed_transport(settings(kafka_bootstrap="kafka.example:9092", plain="mesh, kafka"))


@pytest.mark.parametrize(
    "said",
    [
        {"protocol": "SASL_SSL", "mechanism": "SCRAM-SHA-512", "username": "u", "password": "p"},
        {"protocol": "SSL", "certFile": "us.pem", "keyFile": "us.key"},
    ],
)  # fmt: skip
def test_a_cluster_that_both_sides_prove_themselves_to_is_not(tmp_path: Path, said: dict[str, str]) -> None:
    file = credentials(tmp_path, **said)
    assert require_sealed_transport(settings(kafka_bootstrap="kafka.example:9092", kafka_credentials=file))


@pytest.mark.parametrize(
    ("stated", "match"),
    [
        ({"base_url": "http://ehcp.example"}, "https://"),
        ({"base_url": "https://ehcp.example", "listen": "0.0.0.0:8080"}, "without TLS"),
        ({"listen": "[::]:8080"}, "without TLS"),
        ({"mesh_url": "http://mesh.example"}, "EHCP_MESH_URL"),
        ({"tls_certificate": "only.pem"}, "go together"),
        ({"tls_certificate": "no-such.pem", "tls_key": "no-such.key"}, "can't be used"),
    ],
)
def test_the_server_and_mesh_are_sealed_too(stated: dict[str, str], match: str) -> None:
    with pytest.raises(ConfigurationError, match=match):
        require_sealed_transport(settings(**stated))


def test_behind_a_proxy_the_server_listens_on_loopback_unless_it_is_told_otherwise() -> None:
    assert settings(base_url="https://ehcp.example").address == ("127.0.0.1", 8080)
    assert settings(base_url="https://ehcp.example", listen="0.0.0.0:9000").address == ("0.0.0.0", 9000)  # noqa: S104 — stated
    assert settings(base_url="https://ehcp.example", tls_certificate="c").address == ("ehcp.example", 443)
    assert settings(base_url="http://127.0.0.1").address == ("127.0.0.1", 8080)
    assert require_sealed_transport(settings(listen="0.0.0.0:9000", plain="http"))
    for nonsense in ("nowhere:x", ":8080", "127.0.0.1:99999"):
        with pytest.raises(ValueError, match="EHCP_LISTEN"):
            _ = settings(listen=nonsense).address


def test_only_what_is_known_can_be_in_the_clear() -> None:
    with pytest.raises(ValueError, match="EHCP_PLAIN"):
        require_sealed_transport(settings(plain="everything"))


@pytest.fixture(scope="module")
def sealed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server whose certificate is for 127.0.0.1, and the authority that signed it."""
    require_postgres()
    authority = Authority(tmp_path_factory.mktemp("authority"))
    certificate, key = authority.server("127.0.0.1")
    with private_cluster() as cluster, psycopg.connect(cluster.url(), autocommit=True) as connection:
        for name, content in (("server.crt", certificate.read_text()), ("server.key", key.read_text())):
            place = cluster.data / name
            held = connection.execute("SELECT lo_from_bytea(0, convert_to(%s, 'UTF8'))", (content,)).fetchone()
            connection.execute("SELECT lo_export(%s, %s)", (*(held or ()), str(place)))
            place.chmod(0o600)
        connection.execute("ALTER SYSTEM SET ssl = on")
        connection.execute("SELECT pg_reload_conf()")
        yield cluster.url(), authority.certificate


def is_sealed(url: str) -> bool:
    database = PostgresDatabase(url)
    try:
        with database.reader() as connection:
            (sealed,) = connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    finally:
        database.close()
    return bool(sealed)


@pytest.mark.postgres
def test_a_server_is_spoken_to_only_behind_a_certificate_that_is_trusted(
    sealed_server: tuple[str, Path], tmp_path: Path
) -> None:
    url, authority = sealed_server
    checked = f"{url}?sslmode=verify-full&require_auth=scram-sha-256&sslrootcert="
    assert is_sealed(checked + quote(str(authority)))
    with pytest.raises(StoreUnavailable):
        is_sealed(checked + quote(str(Authority(tmp_path, "another").certificate)))
    by_name = checked.replace("127.0.0.1", "localhost")
    with pytest.raises(StoreUnavailable):
        is_sealed(by_name + quote(str(authority)))
