"""The checkpoints of the log of plans as records of their topic: each signed note once, in order.

A position is a checkpoint's number. They are published after they are stored, and no further than the log itself is
durable. Those of the disclosure log never leave.
"""

from hashlib import sha256
from typing import Final

from connectors.kafka.positions import Position
from connectors.kafka.records import CONTENT_TYPE, KafkaRecord
from services.notary import keeping
from services.notary.database import CheckpointDatabase
from services.notary.keeping import Signed
from services.notary.notes import parsed
from services.publishing.source import Batch, LogBehind
from services.store.framing import instant
from services.store.values import PLAN_LOG

MOST: Final = 1_000
"""How many checkpoints go into one transaction at most."""

TYPE: Final = b"ehcp.log.checkpoint-signed.v1"


class SignedCheckpoints:
    """Checkpoints by number."""

    name: Final = "checkpoints"

    def __init__(self, database: CheckpointDatabase, topic: str) -> None:
        """Publish to `topic`, its whole name."""
        self._database = database
        self._topic = topic

    def check(self, position: Position) -> None:
        """Raise LogBehind unless the checkpoint of that number is there, the very same."""
        if position.position == 0:
            return
        found = self._behind(position.position - 1, 1)
        if not found or found[0].number != position.position or _mark(found[0]) != position.mark:
            raise LogBehind(f"checkpoint {position.position} was published, and is not there")

    def end(self, durable: int) -> int:
        """The number of the last checkpoint that states no more than what is durable."""
        with self._database.reading() as connection:
            return keeping.last_number_within(connection, PLAN_LOG, durable)

    def batch(self, after: Position, upto: int) -> Batch | None:
        """The next checkpoints that state no more than position `upto` of the log."""
        ready = [one for one in self._behind(after.position, MOST) if one.size <= upto]
        if not ready:
            return None
        last = Position(position=ready[-1].number, mark=_mark(ready[-1]))
        return Batch([record_of(one, self._topic) for one in ready], last, len(ready))

    def _behind(self, number: int, limit: int) -> list[Signed]:
        with self._database.reading() as connection:
            return list(keeping.since(connection, PLAN_LOG, number, limit))


def record_of(signed: Signed, topic: str) -> KafkaRecord:
    """A checkpoint as a CloudEvent in binary mode: the value is the signed note as it is."""
    origin = parsed(signed.note).origin.encode()
    written = instant(signed.time).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
    headers = [
        (CONTENT_TYPE, b"text/plain; charset=utf-8"),
        ("ce_specversion", b"1.0"),
        ("ce_id", f"{signed.log}-checkpoint-{signed.number}".encode()),
        ("ce_source", origin),
        ("ce_type", TYPE),
        ("ce_time", written),
    ]
    return KafkaRecord(topic, origin, signed.note.encode(), headers, signed.time // 1000)


def _mark(signed: Signed) -> str:
    return sha256(signed.note.encode()).hexdigest()
