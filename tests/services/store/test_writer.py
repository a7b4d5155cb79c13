"""The writer's thread: bounded, patient, and not to be killed by what it is given."""

import asyncio
import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.store.embedded import open_embedded
from services.store.errors import SequenceConflict, StoreBusy
from services.store.values import PLAN_LOG, AppendGroup
from tests.services.store.conftest import Clock, Record


def group(record: Record, plan: UUID, sequence: int = 1) -> AppendGroup:
    return AppendGroup({PLAN_LOG: [record.seal(plan, sequence)]})


def hold(record: Record) -> threading.Event:
    """Keep the writer's thread busy until the event that is returned is set."""
    held, go = threading.Event(), threading.Event()

    def wait() -> None:
        held.set()
        go.wait()

    record.store.writer.perform(wait)
    held.wait()
    return go


def test_too_many_waiting_groups_are_refused_and_the_accepted_ones_are_written(tmp_path: Path) -> None:
    with open_embedded(tmp_path, queue_limit=3) as store:
        record = Record(store, tmp_path, Clock())
        go = hold(record)
        accepted = [store.submit(group(record, uuid4())) for _ in range(3)]
        with pytest.raises(StoreBusy):
            store.submit(group(record, uuid4()))
        go.set()
        assert [future.result()[0].position for future in accepted] == [1, 2, 3]
        store.append(group(record, uuid4()))


def test_what_its_caller_gave_up_in_time_is_not_written(record: Record, plan: UUID) -> None:
    go = hold(record)
    given_up = record.store.submit(group(record, plan))
    assert given_up.cancel()
    go.set()
    assert record.append(record.seal(plan, 1))[0].position == 1


def test_other_work_that_fails_fails_for_its_caller_alone(record: Record, plan: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        record.store.writer.perform(lambda: 1 / 0).result()
    record.append(record.seal(plan, 1))


def test_a_listener_that_fails_does_not_fail_the_append(
    record: Record, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record.store.writer, "_after_commit", lambda: 1 / 0)
    record.append(record.seal(plan, 1))
    assert len(record.store.read_plan(plan)) == 1


def test_callers_on_an_event_loop_share_commits_and_get_their_own_answers(record: Record) -> None:
    plans = [uuid4() for _ in range(64)]

    async def everybody() -> list[object]:
        waiting = [record.store.append_async(group(record, one)) for one in plans]
        conflict = record.store.append_async(group(record, plans[0], 5))
        return await asyncio.gather(*waiting, conflict, return_exceptions=True)

    *appended, conflict = asyncio.run(everybody())
    assert isinstance(conflict, SequenceConflict)
    assert sorted(answer[0].position for answer in appended) == list(range(1, 65))  # type: ignore[index]


def test_a_cancelled_caller_does_not_cancel_what_is_being_written(record: Record, plan: UUID) -> None:
    async def give_up() -> None:
        go = threading.Event()
        record.store.writer.perform(go.wait)
        task = asyncio.create_task(record.store.append_async(group(record, plan)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()

    asyncio.run(give_up())
    record.append(record.seal(plan, 2))
    assert len(record.store.read_plan(plan)) == 2
