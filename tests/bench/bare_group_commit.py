"""A group commit and nothing else: what an append could cost at best in Python.

Callers on an event loop put rows on a list; one task inserts whatever is on it with one `unnest` INSERT in a commit of
its own and tells everybody their position. Arrays go out in the form that ours have. No order lock, no check of
sequences, no refusal of one among many.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from eventsourcing.persistence import StoredEvent

from services.store.postgres.arrays import DUMPERS, bigint_array, bytea_array, text_array

_TABLE = """
    CREATE TABLE event (position bigserial PRIMARY KEY, stream bytea NOT NULL, sequence bigint NOT NULL,
                        type text NOT NULL, time timestamptz NOT NULL DEFAULT now(), state bytea NOT NULL,
                        UNIQUE (stream, sequence));
    ALTER TABLE event ALTER COLUMN state SET STORAGE EXTERNAL;
"""
_INSERT = (
    "INSERT INTO event (stream, sequence, type, state)"
    " SELECT * FROM unnest(%s::bytea[], %s::bigint[], %s::text[], %s::bytea[]) RETURNING position"
)


class GroupCommit:
    """One connection, one task that writes."""

    def __init__(self, connection: "psycopg.AsyncConnection[tuple[Any, ...]]") -> None:
        self._connection = connection
        self._waiting: list[tuple[StoredEvent, asyncio.Future[int]]] = []
        self._arrival = asyncio.Event()

    async def append(self, event: StoredEvent) -> int:
        """The event's position, once it is on disk."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, future))
        self._arrival.set()
        return await future

    async def write(self) -> None:
        """Write for ever."""
        while True:
            await self._arrival.wait()
            self._arrival.clear()
            batch, self._waiting = self._waiting, []
            events = [event for event, _ in batch]
            columns = (
                bytea_array([event.originator_id.bytes for event in events]),  # type: ignore[union-attr]
                bigint_array([event.originator_version for event in events]),
                text_array([event.topic for event in events]),
                bytea_array([event.state for event in events]),
            )
            found = await self._connection.execute(_INSERT, columns, binary=True, prepare=True)
            for (_, future), (position,) in zip(batch, await found.fetchall(), strict=True):
                future.set_result(position)


def append_bare(url: str, streams: Sequence[Sequence[StoredEvent]]) -> float:
    """Events a second, with a caller for each stream."""
    return asyncio.run(_append(url, streams))


async def _append(url: str, streams: Sequence[Sequence[StoredEvent]]) -> float:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(_TABLE)
        for kind, dumper in DUMPERS:
            connection.adapters.register_dumper(kind, dumper)
        commit = GroupCommit(connection)
        writer = asyncio.create_task(commit.write())

        async def call(own: Sequence[StoredEvent]) -> None:
            for event in own:
                await commit.append(event)

        started = time.perf_counter()
        await asyncio.gather(*[call(own) for own in streams])
        rate = sum(map(len, streams)) / (time.perf_counter() - started)
        writer.cancel()
        return rate
