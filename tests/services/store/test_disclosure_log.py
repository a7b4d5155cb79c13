"""The disclosure log: a log like the others, in which no two entries can be in each other's way."""

import asyncio
import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from domain.plan.events import Erased, PlanEvent
from services.store.embedded import open_embedded
from services.store.errors import KeyDestroyed, StoreBusy, StoreError
from services.store.file_keyring import FileKeyring
from services.store.framing import leaf_hash
from services.store.postgres.store import open_postgres
from services.store.values import DISCLOSURE_LOG, PLAN_LOG, SealedEvent
from tests.services.store.conftest import METADATA, Clock, Record

TYPE = "ehcp.disclosure.recorded.v1"


def entry(record: Record, plan: UUID, note: str, stream: UUID | None = None) -> SealedEvent:
    return record.store.seal_disclosure(plan, stream or uuid4(), TYPE, METADATA, {"note": note}, council="000")


def notes(record: Record, plan: UUID, after: int = 0) -> list[str]:
    entries = record.store.disclosures(plan, after)
    assert all(isinstance(item, PlanEvent) and item.plan == plan for item in entries)
    return [item.data["note"] for item in entries if isinstance(item, PlanEvent)]


def test_entries_of_a_plan_are_listed_in_order_and_apart_from_its_own_history(record: Record, plan: UUID) -> None:
    record.grow(plan, 3)
    other = uuid4()
    for number in range(3):
        record.store.disclose([entry(record, plan, f"mine {number}")]).result()
        record.store.disclose([entry(record, other, f"other {number}")]).result()
    assert notes(record, plan) == ["mine 0", "mine 1", "mine 2"]
    assert notes(record, other) == ["other 0", "other 1", "other 2"]
    first = record.store.disclosures(plan)[0].position
    assert notes(record, plan, first) == ["mine 1", "mine 2"]
    assert record.store.head(PLAN_LOG)[0] == 3
    assert record.store.head(DISCLOSURE_LOG)[0] == 6
    assert [item.sequence for item in record.store.read_plan(plan)] == [1, 2, 3]


def test_positions_are_dense_and_leaves_those_of_the_log_format(record: Record, plan: UUID) -> None:
    appended = record.store.disclose([entry(record, plan, "one"), entry(record, plan, "two")]).result()
    assert [item.position for item in appended] == [1, 2]
    for item in appended:
        *_, time, state = record.store.row(item.position, DISCLOSURE_LOG)
        assert record.store.leaf(item.position, DISCLOSURE_LOG) == item.leaf == leaf_hash(state, time)
        assert b'"source":"urn:ehcp-exchange:disclosure"' in state


def test_hundreds_of_readers_of_one_plan_at_the_same_moment_never_conflict(record: Record, plan: UUID) -> None:
    record.grow(plan, 1)

    async def all_at_once() -> None:
        await asyncio.gather(*(record.store.disclose_async([entry(record, plan, str(n))]) for n in range(300)))

    asyncio.run(all_at_once())
    assert sorted(notes(record, plan), key=int) == [str(number) for number in range(300)]
    assert [item.position for item in record.store.disclosures(plan)] == list(range(1, 301))


def test_the_same_entry_is_never_counted_twice(record: Record, plan: UUID) -> None:
    stream = uuid4()
    record.store.disclose([entry(record, plan, "once", stream)]).result()
    beside = [record.store.disclose([entry(record, plan, "beside")]) for _ in range(3)]
    with pytest.raises(IntegrityError):
        record.store.disclose([entry(record, plan, "again", stream)]).result()
    for waiting in beside:
        waiting.result()
    assert notes(record, plan) == ["once", "beside", "beside", "beside"]
    assert record.store.head(DISCLOSURE_LOG)[0] == 4


def test_after_the_erasure_of_a_child_nothing_is_recorded_or_readable(record: Record, plan: UUID) -> None:
    record.grow(plan, 1)
    record.store.disclose([entry(record, plan, "before")]).result()
    late = entry(record, plan, "sealed before, sent after")
    record.store.erase_plan(plan)
    (left,) = record.store.disclosures(plan)
    assert isinstance(left, Erased)
    assert left.plan == plan
    with pytest.raises((StoreError, IntegrityError)):
        record.store.disclose([late]).result()
    with pytest.raises(KeyDestroyed):
        entry(record, plan, "after")
    assert record.store.head(DISCLOSURE_LOG)[0] == 1


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_when_too_many_wait_the_next_is_refused_and_those_that_wait_are_written(
    tmp_path: Path, plan: UUID, database: str, request: pytest.FixtureRequest
) -> None:
    free = threading.Event()
    free.set()

    def clock() -> int:
        free.wait()
        return 1_790_000_000_000_000

    opened = (
        open_embedded(tmp_path / "var", clock=clock, queue_limit=2)
        if database == "sqlite"
        else open_postgres(
            request.getfixturevalue("migrated"), keyring=FileKeyring(tmp_path), clock=clock, queue_limit=2
        )
    )
    with opened as store:
        record = Record(store, tmp_path, Clock())
        store.disclose([entry(record, plan, "first")]).result()
        free.clear()
        waiting = []
        try:
            with pytest.raises(StoreBusy):  # one is being written, or two that came together, and two wait
                waiting.extend(store.disclose([entry(record, plan, "more")]) for _ in range(5))
        finally:
            free.set()
        for one in waiting:
            one.result()
        assert notes(record, plan) == ["first", *["more"] * len(waiting)]
