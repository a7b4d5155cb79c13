"""The append contract: all or nothing for each caller, gapless, in time, unchangeable."""

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from services.store.batch import BatchWriter
from services.store.embedded import open_embedded
from services.store.errors import SequenceConflict, StoreClosed, Unopenable
from services.store.framing import instant
from services.store.values import DRAFT_LOG, PLAN_LOG, AppendGroup
from tests.services.store.conftest import Clock, Record, change


def test_an_append_tells_position_time_and_leaf_of_each_event(record: Record, plan: UUID) -> None:
    first, second = record.append(record.seal(plan, 1), record.seal(plan, 2))
    assert (first.position, second.position) == (1, 2)
    assert first.recorded_at == instant(record.clock.now)
    assert [first.leaf, second.leaf] == [record.store.leaf(1), record.store.leaf(2)]
    assert record.store.head() == (2, second.recorded_at)


@pytest.mark.parametrize(("sequences", "expected"), [((1, 3), 2), ((2,), 1), ((1, 1), 2), ((0,), 1)])
def test_a_gap_or_a_second_event_of_the_same_sequence_is_refused(
    record: Record, plan: UUID, sequences: tuple[int, ...], expected: int
) -> None:
    with pytest.raises(SequenceConflict) as refusal:
        record.append(*(record.seal(plan, sequence) for sequence in sequences))
    assert refusal.value.expected == expected
    assert record.store.read_plan(plan) == []
    assert record.store.head() == (0, None)


def test_a_conflict_is_the_library_s_integrity_error_and_says_only_where(record: Record, plan: UUID) -> None:
    record.grow(plan, 5)
    with pytest.raises(IntegrityError, match=f"stream {plan}: sequence 7 is not the next one, 6"):
        record.append(record.seal(plan, 7, {"name": "Fictional Child"}))


def test_a_group_over_two_plans_and_two_logs_is_one_append(record: Record) -> None:
    one, other, draft = uuid4(), uuid4(), uuid4()
    group = {
        PLAN_LOG: [record.seal(one, 1), record.seal(other, 1)],
        DRAFT_LOG: [record.seal(one, 1, draft=draft)],
    }
    assert [(item.log, item.position) for item in record.store.append(AppendGroup(group))] == [
        (PLAN_LOG, 1),
        (PLAN_LOG, 2),
        (DRAFT_LOG, 1),
    ]
    (event,) = record.store.read_stream(DRAFT_LOG, draft)
    assert event.plan == one
    assert record.store.register.streams(one, DRAFT_LOG) == [draft]


def test_a_conflict_in_one_log_leaves_the_other_untouched(record: Record, plan: UUID) -> None:
    bad = {PLAN_LOG: [record.seal(plan, 1)], DRAFT_LOG: [record.seal(plan, 2, draft=uuid4())]}
    with pytest.raises(SequenceConflict):
        record.store.append(AppendGroup(bad))
    assert record.store.read_plan(plan) == []
    assert record.append(record.seal(plan, 1))[0].position == 1


def batch_of(record: Record, *groups: AppendGroup) -> list[object]:
    """Make sure that the groups share a commit: hold the writer's thread up until all of them wait."""
    go = threading.Event()
    record.store.writer.perform(go.wait)
    futures = [record.store.submit(group) for group in groups]
    go.set()
    return [future.exception() or future.result() for future in futures]


def test_in_one_batch_each_caller_gets_its_own_answer(record: Record, plan: UUID) -> None:
    other = uuid4()
    won, lost, unrelated = batch_of(
        record,
        AppendGroup({PLAN_LOG: [record.seal(plan, 1)]}),
        AppendGroup({PLAN_LOG: [record.seal(plan, 1)]}),
        AppendGroup({PLAN_LOG: [record.seal(other, 1)]}),
    )
    assert isinstance(lost, SequenceConflict)
    assert [won[0].position, unrelated[0].position] == [1, 2]  # type: ignore[index]
    assert len(record.store.read_log()) == 2


def test_a_group_that_cannot_be_written_at_all_fails_alone(record: Record, plan: UUID) -> None:
    broken = StoredEvent(uuid4(), 1, "ehcp.plan.amended.v1", {"name": "Fictional Child"})  # type: ignore[arg-type]
    missing_event = AppendGroup({PLAN_LOG: [record.seal(uuid4(), 1)]}, register=(change(uuid4()),))
    before, failed, unfounded, after = batch_of(
        record,
        AppendGroup({PLAN_LOG: [record.seal(plan, 1)]}),
        AppendGroup({PLAN_LOG: [broken]}),
        missing_event,
        AppendGroup({PLAN_LOG: [record.seal(plan, 2)]}),
    )
    assert isinstance(failed, Exception)
    assert "Fictional" not in str(failed)
    assert isinstance(unfounded, Exception)
    assert [before[0].position, after[0].position] == [1, 2]  # type: ignore[index]


