"""Does a reader behind the last seen position miss anything while six processes write?

    python -m tests.trials.tail --seed N --rounds M [--unsafe-rounds K]

Each round is 10,000 events: six processes append groups of one to three events to one log in PostgreSQL (their own
stream or one that all share), while a reader asks again and again for the rows behind the last position that it saw. It
must see every event once, in the order of positions, with no position left out at any moment: then order of positions
is order of commits. The same reader then follows the `eventsourcing` library's recorder in its fast mode
(POSTGRES_ENABLE_DB_FUNCTIONS=y), which is known to lose events for followers: a reader that finds nothing amiss there
would prove nothing here. Prints one line of JSON; exits 1 when ours loses anything, or the library's loses nothing.
"""

import argparse
import json
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.context import SpawnProcess
from typing import Any, LiteralString
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, StoredEvent
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment

from deploy.local.postgres import private_cluster
from services.store.errors import SequenceConflict
from services.store.postgres.batches import PostgresBatches
from services.store.postgres.database import conninfo_of
from services.store.postgres.migrating import migrate
from services.store.values import PLAN_LOG, AppendGroup
from services.store.writer import Writer

WRITERS = 6
CALLERS = 8
EVENTS = 10_000
PAGE = 500
ATTEMPTS = 5
SHARED = UUID(int=1)
"""The stream on which all writers meet."""

OURS: LiteralString = (
    "SELECT position, encode(stream, 'hex'), sequence FROM ehcp.plan_event"
    " WHERE position > %s ORDER BY position LIMIT %s"
)
THEIRS: LiteralString = (
    "SELECT notification_id, originator_id::text, originator_version FROM trial_events"
    " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
)
Row = tuple[int, str, int]


class Tail:
    """Reads behind the last position that it saw."""

    def __init__(self, url: str, query: LiteralString) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._query = query
        self.seen: list[Row] = []
        self.skips = 0

    def read(self) -> bool:
        """One page; whether there was anything."""
        last = self.seen[-1][0] if self.seen else 0
        rows = self._connection.execute(self._query, (last, PAGE)).fetchall()
        for row in rows:
            self.skips += row[0] != last + 1
            last = row[0]
        self.seen += rows
        return bool(rows)

    def everything(self) -> list[Row]:
        """All rows, now that nobody writes."""
        return self._connection.execute(self._query, (0, 2**31)).fetchall()

    def close(self) -> None:
        """End the conversation."""
        self._connection.close()


def follow(url: str, query: LiteralString, write: Callable[..., None], events: int, seed: str) -> dict[str, Any]:
    """Read while the writers write; what was missed."""
    context = multiprocessing.get_context("spawn")
    share = events // WRITERS + 1
    writers = [context.Process(target=write, args=(url, share, f"{seed}/{number}")) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    tail = Tail(url, query)
    while any(_is_at_work(writer) for writer in writers) or tail.read():
        tail.read()
    found = {"events": len(tail.everything()), **_judged(tail)}
    tail.close()
    return found


def _is_at_work(writer: SpawnProcess) -> bool:
    if writer.exitcode:
        raise RuntimeError(f"a writer ended with {writer.exitcode}")
    return writer.exitcode is None


def _judged(tail: Tail) -> dict[str, int]:
    seen, there = tail.seen, tail.everything()
    following: Counter[str] = Counter()
    disorder = 0
    for _, stream, sequence in there:
        following[stream] += 1
        disorder += sequence != following[stream]
    return {
        "missed": len(set(there) - set(seen)),
        "twice": len(seen) - len(set(seen)),
        "skippedPositions": tail.skips,
        "outOfSequence": disorder,
    }


def write_ours(url: str, events: int, seed: str) -> None:
    """One of our writing processes: callers in threads that share its writer's commits."""
    batches = PostgresBatches(conninfo_of(url), None)
    writer = Writer(batches)

    def append(stored: list[StoredEvent]) -> None:
        try:
            writer.submit(AppendGroup({PLAN_LOG: stored})).result()
        except SequenceConflict as conflict:
            raise Behind(conflict.expected) from None

    _all_callers(append, events, seed)
    writer.close()
    batches.close()


def write_theirs(url: str, events: int, seed: str) -> None:
    """One process with the library's recorder, in its fast mode."""
    recorder = library_recorder(url, creates_tables=False)

    def append(stored: list[StoredEvent]) -> None:
        try:
            recorder.insert_events(stored)
        except IntegrityError:
            known = recorder.select_events(stored[0].originator_id, desc=True, limit=1)
            raise Behind(known[0].originator_version + 1 if known else 1) from None

    _all_callers(append, events, seed)


class Behind(Exception):
    """Somebody else was first on the shared stream."""

    def __init__(self, expected: int) -> None:
        super().__init__(expected)
        self.expected = expected


def _all_callers(append: Callable[[list[StoredEvent]], None], events: int, seed: str) -> None:
    share = events // CALLERS + 1
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda number: _caller(append, share, random.Random(f"{seed}/{number}")), range(CALLERS)))


def _caller(append: Callable[[list[StoredEvent]], None], events: int, dice: random.Random) -> None:
    own, sequence, shared, written = UUID(int=dice.getrandbits(128)), 1, 1, 0
    while written < events:
        length = dice.randint(1, 3)
        meet = dice.random() < 0.02
        stream, first = (SHARED, shared) if meet else (own, sequence)
        state = dice.randbytes(dice.randint(100, 1_500))
        try:
            append([StoredEvent(stream, first + n, "trial", state) for n in range(length)])
        except Behind as behind:
            shared = behind.expected
            continue
        written += length
        if meet:
            shared += length
        else:
            sequence += length


def _caught(url: str, events: int, seed: int) -> dict[str, Any]:
    """What the reader missed of the library's recorder; asked again while by chance it missed nothing."""
    for attempt in range(ATTEMPTS):
        found = follow(url, THEIRS, write_theirs, events, f"{seed}/{attempt}")
        if found["missed"]:
            break
    return found


def library_recorder(url: str, *, creates_tables: bool) -> ApplicationRecorder:
    """The library's recorder for PostgreSQL in the mode in which its speed is published.

    Only one process may create its tables: two that replace the same database functions at once fail each other.
    """
    address = urlsplit(url)
    settings = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_HOST": address.hostname or "",
        "POSTGRES_PORT": str(address.port),
        "POSTGRES_USER": address.username or "",
        "POSTGRES_PASSWORD": address.password or "",
        "POSTGRES_DBNAME": address.path.removeprefix("/"),
        "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
        "CREATE_TABLE": "y" if creates_tables else "n",
    }
    return PostgresFactory(Environment("trial", settings)).application_recorder()


def main() -> int:
    """Run the rounds; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--unsafe-rounds", type=int, default=1)
    arguments = parser.parse_args()
    started = time.monotonic()
    with private_cluster() as cluster:
        for name in ("ours", "theirs"):
            cluster.create_database(name)
        migrate(cluster.url("ours"))
        ours = follow(cluster.url("ours"), OURS, write_ours, EVENTS * arguments.rounds, f"{arguments.seed}")
        library_recorder(cluster.url("theirs"), creates_tables=True)
        theirs = _caught(cluster.url("theirs"), EVENTS * arguments.unsafe_rounds, arguments.seed)
    good = not any(ours[name] for name in ("missed", "twice", "skippedPositions", "outOfSequence"))
    caught = theirs["missed"] > 0
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"sound": good and caught, "seconds": seconds, "ours": ours, "libraryFastMode": theirs}))
    return 0 if good and caught else 1


if __name__ == "__main__":
    sys.exit(main())
