"""Destroying the key of one event while the keys of all others stay: a *puncture* of the child's key.

An event's data key is derived from the child's root, so it is destroyed with the root. Before that, the keys of the
child's other events are written down, wrapped; new events come of a new root. All of it happens in one transaction, and
only if no event of the child was appended since its events were looked at: else it is tried again with those, too.
"""

import os
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from services.store.child_keys import (
    KEY_LENGTH,
    SECRET_LENGTH,
    ChildKey,
    child_context,
    event_context,
    rows_upto,
)
from services.store.errors import MalformedState, Unopenable
from services.store.framing import identity_and_ciphertext
from services.store.key_rows import KeyTables, Place, Replacement, event_keys_at
from services.store.keyring import KeyWrapper
from services.store.log_table import Row
from services.store.sealing import associated_data, decrypt
from services.store.sql import Connection
from services.store.values import SEALED_LOGS, ChildKeyRow, EventKeyRow

_NUMBER_LENGTH: Final = 8
_COLUMNS: Final = "SELECT e.position, e.stream, e.sequence, e.type, e.time, e.state FROM"
_BETWEEN: Final = "AND e.position > ? AND e.position <= ? ORDER BY e.position LIMIT 1000"
_MARKED: Final = (
    "SELECT plan, rows_upto FROM child_key WHERE plan > ? AND rows_upto IS NOT NULL ORDER BY plan LIMIT 1000"
)
_OWN: Final = f"{_COLUMNS} {{log}}_event e WHERE e.stream = ? {_BETWEEN}"
_BELONGING: Final = (
    f"{_COLUMNS} plan_stream s JOIN {{log}}_event e ON e.stream = s.stream"
    f" WHERE s.plan = ? AND s.log = '{{log}}' {_BETWEEN}"
)


class OnDisk(NamedTuple):
    """A child's key as it is kept: its row, and what that wraps."""

    row: ChildKeyRow
    key: ChildKey


ReadChild = Callable[[UUID], OnDisk | None]


def with_new_root(wrapping: bytes | None = None) -> tuple[bytes, int]:
    """A child's key with a new root, and the number by which appends tell that from any other the child ever had.

    `wrapping` is the half that stays, drawn too for a new child.
    """
    drawn = os.urandom(SECRET_LENGTH + _NUMBER_LENGTH)
    secret, number = drawn[:SECRET_LENGTH], int.from_bytes(drawn[SECRET_LENGTH:]) >> 1
    return secret if wrapping is None else wrapping + secret[KEY_LENGTH:], number


