"""The tables of PostgreSQL: made from nothing, made once, and never touched by a release that does not know them."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.rules.editions import shipped
from services.store.errors import UnknownStoreVersion
from services.store.file_keyring import FileKeyring
from services.store.postgres.migrating import migrate, newest
from services.store.postgres.store import open_postgres

_TABLES = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema LIKE 'ehcp%' ORDER BY 1, 2"


def tables(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(_TABLES).fetchall()


def revision(url: str) -> list[tuple[str]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT version_num FROM ehcp.alembic_version").fetchall()


def test_an_empty_database_gets_everything_and_a_second_time_nothing(postgres: str) -> None:
    migrate(postgres)
    made = tables(postgres)
    assert ("ehcp", "plan_event") in made
    assert revision(postgres) == [(newest(),)]
    migrate(postgres)
    assert tables(postgres) == made
    assert revision(postgres) == [(newest(),)]


def test_each_release_follows_the_one_before(postgres: str, migrated: str) -> None:
    """Step by step leads to what one step leads to."""
    migrate(postgres, "0001")
    migrate(postgres)
    assert tables(postgres) == tables(migrated)


def test_lanes_and_subscriptions_of_the_release_before_are_kept(postgres: str) -> None:
    """They have followed no edition of the access matrix, and tell no issuer."""
    migrate(postgres, "0018")
    asked = "INSERT INTO ehcp.subscription (id, recipient, client, role, channel, target, filters, begun, ended)"
    with psycopg.connect(postgres) as connection:
        connection.execute("INSERT INTO ehcp.signal_lane (lane, position, erasures) VALUES (3, 41, 2)")
        connection.execute(
            f"{asked} VALUES (gen_random_uuid(), 'la:855', 'system', 'school', 'feed', '', '{{}}', 1, 0)"
        )
    migrate(postgres)
    with psycopg.connect(postgres) as connection:
        lanes = connection.execute("SELECT lane, position, erasures, turn, turned FROM ehcp.signal_lane").fetchall()
        subscriptions = connection.execute("SELECT client, issuer FROM ehcp.subscription").fetchall()
    assert (lanes, subscriptions) == ([(3, 41, 2, 0, None)], [("system", "")])


def test_two_at_once_make_the_tables_once(postgres: str) -> None:
    command = [sys.executable, "-m", "services.cli.main", "migrate", "--url", postgres]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert revision(postgres) == [(newest(),)]
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT count(*) FROM ehcp.adoption_event").fetchone() == (len(shipped()),)


def opened(url: str, folder: Path) -> None:
    open_postgres(url, keyring=FileKeyring(folder / "keyring")).close()


@pytest.mark.parametrize("found", ["0000", "9999"])
def test_a_database_of_another_release_is_not_opened(migrated: str, tmp_path: Path, found: str) -> None:
    with psycopg.connect(migrated) as connection:
        connection.execute("UPDATE ehcp.alembic_version SET version_num = %s", (found,))
    with pytest.raises(UnknownStoreVersion) as refusal:
        opened(migrated, tmp_path)
    assert str(refusal.value) == (
        f"the database has revision {found}, this release needs {newest()}: run `ehcp migrate`"
    )


def test_a_database_without_tables_is_not_opened(postgres: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownStoreVersion, match=r"revision none, .*: run `ehcp migrate`"):
        opened(postgres, tmp_path)


def test_a_database_of_a_later_release_is_not_migrated(migrated: str) -> None:
    with psycopg.connect(migrated) as connection:
        connection.execute("UPDATE ehcp.alembic_version SET version_num = '9999'")
    with pytest.raises(UnknownStoreVersion, match="later release"):
        migrate(migrated)
    answer = CliRunner().invoke(app, ["migrate", "--url", migrated])
    assert answer.exit_code == 1
    assert "later release" in answer.output


def test_the_command_says_which_revision_it_reached(postgres: str) -> None:
    answer = CliRunner().invoke(app, ["migrate", "--url", postgres, "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)) == (0, {"revision": newest()})
