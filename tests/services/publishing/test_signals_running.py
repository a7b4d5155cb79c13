"""Many subscribers' topics at once: nobody waits for another, one process at a time, and nothing that may not leave."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from prometheus_client import REGISTRY

from connectors.kafka.connection import KafkaConnection
from connectors.kafka.declared import Subscriber
from connectors.kafka.log_to_kafka import LogToKafka
from services.demo import load_demonstration
from services.errors import NotRecorded
from services.publishing.durable import OneCopy
from services.publishing.publisher import Publisher
from services.publishing.signal_topics import SignalTopic
from services.publishing.signals_running import LOOK_SECONDS, RunningSignals, Served
from services.store.errors import StoreBusy
from tests.services.signals.test_feed import told
from tests.support.kafka import without_a_broker
from tests.support.life import ICB, Life
from tests.support.personal_words import found_in, personal_words
from tests.support.published import Installation
from tests.support.serving import Serving, serving

COUNCIL_BODY = Subscriber(kind="la", code="855", principal="User:la-855")
ICB_BODY = Subscriber(kind="ods", code="QJK", principal="User:ods-QJK")


class Topics:
    """The topics of a platform's subscribers."""

    def __init__(self, platform: Serving, installation: Installation) -> None:
        self.platform = platform
        self.installation = installation
        self.opened: list[Publisher] = []

    def publisher(self, subscriber: Subscriber, connection: KafkaConnection | None = None) -> Publisher:
        made, at = self.platform.platform, self.installation
        name = at.prefix + topic_of(subscriber)
        source = SignalTopic(subscriber, made.signals.outbox, made.signals.feed, made.disclosures, name)
        writer = LogToKafka(connection or at.connection(), source.name, prefix=at.prefix, needed=(name,))
        self.opened.append(Publisher(source, writer, OneCopy(made.store)))
        return self.opened[-1]

    def publish(self, subscriber: Subscriber) -> None:
        publisher = self.publisher(subscriber)
        while publisher.step():
            pass

    def running(
        self,
        turn: "Turn",
        *subscribers: Subscriber,
        connection: KafkaConnection | None = None,
        seconds: float = LOOK_SECONDS,
    ) -> RunningSignals:
        served = [Served(publisher=self.publisher(one, connection), recipient=one.recipient) for one in subscribers]
        signals = self.platform.platform.signals
        return RunningSignals(served, signals.outbox.heads, signals.written, turn, seconds=seconds)

    def told(self, subscriber: Subscriber) -> list[dict[str, Any]]:
        return [orjson.loads(one.value) for one in self.installation.committed(topic_of(subscriber))]


class Turn:
    """Whose turn it is, as the test says."""

    def __init__(self, *, ours: bool = True) -> None:
        self.ours = ours

    def is_ours(self) -> bool:
        return self.ours

    def release(self) -> None:
        """Nobody waits."""


def topic_of(subscriber: Subscriber) -> str:
    return f"signals.v1.{subscriber.kind}.{subscriber.code}"


