"""Every event of the plan log as a record: sealed as it is stored, described by what it says of itself in the clear."""

import logging
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from msgspec import DecodeError, Struct
from msgspec.json import Decoder

from connectors.kafka.positions import START, Position
from connectors.kafka.records import CONTENT_TYPE, KafkaRecord
from services.publishing import figures
from services.publishing.sealed_log import SealedLog
from services.publishing.source import Batch, LogBehind
from services.store.errors import MalformedState
from services.store.framing import instant, leaf_hash, unframe
from services.store.log_table import Row

SEALED: Final = b"application/vnd.ehcp-exchange.sealed"
"""The media type of a sealed event: nonce || ciphertext of docs/log-format.md."""

MOST_EVENTS: Final = 10_000
"""How many events go into one Kafka transaction at most."""

MOST_BYTES: Final = 32 * 1024 * 1024
"""How much they hold together at most; a single larger one goes alone."""

_log = logging.getLogger(__name__)


class _Header(Struct, frozen=True):
    id: str
    source: str
    type: str
    dataschema: str
    sequence: str
    subject: str
    specversion: str


_decoder = Decoder(_Header)


class PlanEvents:
    """The plan log as records of one topic, keyed by plan. No draft is in this log; no key is needed to publish it."""

    name: Final = "plan-events"

    def __init__(self, log: SealedLog, topic: str) -> None:
        """Publish to `topic`, its whole name."""
        self._kept = log
        self._topic = topic

    def check(self, position: Position) -> None:
        """Raise LogBehind unless the log still holds the event at that position, the very same."""
        require_marked(self._kept, position)

    def end(self, durable: int) -> int:
        """The plan log itself is what is published."""
        return durable

    def batch(self, after: Position, upto: int) -> Batch | None:
        """The next events."""
        rows = next_rows(self._kept, after.position, upto)
        if not rows:
            return None
        return Batch(self._records(rows), Position(position=rows[-1][0], mark=mark_of(rows[-1])), len(rows))

    def _records(self, rows: Sequence[Row]) -> Iterator[KafkaRecord]:
        for row in rows:
            try:
                yield record_of(row, self._topic)
            except MalformedState:
                _log.error("position %d of the plan log can't be taken apart: left out of the topic", row[0])
                figures.parked(self.name)


def record_of(row: Row, topic: str) -> KafkaRecord:
    """A stored event as a CloudEvent in binary mode: attributes as headers, the sealed content as the value.

    `commitment` (hexadecimal) and `position` are extension attributes: with them a reader can compute the leaf of the
    log without any key. Raises MalformedState.
    """
    position, _, _, _, time, state = row
    header, commitment, ciphertext = unframe(state)
    try:
        event = _decoder.decode(header)
    except (DecodeError, UnicodeDecodeError):
        raise MalformedState("the clear header is none") from None
    plan = event.subject.encode()
    milliseconds, written = _time(time)
    headers = [
        (CONTENT_TYPE, SEALED),
        ("ce_specversion", b"1.0"),
        ("ce_id", event.id.encode()),
        ("ce_source", event.source.encode()),
        ("ce_type", event.type.encode()),
        ("ce_subject", plan),
        ("ce_time", written),
        ("ce_dataschema", event.dataschema.encode()),
        ("ce_sequence", event.sequence.encode()),
        ("ce_position", b"%d" % position),
        ("ce_commitment", commitment.hex().encode()),
    ]
    return KafkaRecord(topic, plan, ciphertext, headers, milliseconds)


def next_rows(log: SealedLog, after: int, upto: int, most: int = MOST_EVENTS) -> Sequence[Row]:
    """The rows behind a position, as many as go into one transaction."""
    rows: list[Row] = []
    held = 0
    for page in log.sealed_pages(after, upto=min(upto, after + most)):
        for row in page:
            if rows and held + len(row[5]) > MOST_BYTES:
                return rows
            rows.append(row)
            held += len(row[5])
    return rows


def mark_of(row: Row) -> str:
    """What tells this event at its position from any other: its leaf, or, for one that is damaged, nothing."""
    try:
        return leaf_hash(row[5], row[4]).hex()
    except MalformedState:
        return ""


def require_marked(log: SealedLog, position: Position) -> None:
    """Raise LogBehind unless the log has the marked event at that position."""
    if position == START or position.position == 0:
        return
    try:
        row = log.row(position.position)
    except LookupError:
        raise LogBehind(f"position {position.position} was published, the log ends before it") from None
    if position.mark and mark_of(row) != position.mark:
        raise LogBehind(f"another event was published for position {position.position} than the log holds")


@lru_cache(maxsize=64)
def _time(microseconds: int) -> tuple[int, bytes]:
    return microseconds // 1000, instant(microseconds).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
