"""A request that was answered is recognised for 30 days, and never without its events."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from services.store.errors import RequestAlreadyRecorded, SequenceConflict
from services.store.framing import instant
from services.store.idempotency import idempotency_record
from services.store.values import DRAFT_LOG, PLAN_LOG, AppendGroup, IdempotencyRecord, StreamRange
from tests.services.store.conftest import Record

BODY = sha256(b"{}").digest()


def request(record: Record, plan: UUID, client: str = "client-1", key: str = "k1") -> IdempotencyRecord:
    return idempotency_record(record.store.index, client, key, BODY, plan)


def test_a_request_is_found_with_the_events_that_answered_it(record: Record, plan: UUID) -> None:
    draft = uuid4()
    record.store.append(
        AppendGroup(
            {
                PLAN_LOG: [record.seal(plan, 1), record.seal(plan, 2)],
                DRAFT_LOG: [record.seal(plan, 1, draft=draft)],
            },
            idempotency=request(record, plan),
        )
    )
    found = record.store.requests.find("client-1", "k1")
    assert found is not None
    assert found.plan == plan
    assert found.written == (StreamRange(PLAN_LOG, plan, 1, 2), StreamRange(DRAFT_LOG, draft, 1, 1))
    assert found.created == instant(record.clock.now)


def test_the_same_key_with_another_body_is_told_apart(record: Record, plan: UUID) -> None:
    record.append(record.seal(plan, 1), idempotency=request(record, plan))
    found = record.store.requests.find("client-1", "k1")
    assert found is not None
    assert record.store.requests.is_same_body(found, BODY)
    assert not record.store.requests.is_same_body(found, sha256(b"[]").digest())


def test_a_repeat_appends_nothing(record: Record, plan: UUID) -> None:
    record.append(record.seal(plan, 1), idempotency=request(record, plan))
    with pytest.raises(RequestAlreadyRecorded):
        record.append(record.seal(plan, 2), idempotency=request(record, plan))
    assert len(record.store.read_plan(plan)) == 1


@pytest.mark.parametrize(("client", "key"), [("client-2", "k1"), ("client-1", "k2")])
def test_other_clients_and_other_keys_are_other_requests(record: Record, plan: UUID, client: str, key: str) -> None:
    record.append(record.seal(plan, 1), idempotency=request(record, plan))
    assert record.store.requests.find(client, key) is None
    record.append(record.seal(plan, 2), idempotency=request(record, plan, client, key))


def test_a_refused_append_leaves_no_record(record: Record, plan: UUID) -> None:
    with pytest.raises(SequenceConflict):
        record.append(record.seal(plan, 2), idempotency=request(record, plan))
    assert record.store.requests.find("client-1", "k1") is None


def test_requests_are_forgotten_after_30_days_and_not_before(record: Record, plan: UUID) -> None:
    record.append(record.seal(plan, 1), idempotency=request(record, plan))
    made = instant(record.clock.now)
    assert record.store.purge_requests(made + timedelta(days=30)) == 0
    assert record.store.purge_requests(made + timedelta(days=30, microseconds=1)) == 1
    assert record.store.requests.find("client-1", "k1") is None


def test_without_a_date_requests_are_purged_as_of_now(record: Record, plan: UUID) -> None:
    record.clock.now = 0
    record.append(record.seal(plan, 1), idempotency=request(record, plan))
    assert record.store.purge_requests() == 1
