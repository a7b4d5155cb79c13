"""Following a topic on a real broker: an act reaches the handler once, whatever happens to who follows."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka.connection import KafkaConnection
from connectors.kafka.declared import Subscriber
from connectors.kafka.log_to_kafka import LogToKafka
from connectors.kafka.positions import Position
from connectors.kafka.records import KafkaRecord
from connectors.subscriber import Books, Desk, Follower, HandlerFailed
from connectors.subscriber.signals import Signal
from tests.connectors.subscriber.made import record, signal
from tests.services.publishing.test_topics import sign_in
from tests.support.published import Installation

BODY = Subscriber(kind="ods", code="QJK", principal="User:ods-QJK")


class Council:
    """A platform that publishes signals."""

    def __init__(self, installation: Installation) -> None:
        self.at = installation
        self.topic = f"{installation.prefix}signals.v1.ods.QJK"
        self.writer = LogToKafka(installation.connection(), "signals.ods:QJK", prefix=installation.prefix)
        self.last = self.writer.start().position

    def tell(self, number: int) -> None:
        first = self.last + 1
        self.last += number
        numbers = range(first, self.last + 1)
        records = [
            KafkaRecord(self.topic, b"plan", record(signal(one)), [], int(time.time() * 1000)) for one in numbers
        ]
        self.writer.publish(records, Position(position=self.last))


@pytest.fixture
def council(installation: Installation) -> Iterator[Council]:
    installation.apply_topics([BODY])
    made = Council(installation)
    yield made
    made.writer.close()


class Follows:
    """One instance of a subscriber's system, in a thread."""

    def __init__(self, connection: KafkaConnection, topic: str, books: Path) -> None:
        self.over = threading.Event()
        self._made = (connection, topic, books)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        connection, topic, file = self._made
        books = Books(file)

        def handle(signal: Signal, _content: Any) -> None:
            books.connection.execute("CREATE TABLE IF NOT EXISTS got (number INTEGER)")
            books.connection.execute("INSERT INTO got VALUES (?)", (signal.recipientsequence,))

        follower = Follower(connection, Desk(topic, books, handle))
        try:
            follower.run(self.over.is_set)
        finally:
            follower.close()
            books.close()

    def stop(self) -> None:
        self.over.set()
        self._thread.join(60)


def got(books: Path) -> list[int]:
    kept = Books(books)
    try:
        kept.connection.execute("CREATE TABLE IF NOT EXISTS got (number INTEGER)")
        return [number for (number,) in kept.connection.execute("SELECT number FROM got ORDER BY rowid")]
    finally:
        kept.close()


def eventually(found: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not found():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_each_signal_is_dealt_with_once_over_restarts_and_a_rebalance(council: Council, tmp_path: Path) -> None:
    theirs, books = sign_in(council.at, "ods-QJK"), tmp_path / "books.sqlite"
    council.tell(20)
    with ExitStack() as stack:
        first = Follows(theirs, council.topic, books)
        stack.callback(first.stop)
        eventually(lambda: len(got(books)) == 20)
        second = Follows(theirs, council.topic, books)
        stack.callback(second.stop)
        council.tell(20)
        eventually(lambda: len(got(books)) == 40)
        first.stop()
        council.tell(20)
        eventually(lambda: len(got(books)) == 60)
    third = Follows(theirs, council.topic, books)
    council.tell(1)
    try:
        eventually(lambda: len(got(books)) == 61)
    finally:
        third.stop()
    assert got(books) == list(range(1, 62))


def test_what_has_to_wait_is_asked_for_again_and_nothing_behind_it_comes_first(
    council: Council, tmp_path: Path
) -> None:
    theirs, books, dealt = sign_in(council.at, "ods-QJK"), Books(tmp_path / "books.sqlite"), list[int]()
    refusals = iter([True, True])

    def handle(signal: Signal, _content: Any) -> None:
        if signal.recipientsequence == 3 and next(refusals, False):
            raise HandlerFailed("busy")
        dealt.append(signal.recipientsequence)

    council.tell(6)
    follower = Follower(theirs, Desk(council.topic, books, handle))
    until = time.monotonic() + 120
    try:
        follower.run(lambda: len(dealt) == 6 or time.monotonic() > until)
    finally:
        follower.close()
        parked = books.parked()
        books.close()
    assert (dealt, parked) == ([1, 2, 3, 4, 5, 6], [])


KILLED = """
import sys, os
from pathlib import Path
from connectors.kafka.connection import KafkaConnection, read_credentials
from connectors.subscriber import Books, Desk, Follower

bootstrap, credentials, topic, file = sys.argv[1:]
books = Books(Path(file))

def handle(signal, content):
    books.connection.execute("CREATE TABLE IF NOT EXISTS got (number INTEGER)")
    books.connection.execute("INSERT INTO got VALUES (?)", (signal.recipientsequence,))
    if signal.recipientsequence == 7:
        os.kill(os.getpid(), 9)

Follower(KafkaConnection(bootstrap, read_credentials(Path(credentials))), Desk(topic, books, handle)).run(lambda: False)
"""


def test_one_that_is_killed_in_the_middle_of_a_signal_leaves_it_to_the_next(council: Council, tmp_path: Path) -> None:
    books = tmp_path / "books.sqlite"
    council.tell(10)
    broker = council.at.broker
    program = [sys.executable, "-c", KILLED, broker.bootstrap, str(broker.credentials("admin")), council.topic]
    died = subprocess.run([*program, str(books)], check=False, timeout=120)
    assert died.returncode == -9
    assert got(books) == list(range(1, 7)), "the seventh does not count"
    next_one = Follows(sign_in(council.at, "ods-QJK"), council.topic, books)
    try:
        eventually(lambda: len(got(books)) == 10)
    finally:
        next_one.stop()
    assert got(books) == list(range(1, 11))
