"""Keys: who may reach them, what they are bound to, and that they can be destroyed for good."""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from domain.plan.events import Erased
from services.store.child_keys import ChildKey, ChildKeyCache
from services.store.embedded import open_embedded, open_key_file
from services.store.erasures import ErasureRegister
from services.store.errors import (
    ErasureIncomplete,
    KeyConflict,
    KeyDestroyed,
    KeyringPermissions,
    SequenceConflict,
    UnknownKey,
    Unopenable,
)
from services.store.file_keyring import FileKeyring
from services.store.key_rows import child_rows, tables_of
from services.store.key_store import KeyStore
from services.store.values import PLAN_LOG, AppendGroup
from tests.services.store.conftest import Clock, Record

REMEMBERED_IN_TESTS = 50


@pytest.fixture(autouse=True)
def _small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.store.key_store.REMEMBERED_CHILDREN", REMEMBERED_IN_TESTS)


def test_keys_are_files_that_only_their_owner_can_reach(tmp_path: Path) -> None:
    ring = FileKeyring(tmp_path / "ring")
    assert ring.current_key("855") == "la-855.1"
    ring.keyed_hash("index.1", "kind", "value")
    assert sorted(path.name for path in (tmp_path / "ring").iterdir()) == ["index.1.key", "la-855.1.key"]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "ring").iterdir()} == {0o600}
    assert (tmp_path / "ring").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("name", "mode", "advice"), [("", 0o750, "chmod 700"), ("la-855.1.key", 0o640, "chmod 600")])
def test_a_keyring_that_others_can_reach_is_refused_with_what_to_do(
    tmp_path: Path, name: str, mode: int, advice: str
) -> None:
    FileKeyring(tmp_path / "ring").current_key("855")
    (tmp_path / "ring" / name).chmod(mode)
    with pytest.raises(KeyringPermissions, match=advice):
        FileKeyring(tmp_path / "ring")


@pytest.mark.parametrize(("name", "content"), [("la-855.1.key", "short"), ("mine.key", "0" * 64)])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, name: str, content: str) -> None:
    folder = tmp_path / "ring"
    FileKeyring(folder)
    (folder / name).touch(mode=0o600)
    (folder / name).write_text(content)
    with pytest.raises(UnknownKey):
        FileKeyring(folder)


def test_after_rotation_new_keys_wrap_and_old_ones_still_unwrap(tmp_path: Path) -> None:
    ring = FileKeyring(tmp_path)
    old = ring.current_key("855")
    wrapped = ring.wrap(old, b"secret", b"context")
    for _ in range(10):
        ring.rotate("855")
    again = FileKeyring(tmp_path)
    assert again.current_key("855") == "la-855.11"
    assert again.unwrap(old, wrapped, b"context") == b"secret"


def test_a_wrapped_key_opens_only_in_its_context_and_with_its_council_s_key(tmp_path: Path) -> None:
    ring = FileKeyring(tmp_path)
    wrapped = ring.wrap(ring.current_key("855"), b"secret", b"context")
    with pytest.raises(Unopenable):
        ring.unwrap("la-855.1", wrapped, b"other")
    with pytest.raises(Unopenable):
        ring.unwrap(ring.current_key("936"), wrapped, b"context")
    with pytest.raises(UnknownKey):
        ring.unwrap("la-999.1", wrapped, b"context")


@pytest.mark.parametrize("council", ["", "85", "8555", "../", "la-855"])
def test_a_council_is_three_digits(tmp_path: Path, council: str) -> None:
    with pytest.raises(UnknownKey):
        FileKeyring(tmp_path).current_key(council)


def test_blinded_values_are_equal_across_restarts_and_differ_by_purpose_and_keyring(tmp_path: Path) -> None:
    blinded = FileKeyring(tmp_path / "a").keyed_hash("index.1", "nhsNumber/", "9990000000")
    assert FileKeyring(tmp_path / "a").keyed_hash("index.1", "nhsNumber/", "9990000000") == blinded
    assert FileKeyring(tmp_path / "a").keyed_hash("index.1", "upn/", "9990000000") != blinded
    assert FileKeyring(tmp_path / "b").keyed_hash("index.1", "nhsNumber/", "9990000000") != blinded


def test_one_event_can_be_erased_without_the_rest(record: Record, plan: UUID) -> None:
    record.grow(plan, 3)
    leaf = record.store.leaf(2)
    record.store.erase_event(plan, 2)
    first, second, third = record.store.read_plan(plan)
    assert isinstance(second, Erased)
    assert (second.plan, second.sequence, second.position) == (plan, 2, 2)
    assert not isinstance(first, Erased)
    assert not isinstance(third, Erased)
    assert record.store.leaf(2) == leaf
    record.grow(plan, 4, start=4)
    assert len(record.store.read_log()) == 4


def test_an_erased_event_of_a_draft_still_tells_its_plan(record: Record, plan: UUID) -> None:
    draft = uuid4()
    record.store.append(AppendGroup({"draft": [record.seal(plan, 1, draft=draft)]}))
    record.store.erase_event(plan, 1, stream=draft)
    (entry,) = record.store.read_stream("draft", draft)
    assert isinstance(entry, Erased)
    assert entry.plan == plan