class Puncturing:
    """Replaces children's roots."""

    def __init__(self, tables: KeyTables, wrapper: KeyWrapper, read: ReadChild) -> None:
        """`read` gives a child's key as it is on disk, None when it is gone."""
        self.under_way: UUID | None = None
        """Whose keys are being destroyed. Whoever goes on writing of that child could keep the end off for ever."""
        self._tables = tables
        self._wrapper = wrapper
        self._read = read

    def destroy(self, plan: UUID, places: Collection[Place]) -> None:
        """Destroy the keys of these events, derived or written down, and with the root every copy of what they said.

        Nothing where it is so already.
        """
        self.under_way = plan
        try:
            self._replace_root(
                plan, places, lambda child: bool(self.derivable(plan, places, child)) or self._in_rows(places)
            )
        finally:
            self.under_way = None

    def give_root(self, plan: UUID) -> None:
        """Give a child of an earlier release the root that its new events need; all keys that it has are in rows."""
        self._replace_root(plan, (), lambda child: child.row.root is None)

    def stay_behind_the_log(self) -> None:
        """See to it that no key is sought in a row for an event that is yet to come.

        A log that was restored from an older copy than the keys counts on from positions that were passed once before.
        """
        heads: dict[str, int] = {}
        for plan, said in self._marked():
            heads = heads or self._heads()
            marks = msgspec.json.decode(said, type=dict[str, int])
            behind = {log: min(position, heads.get(log, 0)) for log, position in marks.items()}
            if behind != marks:
                with self._tables.database.transaction() as connection:
                    connection.execute(
                        "UPDATE child_key SET rows_upto = ? WHERE plan = ? AND rows_upto = ?",
                        (msgspec.json.encode(behind).decode(), plan, said),
                    )

    def _marked(self) -> Iterator[tuple[bytes, str]]:
        page: list[tuple[bytes, str]] = [(b"", "")]
        while page:
            with self._tables.database.reader() as connection:
                page = connection.execute(_MARKED, (page[-1][0],)).fetchall()
            yield from page

    def _in_rows(self, places: Collection[Place]) -> bool:
        with self._tables.database.reader() as connection:
            return bool(event_keys_at(connection, list(places)))

    def derivable(self, plan: UUID, places: Collection[Place], child: OnDisk | None = None) -> list[Place]:
        """Those of the events whose keys the child's root still gives."""
        child = child or self._read(plan)
        if child is None or child.row.root is None:
            return []
        with self._tables.log.reader() as connection:
            return [place for place in places if _is_behind(connection, place, child.key)]

    def _replace_root(self, plan: UUID, destroyed: Collection[Place], is_due: Callable[[OnDisk], bool]) -> None:
        rows: list[EventKeyRow] = []
        looked: ChildKeyRow | None = None
        seen: dict[str, int] = {}
        while (child := self._read(plan)) is not None and is_due(child):
            if looked is None or looked.root != child.row.root:
                rows, seen = [], rows_upto(child.row.rows_upto)
            heads = self._heads()
            if child.row.root is not None:
                rows += self._written_down(child.key, seen, heads, destroyed)
            looked, seen = child.row, heads
            if self._tables.replace(Replacement(looked, self._renewed(child, heads), heads, rows, tuple(destroyed))):
                return

    def _heads(self) -> dict[str, int]:
        with self._tables.log.reader() as connection:
            return {log: _head(connection, log) for log in SEALED_LOGS}

    def _renewed(self, child: OnDisk, heads: dict[str, int]) -> ChildKeyRow:
        row = child.row
        secret, number = with_new_root(child.key.secret[:KEY_LENGTH])
        key_id = self._wrapper.current_key(row.council)
        wrapped = self._wrapper.wrap(key_id, secret, child_context(row.plan, row.council))
        return ChildKeyRow(row.plan, row.council, key_id, wrapped, number, msgspec.json.encode(heads).decode())

    def _written_down(
        self, key: ChildKey, after: dict[str, int], upto: dict[str, int], destroyed: Collection[Place]
    ) -> Iterator[EventKeyRow]:
        """The keys of the child's events between these positions.

        One that doesn't open its event is none: with keys from a backup that is how an event looks whose key was lost.
        """
        for log in SEALED_LOGS:
            for row in self._events(key.plan, log, after.get(log, 0), upto[log]):
                if (row.stream, row.sequence) in destroyed:
                    continue
                try:
                    identity, ciphertext = identity_and_ciphertext(row.state)
                    data_key = key.data_key(row.stream, row.sequence, identity.bytes)
                    decrypt(data_key, ciphertext, associated_data(row.stream, row.sequence, row.type))
                except (MalformedState, Unopenable):
                    continue
                wrapped = key.wrap(data_key, event_context(row.stream, row.sequence, identity.bytes))
                yield EventKeyRow(key.plan, UUID(bytes=row.stream), row.sequence, identity, wrapped)

    def _events(self, plan: UUID, log: str, after: int, upto: int) -> Iterator[Row]:
        """The child's events in a log, a page at a time: of the plan's own stream and of those that belong to it."""
        for query in (_OWN, _BELONGING):
            at = after
            while page := self._page(query.format(log=log), plan, at, upto):
                yield from page
                at = page[-1].position

    def _page(self, query: str, plan: UUID, after: int, upto: int) -> list[Row]:
        with self._tables.log.reader() as connection:
            return [Row(*row) for row in connection.execute(query, (plan.bytes, after, upto)).fetchall()]


def positions_of(connection: Connection, place: Place) -> Iterator[tuple[str, int]]:
    """Where an event stands: in one log, or in none."""
    for log in SEALED_LOGS:
        found = connection.execute(
            f"SELECT position FROM {log}_event WHERE stream = ? AND sequence = ?",  # noqa: S608 — a log of ours
            place,
        ).fetchone()
        if found:
            yield log, found[0]


def _is_behind(connection: Connection, place: Place, key: ChildKey) -> bool:
    return any(position > key.rows_upto(log) for log, position in positions_of(connection, place))


def _head(connection: Connection, log: str) -> int:
    found = connection.execute(f"SELECT max(position) FROM {log}_event").fetchone()  # noqa: S608 — a log of ours
    return int(found[0] or 0)
