"""The signals of one council or NHS body as records of its own topic: the same ids in the same order as its feed.

Before anything is written it is asked again whether the body may follow that plan, and recorded that it is told; so
what a topic is given is what the feed would show at that moment. A signal has no data, and in binary mode a record
without a value deletes: signals are CloudEvents in structured mode.
"""

import time
from collections.abc import Iterator
from typing import Final

import msgspec

from connectors.kafka.declared import Subscriber
from connectors.kafka.positions import Position
from connectors.kafka.records import CONTENT_TYPE, KafkaRecord
from domain.plan.acts import Actor
from services.disclosures.accounting import Disclosures
from services.disclosures.values import Reader
from services.publishing.source import Batch, LogBehind
from services.signals.envelope import MEDIA_TYPE, CloudEvent
from services.signals.feed import Feed
from services.signals.outbox import Outbox

MOST: Final = 500
"""How many signals go into one transaction, and into one entry of the disclosure log, at most."""

CHANNEL: Final = "kafka"
_HEADERS: Final = [(CONTENT_TYPE, MEDIA_TYPE.encode())]
_encode = msgspec.json.Encoder().encode


def log_of(subscriber: Subscriber) -> str:
    """The name under which the position of a subscriber's signals is kept."""
    return f"signals.{subscriber.recipient}"


class SignalTopic:
    """The signals of one subscriber. A position is its recipientsequence."""

    def __init__(
        self, subscriber: Subscriber, outbox: Outbox, feed: Feed, disclosures: Disclosures, topic: str
    ) -> None:
        """Publish to `topic`, its whole name."""
        self.name = log_of(subscriber)
        self._recipient = subscriber.recipient
        self._actor = Actor(
            subject=subscriber.principal, organisation=subscriber.recipient, role=subscriber.acting_role
        )
        self._outbox = outbox
        self._feed = feed
        self._disclosures = disclosures
        self._topic = topic

    def check(self, position: Position) -> None:
        """Raise LogBehind unless the signal of that number is there, the very same."""
        if position.position == 0:
            return
        found = self._outbox.after(self._recipient, position.position - 1, 1)
        if not found or str(found[0].id) != position.mark:
            raise LogBehind(f"signal {position.position} was published, and is not there")

    def end(self, durable: int) -> int:  # noqa: ARG002 - signals have numbers of their own
        """The number of the recipient's last signal."""
        return self._outbox.last(self._recipient)

    def batch(self, after: Position, upto: int) -> Batch | None:
        """The next signals that tell of nothing behind position `upto` of the log."""
        rows = self._outbox.after(self._recipient, after.position, MOST)
        ready = next((number for number, row in enumerate(rows) if row.position > upto), len(rows))
        if not ready:
            return None
        withheld = self._feed.page(self._actor, after.position, ready)
        reader = Reader(actor=self._actor, channel=CHANNEL)
        page = withheld.against(self._disclosures.record_now(withheld.showing, reader))
        last = rows[ready - 1]
        return Batch(self._records(page.signals), Position(position=last.number, mark=str(last.id)), ready)

    def _records(self, events: tuple[CloudEvent, ...]) -> Iterator[KafkaRecord]:
        """Dated when they are written: a topic keeps each for so long from then on, however old what it tells of is."""
        now = int(time.time() * 1000)
        for event in events:
            yield KafkaRecord(self._topic, event.subject.encode(), _encode(event), _HEADERS, now)
