# ruff: noqa: S608 — the table is named in the statements; every value is bound
"""One log as one table: dense positions, gapless streams, nothing ever changed or deleted."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from services.store.errors import SequenceConflict
from services.store.sql import Connection, insert_rows
from services.store.values import EventToStore

FIRST_SEQUENCE: Final = frozenset((1,))
"""The sequence of a stream's first event."""


class Row(NamedTuple):
    """One event as it is kept. Only `state` holds content, and only sealed."""

    position: int
    stream: bytes
    sequence: int
    type: str
    time: int
    state: bytes


class LogTable:
    """The statements of one log. Appending happens on the writer's connection, inside its transaction."""

    def __init__(self, name: str, first_sequences: Collection[int] = FIRST_SEQUENCE) -> None:
        """`first_sequences` are the numbers that a stream may start with.

        After that each is the next, without a gap.
        """
        self.name = name
        self._first_sequences = first_sequences
        self._table = f"{name}_event"
        self._columns = f"SELECT position, stream, sequence, type, time, state FROM {self._table} "

    @property
    def statements(self) -> tuple[str, ...]:
        """What creates the table and the triggers that refuse to change it."""
        table = self._table
        return (
            (
                f"CREATE TABLE IF NOT EXISTS {table} (position INTEGER PRIMARY KEY, stream BLOB NOT NULL,"
                " sequence INTEGER NOT NULL, type TEXT NOT NULL, time INTEGER NOT NULL, state BLOB NOT NULL,"
                " UNIQUE (stream, sequence), CHECK (length(stream) = 16)) STRICT"
            ),
            *(
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change} BEFORE {change} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
                for change in ("UPDATE", "DELETE")
            ),
        )

    def append(self, connection: Connection, events: Sequence[EventToStore], now: int) -> list[tuple[int, int]]:
        """Insert the events at the next positions; returns (position, time) of each.

        `now` is microseconds since the epoch; the time written is never before that of the position in front.
        The caller has called `check_next` in the same transaction.
        """
        last_position, last_time = self.head(connection)
        time = max(now, last_time)
        rows = [
            (position, event.originator_id.bytes, event.originator_version, event.topic, time, event.state)  # type: ignore[union-attr]
            for position, event in enumerate(events, last_position + 1)
        ]
        insert_rows(connection, f"INSERT INTO {self._table}", rows)
        return [(row[0], time) for row in rows]

    def head(self, connection: Connection) -> tuple[int, int]:
        """The last position and its time; (0, 0) for an empty log."""
        found: tuple[int, int] | None = connection.execute(
            f"SELECT position, time FROM {self._table} ORDER BY position DESC LIMIT 1"
        ).fetchone()
        return found or (0, 0)

    def last_sequence(self, connection: Connection, stream: bytes) -> int | None:
        """The sequence of the stream's last event, None when it has none."""
        (last,) = connection.execute(f"SELECT max(sequence) FROM {self._table} WHERE stream = ?", (stream,)).fetchone()
        return last  # type: ignore[no-any-return]

    def last_sequences(self, connection: Connection, streams: Sequence[bytes]) -> dict[bytes, int]:
        """The sequence of each stream's last event, none for a stream without one: in one question."""
        marks = ",".join("?" * len(streams))
        query = f"SELECT stream, max(sequence) FROM {self._table} WHERE stream IN ({marks}) GROUP BY stream"
        return dict(connection.execute(query, streams).fetchall())

    def stream(
        self,
        connection: Connection,
        stream: bytes,
        after: int | None,
        upto: int | None,
        *,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Row]:
        """The events of a stream with after < sequence <= upto, in one query."""
        where = ["stream = ?"]
        values: list[object] = [stream]
        _bound(where, values, "sequence > ?", after)
        _bound(where, values, "sequence <= ?", upto)
        order = "DESC" if newest_first else "ASC"
        return self._select(connection, where, values, f"sequence {order}", limit)

    def page(
        self,
        connection: Connection,
        first: int | None,
        last: int | None,
        limit: int,
        types: Sequence[str] = (),
        stream: bytes | None = None,
    ) -> list[Row]:
        """At most `limit` events with first <= position <= last, in order, of these types and this stream or any."""
        where: list[str] = ["position > 0"]
        values: list[object] = []
        _bound(where, values, "position >= ?", first)
        _bound(where, values, "position <= ?", last)
        _bound(where, values, "stream = ?", stream)
        if types:
            where.append(f"type IN ({','.join('?' * len(types))})")
            values.extend(types)
        return self._select(connection, where, values, "position", limit)

    def of_plan(self, connection: Connection, plan: bytes, after: int, limit: int) -> list[Row]:
        """At most `limit` events behind a position, each the first of a stream that belongs to the plan."""
        columns = "e.position, e.stream, e.sequence, e.type, e.time, e.state"
        statement = (
            f"SELECT {columns} FROM plan_stream s JOIN {self._table} e ON e.position = s.opened_position"
            " WHERE s.plan = ? AND s.log = ? AND s.opened_position > ? ORDER BY s.opened_position LIMIT ?"
        )
        return [Row(*row) for row in connection.execute(statement, (plan, self.name, after, limit)).fetchall()]

    def streams(self, connection: Connection, after: bytes | None, limit: int) -> list[bytes]:
        """At most `limit` streams in the order of their ids, behind one or from the first on."""
        values: list[object] = [] if after is None else [after]
        behind = "" if after is None else "stream > ? AND "
        first = min(self._first_sequences)
        query = f"SELECT stream FROM {self._table} WHERE {behind}sequence = {first} ORDER BY stream LIMIT ?"
        return [bytes(stream) for (stream,) in connection.execute(query, (*values, limit)).fetchall()]

    def position_at(self, connection: Connection, time: int) -> int:
        """The last position recorded at or before `time` (microseconds), 0 when there is none.

        Time never falls as position rises, so that halving finds it without an index on time.
        """
        low, high = 0, self.head(connection)[0]
        while low < high:
            middle = (low + high + 1) // 2
            (recorded,) = connection.execute(f"SELECT time FROM {self._table} WHERE position = ?", (middle,)).fetchone()
            low, high = (middle, high) if recorded <= time else (low, middle - 1)
        return low

    def check_next(self, connection: Connection, events: Sequence[EventToStore]) -> None:
        """Raise SequenceConflict unless every event is the next of its stream.

        No gap (5 then 7), no second 5.
        """
        last: dict[UUID, int | None] = {}
        for event in events:
            stream, sequence = event.originator_id, event.originator_version
            if not isinstance(stream, UUID):
                raise TypeError("a stream is named by a UUID")
            before = last[stream] if stream in last else self.last_sequence(connection, stream.bytes)
            if before is None:
                if sequence not in self._first_sequences:
                    raise SequenceConflict(stream, sequence, min(self._first_sequences))
            elif sequence != before + 1:
                raise SequenceConflict(stream, sequence, before + 1)
            last[stream] = sequence

    def _select(
        self,
        connection: Connection,
        where: list[str],
        values: list[object],
        order: str,
        limit: int | None,
    ) -> list[Row]:
        tail = "" if limit is None else f" LIMIT {int(limit)}"
        statement = f"{self._columns} WHERE {' AND '.join(where)} ORDER BY {order}{tail}"
        return connection.execute(statement, values).fetchall()


def _bound(where: list[str], values: list[object], condition: str, value: int | bytes | None) -> None:
    if value is not None:
        where.append(condition)
        values.append(value)
