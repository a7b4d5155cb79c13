"""What can be read without a key: the list of columns, and no word of a child in any table or file of the server."""

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from deploy.local.postgres import Cluster
from services.store.file_keyring import FileKeyring
from services.store.postgres.migrating import migrate
from services.store.postgres.store import open_postgres
from tests.services.store.conftest import Clock, Record
from tests.services.store.private_words import WORDS, fill
from tests.support.life import NHS_NUMBER, UPN, Life
from tests.support.serving import serving

MANUAL = Path(__file__).parents[4] / "docs" / "how-to" / "operate-postgresql.md"
EVENT = {"position", "stream", "sequence", "type", "time", "state"}
COLUMNS = {
    "ehcp.plan_event": EVENT,
    "ehcp.draft_event": EVENT,
    "ehcp.directory_event": EVENT,
    "ehcp.retention_event": EVENT,
    "ehcp.delivery_event": EVENT,
    "ehcp.adoption_event": EVENT,
    "ehcp.rules_content": {"sha256", "content"},
    "ehcp.disclosure_event": EVENT,
    "ehcp.plan_register": {
        "plan", "council", "phase", "version", "opened_position", "updated_position", "retired_into"
    },
    "ehcp.plan_match": {"kind", "council", "blinded", "plan"},
    "ehcp.plan_stream": {"plan", "log", "opened_position", "stream"},
    "ehcp.request": {"request", "body", "plan", "written", "created"},
    "ehcp.snapshot": {"plan", "sequence", "state_version", "snapshot_id", "sealed"},
    "ehcp.erasure": {"number", "plan", "at", "stream", "sequence"},
    "ehcp.single_use": {"used", "kept_until"},
    "ehcp.web_session": {"session", "person", "sealed", "begun", "seen", "ends"},
    "ehcp.provider_session": {"at_provider", "session", "ends"},
    "ehcp.provider_sign_out": {"at_provider", "at", "kept_until"},
    "ehcp.family_invitation": {"invitation", "plan", "contact", "valid_until"},
    "ehcp.family_link": {"person", "plan", "contact", "linked"},
    "ehcp.family_link_person": {"person", "plan", "sealed"},
    "ehcp.index_key": {"number", "adopted", "retired"},
    "ehcp.signal": {
        "recipient", "number", "event", "position", "time", "type", "plan", "version", "draft", "relation",
        "sections", "commissioners",
    },
    "ehcp.signal_recipient": {"recipient", "last"},
    "ehcp.signal_lane": {"lane", "position", "erasures", "turn", "turned"},
    "ehcp.signal_party": {"plan", "recipient", "relation"},
    "ehcp.signal_due": {"plan", "day"},
    "ehcp.signal_parked": {"plan", "position", "error", "retry"},
    "ehcp.subscription": {
        "id", "recipient", "client", "issuer", "role", "channel", "target", "filters", "sealed", "begun", "ended"
    },
    "ehcp.subscription_delivery": {
        "subscription", "number", "delivered", "attempts", "failures", "error", "next_at"
    },
    "ehcp.subscription_dead_letter": {"subscription", "number", "error", "attempts", "since", "replay"},
    "ehcp.publication": {"log", "position", "at"},
    "ehcp.mesh_message": {"message", "kind", "subscription", "number", "code", "at", "position"},
    "ehcp.mesh_event": {"message", "kind", "subscription", "number", "code", "at"},
    "ehcp.tree": {"log", "size", "edge"},
    "ehcp.tree_tile": {"log", "level", "tile", "hashes"},
    "ehcp.checkpoint": {"log", "number", "size", "root", "time", "note"},
    "ehcp.checkpoint_key": {"log", "number", "key"},
    "ehcp_keys.retired_key": {"key_id"},
    "ehcp.alembic_version": {"version_num"},
    "ehcp_keys.child_key": {"plan", "council", "key_id", "wrapped", "root", "rows_upto"},
    "ehcp_keys.event_key": {"stream", "sequence", "event_id", "plan", "wrapped"},
    "ehcp_keys.snapshot_key": {"plan", "sequence", "snapshot_id", "wrapped"},
}  # fmt: skip
"""Those of the read models (ehcp_views) are listed with the read models' own tests."""

#: What a journey of acts leaves empty: signing in, the directory, rotating keys and signals have tests of their own.
UNTOUCHED = {
    "ehcp.directory_event", "ehcp.single_use", "ehcp.web_session", "ehcp.family_invitation", "ehcp.family_link",
    "ehcp.family_link_person", "ehcp.provider_session", "ehcp.provider_sign_out",
    "ehcp_keys.retired_key", "ehcp_keys.event_key", "ehcp.erasure",
    "ehcp.signal", "ehcp.signal_recipient", "ehcp.signal_lane",
    "ehcp.signal_party", "ehcp.signal_due", "ehcp.signal_parked", "ehcp.subscription", "ehcp.subscription_delivery",
    "ehcp.subscription_dead_letter", "ehcp.retention_event", "ehcp.mesh_event",
    "ehcp.publication",
    "ehcp.mesh_message", "ehcp.delivery_event",
    "ehcp.tree", "ehcp.tree_tile", "ehcp.checkpoint", "ehcp.checkpoint_key",
}  # fmt: skip

