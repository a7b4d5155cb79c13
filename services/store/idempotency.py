"""Requests that were answered once: a client that repeats one gets the same answer, not a second event.

A record stands in the same transaction as the events it answers, so that neither can exist without the other.
Client, key and body are kept as keyed hashes: 30 days of requests say nothing to whoever reads the file.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from services.store.blind_index import BlindIndex
from services.store.canonical import trusted_canonical
from services.store.errors import RequestAlreadyRecorded
from services.store.framing import instant, microseconds
from services.store.sql import Connection, Database, placeholders
from services.store.values import Appended, EventToStore, IdempotencyRecord, RecordedRequest, StreamRange

RETENTION: Final = timedelta(days=30)
"""How long a repeat is recognised."""

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS request (request BLOB PRIMARY KEY, body BLOB NOT NULL,"
        " plan BLOB NOT NULL, written TEXT NOT NULL, created INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    ),
    "CREATE INDEX IF NOT EXISTS request_created ON request (created)",
)
"""What creates the table of requests."""


def idempotency_record(index: BlindIndex, client: str, key: str, body_sha256: bytes, plan: UUID) -> IdempotencyRecord:
    """What to append with a request's events: `client` is the caller by issuer and subject."""
    body = index.blind("idempotency-body", body_sha256.hex())
    newest, *others = _request(index, client, key)
    return IdempotencyRecord(newest, body, plan, tuple(others))


class RequestLog:
    """Looking requests up."""

    def __init__(self, database: Database, index: BlindIndex) -> None:
        """`database` is the one that holds the logs."""
        self._database = database
        self._index = index

    def find(self, client: str, key: str) -> RecordedRequest | None:
        """The request that the client made under this key, None when there is none (or it was purged)."""
        forms = _request(self._index, client, key)
        with self._database.reader() as connection:
            row = connection.execute(
                f"SELECT plan, written, body, created FROM request WHERE request IN ({placeholders(forms)}) LIMIT 1",  # noqa: S608 — placeholders
                forms,
            ).fetchone()
        if row is None:
            return None
        plan, written, body, created = row
        return RecordedRequest(UUID(bytes=plan), _ranges(written), body, instant(created))

    def is_same_body(self, found: RecordedRequest, body_sha256: bytes) -> bool:
        """Whether the repeat says what the first request said; if not, it is refused (HTTP 422)."""
        return found.body in self._index.blinds("idempotency-body", body_sha256.hex())


def refuse_repeat(connection: Connection, record: IdempotencyRecord) -> None:
    """Raise RequestAlreadyRecorded when the request is on record."""
    for form in record.forms:
        if connection.execute("SELECT 1 FROM request WHERE request = ?", (form,)).fetchone():
            raise RequestAlreadyRecorded


def write_request(connection: Connection, record: IdempotencyRecord, written: list[Appended], now: int) -> None:
    """Record the request with the events that answer it; `now` is microseconds since the epoch."""
    ranges = written_ranges(_by_log(written))
    connection.executemany(
        "INSERT INTO request VALUES (?,?,?,?,?)",
        [(form, record.body, record.plan.bytes, ranges, now) for form in record.forms],
    )


def purge_expired(connection: Connection, now: datetime) -> int:
    """Forget requests older than 30 days; returns how many."""
    before = microseconds(now - RETENTION)
    return connection.execute("DELETE FROM request WHERE created < ?", (before,)).rowcount


def _request(index: BlindIndex, client: str, key: str) -> tuple[bytes, ...]:
    return index.blinds("idempotency-request", f"{client}\x00{key}")


def written_ranges(events: Iterable[tuple[str, Sequence[EventToStore]]]) -> str:
    """Which events answer a request, as it is kept: canonical JSON of [log, stream, first, last] for each stream."""
    ranges: dict[tuple[str, str], list[int]] = {}
    for log, written in events:
        for event in written:
            ranges.setdefault((log, str(event.originator_id)), []).append(event.originator_version)
    return trusted_canonical([[*place, min(seen), max(seen)] for place, seen in ranges.items()]).decode()


def _by_log(written: list[Appended]) -> Iterable[tuple[str, Sequence[EventToStore]]]:
    return ((item.log, (item.event,)) for item in written)


def _ranges(written: str) -> tuple[StreamRange, ...]:
    return tuple(StreamRange(log, UUID(stream), first, last) for log, stream, first, last in orjson.loads(written))