def test_erasing_a_child_erases_everything_and_admits_nothing_new(record: Record, plan: UUID) -> None:
    other = uuid4()
    record.grow(plan, 3)
    record.grow(other, 1)
    prepared = record.seal(plan, 4)
    record.store.erase_plan(plan)
    assert [type(entry) for entry in record.store.read_plan(plan)] == [Erased] * 3
    assert not isinstance(record.store.read_plan(other)[0], Erased)
    with pytest.raises(KeyDestroyed):
        record.seal(plan, 4)
    with pytest.raises(KeyDestroyed):
        record.append(prepared)
    with pytest.raises(KeyDestroyed):
        record.store.keys.rewrap(plan, "936")


def wrapped_forms(record: Record, plan: UUID) -> list[bytes]:
    """The child's key, then those of its events that are written down."""
    with closing(sqlite3.connect(record.folder / "keys.sqlite")) as connection:
        child = connection.execute("SELECT wrapped FROM child_key WHERE plan = ?", (plan.bytes,)).fetchall()
        events = connection.execute("SELECT wrapped FROM event_key WHERE stream = ?", (plan.bytes,)).fetchall()
    return [wrapped for (wrapped,) in child + events]


def key_files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("keys.sqlite*"))


def test_no_file_keeps_a_destroyed_key(embedded: Record, plan: UUID) -> None:
    embedded.grow(plan, 3)
    (child,) = wrapped_forms(embedded, plan)
    assert child in key_files(embedded.folder)
    embedded.store.erase_event(plan, 2)
    assert child not in key_files(embedded.folder)
    again, first, third = wrapped_forms(embedded, plan)
    embedded.store.erase_event(plan, 1)
    assert first not in key_files(embedded.folder)
    assert third in key_files(embedded.folder)
    embedded.store.erase_plan(plan)
    assert again not in key_files(embedded.folder)


def test_erasures_are_applied_again_when_keys_come_back_from_a_backup(tmp_path: Path) -> None:
    folder, child, other = tmp_path / "var", uuid4(), uuid4()
    with open_embedded(folder) as store:
        record = Record(store, folder, Clock())
        record.grow(child, 2)
        record.grow(other, 2)
    shutil.copy(folder / "keys.sqlite", tmp_path / "backup")
    with open_embedded(folder) as store:
        store.erase_plan(child)
        store.erase_event(other, 2)
    shutil.copy(tmp_path / "backup", folder / "keys.sqlite")
    with open_embedded(folder) as store:
        assert [type(entry) for entry in store.read_plan(child)] == [Erased, Erased]
        assert [type(entry) is Erased for entry in store.read_plan(other)] == [False, True]


def test_a_line_of_the_erasure_register_that_was_cut_short_costs_no_other(tmp_path: Path, plan: UUID) -> None:
    path = tmp_path / "erasures.ndjson"
    ErasureRegister(path).child(plan)
    with path.open("ab") as file:
        file.write(b'{"plan":"0000')
    again = ErasureRegister(path)
    again.event(UUID(int=1), UUID(int=1), 4)
    assert [(entry.plan, entry.sequence) for entry in ErasureRegister(path)] == [
        (plan, None),
        (UUID(int=1), 4),
    ]
    assert ErasureRegister(path).is_erased(plan)


def test_a_child_s_key_is_handed_over_to_another_council(embedded: Record, plan: UUID) -> None:
    embedded.grow(plan, 2)
    (before, *_) = wrapped_forms(embedded, plan)
    embedded.store.keys.rewrap(plan, "936")
    assert before not in key_files(embedded.folder)
    (embedded.folder / "keyring" / "la-855.1.key").unlink()
    history = embedded.store.read_plan(plan)
    folder = embedded.folder
    assert [entry.sequence for entry in history] == [1, 2]
    key_file = open_key_file(folder / "keys.sqlite")
    keys = KeyStore(tables_of(key_file, key_file), FileKeyring(folder / "keyring"), ErasureRegister(folder / "e"))
    with keys.database.reader() as connection:
        assert [row.council for row in child_rows(connection, [plan.bytes])] == ["936"]
    assert plan in keys.children([plan])
    key_file.close()


def test_an_unknown_plan_needs_a_council_for_its_key(record: Record, plan: UUID) -> None:
    with pytest.raises(UnknownKey):
        record.store.keys.child_to_write(plan, None)
    with pytest.raises(UnknownKey):
        record.store.keys.rewrap(plan, "936")


