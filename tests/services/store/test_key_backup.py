"""Backups of the wrapped keys: what comes back is what was lost, never what was destroyed, and for 30 days only."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.plan.events import Erased, PlanEvent
from services.store.embedded import open_embedded
from services.store.file_keyring import FileKeyring
from services.store.key_backup import BackupRefused, back_up, remove_old, restore
from services.store.postgres.store import open_postgres
from tests.services.store.conftest import Clock, Record

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kept(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Record]:
    if request.param == "sqlite":
        with open_embedded(tmp_path / "var", clock=clock) as store:
            yield Record(store, tmp_path, clock)
        return
    url = request.getfixturevalue("migrated")
    with open_postgres(url, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store:
        yield Record(store, tmp_path, clock)


def filled(kept: Record) -> tuple[UUID, UUID]:
    """Two children with three events each."""
    plans = uuid4(), uuid4()
    for plan in plans:
        for sequence in (1, 2, 3):
            kept.append(kept.seal(plan, sequence))
    return plans


def lose_every_key(kept: Record) -> None:
    """As after the loss of the disk with the keys, or of their schema."""
    with kept.store.keys.database.transaction() as connection:
        connection.execute("DELETE FROM event_key")
        connection.execute("DELETE FROM child_key")
    for plan in {UUID(bytes=row[1]) for row in kept.store.rows()}:
        kept.store.keys.forget(plan)


def readable(kept: Record, plan: UUID) -> list[bool]:
    return [isinstance(entry, PlanEvent) for entry in kept.store.read_plan(plan)]


def test_what_was_lost_comes_back_and_what_was_destroyed_since_does_not(kept: Record, tmp_path: Path) -> None:
    living, erased = filled(kept)
    backup = back_up(kept.store.keys, tmp_path / "backups", NOW)
    assert backup.stat().st_mode & 0o777 == 0o600
    kept.store.erase_plan(erased)
    kept.store.erase_event(living, 2)
    lose_every_key(kept)
    assert readable(kept, living) == [False] * 3
    assert restore(kept.store.keys, backup, NOW + timedelta(days=30)) == 1
    assert readable(kept, living) == [True, False, True]
    assert all(isinstance(entry, Erased) for entry in kept.store.read_plan(erased))
    assert restore(kept.store.keys, backup, NOW) == 0


def test_a_backup_is_good_for_thirty_days_and_then_removed(kept: Record, tmp_path: Path) -> None:
    filled(kept)
    folder = tmp_path / "backups"
    old = back_up(kept.store.keys, folder, NOW)
    with pytest.raises(BackupRefused, match="30 days"):
        restore(kept.store.keys, old, NOW + timedelta(days=30, seconds=1))
    young = back_up(kept.store.keys, folder, NOW + timedelta(days=1))
    (folder / "notes.txt").write_text("not a backup")
    assert remove_old(folder, NOW + timedelta(days=30, hours=1)) == [old]
    assert {path.name for path in folder.iterdir()} == {young.name, "notes.txt"}


def test_a_key_that_a_destroyed_council_key_wraps_is_not_brought_back(kept: Record, tmp_path: Path) -> None:
    plan, _ = filled(kept)
    backup = back_up(kept.store.keys, tmp_path / "backups", NOW)
    with kept.store.keys.database.transaction() as connection:
        connection.execute("DELETE FROM child_key")
        connection.execute("INSERT INTO retired_key VALUES ('la-855.1')")
    kept.store.keys.forget(plan)
    assert restore(kept.store.keys, backup, NOW) == 0
    assert readable(kept, plan) == [False] * 3


@pytest.mark.parametrize("content", [b"", b"not a database at all, only text", None])
def test_what_is_no_backup_is_refused(kept: Record, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "backup.keys"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BackupRefused):
        restore(kept.store.keys, file, NOW)


def test_a_backup_holds_wrapped_keys_and_nothing_else(kept: Record, tmp_path: Path) -> None:
    plan, _ = filled(kept)
    kept.store.erase_event(plan, 2)
    backup = back_up(kept.store.keys, tmp_path / "backups", NOW)
    with closing(sqlite3.connect(backup)) as connection:
        dump = "\n".join(connection.iterdump())
    assert dump.count('INSERT INTO "event_key"') == 2
    assert dump.count('INSERT INTO "child_key"') == 2
    assert dump.count("INSERT INTO") == 5, "and when it was made"
    with pytest.raises(BackupRefused):
        back_up(kept.store.keys, tmp_path / "backups", NOW)
