"""Destroying one event: its key can't be derived any more, everything else of the child stays, in every log."""

import shutil
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.plan.events import Erased, PlanEvent
from services.store.child_keys import ChildKey, child_context, event_context
from services.store.embedded import open_embedded
from services.store.errors import KeyConflict, UnknownStoreVersion, Unopenable
from services.store.key_backup import back_up, restore
from services.store.key_rows import Replacement, insert_event_keys
from services.store.values import (
    DISCLOSURE_LOG,
    DRAFT_LOG,
    AppendGroup,
    ChildKeyRow,
    EventKeyRow,
    SealedEvent,
    Snapshot,
)
from tests.services.store.conftest import METADATA, Clock, Record
from tests.services.store.test_council_keys import custody
from tests.services.store.test_key_backup import NOW, lose_every_key

REVIEWED = "ehcp.disclosure.recorded.v1"


def readable(record: Record, plan: UUID) -> list[int]:
    return [entry.sequence for entry in record.store.read_plan(plan) if isinstance(entry, PlanEvent)]


def disclosure(record: Record, plan: UUID) -> SealedEvent:
    return record.store.seal_disclosure(plan, uuid4(), REVIEWED, METADATA, {"what": "plan"})


def shown(record: Record, plan: UUID) -> int:
    return sum(isinstance(entry, PlanEvent) for entry in record.store.disclosures(plan))


def on_disk(record: Record, plan: UUID) -> ChildKey:
    record.store.keys.forget(plan)
    return record.store.keys.children([plan])[plan]


def row_of(record: Record, plan: UUID) -> ChildKeyRow:
    keys = record.store.keys
    with keys.database.reader() as connection:
        (row,) = keys.tables.read(connection, [plan.bytes])
    return row


def opens(record: Record, child: ChildKey, plan: UUID, sequence: int) -> bool:
    """Whether the child's key as it is gives the key that the event was sealed with, before any look at rows."""
    entry = record.store.read_plan(plan, sequence - 1, sequence)[0]
    before = record.store.data_key(entry.position)
    assert entry.id is not None
    return child.data_key(plan.bytes, sequence, entry.id.bytes) == before


def test_a_punctured_key_gives_the_keys_of_what_comes_and_of_nothing_before(record: Record, plan: UUID) -> None:
    record.grow(plan, 4)
    before = on_disk(record, plan)
    assert all(opens(record, before, plan, sequence) for sequence in (1, 2, 3, 4))
    record.store.erase_event(plan, 2)
    record.grow(plan, 6, start=5)
    after = on_disk(record, plan)
    assert [opens(record, after, plan, sequence) for sequence in (1, 3, 4, 5, 6)] == [False] * 3 + [True] * 2
    assert [opens(record, before, plan, sequence) for sequence in (1, 3, 4, 5, 6)] == [True] * 3 + [False] * 2
    assert record.store.data_key(2) is None
    assert readable(record, plan) == [1, 3, 4, 5, 6]


def test_drafts_and_disclosures_of_the_child_stay_readable(record: Record, plan: UUID) -> None:
    draft, other = uuid4(), uuid4()
    record.grow(plan, 2)
    record.grow(other, 1)
    record.store.append(AppendGroup({DRAFT_LOG: [record.seal(plan, n, draft=draft) for n in (1, 2)]}))
    record.store.disclose([disclosure(record, plan) for _ in range(3)]).result()
    record.store.erase_event(plan, 1)
    record.store.append(AppendGroup({DRAFT_LOG: [record.seal(plan, 3, draft=draft)]}))
    record.store.disclose([disclosure(record, plan)]).result()
    record.store.erase_event(plan, 2, stream=draft)
    assert readable(record, plan) == [2]
    assert [type(entry) for entry in record.store.read_stream(DRAFT_LOG, draft)] == [PlanEvent, Erased, PlanEvent]
    assert [type(entry) for entry in record.store.read_log(log=DRAFT_LOG)] == [PlanEvent, Erased, PlanEvent]
    assert shown(record, plan) == 4
    assert {entry.plan for entry in record.store.read_log(log=DISCLOSURE_LOG)} == {plan}
    assert readable(record, other) == [1]


def test_events_destroyed_one_after_the_other_stay_destroyed(record: Record, plan: UUID) -> None:
    record.grow(plan, 3)
    for number in range(3):
        record.store.erase_event(plan, 1 + 2 * number)
        record.grow(plan, 5 + 2 * number, start=4 + 2 * number)
    assert readable(record, plan) == [2, 4, 6, 7, 8, 9]
    record.store.erase_event(plan, 2)
    record.store.erase_event(plan, 2)
    assert readable(record, plan) == [4, 6, 7, 8, 9]
    record.store.erase_plan(plan)
    assert readable(record, plan) == []


