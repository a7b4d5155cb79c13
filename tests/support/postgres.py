"""PostgreSQL for tests: one server for the whole run, an empty database for whoever asks.

`postgres` (a test) and `postgres_module` (a module) give the address of a fresh empty database, `postgres_server` that
of the server. All workers of a run share one private server that the first starts and the last removes; a server at
EHCP_TEST_DATABASE_URL is used instead when that is set. Roles belong to the server: give yours a name of their own.
`postgres_cluster` is a server of its own for a test that stops or kills it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from deploy.local.postgres import EXISTING_SERVER, Cluster, PostgresMissingError, private_cluster, shared_server
from deploy.local.postgres.programs import find_programs
from services.store.postgres.migrating import migrate

_CREATE = sql.SQL("CREATE DATABASE {} TEMPLATE {}")

#: Begins the reason of every skip for want of PostgreSQL, by which the summary finds them.
WITHOUT = "Without PostgreSQL: "
#: The fixtures on which a test of PostgreSQL rests.
SERVERS = frozenset({"postgres_server", "postgres_cluster"})


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[str]:
    """The address of a server on which the user may do everything."""
    if EXISTING_SERVER not in os.environ:
        require_postgres()
    with shared_server(testrun_uid) as address:
        yield address


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The address of an empty database for one test."""
    with empty_database(postgres_server) as address:
        yield address


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> Iterator[str]:
    """The name of a database with the tables of this release, to be copied."""
    with empty_database(postgres_server) as address:
        migrate(address)
        yield urlsplit(address).path.removeprefix("/")


@pytest.fixture
def migrated(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """The address of a database with the tables of this release, for one test."""
    with empty_database(postgres_server, template=migrated_template) as address:
        yield address


@pytest.fixture(scope="module")
def postgres_module(postgres_server: str) -> Iterator[str]:
    """The address of a database that starts empty, for the tests of one module."""
    with empty_database(postgres_server) as address:
        yield address


@pytest.fixture
def postgres_cluster() -> Iterator[Cluster]:
    """A server for one test alone, which may do to it what it likes."""
    require_postgres()
    with private_cluster() as cluster:
        yield cluster


@contextmanager
def empty_database(server: str, template: str = "template1") -> Iterator[str]:
    """A new database on the server, like `template`, dropped at the end with whoever is still connected to it."""
    name = f"ehcp_test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(_CREATE.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield with_database(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def with_database(server: str, database: str) -> str:
    """The same server's address, for another database of it."""
    return urlsplit(server)._replace(path=f"/{database}").geturl()


def require_postgres() -> None:
    """Without PostgreSQL fail in CI, where it has to be; elsewhere skip, with what to install."""
    try:
        find_programs()
    except PostgresMissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI must test on PostgreSQL. {missing}", pytrace=False)
        pytest.skip(f"{WITHOUT}{missing}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses the server, so that `-m "not postgres"` leaves them out."""
    for item in items:
        if not SERVERS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("postgres")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly, once, that tests were skipped for want of PostgreSQL."""
    reasons = [
        report.longrepr[2]
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and WITHOUT in report.longrepr[2]
    ]
    if reasons:
        terminalreporter.section("NOT TESTED ON POSTGRESQL", red=True, bold=True)
        terminalreporter.write_line(f"{len(reasons)} tests were skipped. {reasons[0].removeprefix('Skipped: ')}")
