"""Kafka for tests: one real broker for the whole run, shared by all its workers; the last to leave removes it.

`kafka_broker` is that broker: topics belong to the test that makes them, under names of its own. `kafka_alone` is a
broker of its own for a test that stops or kills it.
"""

import gc
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from deploy.local.kafka import Broker, KafkaMissingError, private_broker, shared_broker
from deploy.local.kafka.programs import libraries

if TYPE_CHECKING:
    from tests.support.published import Installation

#: Begins the reason of every skip for want of Kafka.
WITHOUT = "Without Kafka: "
#: The fixtures on which a test of Kafka rests.
BROKERS = frozenset({"kafka_broker", "kafka_alone"})


@pytest.fixture(scope="session")
def kafka_broker(testrun_uid: str) -> Iterator[Broker]:
    """A running broker that other tests use too."""
    require_kafka()
    with shared_broker(testrun_uid) as broker:
        yield broker


@pytest.fixture
def kafka_alone() -> Iterator[Broker]:
    """A running broker for one test alone, which may do to it what it likes."""
    require_kafka()
    with private_broker() as broker:
        yield broker


@pytest.fixture
def installation(kafka_broker: Broker) -> "Installation":
    """The topics and the access of an installation on the shared broker, under a prefix that is this test's own."""
    from tests.support.published import Installation  # noqa: PLC0415 - tests without Kafka need not load its client

    made = Installation(kafka_broker)
    made.apply_topics()
    return made


@contextmanager
def without_a_broker() -> Iterator[None]:
    """What is tried in here meets no broker: kafka-python leaves the sockets that were refused to Python to close."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


def require_kafka() -> None:
    """Without Kafka fail in CI, where it has to be; elsewhere skip, with what to install."""
    try:
        libraries()
    except KafkaMissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI must test on Kafka. {missing}", pytrace=False)
        pytest.skip(f"{WITHOUT}{missing}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses a broker, so that `-m "not kafka"` leaves them out."""
    for item in items:
        if not BROKERS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("kafka")
