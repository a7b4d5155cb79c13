"""Exchanging councils' keys: nothing stands still, nothing is lost, and a key goes only when it wraps nothing."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.plan.events import Erased
from services.store.background_rewrap import BackgroundRewrap
from services.store.embedded import open_embedded
from services.store.errors import KeyInUse, UnknownKey, Unopenable
from services.store.file_keyring import FileKeyring
from services.store.keyring import KeyCustody
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from tests.services.store.conftest import METADATA, Clock, Record
from tests.services.store.postgres.roles import login
from tests.support.softhsm import Token


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.store.council_keys.PAGE", 3)


def custody(record: Record) -> KeyCustody:
    """The keyring that the record was opened with."""
    keyring: KeyCustody = record.store.index._keyring  # type: ignore[assignment]  # noqa: SLF001 - what it was opened with
    return keyring


def children(record: Record, number: int, council: str = "855") -> list[UUID]:
    plans = [uuid4() for _ in range(number)]
    for plan in plans:
        record.append(record.store.seal(plan, 1, "ehcp.plan.amended.v1", METADATA, {"note": "n"}, council=council))
    return plans


def readable(store: RecordStore, plans: list[UUID]) -> bool:
    return all(not isinstance(entry, Erased) for plan in plans for entry in store.read_plan(plan))


def test_after_a_rotation_every_child_s_key_is_wrapped_anew_and_the_old_key_can_go(record: Record) -> None:
    keys, ring = record.store.council_keys, custody(record)
    plans, others = children(record, 8), children(record, 2, "936")
    assert keys.children_by_key() == {"la-855.1": 8, "la-936.1": 2}
    ring.rotate("855")
    assert keys.stale(ring) == 8
    plans += children(record, 2)
    done: list[int] = []
    assert keys.rewrap(ring, progress=done.append) == 8
    assert keys.children_by_key() == {"la-855.2": 10, "la-936.1": 2}
    assert done == sorted(done)
    assert done[-1] == 8
    assert keys.rewrap(ring) == 0
    keys.destroy(ring, "la-855.1")
    assert [use.key_id for use in keys.usage(ring)] == ["la-855.2", "la-936.1"]
    assert readable(record.store, plans + others)


def test_only_one_council_s_keys_are_wrapped_anew_when_that_is_asked(record: Record) -> None:
    keys, ring = record.store.council_keys, custody(record)
    children(record, 4)
    children(record, 4, "936")
    ring.rotate("855")
    ring.rotate("936")
    assert keys.rewrap(ring, "936") == 4
    assert keys.stale(ring) == 4


def test_a_key_that_still_wraps_or_is_in_use_is_not_destroyed(record: Record) -> None:
    keys, ring = record.store.council_keys, custody(record)
    plans = children(record, 2)
    with pytest.raises(KeyInUse, match="rotate first"):
        keys.destroy(ring, "la-855.1")
    ring.rotate("855")
    with pytest.raises(KeyInUse, match="rewrap first"):
        keys.destroy(ring, "la-855.1")
    ring.keyed_hash("index.1", "a", "b")
    with pytest.raises(KeyInUse, match="hashes"):
        keys.destroy(ring, "index.1")
    with pytest.raises(UnknownKey):
        keys.destroy(ring, "la-855.9")
    assert readable(record.store, plans)
    plans += children(record, 1)
    assert readable(record.store, plans)


def test_an_append_that_was_about_to_use_a_destroyed_key_is_refused_and_made_anew(record: Record, plan: UUID) -> None:
    keys, ring = record.store.council_keys, custody(record)
    late = record.seal(plan, 1)
    ring.rotate("855")
    keys.destroy(ring, "la-855.1")
    with pytest.raises(Exception, match=r"another key|contradicts"):
        record.append(late)
    record.append(record.seal(plan, 1))
    assert keys.children_by_key() == {"la-855.2": 1}
    assert readable(record.store, [plan])


def test_a_child_that_is_erased_or_handed_over_meanwhile_is_left_as_it_is(record: Record) -> None:
    keys, ring = record.store.council_keys, custody(record)
    plans = children(record, 6)
    ring.rotate("855")

    def meanwhile(_done: int) -> None:
        record.store.erase_plan(plans[0])
        record.store.keys.rewrap(plans[1], "936")

    keys.rewrap(ring, progress=meanwhile)
    keys.rewrap(ring)
    assert keys.children_by_key() == {"la-855.2": 4, "la-936.1": 1}
    assert isinstance(record.store.read_plan(plans[0])[0], Erased)
    assert readable(record.store, plans[1:])


def test_appends_and_reads_go_on_while_keys_are_exchanged(record: Record) -> None:
    keys, ring = record.store.council_keys, custody(record)
    plans = children(record, 12)
    over = threading.Event()
    faults: list[BaseException] = []

    def exchange() -> None:
        try:
            for _ in range(3):
                old = ring.current_key("855")
                ring.rotate("855")
                while keys.children_by_key().get(old):
                    keys.rewrap(ring)
                keys.destroy(ring, old)
        except BaseException as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)
        finally:
            over.set()

    thread = threading.Thread(target=exchange)
    thread.start()
    while not over.is_set():
        try:
            plans += children(record, 1)
        except Exception as refused:  # noqa: BLE001 - sealed with a key that was destroyed before it was written
            assert type(refused).__name__ in {"KeyConflict", "IntegrityError"}  # noqa: PT017
        assert readable(record.store, plans[-3:])
    thread.join()
    assert faults == []
    assert readable(record.store, plans)
    assert set(keys.children_by_key()) == {"la-855.4"}


def test_a_lost_key_is_listed_and_stops_the_exchange(record: Record) -> None:
    keys, ring = record.store.council_keys, custody(record)
    children(record, 2)
    ring.rotate("855")
    ring.remove("la-855.1")
    assert [(use.key_id, use.held) for use in keys.usage(ring)] == [("la-855.2", True), ("la-855.1", False)]
    with pytest.raises(UnknownKey):
        keys.rewrap(ring)


def test_a_background_rewrap_finds_its_work_and_ends_when_told(record: Record) -> None:
    keys, ring = record.store.council_keys, custody(record)
    children(record, 7)
    background = BackgroundRewrap(keys, ring, seconds=0.01)
    background.start()
    ring.rotate("855")
    while keys.stale(ring):
        threading.Event().wait(0.01)
    background.stop()
    background.stop()
    assert keys.children_by_key() == {"la-855.2": 7}
    BackgroundRewrap(keys, ring).stop()


@pytest.mark.parametrize("database", ["embedded", "postgresql"])
def test_a_token_wraps_the_children_s_keys(
    database: str, token: Token, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    ring = token.keyring()
    store = (
        open_embedded(tmp_path, keyring=ring)
        if database == "embedded"
        else open_postgres(request.getfixturevalue("migrated"), keyring=ring)
    )
    with store:
        record = Record(store, tmp_path, Clock())
        plans = children(record, 4)
        ring.rotate("855")
        assert store.council_keys.rewrap(ring) == 4
        store.council_keys.destroy(ring, "la-855.1")
        assert readable(store, plans)
    assert not list(tmp_path.glob("keyring/*"))


def test_the_applications_role_may_exchange_and_destroy_keys(migrated: str, tmp_path: Path) -> None:
    ring = FileKeyring(tmp_path / "keyring")
    with login(migrated, member_of="ehcp_app") as application, open_postgres(application, keyring=ring) as store:
        plans = children(Record(store, tmp_path, Clock()), 4)
        ring.rotate("855")
        assert store.council_keys.rewrap(ring) == 4
        store.council_keys.destroy(ring, "la-855.1")
        assert readable(store, plans)


KILLED = """
import os, sys
from pathlib import Path
from services.store import council_keys
from services.store.embedded import open_embedded
from services.store.file_keyring import FileKeyring
council_keys.PAGE = 2
folder = Path(sys.argv[1])
ring = FileKeyring(folder / "keyring")
with open_embedded(folder, keyring=ring) as store:
    store.council_keys.rewrap(ring, progress=lambda done: done >= 6 and os.kill(os.getpid(), 9))