def test_a_child_s_key_is_on_disk_before_its_first_event(
    embedded: Record, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    table = embedded.store.recorders[PLAN_LOG].table
    insert = table.append

    def watching(log: sqlite3.Connection, events: Sequence[StoredEvent], now: int) -> list[tuple[int, int]]:
        with closing(sqlite3.connect(embedded.folder / "keys.sqlite")) as connection:
            seen.append(connection.execute("SELECT count(*) FROM child_key").fetchone()[0])
        return insert(log, events, now)

    monkeypatch.setattr(table, "append", watching)
    embedded.grow(plan, 3)
    assert seen == [1]


def test_the_same_sealed_event_again_is_a_conflict_of_sequence_not_of_key(record: Record, plan: UUID) -> None:
    event = record.seal(plan, 1)
    record.append(event)
    with pytest.raises(SequenceConflict):
        record.append(event)


def test_two_first_events_of_one_plan_sealed_at_once_never_leave_an_unreadable_one(record: Record, plan: UUID) -> None:
    first = record.seal(plan, 1)
    for _ in range(REMEMBERED_IN_TESTS):
        record.seal(uuid4(), 1)
    rival = record.seal(plan, 1)
    assert rival.child != first.child
    record.append(first)
    assert [entry.sequence for entry in record.store.read_plan(plan)] == [1]
    with pytest.raises(KeyConflict):
        record.append(rival)
    record.append(record.seal(plan, 2))
    assert [entry.sequence for entry in record.store.read_plan(plan)] == [1, 2]


def test_more_children_are_read_than_stay_in_memory(record: Record) -> None:
    plans = [uuid4() for _ in range(3 * REMEMBERED_IN_TESTS)]
    for one in plans:
        record.grow(one, 1)
    assert [entry.plan for entry in record.store.read_log()] == plans
    assert Erased not in {type(entry) for entry in record.store.read_log()}


def test_only_so_many_children_stay_unwrapped_in_memory() -> None:
    cache = ChildKeyCache(3)
    keys = [ChildKey(uuid4(), bytes(32)) for _ in range(5)]
    for key in keys[:3]:
        cache.put(key)
    cache.get(keys[0].plan)
    for key in keys[3:]:
        cache.put(key)
    assert [key for key in keys if cache.get(key.plan)] == [keys[0], keys[3], keys[4]]
    cache.put(keys[1])
    assert [key for key in keys if cache.get(key.plan)] == [keys[1], keys[3], keys[4]], "all were used"


def test_a_key_that_is_shown_doesn_t_show_its_secret() -> None:
    secret = b"known bytes that stand for a key" * 2
    key = ChildKey(UUID(int=7), secret)
    assert "known bytes" not in f"{key!r} {key} {key.__rich_repr__()}"


def test_every_event_has_a_data_key_of_its_own(record: Record, plan: UUID) -> None:
    child, other = (record.store.keys.child_to_write(one, "855") for one in (plan, uuid4()))
    event, stream = uuid4().bytes, plan.bytes
    places = [(stream, 1, event), (stream, 2, event), (uuid4().bytes, 1, event), (stream, 1, uuid4().bytes)]
    keys = [child.data_key(*place) for place in places] + [other.data_key(*places[0])]
    assert len(set(keys)) == len(keys)
    assert child.data_key(*places[0]) == keys[0]


def test_a_data_key_that_is_written_down_opens_only_for_its_own_event(embedded: Record, plan: UUID) -> None:
    embedded.grow(plan, 3)
    embedded.store.erase_event(plan, 3)
    with embedded.store.keys.database.transaction() as connection:
        (first, second) = connection.execute("SELECT wrapped FROM event_key ORDER BY sequence").fetchall()
        connection.execute("UPDATE event_key SET wrapped = ? WHERE sequence = 2", first)
    assert first != second
    with pytest.raises(Unopenable, match="position 2"):
        embedded.store.read_plan(plan)


def test_an_erasure_that_a_reader_holds_up_says_so_and_can_be_repeated(
    tmp_path: Path, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.store.database.WAIT_SECONDS", 0.001)
    with open_embedded(tmp_path) as store:
        record = Record(store, tmp_path, Clock())
        record.grow(plan, 1)
        (child,) = wrapped_forms(record, plan)
        with closing(sqlite3.connect(tmp_path / "keys.sqlite")) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM child_key").fetchall()
            with pytest.raises(ErasureIncomplete):
                store.erase_plan(plan)
        assert isinstance(store.read_plan(plan)[0], Erased)
        store.erase_plan(plan)
        assert child not in key_files(tmp_path)


def test_a_store_whose_keys_cannot_be_erased_again_does_not_open(
    tmp_path: Path, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_embedded(tmp_path) as store:
        Record(store, tmp_path, Clock()).grow(plan, 1)
        store.erase_plan(plan)
    with monkeypatch.context() as patched:
        patched.setattr("services.store.key_store.delete_child", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            open_embedded(tmp_path)
    open_embedded(tmp_path).close()


def test_a_child_s_key_that_was_made_elsewhere_meanwhile_is_not_taken_for_ours(embedded: Record, plan: UUID) -> None:
    mine = embedded.seal(plan, 1)
    assert mine.child is not None
    with closing(sqlite3.connect(embedded.folder / "keys.sqlite", isolation_level=None)) as elsewhere:
        row = (plan.bytes, "855", mine.child.key_id, os.urandom(92), 7, None)
        elsewhere.execute("INSERT INTO child_key VALUES (?,?,?,?,?,?)", row)
    for _ in range(2):
        with pytest.raises(KeyConflict):
            embedded.append(mine)
        mine = embedded.seal(plan, 1)