def eventually(found: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not found():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def topics(tmp_path: Path, installation: Installation) -> Iterator[Topics]:
    installation.apply_topics((COUNCIL_BODY, ICB_BODY))
    with serving(tmp_path) as served:
        made = Topics(served, installation)
        yield made
        for publisher in made.opened:
            publisher.close()


def lag_of(subscriber: Subscriber) -> float | None:
    return REGISTRY.get_sample_value("ehcp_publisher_lag_events", {"log": f"signals.{subscriber.recipient}"})


def test_a_missing_topic_holds_up_none_of_the_others(topics: Topics) -> None:
    missing = Subscriber(kind="ods", code="QXX", principal="User:nobody")
    life = Life(topics.platform).finalised()
    feed = told(life.officer, 10)
    running = topics.running(Turn(), missing, COUNCIL_BODY, ICB_BODY)
    running.start()
    try:
        eventually(lambda: topics.told(COUNCIL_BODY) == feed)
        eventually(lambda: topics.told(ICB_BODY) == told(topics.platform.as_("health", ICB)))
        failed = {"log": "signals.ods:QXX", "kind": "KafkaRefused"}
        eventually(lambda: (REGISTRY.get_sample_value("ehcp_publisher_failures_total", failed) or 0) >= 1)
        Life(topics.platform).requested()
        more = told(life.officer, len(feed) + 1)
        eventually(lambda: topics.told(COUNCIL_BODY) == more)
        eventually(lambda: lag_of(COUNCIL_BODY) == 0)
    finally:
        running.stop()


def test_new_signals_are_sent_as_soon_as_they_are_written(topics: Topics) -> None:
    running = topics.running(Turn(), COUNCIL_BODY, seconds=3_600.0)
    running.start()
    try:
        eventually(lambda: lag_of(COUNCIL_BODY) == 0)
        life = Life(topics.platform).requested()
        eventually(lambda: topics.told(COUNCIL_BODY) == told(life.officer))
    finally:
        running.stop()


def test_while_the_broker_is_away_acts_go_on_and_the_lag_is_seen(
    topics: Topics, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "kafka")  # what is kept of its log would keep its sockets too
    nowhere = KafkaConnection("127.0.0.1:1", topics.installation.connection().credentials)
    with without_a_broker():
        running = topics.running(Turn(), COUNCIL_BODY, connection=nowhere)
        running.start()
        life = Life(topics.platform).finalised()
        feed = told(life.officer, 10)
        eventually(lambda: lag_of(COUNCIL_BODY) == len(feed))
        running.stop()
        eventually(lambda: "signals.la:855" not in {thread.name for thread in threading.enumerate()})
    topics.publish(COUNCIL_BODY)
    assert topics.told(COUNCIL_BODY) == feed


def test_of_two_processes_one_works_and_the_other_takes_over(topics: Topics) -> None:
    first, second = Turn(), Turn(ours=False)
    one, other = topics.running(first, COUNCIL_BODY), topics.running(second, COUNCIL_BODY)
    one.start()
    other.start()
    try:
        life = Life(topics.platform).finalised()
        feed = told(life.officer, 10)
        eventually(lambda: topics.told(COUNCIL_BODY) == feed)
        first.ours, second.ours = False, True
        Life(topics.platform).requested()
        more = told(life.officer, len(feed) + 1)
        eventually(lambda: topics.told(COUNCIL_BODY) == more)
    finally:
        one.stop()
        other.stop()


def test_whoever_may_not_follow_any_more_when_it_is_written_is_told_only_that(topics: Topics) -> None:
    life = Life(topics.platform).finalised()
    before = told(life.officer, 10)
    topics.platform.platform.store.erase_plan(UUID(life.plan_id))
    topics.publish(COUNCIL_BODY)
    found = topics.told(COUNCIL_BODY)[: len(before)]
    assert {one["type"] for one in found} == {"ehcp-access-withdrawn-1"}
    assert not any("dataref" in one for one in found)
    assert [one["id"] for one in found] == [one["id"] for one in before], "the numbers have no gap"


def test_what_cannot_be_recorded_does_not_leave(topics: Topics, monkeypatch: pytest.MonkeyPatch) -> None:
    told(Life(topics.platform).requested().officer)

    def refused(_events: Any) -> Any:
        raise StoreBusy("too many wait")

    with monkeypatch.context() as patched:
        patched.setattr(topics.platform.platform.store, "disclose", refused)
        with pytest.raises(NotRecorded):
            topics.publish(COUNCIL_BODY)
    assert topics.told(COUNCIL_BODY) == []
    topics.publish(COUNCIL_BODY)
    assert len(topics.told(COUNCIL_BODY)) == 1


def test_a_record_is_kept_from_when_it_was_written_however_old_its_event_is(topics: Topics) -> None:
    told(Life(topics.platform).requested().officer)
    before = time.time() * 1000
    topics.publish(COUNCIL_BODY)
    (record,) = topics.installation.committed(topic_of(COUNCIL_BODY))
    assert record.timestamp >= before - 1


def test_a_topic_as_text_holds_no_word_about_a_child(topics: Topics) -> None:
    load_demonstration(topics.platform.platform)
    told(Life(topics.platform).finalised().officer, 10)
    topics.publish(COUNCIL_BODY)
    number = len(topics.told(COUNCIL_BODY))
    assert number > 10
    shown = ("--property", "print.key=true", "--property", "print.headers=true")
    printed = topics.installation.console(topic_of(COUNCIL_BODY), number, *shown)
    assert len(printed.strip().splitlines()) == number
    assert found_in([printed]) == set()
    assert found_in([f"{printed} {next(iter(personal_words()))}"]), "and it would be found"
