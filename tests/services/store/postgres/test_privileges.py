"""The application's role can do its work and can't change history; the owner can't either, by accident."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from services.rules.adopting import AdoptedRules
from services.rules.editions import shipped
from services.rules.first_start import adopt_first
from services.store.errors import StoreUnavailable
from services.store.file_keyring import FileKeyring
from services.store.postgres.migrating import migrate
from services.store.postgres.store import open_postgres
from services.store.values import PLAN_LOG, AppendGroup, Snapshot
from tests.services.retention.conftest import Ended
from tests.services.store.conftest import Clock, Record
from tests.services.store.postgres.order_lock import order_lock, wait_for_writers
from tests.services.store.postgres.roles import login
from tests.services.store.private_words import fill
from tests.support.life import Life
from tests.support.proxy import proxy_to
from tests.support.serving import serving

MANUAL = Path(__file__).parents[4] / "docs" / "how-to" / "operate-postgresql.md"
HISTORY = (
    "plan_event",
    "draft_event",
    "disclosure_event",
    "directory_event",
    "retention_event",
    "delivery_event",
    "adoption_event",
    "rules_content",
    "erasure",
)
CHANGES = ("UPDATE ehcp.{} SET plan = plan", "DELETE FROM ehcp.{}", "TRUNCATE ehcp.{}")


def statements(table: str) -> list[str]:
    column = {"erasure": "plan", "rules_content": "sha256"}.get(table, "stream")
    return [change.format(table).replace("plan = plan", f"{column} = {column}") for change in CHANGES]


@pytest.fixture
def application(migrated: str) -> Iterator[str]:
    """The address of a role that is a member of ehcp_app and nothing else."""
    with login(migrated, member_of="ehcp_app") as address:
        yield address


@pytest.fixture
def filled(migrated: str, tmp_path: Path, clock: Clock, plan: UUID) -> str:
    """A database with something in every table of the history."""
    with open_postgres(migrated, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store:
        fill(Record(store, tmp_path, clock), plan)
        store.erase_event(plan, 1)
        adopt_first(AdoptedRules(store.adoption, store.rules_content), shipped(), "2026-11-02")
    return migrated


def test_the_whole_journey_needs_no_more_than_the_applications_role(application: str, tmp_path: Path) -> None:
    with serving(tmp_path, database_url=application) as served:
        life = Life(served).finalised()
        draft = life.draft(plan=life.read()["plan"])
        life.patch(draft, {"sections": {"A": {"aspirations": "To be read to"}}})
        plan, store = UUID(life.plan_id), served.platform.store
        assert store.snapshots.put(Snapshot(plan, 1, 1, b"state"), store.snapshots.erasures_of(plan))
        store.erase_event(plan, 3)
        assert life.read()["phase"] == "MAINTAINED"
        store.purge_requests()
        ended = Ended(served).at_rest().erased()
        assert ended.officer.get(ended.path).status_code == 410
    with open_postgres(application, keyring=FileKeyring(tmp_path / "record" / "keyring")) as store:
        assert store.head()[0] > 0


def test_it_finds_out_what_became_of_an_append_without_more_rights(
    application: str, tmp_path: Path, clock: Clock, plan: UUID
) -> None:
    """Reading back needs to end the server's process of the broken connection: one's own may be ended by anybody."""
    keyring = FileKeyring(tmp_path / "keyring")
    with proxy_to(application) as proxy, open_postgres(proxy.url, keyring=keyring, clock=clock) as store:
        record = Record(store, tmp_path, clock)
        event = record.seal(plan, 1)
        with order_lock(application) as session:
            future = store.submit(AppendGroup({PLAN_LOG: [event]}))
            wait_for_writers(session)
            proxy.cut_clients()
            with pytest.raises(StoreUnavailable):
                future.result()
        assert record.append(record.seal(plan, 1))[0].position == 1


@pytest.mark.parametrize("table", HISTORY)
def test_the_application_may_not_change_history(filled: str, table: str) -> None:
    with login(filled, member_of="ehcp_app") as address, psycopg.connect(address, autocommit=True) as connection:
        assert connection.execute(_count(table)).fetchone() is not None
        for statement in statements(table):
            with pytest.raises(InsufficientPrivilege, match="permission denied"):
                connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ehcp.plan_event DISABLE TRIGGER append_only",
        "DROP TABLE ehcp.plan_event",
        "DROP SCHEMA ehcp_keys CASCADE",
        "CREATE TABLE ehcp.more (n int)",
        "CREATE OR REPLACE FUNCTION ehcp.order_lock() RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
        "UPDATE ehcp.alembic_version SET version_num = '9999'",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_may_not_get_round_it(application: str, statement: str) -> None:
    with psycopg.connect(application, autocommit=True) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ehcp.signal SET number = 1",
        "DELETE FROM ehcp.signal",
        "UPDATE ehcp.mesh_event SET code = ''",
        "INSERT INTO ehcp.mesh_event SELECT * FROM ehcp.mesh_event",
        "UPDATE ehcp.mesh_message SET code = ''",
        "DELETE FROM ehcp.mesh_message",
        "DELETE FROM ehcp.mesh_event",
        "UPDATE ehcp.checkpoint SET size = 1",
        "DELETE FROM ehcp.checkpoint",
        "UPDATE ehcp.tree_tile SET hashes = ''",
        "DELETE FROM ehcp.tree_tile",
        "DELETE FROM ehcp.tree",
        "UPDATE ehcp.checkpoint_key SET key = ''",
        "DELETE FROM ehcp.checkpoint_key",
    ],
)
def test_the_application_may_not_change_what_was_told(application: str, change: str) -> None:
    with psycopg.connect(application, autocommit=True) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(change.encode())


@pytest.mark.parametrize("table", HISTORY)
def test_not_even_a_superuser_changes_history(filled: str, table: str) -> None:
    with psycopg.connect(filled, autocommit=True) as connection:
        before = connection.execute(_count(table)).fetchone()
        for replication in ("origin", "replica"):
            connection.execute(f"SET session_replication_role = {replication}".encode())
            for statement in statements(table):
                with pytest.raises(InsufficientPrivilege, match="append-only"):
                    connection.execute(statement.encode())
        assert before == connection.execute(_count(table)).fetchone()
        assert before != (0,) or table in {"directory_event", "retention_event", "delivery_event"}


@pytest.mark.usefixtures("migrated")
def test_an_owner_without_other_rights_migrates_and_changes_history_only_as_the_manual_says(
    postgres: str, tmp_path: Path, clock: Clock, plan: UUID
) -> None:
    """`migrated` has seen to it that the server has the role ehcp_app, as the manual does first."""
    with login(postgres) as owner, _owned_by(owner, postgres):
        migrate(owner)
        with (
            login(postgres, member_of="ehcp_app") as address,
            open_postgres(address, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store,
        ):
            fill(Record(store, tmp_path, clock), plan)
        with psycopg.connect(owner, autocommit=True) as connection:
            for statement in statements("plan_event"):
                with pytest.raises(InsufficientPrivilege, match="append-only"):
                    connection.execute(statement.encode())
            connection.execute(_maintenance("DELETE FROM ehcp.plan_event WHERE position = 1").encode())
            assert connection.execute(_count("plan_event")).fetchone() == (0,)
            for statement in statements("plan_event"):
                with pytest.raises(InsufficientPrivilege, match="append-only"):
                    connection.execute(statement.encode())


def _maintenance(change: str) -> str:
    """The step as the manual has it, with the change in its place."""
    (step,) = re.findall(r"```sql\n(BEGIN;.*?DISABLE TRIGGER.*?)```", MANUAL.read_text(), re.DOTALL)
    found, count = re.subn(r"-- the change.*?\n", change + ";\n", step)
    assert count == 1
    return str(found)


@contextmanager
def _owned_by(owner: str, url: str) -> Iterator[None]:
    """The database belongs to the role of `owner` for a while."""
    give = sql.SQL("ALTER DATABASE {} OWNER TO {}")
    with psycopg.connect(url, autocommit=True) as administrator:
        database, before = sql.Identifier(administrator.info.dbname), sql.Identifier(administrator.info.user)
        administrator.execute(give.format(database, sql.Identifier(urlsplit(owner).username or "")))
        try:
            yield
        finally:
            administrator.execute(give.format(database, before))


def _count(table: str) -> sql.Composed:
    return sql.SQL("SELECT count(*) FROM ehcp.{}").format(sql.Identifier(table))