"""


def test_a_rewrap_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    ring = FileKeyring(tmp_path / "keyring")
    with open_embedded(tmp_path, keyring=ring) as store:
        plans = children(Record(store, tmp_path, Clock()), 11)
    ring.rotate("855")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, env={**os.environ})
    assert ended.returncode == -signal.SIGKILL
    with open_embedded(tmp_path, keyring=ring) as store:
        assert store.council_keys.children_by_key() == {"la-855.1": 5, "la-855.2": 6}
        assert readable(store, plans)
        assert store.council_keys.rewrap(ring) == 5
        store.council_keys.destroy(ring, "la-855.1")
        assert readable(store, plans)


def test_no_file_keeps_what_an_old_key_wrapped(embedded: Record) -> None:
    children(embedded, 3)
    with closing(sqlite3.connect(embedded.folder / "keys.sqlite")) as connection:
        wrapped = [row[0] for row in connection.execute("SELECT wrapped FROM child_key")]
    custody(embedded).rotate("855")
    embedded.store.council_keys.rewrap(custody(embedded))
    kept = b"".join(path.read_bytes() for path in embedded.folder.glob("keys.sqlite*"))
    assert not [one for one in wrapped if one in kept]


def test_a_damaged_row_stops_the_exchange_and_says_so(embedded: Record) -> None:
    plans = children(embedded, 1)
    ring = custody(embedded)
    ring.rotate("855")
    with embedded.store.keys.database.transaction() as connection:
        connection.execute("UPDATE child_key SET wrapped = ? WHERE plan = ?", (b"x" * 60, plans[0].bytes))
    with pytest.raises(Unopenable):
        embedded.store.council_keys.rewrap(ring)


def test_a_key_that_is_missing_or_another_is_found_out_before_it_is_made_anew(record: Record, tmp_path: Path) -> None:
    keys, ring = record.store.council_keys, custody(record)
    children(record, 2)
    children(record, 2, "936")
    keys.require_held(ring)
    another = FileKeyring(tmp_path / "another")
    another.current_key("855")
    with pytest.raises(UnknownKey, match=r"isn't the key|does not hold the key la-936\.1"):
        keys.require_held(another)
    another.current_key("936")
    with pytest.raises(UnknownKey, match="isn't the key of that name"):
        keys.require_held(another)
    with pytest.raises(UnknownKey, match="does not hold"):
        keys.require_held(FileKeyring(tmp_path / "empty"))
