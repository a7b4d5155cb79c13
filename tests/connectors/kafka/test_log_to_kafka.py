"""One log, put into topics exactly once: by one writer at a time, from where the cluster says."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from connectors.kafka.connection import KafkaConnection
from connectors.kafka.errors import KafkaRefused, KafkaUnavailable, SupersededError
from connectors.kafka.log_to_kafka import LogToKafka
from connectors.kafka.positions import POSITIONS, START, Position, read_positions
from connectors.kafka.records import KafkaRecord
from tests.support.kafka import without_a_broker
from tests.support.published import Installation

TOPIC = "plan-events.v1"


def record(installation: Installation, number: int, value: bytes | None = None) -> KafkaRecord:
    key = f"plan-{number % 7}".encode()
    return KafkaRecord(installation.prefix + TOPIC, key, value or b"event %d" % number, [("n", b"%d" % number)], 1_000)


@contextmanager
def writer(installation: Installation, log: str = "plan") -> Iterator[LogToKafka]:
    made = LogToKafka(installation.connection(), log, prefix=installation.prefix)
    try:
        yield made
    finally:
        made.close()


def values(installation: Installation) -> list[bytes]:
    return [found.value for found in installation.committed(TOPIC)]


def test_records_and_position_are_there_together(installation: Installation) -> None:
    with writer(installation) as log:
        assert log.start() == START
        log.publish([record(installation, number) for number in range(1, 101)], Position(position=100, mark="a"))
        log.publish([record(installation, 101)], Position(position=101, mark="b"))
    found = installation.committed(TOPIC)
    assert sorted(int(one.headers[0][1]) for one in found) == list(range(1, 102))
    assert {one.timestamp for one in found} == {1_000}
    for key in {one.key for one in found}:
        numbers = [int(one.headers[0][1]) for one in found if one.key == key]
        assert numbers == sorted(numbers)
    with writer(installation) as successor:
        assert successor.start() == Position(position=101, mark="b")


def test_a_second_writer_takes_over_and_the_first_can_write_no_more(installation: Installation) -> None:
    with writer(installation) as first, writer(installation) as second:
        first.start()
        first.publish([record(installation, 1)], Position(position=1))
        assert second.start() == Position(position=1)
        with pytest.raises(SupersededError):
            first.publish([record(installation, 2)], Position(position=2))
        assert not first.is_started
        second.publish([record(installation, 2)], Position(position=2))
    assert sorted(values(installation)) == [b"event 1", b"event 2"]


def test_a_transaction_that_a_killed_writer_left_open_counts_for_nothing(installation: Installation) -> None:
    with writer(installation) as killed, writer(installation) as successor:
        killed.start()
        killed.publish([record(installation, 1)], Position(position=1))
        producer = killed._producer  # noqa: SLF001 - a kill in the middle of a transaction
        producer.begin_transaction()
        producer.send(installation.prefix + TOPIC, b"never", b"plan-1").get(30)
        assert successor.start() == Position(position=1)
        successor.publish([record(installation, 2)], Position(position=2))
    assert sorted(values(installation)) == [b"event 1", b"event 2"]


def test_another_logs_open_transaction_hides_no_position(installation: Installation) -> None:
    """It stands in front of our position: behind it, who reads committed records sees nothing yet."""
    with writer(installation) as log, writer(installation, "other") as other, writer(installation, "other") as next_one:
        log.start()
        other.start()
        producer = other._producer  # noqa: SLF001 - kept open in front of the position of the first log
        producer.begin_transaction()
        producer.send(installation.prefix + "publisher-position.v1", b"{}", b"other").get(30)
        log.publish([record(installation, 1)], Position(position=1))
        with ThreadPoolExecutor() as beside:
            found = beside.submit(log.start)
            next_one.start()
            assert found.result() == Position(position=1)


def test_a_broken_position_stops_its_own_log_and_no_other_and_is_never_the_beginning(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    topic = installation.prefix + POSITIONS
    poison = [KafkaRecord(topic, key, b"{", [], 1_000) for key in (b"broken", b"\xff\xfe")]
    with writer(installation) as log, writer(installation, "other") as other:
        log.start()
        log.publish([record(installation, 1)], Position(position=1))
        other.start()
        other.publish(poison, Position(position=7))
        assert log.start() == Position(position=1)
    assert read_positions(installation.connection(), topic) == {
        "plan": Position(position=1),
        "other": Position(position=7),
    }
    assert caplog.text.count("is no position") == 2
    with writer(installation, "broken") as stopped, pytest.raises(KafkaRefused, match="is no position"):
        stopped.start()


def test_what_fails_in_the_middle_leaves_nothing(installation: Installation) -> None:
    def broken() -> Iterator[KafkaRecord]:
        yield record(installation, 1)
        raise LookupError("no such row")

    with writer(installation) as log:
        log.start()
        with pytest.raises(LookupError):
            log.publish(broken(), Position(position=2))
        assert log.start() == START
        log.publish([record(installation, 1)], Position(position=1))
    assert values(installation) == [b"event 1"]


def test_a_large_record_is_taken(installation: Installation) -> None:
    large = bytes(20 * 1024 * 1024)
    with writer(installation) as log:
        log.start()
        log.publish([record(installation, 1, large)], Position(position=1))
    assert [len(value) for value in values(installation)] == [len(large)]


def test_without_a_cluster_it_says_so(installation: Installation) -> None:
    nowhere = KafkaConnection("127.0.0.1:1", installation.connection().credentials)
    log = LogToKafka(nowhere, "plan", prefix=installation.prefix)
    with without_a_broker(), pytest.raises(KafkaUnavailable):
        log.start()
    assert not log.is_started
