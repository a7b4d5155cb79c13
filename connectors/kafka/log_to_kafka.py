"""Putting an ordered log into topics, exactly once and in order.

Every batch is one Kafka transaction: the records, and the position that they lead to. Who reads committed records sees
each record once, whatever was killed in between.

How it stays so. At the start the cluster is told that we are the writer of this log now (init_transactions): it ends
whatever a predecessor left open and refuses it from then on. Only then the position is read, so that nobody can write
behind our back. After any error, of whatever kind, the producer is thrown away with all that it holds, and we start
again from what the cluster has: kafka-python's own recovery would go on with records of the failed transaction.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any, Final

from kafka.errors import (
    AuthorizationError,
    InvalidProducerEpochError,
    KafkaError,
    ProducerFencedError,
    SaslAuthenticationFailedError,
    UnknownTopicOrPartitionError,
)

from connectors.kafka.clients import producer
from connectors.kafka.connection import KafkaConnection
from connectors.kafka.declared import PREFIX
from connectors.kafka.errors import KafkaRefused, KafkaUnavailable, SupersededError
from connectors.kafka.positions import POSITIONS, Position, encoded, read_position, require_topics
from connectors.kafka.records import KafkaRecord

MAX_RECORD: Final = 68 * 1024 * 1024
"""In bytes: more than the largest event that the store takes, so that none is too large to be published."""

_BATCH: Final = 256 * 1024
_SEND_MS: Final = 30_000
_REQUEST_MS: Final = 10_000
_TRANSACTION_MS: Final = 60_000
_RETRY_MS: Final = 20
"""As the Java client's: a cluster that is still ending the last transaction asks for the next one to be tried again."""

_CLOSE_SECONDS: Final = 15.0


class LogToKafka:
    """The one writer of a log's records. Not for several threads."""

    def __init__(
        self, connection: KafkaConnection, log: str, *, prefix: str = PREFIX, needed: Collection[str] = ()
    ) -> None:
        """`log` names the log: its position is kept under this name, and one process at a time writes it.

        `prefix` begins the names of the installation's topics. Without the `needed` ones there is no start: a producer
        would wait for a missing topic for half a minute before it says so.
        """
        self._connection = connection
        self._name = log
        self._prefix = prefix
        self._needed = needed
        self._positions = prefix + POSITIONS
        self._producer: Any = None

    @property
    def is_started(self) -> bool:
        """Whether the cluster takes us for the writer, as far as we know."""
        return self._producer is not None

    def start(self) -> Position:
        """Become the log's writer; where to go on. Raises KafkaUnavailable, KafkaRefused."""
        self.close()
        try:
            require_topics(self._connection, self._needed)
            self._producer = self._made()
            self._producer.init_transactions()
            return read_position(self._connection, self._name, self._positions)
        except BaseException as error:
            self.close()
            _tell(error)
            raise

    def publish(self, records: Iterable[KafkaRecord], position: Position) -> None:
        """Write the records and the position that they lead to: all of it, or nothing that counts.

        Afterwards `start` has to be called again if this raised KafkaUnavailable, KafkaRefused or SupersededError: the
        batch may count all the same, which only the cluster knows.
        """
        try:
            self._write(records, position)
        except BaseException as error:
            self.close()
            _tell(error)
            raise

    def close(self) -> None:
        """Let go of the cluster; what is not committed does not count."""
        ended, self._producer = self._producer, None
        if ended is not None:
            # Without it, `close` raises where records wait, and leaves the thread behind that goes on sending them.
            ended._sender.force_close()  # noqa: SLF001 - kafka-python has no public way
            ended._sender.join(_CLOSE_SECONDS)  # noqa: SLF001
            with suppress(KafkaError):
                ended.close(timeout=0)

    def _write(self, records: Iterable[KafkaRecord], position: Position) -> None:
        writing = self._producer
        writing.begin_transaction()
        send = writing.send
        sent = [
            send(record.topic, record.value, record.key, record.headers, timestamp_ms=record.timestamp)
            for record in records
        ]
        sent.append(send(self._positions, encoded(position), self._name.encode()))
        writing.flush()
        # A commit that follows a failed record would be answered as if all were well when the producer has renewed its
        # epoch in between: nothing is committed before every record is known to be there.
        for future in sent:
            if not future.succeeded():
                raise future.exception or KafkaUnavailable("a record was not written")
        writing.commit_transaction()

    def _made(self) -> Any:
        return producer(
            self._connection,
            client_id=f"{self._prefix}{self._name}",
            transactional_id=f"{self._prefix}{self._name}",
            transaction_timeout_ms=_TRANSACTION_MS,
            request_timeout_ms=_REQUEST_MS,
            delivery_timeout_ms=_SEND_MS,
            max_block_ms=_SEND_MS,
            max_request_size=MAX_RECORD,
            batch_size=_BATCH,
            linger_ms=5,
            retry_backoff_ms=_RETRY_MS,
        )


def _tell(error: BaseException) -> None:
    """Raise what the error means to the caller, unless it is none of Kafka's."""
    causes = {type(error), type(error.__cause__), *map(type, error.args)}
    if causes & {ProducerFencedError, InvalidProducerEpochError}:
        raise SupersededError("another process publishes this log now") from error
    if isinstance(error, (AuthorizationError, SaslAuthenticationFailedError, UnknownTopicOrPartitionError)):
        raise KafkaRefused(f"the cluster refuses: {type(error).__name__}: see `ehcp topics plan`") from error
    if isinstance(error, (KafkaError, OSError)):
        raise KafkaUnavailable(f"{type(error).__name__}: {error}") from error
