"""The wrapped keys, kept apart from the log, where they can be forgotten.

A council's key (keyring) wraps a child's key, which wraps the data key of each event and snapshot. The log
never changes; destroying a key here is what erases. Keys are written, durably, before the events that need
them. A row is never overwritten by another key: the first one's event would become unreadable.
"""

import os
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from services.store.child_keys import KEY_LENGTH, ChildKey, ChildKeyCache, child_context, snapshot_context
from services.store.erasures import Erasure, Erasures
from services.store.errors import KeyConflict, KeyDestroyed, StoreError, UnknownKey
from services.store.key_rows import (
    ChildRows,
    child_rows,
    children_in,
    delete_keys,
    insert_child,
    insert_event_keys,
    keys_at_query,
)
from services.store.keyring import KeyWrapper
from services.store.sql import Connection, Database
from services.store.values import ChildKeyRow, SealedEvent

REMEMBERED_CHILDREN: Final = 10_000
"""How many children's keys stay unwrapped in memory."""

KeyPlace = tuple[bytes, int, bytes]
"""Which event a data key is for: stream, sequence, event id."""

KeptKey = tuple[bytes, bytes] | tuple[None, None]
"""A data key as it is kept: the plan whose key wraps it, and the wrapped bytes."""

NO_KEY: Final = (None, None)
"""The key of an event that was erased."""

_PLACES_PER_QUERY: Final = 500


