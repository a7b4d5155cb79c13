"""Publishing the log to Kafka, position kept, against a bare transactional producer of the very same records.

The reference is handed records that are made already, sends them with the same client, checksum, batches and sizes of
transaction, and keeps no position. Ours reads the log out of PostgreSQL, makes the records, writes them and the
position. Both count every record that they write; connecting and fencing are nobody's.
"""

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from connectors.kafka.clients import producer
from connectors.kafka.log_to_kafka import MAX_RECORD, LogToKafka
from connectors.kafka.records import KafkaRecord
from deploy.local.kafka import private_broker
from services.publishing.durable import OneCopy
from services.publishing.plan_events import MOST_EVENTS, PlanEvents, record_of
from services.publishing.publisher import Publisher
from services.store.record_store import RecordStore
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.sealed_log import sealed_log
from tests.bench.setting import Bench
from tests.support.published import Installation

CHILDREN = 2_000
_rounds = count(1)


def publish_rows(bench: Bench) -> Iterator[Row]:
    """Records a second."""
    events = bench.size(50_000, 5_000)
    with (
        sealed_log(bench, children=CHILDREN, events=events) as (store, _, _),
        private_broker(profile="bench") as broker,
    ):

        def place() -> Installation:
            made = Installation(broker, f"bench{next(_rounds)}.")
            made.apply_topics()
            return made

        ours, reference = alternate(lambda: _published(store, place()), lambda: _bare(store, place()), bench.rounds)
    yield Row(id="publish-vs-bare", ours=ours, reference=reference, unit="records/s", rounds=bench.rounds, at_least=0.6)


def _published(store: RecordStore, at: Installation) -> float:
    writer = LogToKafka(at.connection(), "plan-events", prefix=at.prefix)
    publisher = _Counting(PlanEvents(store, f"{at.prefix}plan-events.v1"), writer, OneCopy(store))
    publisher.become_the_writer()
    taken = seconds(publisher.catch_up)
    publisher.close()
    return publisher.written / taken


class _Counting(Publisher):
    """Counts the records of every transaction: a position comes to the events."""

    written = 0

    def become_the_writer(self) -> None:
        """Connect and fence."""
        self._start()

    def catch_up(self) -> None:
        """Publish what there is."""
        before = self.position.position
        while self.step():
            self.written += self.position.position - before + 1
            before = self.position.position


def _bare(store: RecordStore, at: Installation) -> float:
    topic = f"{at.prefix}plan-events.v1"
    records = [record_of(row, topic) for page in store.sealed_pages() for row in page]
    bare = producer(
        at.connection(),
        transactional_id=f"{at.prefix}bare",
        max_request_size=MAX_RECORD,
        batch_size=256 * 1024,
        linger_ms=5,
    )
    bare.init_transactions()
    taken = seconds(lambda: _send(bare, records))
    bare.close()
    return len(records) / taken


def _send(bare: Any, records: list[KafkaRecord]) -> None:
    waiting = iter(records)
    while some := list(islice(waiting, MOST_EVENTS)):
        bare.begin_transaction()
        for record in some:
            bare.send(record.topic, record.value, record.key, record.headers, timestamp_ms=record.timestamp)
        bare.commit_transaction()