def test_what_was_never_written_is_destroyed_as_nothing(record: Record, plan: UUID) -> None:
    record.grow(plan, 2)
    root = on_disk(record, plan).root
    record.store.erase_event(plan, 9)
    record.store.erase_event(uuid4(), 1)
    assert on_disk(record, plan).root == root
    assert readable(record, plan) == [1, 2]


def test_an_event_sealed_before_a_puncture_is_refused_after_it_and_sealed_anew(record: Record, plan: UUID) -> None:
    draft = uuid4()
    record.grow(plan, 3)
    late, late_draft, late_entry = record.seal(plan, 4), record.seal(plan, 1, draft=draft), disclosure(record, plan)
    record.store.erase_event(plan, 2)
    with pytest.raises(KeyConflict):
        record.append(late)
    with pytest.raises(KeyConflict):
        record.store.append(AppendGroup({DRAFT_LOG: [late_draft]}))
    with pytest.raises(KeyConflict):
        record.store.disclose([late_entry]).result()
    record.append(record.seal(plan, 4))
    record.store.append(AppendGroup({DRAFT_LOG: [record.seal(plan, 1, draft=draft)]}))
    record.store.disclose([disclosure(record, plan)]).result()
    assert readable(record, plan) == [1, 3, 4]
    assert isinstance(record.store.read_stream(DRAFT_LOG, draft)[0], PlanEvent)
    assert shown(record, plan) == 1


def test_a_child_s_first_key_that_was_replaced_meanwhile_is_not_taken_again(record: Record, plan: UUID) -> None:
    """The first event and a second one sealed before either was written: both bring the child's key."""
    first, second = record.seal(plan, 1), record.seal(plan, 2)
    assert first.child == second.child is not None
    record.append(first)
    record.store.erase_event(plan, 1)
    with pytest.raises(KeyConflict):
        record.append(second)
    record.append(record.seal(plan, 2))
    assert readable(record, plan) == [2]


def test_what_the_childs_key_wrapped_stays_wrapped(record: Record, plan: UUID) -> None:
    record.grow(plan, 2)
    sealed = on_disk(record, plan).wrap(b"a data key", b"its place")
    record.store.erase_event(plan, 1)
    assert on_disk(record, plan).unwrap(sealed, b"its place") == b"a data key"


def test_copies_from_before_an_event_was_destroyed_open_no_more_also_where_its_key_was_written_down(
    record: Record, plan: UUID
) -> None:
    record.grow(plan, 3)
    place = b"a row of a read model"
    for sequence in (1, 2):
        copy = on_disk(record, plan).seal_copy(b"what the events say", place)
        assert on_disk(record, plan).open_copy(copy, place) == b"what the events say"
        record.store.erase_event(plan, sequence)
        assert on_disk(record, plan).open_copy(copy, place) is None
    root = on_disk(record, plan).root
    record.store.keys.destroy_again()
    assert on_disk(record, plan).root == root, "nothing is destroyed a second time"
    copy = on_disk(record, plan).seal_copy(b"what is left", place)
    with pytest.raises(Unopenable):
        on_disk(record, plan).open_copy(copy, b"another row")