class KeyStore:
    """The keys of all children, wrapped. Safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        wrapper: KeyWrapper,
        erasures: Erasures,
        scrub: Callable[[], None] = lambda: None,
        read: ChildRows = child_rows,
    ) -> None:
        """Use the keys in `database`, found by `read`, and destroy again whatever the register says was destroyed.

        `scrub` sees to it that no old page of the database still holds what was deleted. Raises ErasureIncomplete.
        """
        self.database = database
        self._wrapper = wrapper
        self.erasures = erasures
        self.scrub = scrub
        self._read = read
        self._cache = ChildKeyCache(REMEMBERED_CHILDREN)
        self.writing = threading.Lock()  # one transaction at a time: SQLite has one connection that writes
        self._destroy(tuple(erasures))

    def child_to_write(self, plan: UUID, council: str | None) -> ChildKey:
        """The child's key for sealing.

        A new one is made when the plan has none and `council` says whose it is.

        Raises KeyDestroyed after an erasure, UnknownKey for an unknown plan without a council.
        """
        if known := self._cache.get(plan) or self.children((plan,)).get(plan):
            return known
        if self.erasures.is_erased(plan):
            raise KeyDestroyed(plan)
        if council is None:
            raise UnknownKey(f"plan {plan} has no key yet, and no council to make one for it")
        return self._cache.put(self._make(plan, council))

    def new_child(self, plan: UUID, council: str) -> ChildKey:
        """A key for a plan that has no event yet, without asking the database.

        Should it have a key after all, or an erasure, the append is refused (KeyConflict, KeyDestroyed).
        """
        return self._cache.get(plan) or self._cache.put(self._make(plan, council))

    def forget(self, plan: UUID) -> None:
        """Drop a child's key from memory; it is read again when it is needed."""
        self._cache.forget(plan)

    def remembers(self, plan: UUID) -> bool:
        """Whether the child's key is in memory, so that the database isn't asked for it."""
        key = self._cache.get(plan)
        return key is not None and key.durable

    def look_for_child(self, plan: UUID) -> None:
        """Ask the database for a child's key, and keep nothing of the answer."""
        with self.database.reader() as connection:
            self._read(connection, (plan.bytes,))
        self.erasures.erased_among((plan,))

    def children(self, plans: Iterable[UUID]) -> dict[UUID, ChildKey]:
        """The keys of these children; one whose key is gone is missing."""
        return {key.row.plan: key for key in self.children_of({plan.bytes for plan in plans}).values()}

    def children_of(self, plans: Collection[bytes]) -> dict[bytes, ChildKey]:
        """The same by the bytes of the plans' ids: from memory, or some hundreds a query."""
        found = self._cache.durable_among(plans)
        wanted = [plan for plan in plans if plan not in found] if len(found) < len(plans) else []
        for start in range(0, len(wanted), _PLACES_PER_QUERY):
            found |= self._load(wanted[start : start + _PLACES_PER_QUERY])
        return found

    def write(self, groups: Sequence[Sequence[SealedEvent]]) -> list[StoreError | KeyConflict | None]:
        """Keep the keys of these groups of events, in one durable transaction, before the events.

        Returns for each group None or what is wrong with it; one group's trouble is not another's.
        """
        with self.writing:
            with self.database.transaction() as connection:
                outcomes = [self._write_group(connection, group) for group in groups]
            self.settle(tuple(children_in(groups)))
        return outcomes

    def settle(self, children: Sequence[ChildKeyRow]) -> None:
        """The keys of new children are on disk: these, or others that were made for them at the same time."""
        kept: dict[UUID, ChildKeyRow] = {}
        with self.database.reader() as connection:
            for start in range(0, len(children), _PLACES_PER_QUERY):
                plans = [child.plan.bytes for child in children[start : start + _PLACES_PER_QUERY]]
                kept |= {row.plan: row for row in self._read(connection, plans)}
        for child in children:
            key = self._cache.get(child.plan)
            if key is not None and key.row == kept.get(child.plan):
                key.durable = True
            else:
                self._cache.forget(child.plan)

    def told(self, child: ChildKeyRow, *, kept: bool) -> None:
        """An append that brought the key of a new child was committed with it, or refused (then it is made anew)."""
        key = self._cache.get(child.plan)
        if key is None or key.durable:
            return
        if kept and key.row == child:
            key.durable = True
        else:
            self._cache.forget(child.plan)

    def stream_keys(self, stream: UUID, after: int, upto: int | None) -> dict[KeyPlace, KeptKey]:
        """The data keys of a stream's events, in one query; one that was destroyed is missing."""
        with self.database.reader() as connection:
            rows = connection.execute(
                "SELECT k.sequence, k.event_id, k.plan, k.wrapped FROM event_key k JOIN child_key c ON c.plan = k.plan"
                " WHERE k.stream = ? AND k.sequence > ? AND k.sequence <= ?",
                (stream.bytes, after, 2**62 if upto is None else upto),
            )
            return {(stream.bytes, sequence, event): (plan, wrapped) for sequence, event, plan, wrapped in rows}

    def keys_at(self, places: Sequence[tuple[bytes, int]]) -> dict[KeyPlace, KeptKey]:
        """The data keys of any events, named by stream and sequence, a few hundred a query."""
        found: dict[KeyPlace, KeptKey] = {}
        with self.database.reader() as connection:
            for start in range(0, len(places), _PLACES_PER_QUERY):
                chunk = places[start : start + _PLACES_PER_QUERY]
                rows = connection.execute(keys_at_query(len(chunk)), [value for place in chunk for value in place])
                found |= {(stream, seq, event): (plan, wrapped) for stream, seq, event, plan, wrapped in rows}
        return found

    def erasures_of(self, plan: UUID) -> int:
        """How many erasures concern the plan: a fold that began before the last of them must not be kept."""
        return self.erasures.count(plan)

    def new_snapshot_key(self, plan: UUID, sequence: int, snapshot_id: UUID, erasures: int) -> bytes | None:
        """A fresh data key for a snapshot, kept before it is returned.

        `erasures` is what `erasures_of` said before the fold began; None when something was erased since.
        """
        data_key, context = os.urandom(KEY_LENGTH), snapshot_context(plan.bytes, sequence, snapshot_id.bytes)
        with self.writing:
            if self.erasures_of(plan) != erasures:
                return None
            wrapped = self.child_to_write(plan, None).wrap(data_key, context)
            with self.database.transaction() as connection:
                connection.execute(
                    "INSERT INTO snapshot_key VALUES (?,?,?,?)",
                    (plan.bytes, sequence, snapshot_id.bytes, wrapped),
                )
            # Another process that registered an erasure meanwhile either sees this key and deletes it, or is seen here.
            if self.erasures_of(plan) != erasures:
                with self.database.transaction() as connection:
                    connection.execute("DELETE FROM snapshot_key WHERE snapshot_id = ?", (snapshot_id.bytes,))
                return None
        return data_key

    def snapshot_key(self, plan: UUID, sequence: int, snapshot_id: UUID) -> bytes | None:
        """The data key of a snapshot, None when it or the child's key is gone."""
        with self.database.reader() as connection:
            found = connection.execute(
                "SELECT k.wrapped FROM snapshot_key k JOIN child_key c ON c.plan = k.plan"
                " WHERE k.plan = ? AND k.sequence = ? AND k.snapshot_id = ?",
                (plan.bytes, sequence, snapshot_id.bytes),
            ).fetchone()
        child = self.children((plan,)).get(plan)
        if found is None or child is None:
            return None
        return child.unwrap(found[0], snapshot_context(plan.bytes, sequence, snapshot_id.bytes))

    def destroy_child(self, plan: UUID) -> Erasure:
        """Destroy the child's key.

        Everything ever sealed under it is unreadable from now on, for everybody.
        """
        entry = self.erasures.child(plan)
        self._destroy((entry,))
        return entry

    def destroy_event(self, plan: UUID, stream: UUID, sequence: int) -> Erasure:
        """Destroy the key of one event, and those of the plan's snapshots, which may repeat what it said."""
        entry = self.erasures.event(plan, stream, sequence)
        self._destroy((entry,))
        return entry

    def rewrap(self, plan: UUID, council: str) -> None:
        """Hand the child's key over to another council: its key wraps it from now on, the old one no more.

        Raises KeyDestroyed after an erasure, UnknownKey when the plan has no key.
        """
        with self.writing:
            secret = self._secret(self._row(plan))
            row = self._wrapped(plan, council, secret)
            with self.database.transaction() as connection:
                connection.execute(
                    "UPDATE child_key SET council = ?, key_id = ?, wrapped = ? WHERE plan = ?",
                    (council, row.key_id, row.wrapped, plan.bytes),
                )
            self._cache.forget(plan)
            self.scrub()

    def _make(self, plan: UUID, council: str) -> ChildKey:
        secret = os.urandom(KEY_LENGTH)
        return ChildKey(self._wrapped(plan, council, secret), secret, durable=False)

    def _wrapped(self, plan: UUID, council: str, secret: bytes) -> ChildKeyRow:
        key_id = self._wrapper.current_key(council)
        wrapped = self._wrapper.wrap(key_id, secret, child_context(plan, council))
        return ChildKeyRow(plan, council, key_id, wrapped)

    def _secret(self, row: ChildKeyRow) -> bytes:
        return self._wrapper.unwrap(row.key_id, row.wrapped, child_context(row.plan, row.council))

    def _row(self, plan: UUID) -> ChildKeyRow:
        if self.erasures.is_erased(plan):
            raise KeyDestroyed(plan)
        with self.database.reader() as connection:
            rows = self._read(connection, (plan.bytes,))
        if not rows:
            raise UnknownKey(f"plan {plan} has no key")
        return rows[0]

    def _load(self, plans: Sequence[bytes]) -> dict[bytes, ChildKey]:
        with self.database.reader() as connection:
            rows = self._read(connection, plans)
        # Kept in memory before the register is asked: an erasure that begins after that finds them there. It is asked
        # for every plan alike, also where there is no such key.
        loaded = [self._cache.put(ChildKey(row, self._secret(row), durable=True)) for row in rows]
        erased = self.erasures.erased_among([UUID(bytes=plan) for plan in plans])
        for plan in erased:
            self._cache.forget(plan)
        return {key.row.plan.bytes: key for key in loaded if key.row.plan not in erased}

    def _write_group(self, connection: Connection, group: Sequence[SealedEvent]) -> StoreError | KeyConflict | None:
        for event in group:
            if self.erasures.is_erased(event.key.plan):
                return KeyDestroyed(event.key.plan)
        for child in children_in((group,)):
            if not insert_child(connection, child):
                return KeyConflict(child.plan)
        return insert_event_keys(connection, [event.key for event in group])

    def carry_out(self, erasures: Sequence[Erasure]) -> None:
        """Delete the keys that the register says are destroyed: whoever registered that may not have come so far."""
        with self.writing:
            self._delete(erasures)

    def destroy_again(self) -> None:
        """Destroy whatever the register says was destroyed: keys may have come back from a backup."""
        self._destroy(tuple(self.erasures))

    def _destroy(self, erasures: Sequence[Erasure]) -> None:
        if not erasures:
            return
        with self.writing:
            self._delete(erasures)
            self.scrub()

    def _delete(self, erasures: Sequence[Erasure]) -> None:
        with self.database.transaction() as connection:
            for entry in erasures:
                delete_keys(connection, entry)
        for entry in erasures:
            self._cache.forget(entry.plan)
