"""Finding out what became of a batch when the connection broke before the answer came."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, cast

import psycopg

from services.store.errors import StoreUnavailable
from services.store.postgres.arrays import bigint_array, bytea_array
from services.store.values import Appended, AppendGroup, EventToStore, Outcome

_FIND: Final = (
    "SELECT e.stream, e.sequence, e.position, e.time, e.state FROM ehcp.{log}_event e"
    " JOIN unnest(%s::bytea[], %s::bigint[]) AS wanted (stream, sequence) USING (stream, sequence)"
)


class ReadBack:
    """Looks a batch's events up in the log."""

    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        """`connection` is a new one; the one that broke has ended (`end_backend`)."""
        self._connection = connection

    def outcomes(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        """For each group where its events stand, or that they were not written."""
        found = {log: self._found(log, groups) for log in {log for group in groups for log in group.events}}
        return [_outcome(group, found) for group in groups]

    def _found(self, log: str, groups: Sequence[AppendGroup]) -> dict[tuple[bytes, int], tuple[int, int, bytes]]:
        events = list(chain.from_iterable(group.events.get(log, ()) for group in groups))
        places = [_place(event) for event in events]
        rows = self._connection.execute(
            cast("Any", _FIND.format(log=log)),
            (bytea_array([stream for stream, _ in places]), bigint_array([sequence for _, sequence in places])),
            binary=True,
        )
        return {(stream, sequence): (position, time, state) for stream, sequence, position, time, state in rows}


def end_backend(connection: "psycopg.Connection[tuple[Any, ...]]", pid: int) -> bool:
    """Whether the server's process of the broken connection is gone, so that it can't commit any more.

    It is asked to go first: it may still be waiting for the order lock.
    """
    alive = connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND application_name = 'ehcp-writer'",
        (pid,),
    ).fetchone()
    return alive is None


def _place(event: EventToStore) -> tuple[bytes, int]:
    return cast("Any", event.originator_id).bytes, event.originator_version


def _outcome(group: AppendGroup, found: dict[str, dict[tuple[bytes, int], tuple[int, int, bytes]]]) -> Outcome:
    written: list[Appended] = []
    for log, events in group.events.items():
        for event in events:
            position, time, state = found[log].get(_place(event), (0, 0, b""))
            if state != event.state:
                return StoreUnavailable("the database was restarted before the batch was durable")
            written.append(Appended(log, position, time, event))
    return tuple(written)
