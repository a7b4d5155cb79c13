"""The plan log through the library's own doors, and events of older types."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import EventStore, IntegrityError, StoredEvent
from eventsourcing.projection import ApplicationSubscription

from domain.plan.events import PlanEvent
from services.store.embedded import open_embedded
from services.store.errors import StoreClosed, StoreError
from tests.services.store.conftest import AMENDED, METADATA, REQUESTED, Clock, Record


def test_the_library_s_event_store_reads_what_ours_reads(record: Record, plan: UUID) -> None:
    record.grow(plan, 5)
    events: EventStore[Any] = record.store.application.events
    ours: list[Any] = record.store.read_plan(plan)
    assert list(events.get(plan)) == ours
    assert list(events.get(plan, gt=1, lte=3)) == ours[1:3]
    assert list(events.get(plan, desc=True, limit=2)) == [ours[4], ours[3]]


def test_the_library_s_event_store_appends_plan_events(record: Record, plan: UUID) -> None:
    record.grow(plan, 1)
    (stored,) = record.store.read_plan(plan)
    assert isinstance(stored, PlanEvent)
    following = PlanEvent(
        plan=plan,
        type=AMENDED,
        sequence=2,
        position=0,
        time=stored.time,
        id=uuid4(),
        metadata=METADATA,
        data={"a": 1},
    )
    (recording,) = record.store.application.events.put([following])  # type: ignore[list-item]
    assert recording.notification.id == 2
    read = record.store.read_plan(plan)[1]
    assert isinstance(read, PlanEvent)
    assert (read.id, read.data, read.position) == (following.id, {"a": 1}, 2)
    with pytest.raises(IntegrityError):
        record.store.application.events.put([following])  # type: ignore[list-item]


def test_the_library_s_notification_log_has_sections(record: Record, plan: UUID) -> None:
    record.grow(plan, 12)
    section = record.store.application.notification_log["1,10"]
    assert (section.id, section.next_id, len(section.items)) == ("1,10", "11,20", 10)
    assert {item.topic for item in section.items} == {AMENDED}


def test_a_subscription_follows_the_log_and_sees_erased_events_as_such(record: Record, plan: UUID) -> None:
    record.grow(plan, 2)
    record.store.erase_event(plan, 1)
    with ApplicationSubscription(record.store.application, gt=0) as subscription:
        seen = [next(subscription), next(subscription)]
        record.append(record.seal(plan, 3, type_=REQUESTED))
        seen.append(next(subscription))
    assert [tracking.notification_id for _, tracking in seen] == [1, 2, 3]
    assert [type(event).__name__ for event, _ in seen] == ["Erased", "PlanEvent", "PlanEvent"]


def test_nothing_is_taken_from_the_library_s_environment_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSISTENCE_MODULE", "no.such.module")
    monkeypatch.setenv("CIPHER_TOPIC", "os:getcwd")
    open_embedded(tmp_path).close()


def test_an_event_of_an_old_type_is_read_as_the_newest(tmp_path: Path, plan: UUID) -> None:
    def v1_to_v2(data: dict[str, Any]) -> dict[str, Any]:
        return {"reasons": [data["reason"]]}

    def v2_to_v3(data: dict[str, Any]) -> dict[str, Any]:
        return data | {"count": len(data["reasons"])}

    steps = {("ehcp.made-up", 1): v1_to_v2, ("ehcp.made-up", 2): v2_to_v3}
    with open_embedded(tmp_path, upcasters=steps) as store:
        record = Record(store, tmp_path, Clock())
        record.append(
            record.seal(plan, 1, {"reason": "old"}, "ehcp.made-up.v1"),
            record.seal(plan, 2, {"reasons": ["a", "b"]}, "ehcp.made-up.v2"),
            record.seal(plan, 3, {"reasons": [], "count": 0}, "ehcp.made-up.v3"),
            record.seal(plan, 4, {"note": "n"}, "ehcp.other.v1"),
            record.seal(plan, 5, {"note": "n"}, "unversioned"),
        )
        read = [(event.type, event.data) for event in store.read_plan(plan) if isinstance(event, PlanEvent)]
        sealed_type = store.row(1)[3]
    assert read == [
        ("ehcp.made-up.v3", {"reasons": ["old"], "count": 1}),
        ("ehcp.made-up.v3", {"reasons": ["a", "b"], "count": 2}),
        ("ehcp.made-up.v3", {"reasons": [], "count": 0}),
        ("ehcp.other.v1", {"note": "n"}),
        ("unversioned", {"note": "n"}),
    ]
    assert sealed_type == "ehcp.made-up.v1"


def test_reading_is_bounded_by_sequence_and_by_page(record: Record, plan: UUID) -> None:
    record.grow(plan, 10)
    assert [event.sequence for event in record.store.read_plan(plan, after=3, upto=5)] == [4, 5]
    assert [event.position for event in record.store.read_log(after=4, limit=3)] == [5, 6, 7]
    assert record.store.read_plan(uuid4()) == []
    assert record.store.read_log(after=10) == []


@pytest.mark.parametrize("position", [0, -1, 3])
def test_a_position_that_the_log_does_not_have_is_no_row(record: Record, plan: UUID, position: int) -> None:
    record.grow(plan, 2)
    with pytest.raises(LookupError):
        record.store.leaf(position)


def test_a_long_replay_goes_page_by_page(record: Record) -> None:
    for _ in range(3):
        record.grow(uuid4(), 700)
    assert [event.position for event in record.store.replay()] == list(range(1, 2_101))


def test_a_stream_is_named_by_a_uuid_and_nothing_else(record: Record) -> None:
    recorder = record.store.application.recorder
    with pytest.raises(TypeError):
        recorder.select_events("plan-1")
    with pytest.raises(StoreError):
        recorder.insert_events([StoredEvent("plan-1", 1, "topic", b"state")])


def test_an_append_of_nothing_is_nothing(record: Record) -> None:
    assert record.store.application.recorder.insert_events([]) == []
    assert record.append() == ()
    assert record.store.application.recorder.max_notification_id() is None


def test_a_closed_store_is_not_read(tmp_path: Path, plan: UUID) -> None:
    store = open_embedded(tmp_path)
    store.close()
    with pytest.raises(StoreClosed):
        store.read_plan(plan)
