"""Durable append: our writer against the `eventsourcing` library's default recorder, and against a bare group commit.

Every side stores the same StoredEvents, mapped beforehand: 1,932 bytes that look random, as sealed ones do. The
library has as many threads as we have callers on the event loop.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from services.store.postgres.batches import PostgresBatches
from services.store.postgres.database import conninfo_of
from services.store.values import PLAN_LOG, AppendGroup
from services.store.writer import Writer
from tests.bench.bare_group_commit import append_bare
from tests.bench.measuring import Row, alternate, medians
from tests.bench.setting import Bench

BODY = os.urandom(1_932)
CROWD = 64
POOL = 5
"""Connections of the library's pool: its own default, and what serves it best.

More of them wait for the table's lock in the database instead of here, and that costs the library a third.
"""

Streams = Sequence[Sequence[StoredEvent]]


def append_rows(bench: Bench) -> Iterator[Row]:
    """Events a second for 64 callers and for one, and for 64 on a slow disk."""
    yield from _crowd(bench)
    ours, library = alternate(
        partial(_ours, bench, 1, bench.size(4_000, 500)),
        partial(_library, bench, 1, bench.size(2_000, 300)),
        bench.rounds,
    )
    yield _row("append-1-vs-library", bench, ours, library, 2)
    ours, library = alternate(
        partial(_ours, bench, CROWD, bench.size(15_000, 4_000), slow=True),
        partial(_library, bench, CROWD, bench.size(1_000, 300), slow=True),
        bench.rounds,
    )
    yield _row("append-64-vs-library-slow-disk", bench, ours, library, 40)


def _crowd(bench: Bench) -> Iterator[Row]:
    works: list[Callable[[], float]] = [
        partial(_ours, bench, CROWD, bench.size(30_000, 6_000)),
        partial(_library, bench, CROWD, bench.size(3_000, 600)),
        partial(_bare, bench, CROWD, bench.size(30_000, 6_000)),
    ]
    ours, library, bare = medians(works, bench.rounds)
    yield _row("append-64-vs-library", bench, ours, library, 20)
    yield _row("append-64-vs-group-commit", bench, ours, bare, 0.6)


def _row(name: str, bench: Bench, ours: float, reference: float, at_least: float) -> Row:
    return Row(id=name, ours=ours, reference=reference, unit="events/s", rounds=bench.rounds, at_least=at_least)


def _ours(bench: Bench, callers: int, events: int, *, slow: bool = False) -> float:
    with bench.database(slow=slow) as url:
        writer = Writer(PostgresBatches(conninfo_of(url), None))
        writer.submit(AppendGroup({PLAN_LOG: _streams(1, 1)[0]})).result()  # the connection is there
        groups = [[AppendGroup({PLAN_LOG: [event]}) for event in stream] for stream in _streams(callers, events)]

        async def call(own: Sequence[AppendGroup]) -> None:
            for group in own:
                await writer.append(group)

        rate = asyncio.run(_timed([partial(call, own) for own in groups], events))
        writer.close()
        return rate


def _bare(bench: Bench, callers: int, events: int) -> float:
    with bench.empty_database() as url:
        return append_bare(url, _streams(callers, events))


async def _timed(callers: Sequence[Callable[[], object]], events: int) -> float:
    started = time.perf_counter()
    await asyncio.gather(*[caller() for caller in callers])  # type: ignore[call-overload]
    return events / (time.perf_counter() - started)


def _library(bench: Bench, callers: int, events: int, *, slow: bool = False) -> float:
    with bench.empty_database(slow=slow) as url, _datastore(url, min(callers, POOL)) as datastore:
        recorder = PostgresApplicationRecorder(datastore)
        recorder.create_table()
        recorder.insert_events(_streams(1, 1)[0])
        streams = _streams(callers, events)

        def call(own: Sequence[StoredEvent]) -> None:
            for event in own:
                recorder.insert_events([event])

        with ThreadPoolExecutor(callers) as threads:
            started = time.perf_counter()
            list(threads.map(call, streams))
            return events / (time.perf_counter() - started)


def _datastore(url: str, pool: int) -> PostgresDatastore:
    """The library's default set-up (no functions in the database), every connection open before the clock starts."""
    stated = conninfo_to_dict(url)
    datastore = PostgresDatastore(
        str(stated["dbname"]),
        str(stated["host"]),
        str(stated["port"]),
        str(stated["user"]),
        str(stated["password"]),
        pool_size=pool,
        connect_timeout=60,
    )
    datastore.pool.open(wait=True, timeout=60)
    return datastore


def _streams(callers: int, events: int) -> list[list[StoredEvent]]:
    """For each caller a stream of its own."""
    each = events // callers
    return [_stream(each) for _ in range(callers)]


def _stream(length: int) -> list[StoredEvent]:
    stream = uuid4()
    return [StoredEvent(stream, sequence, "ehcp.plan.amended.v1", BODY) for sequence in range(1, length + 1)]
