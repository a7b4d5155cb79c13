"""Snapshots: the newest that fits, sealed, and gone with what they repeat."""

from uuid import UUID

import pytest

from services.store.errors import KeyDestroyed
from services.store.values import Snapshot, SnapshotErased
from tests.services.store.conftest import Record


def keep(record: Record, plan: UUID, sequence: int, version: int = 1) -> Snapshot:
    snapshot = Snapshot(plan, sequence, version, f"state {sequence} of version {version}".encode())
    assert record.store.snapshots.put(snapshot, record.store.snapshots.erasures_of(plan))
    return snapshot


def test_the_newest_snapshot_that_is_not_too_new_is_read(record: Record, plan: UUID) -> None:
    record.grow(plan, 30)
    older, newer = keep(record, plan, 10), keep(record, plan, 20)
    assert record.store.snapshots.newest(plan, 1) == newer
    assert record.store.snapshots.newest(plan, 1, at_most=19) == older
    assert record.store.snapshots.newest(plan, 1, at_most=9) is None


def test_a_snapshot_of_another_version_of_the_fold_is_not_read(record: Record, plan: UUID) -> None:
    record.grow(plan, 10)
    keep(record, plan, 10, version=1)
    assert record.store.snapshots.newest(plan, 2) is None
    assert keep(record, plan, 10, version=2) == record.store.snapshots.newest(plan, 2)


def test_a_snapshot_may_be_taken_again(record: Record, plan: UUID) -> None:
    record.grow(plan, 10)
    keep(record, plan, 10)
    assert keep(record, plan, 10) == record.store.snapshots.newest(plan, 1)


def test_erasing_one_event_takes_the_snapshots_that_may_repeat_it(record: Record, plan: UUID) -> None:
    record.grow(plan, 10)
    keep(record, plan, 10)
    record.store.erase_event(plan, 3)
    assert record.store.snapshots.newest(plan, 1) is None
    keep(record, plan, 10)
    assert record.store.snapshots.newest(plan, 1) is not None


def test_a_snapshot_from_a_backup_does_not_outlive_the_erasure(record: Record, plan: UUID) -> None:
    record.grow(plan, 10)
    keep(record, plan, 10)
    record.store.keys.destroy_event(plan, plan, 3)
    assert record.store.snapshots.newest(plan, 1) == SnapshotErased(plan, 10)


def test_a_fold_that_began_before_an_erasure_is_not_kept(record: Record, plan: UUID) -> None:
    record.grow(plan, 10)
    began = record.store.snapshots.erasures_of(plan)
    record.store.erase_event(plan, 3)
    assert not record.store.snapshots.put(Snapshot(plan, 10, 1, b"with the erased event"), began)
    assert record.store.snapshots.newest(plan, 1) is None


def test_no_snapshot_after_the_child_was_erased(record: Record, plan: UUID) -> None:
    record.grow(plan, 10)
    keep(record, plan, 10)
    record.store.keys.destroy_child(plan)
    assert record.store.snapshots.newest(plan, 1) == SnapshotErased(plan, 10)
    with pytest.raises(KeyDestroyed):
        record.store.snapshots.put(Snapshot(plan, 10, 1, b""), record.store.snapshots.erasures_of(plan))