def test_appends_go_on_while_events_are_destroyed_and_nothing_acknowledged_is_lost(record: Record) -> None:
    plans = [uuid4() for _ in range(3)]
    for plan in plans:
        record.grow(plan, 1)
    over = threading.Event()
    acknowledged: dict[UUID, int] = dict.fromkeys(plans, 1)
    faults: list[BaseException] = []

    def appending(plan: UUID) -> None:
        try:
            while not over.is_set():
                sealed = record.seal(plan, acknowledged[plan] + 1)
                try:
                    record.append(sealed)
                except KeyConflict:
                    continue
                acknowledged[plan] += 1
                record.store.disclose([disclosure(record, plan)]).exception()
        except BaseException as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)

    threads = [threading.Thread(target=appending, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    destroyed: dict[UUID, set[int]] = {plan: set() for plan in plans}
    for number in range(30):
        plan = plans[number % 3]
        sequence = 1 + acknowledged[plan] * (number % 7) // 7
        record.store.erase_event(plan, sequence)
        destroyed[plan].add(sequence)
    over.set()
    for thread in threads:
        thread.join()
    assert faults == []
    for plan in plans:
        expected = set(range(1, acknowledged[plan] + 1)) - destroyed[plan]
        assert set(readable(record, plan)) == expected
        assert all(isinstance(entry, PlanEvent) for entry in record.store.disclosures(plan, limit=10_000))


def test_a_transfer_in_the_middle_of_a_puncture_loses_neither(
    record: Record, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.grow(plan, 3)
    keys = record.store.keys
    answers: list[bool] = []

    def handed_over_first(change: Replacement) -> bool:
        if not answers:
            keys.rewrap(plan, "936")
        answers.append(keys.tables.replace(change))
        return answers[-1]

    monkeypatch.setattr(keys._puncturing, "_tables", replace(keys.tables, replace=handed_over_first))  # noqa: SLF001
    record.store.erase_event(plan, 2)
    assert answers == [False, True]
    assert row_of(record, plan).council == "936"
    assert readable(record, plan) == [1, 3]


def test_a_puncture_in_the_middle_of_a_transfer_loses_neither(
    record: Record, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.grow(plan, 3)
    ring = custody(record)
    wrap, calls = ring.wrap, []  # type: ignore[attr-defined]

    def punctured_first(key_id: str, secret: bytes, context: bytes) -> bytes:
        if not calls:
            calls.append(key_id)
            record.store.erase_event(plan, 2)
        wrapped: bytes = wrap(key_id, secret, context)
        return wrapped

    monkeypatch.setattr(ring, "wrap", punctured_first)
    record.store.keys.rewrap(plan, "936")
    assert row_of(record, plan).council == "936"
    record.append(record.seal(plan, 4))
    assert readable(record, plan) == [1, 3, 4]


def test_an_erasure_whose_puncture_was_cut_short_is_finished_at_the_next_start(tmp_path: Path, plan: UUID) -> None:
    with open_embedded(tmp_path) as store:
        record = Record(store, tmp_path, Clock())
        record.grow(plan, 3)
        store.keys.erasures.event(plan, plan, 2)
    with open_embedded(tmp_path) as store:
        assert readable(Record(store, tmp_path, Clock()), plan) == [1, 3]


def test_keys_from_a_backup_are_punctured_again_and_what_came_after_is_lost_alone(
    record: Record, plan: UUID, tmp_path: Path
) -> None:
    record.grow(plan, 3)
    backup = back_up(record.store.keys, tmp_path / "backups", NOW)
    record.grow(plan, 4, start=4)
    record.store.erase_event(plan, 2)
    record.grow(plan, 6, start=5)
    lose_every_key(record)
    assert readable(record, plan) == []
    restore(record.store.keys, backup, NOW)
    assert readable(record, plan) == [1, 3, 4], "4 came after the backup: its key is derived"
    assert record.store.data_key(2) is None
    record.append(record.seal(plan, 7))
    record.store.erase_event(plan, 3)
    assert readable(record, plan) == [1, 4, 7]


def test_a_reader_that_remembers_the_key_says_nothing_of_what_another_process_destroyed_this_moment(
    record: Record, plan: UUID
) -> None:
    record.grow(plan, 3)
    assert readable(record, plan) == [1, 2, 3]
    assert record.store.remembers_child(plan)
    record.store.keys.erasures.event(plan, plan, 2)
    assert readable(record, plan) == [1, 3]


def test_a_record_older_than_its_keys_keeps_what_is_written_from_then_on(tmp_path: Path, plan: UUID) -> None:
    """Positions that were passed once are passed again: no key is sought in a row for what is written there now."""
    folder, other = tmp_path / "var", uuid4()
    with open_embedded(folder) as store:
        Record(store, folder, Clock()).grow(plan, 3)
    shutil.copy(folder / "record.sqlite", tmp_path / "older")
    with open_embedded(folder) as store:
        record = Record(store, folder, Clock())
        record.grow(plan, 6, start=4)
        store.erase_event(plan, 2)
    shutil.copy(tmp_path / "older", folder / "record.sqlite")
    with open_embedded(folder) as store:
        record = Record(store, folder, Clock())
        record.grow(other, 1)
        record.grow(plan, 5, start=4)
        assert readable(record, plan) == [1, 3, 4, 5]
        store.erase_event(plan, 4)
        assert readable(record, plan) == [1, 3, 5]


def as_before_roots(record: Record, plan: UUID) -> None:
    """The child's keys as an earlier release kept them: one that wraps, and a row for each event."""
    child, keys = on_disk(record, plan), record.store.keys
    rows = []
    for entry in record.store.read_plan(plan):
        data_key = record.store.data_key(entry.position)
        assert data_key is not None
        assert entry.id is not None
        wrapped = child.wrap(data_key, event_context(plan.bytes, entry.sequence, entry.id.bytes))
        rows.append(EventKeyRow(plan, plan, entry.sequence, entry.id, wrapped))
    row = row_of(record, plan)
    wrapped = custody(record).wrap(row.key_id, child.secret[:32], child_context(plan, row.council))  # type: ignore[attr-defined]
    with keys.database.transaction() as connection:
        connection.execute(
            "UPDATE child_key SET wrapped = ?, root = NULL, rows_upto = NULL WHERE plan = ?", (wrapped, plan.bytes)
        )
        insert_event_keys(connection, rows)
    keys.forget(plan)


def test_a_child_of_an_earlier_release_is_read_gets_a_root_and_forgets(record: Record, plan: UUID) -> None:
    record.grow(plan, 3)
    as_before_roots(record, plan)
    assert readable(record, plan) == [1, 2, 3]
    record.store.erase_event(plan, 1)
    assert readable(record, plan) == [2, 3]
    record.grow(plan, 5, start=4)
    assert readable(record, plan) == [2, 3, 4, 5]
    for destroyed in (4, 2):
        record.store.erase_event(plan, destroyed)
    assert readable(record, plan) == [3, 5]
    record.store.erase_plan(plan)
    assert readable(record, plan) == []


def test_a_snapshot_of_a_child_of_an_earlier_release_outlives_its_first_root(record: Record, plan: UUID) -> None:
    record.grow(plan, 2)
    as_before_roots(record, plan)
    snapshots = record.store.snapshots
    assert snapshots.put(Snapshot(plan, 2, 1, b"state"), snapshots.erasures_of(plan))
    record.grow(plan, 3, start=3)
    assert snapshots.newest(plan, 1) == Snapshot(plan, 2, 1, b"state")


OLD_TABLES = (
    (
        "CREATE TABLE old.child_key (plan BLOB PRIMARY KEY, council TEXT NOT NULL, key_id TEXT NOT NULL,"
        " wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID"
    ),
    (
        "CREATE TABLE old.event_key (stream BLOB NOT NULL, sequence INTEGER NOT NULL, event_id BLOB NOT NULL,"
        " plan BLOB NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (stream, sequence, event_id)) STRICT, WITHOUT ROWID"
    ),
    "INSERT INTO old.child_key SELECT plan, council, key_id, wrapped FROM child_key",
    "INSERT INTO old.event_key SELECT * FROM event_key",
)
"""The tables of keys as version 1 of the file had them; a backup of that time has them too."""


def in_the_old_form(keys: Path, target: Path, *more: str) -> None:
    with closing(sqlite3.connect(keys, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS old", (str(target),))
        for statement in (*OLD_TABLES, *more):
            connection.execute(statement)


def test_a_file_of_keys_of_an_earlier_release_is_brought_to_this_one_s_form(tmp_path: Path, plan: UUID) -> None:
    folder = tmp_path / "var"
    with open_embedded(folder) as store:
        record = Record(store, folder, Clock())
        record.grow(plan, 3)
        as_before_roots(record, plan)
        in_the_old_form(folder / "keys.sqlite", tmp_path / "old", "PRAGMA old.user_version=1")
    shutil.move(tmp_path / "old", folder / "keys.sqlite")
    for _ in range(2):
        with open_embedded(folder) as store:
            record = Record(store, folder, Clock())
            record.grow(plan, store.read_plan(plan)[-1].sequence + 1, start=store.read_plan(plan)[-1].sequence + 1)
            assert len(readable(record, plan)) == len(store.read_plan(plan))


def test_a_backup_of_an_earlier_release_is_restored(tmp_path: Path, plan: UUID) -> None:
    folder, backup = tmp_path / "var", tmp_path / "ehcp-20261101T120000Z.keys"
    with open_embedded(folder) as store:
        record = Record(store, folder, Clock())
        record.grow(plan, 3)
        as_before_roots(record, plan)
        made = (
            "CREATE TABLE old.backup (made TEXT NOT NULL)",
            "INSERT INTO old.backup VALUES ('2026-11-01T12:00:00+00:00')",
        )
        in_the_old_form(folder / "keys.sqlite", backup, *made)
        record.grow(plan, 4, start=4)
        lose_every_key(record)
        assert restore(store.keys, backup, NOW) == 4
        assert readable(record, plan) == [1, 2, 3], "the root came after the backup"
        record.grow(plan, 5, start=5)
        assert readable(record, plan) == [1, 2, 3, 5]


def test_a_file_of_keys_of_a_later_release_is_not_opened(tmp_path: Path) -> None:
    open_embedded(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "keys.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version=3")
    with pytest.raises(UnknownStoreVersion, match=r"keys.sqlite has version 3"):
        open_embedded(tmp_path)
