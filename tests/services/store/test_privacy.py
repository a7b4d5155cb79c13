"""What can be read without a key: the list of clear fields, and nothing else in any file."""

import json
import sqlite3
from base64 import b64encode
from pathlib import Path
from uuid import UUID

import pytest

from services.store.database import SCHEMA_VERSION
from services.store.embedded import open_embedded
from services.store.errors import UnknownStoreVersion
from services.store.framing import CLEAR_FIELDS, clear_header, unframe
from services.store.values import DISCLOSURE_LOG, DRAFT_LOG, PLAN_LOG
from tests.services.store.conftest import Record
from tests.services.store.private_words import WORDS, fill


@pytest.fixture
def filled(embedded: Record, plan: UUID) -> Record:
    fill(embedded, plan)
    return embedded


def test_no_word_of_the_content_is_in_any_file(filled: Record) -> None:
    files = [path for path in filled.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {
        "record.sqlite",
        "record.sqlite-wal",
        "keys.sqlite",
        "erasures.ndjson",
    }
    for path in files:
        content = path.read_bytes().lower()
        for word in WORDS:
            assert word.lower().encode() not in content, path.name
            assert b64encode(word.encode())[:-4].lower() not in content, path.name


def test_the_clear_fields_of_an_event_are_these_and_no_other(filled: Record) -> None:
    for log in (PLAN_LOG, DRAFT_LOG, DISCLOSURE_LOG):
        row = filled.store.row(1, log)
        assert set(row._fields if hasattr(row, "_fields") else ()) <= {
            "position", "stream", "sequence", "type", "time", "state"
        }  # fmt: skip
        header = json.loads(clear_header(row[5], row[4]))
        assert set(header) == CLEAR_FIELDS
        assert set(json.loads(unframe(row[5]).header)) == CLEAR_FIELDS - {"time"}


COLUMNS = {
    "plan_event": {"position", "stream", "sequence", "type", "time", "state"},
    "draft_event": {"position", "stream", "sequence", "type", "time", "state"},
    "directory_event": {"position", "stream", "sequence", "type", "time", "state"},
    "retention_event": {"position", "stream", "sequence", "type", "time", "state"},
    "delivery_event": {"position", "stream", "sequence", "type", "time", "state"},
    "adoption_event": {"position", "stream", "sequence", "type", "time", "state"},
    "rules_content": {"sha256", "content"},
    "index_key": {"number", "adopted", "retired"},
    "family_link_person": {"plan", "person", "sealed"},
    "disclosure_event": {"position", "stream", "sequence", "type", "time", "state"},
    "plan_register": {
        "plan", "council", "phase", "version", "opened_position", "updated_position", "retired_into"
    },
    "plan_match": {"kind", "council", "blinded", "plan"},
    "plan_stream": {"plan", "log", "opened_position", "stream"},
    "request": {"request", "body", "plan", "written", "created"},
    "snapshot": {"plan", "sequence", "state_version", "snapshot_id", "sealed"},
    "single_use": {"used", "kept_until"},
    "web_session": {"session", "person", "sealed", "begun", "seen", "ends"},
    "provider_session": {"at_provider", "session", "ends"},
    "provider_sign_out": {"at_provider", "at", "kept_until"},
    "family_invitation": {"invitation", "plan", "contact", "valid_until"},
    "family_link": {"person", "plan", "contact", "linked"},
}  # fmt: skip


def test_the_columns_of_the_store_are_these_and_no_other(filled: Record) -> None:
    connection = sqlite3.connect(filled.folder / "record.sqlite")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} for table in tables}
    connection.close()
    assert found == COLUMNS


def test_the_store_is_private_to_its_owner(filled: Record) -> None:
    assert filled.folder.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in filled.folder.glob("*.*") if path.is_file()}
    assert set(modes.values()) == {0o600}, modes


def test_a_store_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    open_embedded(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "record.sqlite")
    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(UnknownStoreVersion):
        open_embedded(tmp_path)
    assert (tmp_path / "record.sqlite").stat().st_size > 0


def test_a_store_that_failed_to_open_can_be_opened_by_the_next(tmp_path: Path) -> None:
    test_a_store_of_a_later_release_is_left_alone(tmp_path)
    connection = sqlite3.connect(tmp_path / "record.sqlite")
    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    connection.close()
    open_embedded(tmp_path).close()
