"""Replaying a log: everything, in order, with as little in memory as a page; or a part of it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from domain.plan.events import Erased, PlanEvent
from services.store.framing import instant
from services.store.values import DRAFT_LOG, PLAN_LOG, AppendGroup
from tests.services.store.conftest import AMENDED, REQUESTED, Record

EVENTS = 10


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three events and windows of four positions, so that ten events need several of both."""
    for module in ("services.store.replaying", "services.store.postgres.replay"):
        monkeypatch.setattr(f"{module}.PAGE", 3)
    monkeypatch.setattr("services.store.postgres.replay.WINDOW", 4)
    monkeypatch.setattr("services.store.record_store.OPENED", 3)


@pytest.fixture
def two(record: Record, small: None) -> tuple[Record, UUID, UUID]:  # noqa: ARG001 — for its effect
    """Two plans whose events take turns: the first has the odd positions."""
    first, second = uuid4(), uuid4()
    for sequence in range(1, EVENTS // 2 + 1):
        for plan, type_ in ((first, REQUESTED), (second, AMENDED)):
            record.append(record.seal(plan, sequence, {"step": sequence}, type_))
            record.clock.now += 1_000_000
    return record, first, second


def positions(events: Iterator[PlanEvent | Erased]) -> list[int]:
    return [event.position for event in events]


def test_all_events_come_in_order_a_page_at_a_time(two: tuple[Record, UUID, UUID]) -> None:
    record, *_ = two
    pages = list(record.store.replay_pages())
    assert [event.position for page in pages for event in page] == list(range(1, EVENTS + 1))
    assert max(len(page) for page in pages) == 3


def test_what_is_replayed_is_what_single_reads_say(two: tuple[Record, UUID, UUID]) -> None:
    record, first, second = two
    by_position = sorted(record.store.read_plan(first) + record.store.read_plan(second), key=lambda e: e.position)
    assert list(record.store.replay()) == by_position == record.store.read_log()


def test_a_part_is_named_by_positions_plan_and_type(two: tuple[Record, UUID, UUID]) -> None:
    record, first, second = two
    assert positions(record.store.replay(7)) == [8, 9, 10]
    assert positions(record.store.replay(2, upto=5)) == [3, 4, 5]
    assert positions(record.store.replay(plan=first)) == [1, 3, 5, 7, 9]
    assert positions(record.store.replay(3, plan=second, upto=8)) == [4, 6, 8]
    assert positions(record.store.replay(types=[AMENDED])) == [2, 4, 6, 8, 10]
    assert positions(record.store.replay(types=[AMENDED, REQUESTED], upto=3)) == [1, 2, 3]
    assert positions(record.store.replay(types=["ehcp.plan.ceased.v1"])) == []
    assert positions(record.store.replay(EVENTS)) == []
    assert positions(record.store.replay(plan=uuid4())) == []


def test_an_instant_is_turned_into_a_position(two: tuple[Record, UUID, UUID]) -> None:
    record, *_ = two
    fourth = record.store.read_log()[3].time
    assert positions(record.store.replay(record.store.position_at(fourth))) == list(range(5, EVENTS + 1))
    assert positions(record.store.replay(upto=record.store.position_at(fourth - timedelta(microseconds=1)))) == [
        1,
        2,
        3,
    ]
    assert record.store.position_at(instant(0)) == 0


def test_destroyed_events_are_told_in_their_place(two: tuple[Record, UUID, UUID]) -> None:
    record, first, second = two
    record.store.erase_event(first, 2)
    record.store.erase_plan(second)
    erased = [event.position for event in record.store.replay() if isinstance(event, Erased)]
    assert erased == [2, 3, 4, 6, 8, 10]
    assert {event.plan for event in record.store.replay()} == {first, second}


def test_another_log_is_replayed_by_itself(two: tuple[Record, UUID, UUID]) -> None:
    record, first, _ = two
    draft = uuid4()
    record.store.append(AppendGroup({DRAFT_LOG: [record.seal(first, 1, draft=draft)]}))
    (event,) = record.store.replay(log=DRAFT_LOG)
    assert (event.position, event.plan) == (1, first)


def test_sealed_pages_are_the_rows_as_they_are_kept(two: tuple[Record, UUID, UUID]) -> None:
    record, *_ = two
    rows = [row for page in record.store.sealed_pages(2, upto=9) for row in page]
    assert rows == record.store.rows(2, 7)
    assert [type(value) for value in rows[0]] == [int, bytes, int, str, int, bytes]


def test_a_replay_that_is_given_up_leaves_the_store_in_order(two: tuple[Record, UUID, UUID]) -> None:
    record, first, _ = two
    for _ in range(20):
        replay = record.store.replay()
        assert next(replay).position == 1
        del replay
    record.append(record.seal(first, EVENTS // 2 + 1))
    assert len(list(record.store.replay())) == EVENTS + 1
    assert record.store.head(PLAN_LOG)[0] == EVENTS + 1


def test_events_appended_meanwhile_are_left_for_the_next_replay(two: tuple[Record, UUID, UUID]) -> None:
    record, first, _ = two
    replay = record.store.replay(upto=record.store.head()[0])
    next(replay)
    record.append(record.seal(first, EVENTS // 2 + 1))
    assert positions(replay)[-1] == EVENTS