LIVED = [*WORDS, "Elm Tree", "physiotherapy", NHS_NUMBER, UPN, "Reads slowly", "pat example"]


def test_the_columns_are_these_and_no_other(migrated: str) -> None:
    found = defaultdict(set)
    with psycopg.connect(migrated) as connection:
        for schema, table, column in connection.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'ehcp_views') AND table_name IN"
            " (SELECT table_name FROM information_schema.tables t WHERE t.table_schema = columns.table_schema)"
        ):
            found[f"{schema}.{table}"].add(column)
    assert found == COLUMNS


@pytest.fixture
def lived(postgres_cluster: Cluster, tmp_path: Path, clock: Clock, plan: UUID) -> str:
    """A database that has seen every word, by the store and by a whole journey over HTTP."""
    postgres_cluster.create_database("record")
    url = postgres_cluster.url("record")
    migrate(url)
    with open_postgres(url, keyring=FileKeyring(tmp_path / "record" / "keyring"), clock=clock) as store:
        fill(Record(store, tmp_path, clock), plan)
    with serving(tmp_path, database_url=url) as served:
        life = Life(served).finalised()
        answer = served.officer().post("/v1/plans/search", {"localReference": life.reference})
        assert answer.status_code == 200
        # what is refused reaches the server too
        again = Life(served)
        again.reference = life.reference
        assert served.officer().open("receive-request", receivedOn="2026-03-02", source="1").status_code == 422
    return url


def test_no_word_of_the_content_is_in_any_table_or_file_of_the_server(lived: str, postgres_cluster: Cluster) -> None:
    with psycopg.connect(lived, autocommit=True) as connection:
        tables = list(copied(connection))
        connection.execute("CHECKPOINT")
    assert {name for name, content in tables if content} >= COLUMNS.keys() - UNTOUCHED
    for name, content in tables:
        assert_silent(name, content)
    files = [path for path in postgres_cluster.folder.rglob("*") if path.is_file() and path.name != "password"]
    assert {"base", "pg_wal"} <= {path.relative_to(postgres_cluster.data).parts[0] for path in files if _in_data(path)}
    for path in files:
        assert_silent(str(path), path.read_bytes())


def _in_data(path: Path) -> bool:
    return "data" in path.parts


def copied(connection: "psycopg.Connection[tuple[str, str]]") -> Iterator[tuple[str, bytes]]:
    """Every table of the platform as COPY gives it, with what it holds in bytea as bytes."""
    tables = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    ).fetchall()
    for schema, table in tables:
        statement = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(schema, table))
        with connection.cursor().copy(statement) as copy:
            content = b"".join(bytes(part) for part in copy)
        (rows,) = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        ).fetchone() or (0,)
        yield f"{schema}.{table}", content if rows else b""


def assert_silent(name: str, content: bytes) -> None:
    lowered = content.lower()
    for word in LIVED:
        assert word.lower().encode() not in lowered, (name, word)
        assert b64encode(word.encode())[:-4].lower() not in lowered, (name, word)


def test_the_search_would_find_a_word(lived: str) -> None:
    with psycopg.connect(lived, autocommit=True) as connection:
        connection.execute("UPDATE ehcp.plan_register SET phase = 'quillfeather'")
        tables = dict(copied(connection))
    with pytest.raises(AssertionError):
        assert_silent("ehcp.plan_register", tables["ehcp.plan_register"])


def test_after_an_erasure_and_the_manuals_vacuum_no_page_holds_the_key(
    postgres_cluster: Cluster, tmp_path: Path, clock: Clock, plan: UUID
) -> None:
    postgres_cluster.create_database("record")
    url = postgres_cluster.url("record")
    migrate(url)
    with open_postgres(url, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store:
        fill(Record(store, tmp_path, clock), plan)
        with psycopg.connect(url, autocommit=True) as connection:
            (wrapped,) = connection.execute("SELECT wrapped FROM ehcp_keys.child_key").fetchone() or (b"",)
            connection.execute("CHECKPOINT")
            assert wrapped
            assert _is_in_a_page(postgres_cluster, wrapped)
            store.erase_plan(plan)
            for statement in _manuals_vacuum():
                connection.execute(statement.encode())
    assert not _is_in_a_page(postgres_cluster, wrapped)


def _is_in_a_page(cluster: Cluster, content: bytes) -> bool:
    return any(content in path.read_bytes() for path in (cluster.data / "base").rglob("*") if path.is_file())


def _manuals_vacuum() -> list[str]:
    (step,) = re.findall(r"```sql\n(VACUUM.*?)```", MANUAL.read_text(), re.DOTALL)
    return re.findall(r"^(.*?;)", step, re.MULTILINE)