def test_many_threads_get_dense_positions_in_order_of_commit(record: Record) -> None:
    answers: list[int] = []

    def append() -> None:
        answers.extend(record.append(record.seal(uuid4(), 1))[0].position for _ in range(20))

    threads = [threading.Thread(target=append) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == list(range(1, 161))
    assert [event.position for event in record.store.replay()] == list(range(1, 161))


def test_time_never_falls_even_when_the_clock_goes_back(record: Record, plan: UUID, clock: Clock) -> None:
    (first,) = record.append(record.seal(plan, 1))
    clock.now -= 3_600_000_000
    (second,) = record.append(record.seal(plan, 2))
    clock.now += 3_600_000_001
    (third,) = record.append(record.seal(plan, 3))
    assert second.time == first.time
    assert third.time == first.time + 1


def test_time_does_not_fall_after_a_restart_with_a_slow_clock(tmp_path: Path, plan: UUID) -> None:
    clock = Clock()
    with open_embedded(tmp_path, clock=clock) as store:
        (first,) = Record(store, tmp_path, clock).append(Record(store, tmp_path, clock).seal(plan, 1))
    clock.now -= 1
    with open_embedded(tmp_path, clock=clock) as store:
        (second,) = Record(store, tmp_path, clock).append(Record(store, tmp_path, clock).seal(plan, 2))
    assert second.time == first.time


def test_what_was_known_at_an_instant_is_a_prefix_of_the_log(record: Record, clock: Clock) -> None:
    times = []
    for _ in range(5):
        clock.now += 10
        times.append(instant(clock.now))
        record.append(record.seal(uuid4(), 1))
    assert [record.store.position_at(time) for time in times] == [1, 2, 3, 4, 5]
    assert record.store.position_at(times[0] - timedelta(microseconds=1)) == 0
    assert record.store.position_at(times[2] + timedelta(microseconds=9)) == 3
    assert record.store.position_at(times[-1] + timedelta(days=1)) == 5


def test_plans_are_told_in_the_order_of_their_ids_a_page_at_a_time(record: Record) -> None:
    plans = [uuid4() for _ in range(7)]
    for plan in plans:
        record.append(record.seal(plan, 1))
        record.append(record.seal(plan, 2))
    assert record.store.plans() == sorted(plans)
    assert record.store.plans(limit=3) == sorted(plans)[:3]
    assert record.store.plans(sorted(plans)[2], 3) == sorted(plans)[3:6]
    assert record.store.plans(max(plans)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE plan_event SET time = 0",
        "DELETE FROM plan_event",
        "UPDATE draft_event SET state = x''",
        "DELETE FROM draft_event WHERE position = 1",
        "INSERT OR REPLACE INTO plan_event SELECT position, stream, sequence, type, 0, state FROM plan_event",
    ],
)
def test_no_row_of_a_log_can_be_changed_or_deleted(embedded: Record, plan: UUID, statement: str) -> None:
    embedded.store.append(
        AppendGroup({PLAN_LOG: [embedded.seal(plan, 1)], DRAFT_LOG: [embedded.seal(plan, 1, draft=uuid4())]})
    )
    connection = sqlite3.connect(embedded.folder / "record.sqlite", isolation_level=None)
    connection.execute("PRAGMA recursive_triggers=ON")
    try:
        with pytest.raises(sqlite3.IntegrityError, match="the log is append-only"):
            connection.execute(statement)
    finally:
        connection.close()


def test_ciphertext_swapped_between_two_rows_is_found_when_read(embedded: Record) -> None:
    one, other = uuid4(), uuid4()
    embedded.append(embedded.seal(one, 1), embedded.seal(other, 1))
    connection = sqlite3.connect(embedded.folder / "record.sqlite", isolation_level=None)
    connection.execute("DROP TRIGGER plan_event_no_UPDATE")
    (state,) = connection.execute("SELECT state FROM plan_event WHERE position = 2").fetchone()
    (mine,) = connection.execute("SELECT state FROM plan_event WHERE position = 1").fetchone()
    header_end = 3 + int.from_bytes(mine[1:3], "big")
    connection.execute("UPDATE plan_event SET state = ? WHERE position = 1", (mine[:header_end] + state[header_end:],))
    connection.close()
    with pytest.raises(Unopenable, match=f"position 1, stream {one}"):
        embedded.store.read_plan(one)


def test_closing_writes_what_was_accepted_and_accepts_no_more(tmp_path: Path) -> None:
    store = open_embedded(tmp_path)
    record = Record(store, tmp_path, Clock())
    go = threading.Event()
    store.writer.perform(go.wait)
    futures = [store.submit(AppendGroup({PLAN_LOG: [record.seal(uuid4(), 1)]})) for _ in range(10)]
    threading.Timer(0.05, go.set).start()
    store.close()
    assert [future.result()[0].position for future in futures] == list(range(1, 11))
    with pytest.raises(StoreClosed):
        store.submit(AppendGroup({PLAN_LOG: []}))
    with open_embedded(tmp_path) as again:
        assert len(again.read_log()) == 10


def test_a_batch_that_cannot_become_durable_fails_for_its_callers_and_the_writer_lives(
    embedded: Record, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(BatchWriter, "_write_companions", full_disk)
        with pytest.raises(Exception, match="could not be made durable"):
            embedded.append(embedded.seal(plan, 1))
    assert embedded.store.read_plan(plan) == []
    assert embedded.append(embedded.seal(plan, 1))[0].position == 1
