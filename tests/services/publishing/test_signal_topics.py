"""A council's topic of signals: what its feed shows, in the same order, under the same ids, told on record."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from connectors.kafka.declared import Subscriber
from connectors.kafka.log_to_kafka import LogToKafka
from services.publishing.durable import OneCopy
from services.publishing.publisher import Publisher
from services.publishing.signal_topics import SignalTopic
from services.publishing.source import LogBehind
from services.store.values import DISCLOSURE_LOG
from tests.services.publishing.conftest import publish_all
from tests.services.publishing.test_running import until
from tests.support.life import Life
from tests.support.published import Installation
from tests.support.serving import COUNCIL, Serving, serving

TOPIC = f"signals.v1.la.{COUNCIL}"
COUNCIL_SYSTEM = Subscriber(kind="la", code=COUNCIL, principal="User:council-system")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as found:
        yield found


def publisher_of(served: Serving, at: Installation) -> Publisher:
    platform = served.platform
    source = SignalTopic(
        COUNCIL_SYSTEM, platform.signals.outbox, platform.signals.feed, platform.disclosures, at.prefix + TOPIC
    )
    return Publisher(source, LogToKafka(at.connection(), source.name, prefix=at.prefix), OneCopy(platform.store))


def test_a_topic_holds_what_the_feed_shows(served: Serving, installation: Installation) -> None:
    installation.apply_topics([COUNCIL_SYSTEM])
    life = Life(served).finalised()
    outbox = served.platform.signals.outbox
    until(lambda: outbox.last(f"la:{COUNCIL}") > 0)
    before = served.platform.store.head(DISCLOSURE_LOG)[0]
    publisher = publisher_of(served, installation)
    publish_all(publisher)
    publisher.close()

    found = installation.committed(TOPIC)
    events = [orjson.loads(record.value) for record in found]
    shown = served.officer().get("/v1/feed", after=0).json()["signals"]
    assert events == shown[: len(events)]
    assert [event["recipientsequence"] for event in events] == list(range(1, len(events) + 1))
    assert {record.key.decode() for record in found} == {life.plan_id}
    assert {dict(record.headers)["content-type"] for record in found} == {b"application/cloudevents+json"}
    assert served.platform.store.head(DISCLOSURE_LOG)[0] > before

    other = publisher_of(served, installation)
    publish_all(other)
    other.close()
    assert len(installation.committed(TOPIC)) == len(found)


def test_signals_that_are_gone_stop_the_topic(served: Serving, installation: Installation, tmp_path: Path) -> None:
    installation.apply_topics([COUNCIL_SYSTEM])
    Life(served).finalised()
    until(lambda: served.platform.signals.outbox.last(f"la:{COUNCIL}") > 0)
    publisher = publisher_of(served, installation)
    publish_all(publisher)
    publisher.close()
    with serving(tmp_path / "restored") as restored:
        behind = publisher_of(restored, installation)
        with pytest.raises(LogBehind):
            behind.step()
