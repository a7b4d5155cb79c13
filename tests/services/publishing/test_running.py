"""A publisher at work: without a broker, with one that comes back, and with a second publisher beside it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from connectors.kafka.log_to_kafka import LogToKafka
from deploy.local.kafka import PLATFORM, Broker
from services.publishing.durable import OneCopy
from services.publishing.plan_events import PlanEvents
from services.publishing.publisher import Publisher
from services.publishing.running import RunningPublisher, Turn
from services.publishing.turns import Alone, SharedTurn
from services.store.record_store import RecordStore
from tests.support.kafka import without_a_broker
from tests.support.published import Installation
from tests.support.recording import Recording
from tests.support.serving import TODAY, serving

EVENTS = "plan-events.v1"


@contextmanager
def running(store: RecordStore, at: Installation, turn: Turn) -> Iterator[RunningPublisher]:
    """A publisher in a thread."""
    writer = LogToKafka(at.connection(), "plan-events", prefix=at.prefix)
    publisher = Publisher(PlanEvents(store, f"{at.prefix}{EVENTS}"), writer, OneCopy(store))
    started = RunningPublisher(publisher, store.listeners, turn, poll=0.1)
    started.start()
    try:
        yield started
    finally:
        started.stop()


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.1)


def behind() -> float | None:
    return REGISTRY.get_sample_value("ehcp_publisher_lag_events", {"log": "plan-events"})


def test_acts_need_no_broker_and_everything_is_published_when_it_is_back(
    kafka_alone: Broker, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = Installation(kafka_alone, "ehcp.")
    at.apply_topics()
    kafka_alone.stop()
    monkeypatch.setenv("EHCP_KAFKA_BOOTSTRAP", kafka_alone.bootstrap)
    monkeypatch.setenv("EHCP_KAFKA_CREDENTIALS", str(kafka_alone.credentials(PLATFORM)))
    with without_a_broker(), serving(tmp_path) as served:
        officer = served.officer()
        plans = [officer.open("receive-request", **asked(number)).json()["planId"] for number in range(5)]
        head = served.platform.store.head()[0]
        until(lambda: "publication of plan-events waits at position 0: KafkaUnavailable" in caplog.text)
        until(lambda: behind() == head)
        shown = served.http.get("/metrics").text
        assert f'ehcp_publisher_lag_events{{log="plan-events"}} {head}.0' in shown
        kafka_alone.start()
        until(lambda: behind() == 0)
    found = at.committed(EVENTS)
    assert len(found) == head
    assert {record.key.decode() for record in found} == set(plans)


def test_of_two_publishers_one_works_and_the_other_takes_over(
    on_postgresql: Recording, migrated: str, installation: Installation
) -> None:
    first, second = (SharedTurn(migrated, "publication") for _ in range(2))
    with running(on_postgresql.store, installation, second):
        with running(on_postgresql.store, installation, first):
            on_postgresql.open()
            until(lambda: len(installation.committed(EVENTS)) == 1)
        on_postgresql.open()
        until(lambda: len(installation.committed(EVENTS)) == 2)


def test_a_publisher_ends_soon_also_while_it_waits_for_a_broker(embedded: Recording, kafka_alone: Broker) -> None:
    at = Installation(kafka_alone)
    at.apply_topics()
    with without_a_broker():
        with running(embedded.store, at, Alone()) as publisher:
            embedded.open()
            until(lambda: len(at.committed(EVENTS)) == 1)
            kafka_alone.kill()
            embedded.open()
            ended = threading.Event()
            threading.Thread(target=lambda: (publisher.stop(), ended.set())).start()
            assert ended.wait(30)
        kafka_alone.start()
        with running(embedded.store, at, Alone()):
            until(lambda: len(at.committed(EVENTS)) == 2)


def asked(number: int) -> dict[str, object]:
    return {
        "receivedOn": TODAY,
        "source": "1",
        "requestId": "request-1",
        "localReference": f"SEN-{number}",
        "child": {"name": f"Aled Ottershaw {number}", "dateOfBirth": "2014-03-02"},
    }
