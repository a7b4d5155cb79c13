"""The PostgreSQL that tests are given: fresh, empty, and one server for all."""

from urllib.parse import urlsplit

import psycopg
import pytest

from tests.support.postgres import empty_database

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_gets_an_empty_database(postgres: str, turn: int) -> None:
    with psycopg.connect(postgres) as connection:
        assert connection.execute(TABLES).fetchone() == (0,)
        connection.execute("CREATE TABLE kept (turn int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [turn])


def test_the_databases_of_a_test_and_of_its_module_stand_on_one_server(
    postgres: str, postgres_module: str, postgres_server: str
) -> None:
    addresses = [urlsplit(address) for address in (postgres, postgres_module, postgres_server)]
    assert len({address.netloc for address in addresses}) == 1
    assert len({address.path for address in addresses}) == 3


def test_a_database_goes_although_somebody_is_still_connected(postgres_server: str) -> None:
    with empty_database(postgres_server) as address:
        left_open = psycopg.connect(address)
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(address)
