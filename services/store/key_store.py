"""The wrapped keys, kept apart from the log, where they can be forgotten.

A council's key (keyring) wraps a child's key, from whose root the data key of each event is derived; where an event was
destroyed, the keys of those before it are rows of their own. The log never changes; destroying a key here is what
erases. A child's key is written, durably, before the events that need it, and no event is written under a root that was
replaced: it would become unreadable.
"""

import threading
from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from services.store.child_keys import ChildKey, ChildKeyCache, child_context, kept
from services.store.erasures import Erasure, Erasures
from services.store.errors import KeyConflict, KeyDestroyed, StoreError, UnknownKey
from services.store.key_rows import (
    PLACES_PER_QUERY,
    KeyPlace,
    KeyTables,
    Place,
    children_in,
    delete_child,
    delete_event_keys,
    event_keys_at,
    insert_children,
)
from services.store.keyring import KeyWrapper
from services.store.puncturing import OnDisk, Puncturing, with_new_root
from services.store.snapshot_keys import SnapshotKeys
from services.store.values import ChildKeyRow, SealedEvent

REMEMBERED_CHILDREN: Final = 10_000
"""How many children's keys stay unwrapped in memory."""


class KeyStore:
    """The keys of all children, wrapped. Safe to use from several threads.

    Keys in memory are used only after a glance at the register of erasures: what was registered since is carried out
    and forgotten first, whoever registered it.
    """

    def __init__(self, tables: KeyTables, wrapper: KeyWrapper, erasures: Erasures) -> None:
        """Use the keys in `tables`, and destroy again whatever the register says was destroyed.

        Raises ErasureIncomplete.
        """
        self.tables = tables
        self.database = tables.database
        self._wrapper = wrapper
        self.erasures = erasures
        self._cache = ChildKeyCache(REMEMBERED_CHILDREN)
        self.writing = threading.RLock()  # one transaction at a time: SQLite has one connection that writes
        self._puncturing = Puncturing(tables, wrapper, self._on_disk)
        self.snapshots = SnapshotKeys(tables.database, self.writing, erasures, self.child_to_write, self._reading)
        self._followed = erasures.head()
        self._puncturing.stay_behind_the_log()
        self.destroy_again()

    def child_to_write(self, plan: UUID, council: str | None) -> ChildKey:
        """The child's key for sealing.

        A new one is made when the plan has none and `council` says whose it is. One of an earlier release gets a root.

        Raises KeyDestroyed after an erasure, UnknownKey for an unknown plan without a council.
        """
        if self._puncturing.under_way is not None and self._puncturing.under_way == plan:
            with self.writing:
                pass  # it has come to its end
        if remembered := self._cache.get(plan):
            return remembered
        if known := self.children((plan,)).get(plan):
            return known if known.number is not None else self._with_root(plan)
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
        return key is not None and key.unwritten is None

    def look_for_child(self, plan: UUID) -> None:
        """Ask the database for a child's key, and keep nothing of the answer."""
        with self.database.reader() as connection:
            self.tables.read(connection, (plan.bytes,))

    def children(self, plans: Iterable[UUID]) -> dict[UUID, ChildKey]:
        """The keys of these children; one whose key is gone is missing."""
        return {key.plan: key for key in self.children_of({plan.bytes for plan in plans}).values()}

    def children_of(self, plans: Collection[bytes]) -> dict[bytes, ChildKey]:
        """The same by the bytes of the plans' ids: from memory, or some hundreds a query."""
        if not plans:
            return {}
        self.follow()
        found = self._cache.durable_among(plans)
        wanted = [plan for plan in plans if plan not in found] if len(found) < len(plans) else []
        for start in range(0, len(wanted), PLACES_PER_QUERY):
            found |= self._load(wanted[start : start + PLACES_PER_QUERY])
        return found

    def event_keys(self, places: Sequence[Place]) -> dict[KeyPlace, bytes]:
        """The data keys of these events that are written down, wrapped; one that was destroyed is missing."""
        with self.database.reader() as connection:
            return event_keys_at(connection, places)

    def write(self, groups: Sequence[Sequence[SealedEvent]]) -> list[StoreError | KeyConflict | None]:
        """Keep the keys of new children among these groups of events, durably, before the events.

        Returns for each group None or why it can't be written; one group's trouble is not another's. It stays true
        while the caller holds `writing`.
        """
        refused = self._keep(tuple(children_in(groups)))
        others = {event.plan.bytes for group in groups for event in group if event.child is None}
        roots = {row.plan: row.root for row in self._rows(list(others))}
        outcomes = [self._refusal(group, refused, roots) for group in groups]
        for outcome in outcomes:
            self.told_refused(outcome)
        return outcomes

    def told(self, child: ChildKeyRow, *, kept: bool) -> None:
        """An append that brought the key of a new child was committed with it, or refused (then it is made anew)."""
        key = self._cache.get(child.plan)
        if key is None or key.unwritten is None:
            return
        if kept and key.unwritten == child:
            key.unwritten = None
        else:
            self._cache.forget(child.plan)

    def told_refused(self, outcome: object) -> None:
        """What became of an append: if the child's key was not the one on disk, it is read again for the next one."""
        if isinstance(outcome, KeyConflict):
            self._cache.forget(outcome.stream)
        elif isinstance(outcome, KeyDestroyed):
            self._cache.forget(outcome.plan)

    def follow(self) -> None:
        """Carry out and forget what was registered as destroyed since this was last called, here or elsewhere."""
        head = self.erasures.head()
        if head == self._followed:
            return
        with self.writing:
            self.carry_out(self.erasures.behind(self._followed))
            self._followed = max(self._followed, head)

    def erasures_of(self, plan: UUID) -> int:
        """How many erasures concern the plan: a fold that began before the last of them must not be kept."""
        return self.erasures.count(plan)

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
            # Again where it was punctured, or wrapped anew, in between.
            while not self._handed_over(self._row(plan), council):
                pass
            self._cache.forget(plan)
            self.tables.scrub()

    def carry_out(self, erasures: Sequence[Erasure]) -> None:
        """Delete the keys that the register says are destroyed: whoever registered that may not have come so far."""
        with self.writing:
            children = [entry.plan for entry in erasures if entry.stream is None]
            events: dict[UUID, list[Place]] = {}
            for entry in erasures:
                if entry.stream is not None and entry.sequence is not None:
                    events.setdefault(entry.plan, []).append((entry.stream.bytes, entry.sequence))
            # First: that the key of an event is written down says that copies of the event can still be opened.
            for plan, places in events.items():
                self._puncturing.destroy(plan, places)
            with self.database.transaction() as connection:
                for plan in children:
                    delete_child(connection, plan)
                for plan, places in events.items():
                    delete_event_keys(connection, plan, places)
            for plan in (*children, *events):
                self._cache.forget(plan)

    def destroy_again(self) -> None:
        """Destroy whatever the register says was destroyed: keys may have come back from a backup."""
        self._destroy(tuple(self.erasures))

    def _destroy(self, erasures: Sequence[Erasure]) -> None:
        if not erasures:
            return
        with self.writing:
            self.carry_out(erasures)
            self.tables.scrub()

    def _keep(self, children: Sequence[ChildKeyRow]) -> Collection[ChildKeyRow]:
        """Have the keys of new children on disk; returns those that can't be kept."""
        if not children:
            return ()
        with self.writing, self.database.transaction() as connection:
            refused = insert_children(connection, children)
        for child in children:
            self.told(child, kept=child not in refused)
        return refused

    def _make(self, plan: UUID, council: str) -> ChildKey:
        secret, number = with_new_root()
        key_id = self._wrapper.current_key(council)
        wrapped = self._wrapper.wrap(key_id, secret, child_context(plan, council))
        row = ChildKeyRow(plan, council, key_id, wrapped, number)
        return ChildKey(plan, secret, number, unwritten=row)

    def _with_root(self, plan: UUID) -> ChildKey:
        with self.writing:
            self._puncturing.give_root(plan)
            self._cache.forget(plan)
        return self.child_to_write(plan, None)

    def _handed_over(self, row: ChildKeyRow, council: str) -> bool:
        secret, key_id = self._secret(row), self._wrapper.current_key(council)
        wrapped = self._wrapper.wrap(key_id, secret, child_context(row.plan, council))
        with self.database.transaction() as connection:
            changed = connection.execute(
                "UPDATE child_key SET council = ?, key_id = ?, wrapped = ? WHERE plan = ? AND wrapped = ?",
                (council, key_id, wrapped, row.plan.bytes, row.wrapped),
            )
        return bool(changed.rowcount)

    def _secret(self, row: ChildKeyRow) -> bytes:
        return self._wrapper.unwrap(row.key_id, row.wrapped, child_context(row.plan, row.council))

    def _row(self, plan: UUID) -> ChildKeyRow:
        if self.erasures.is_erased(plan):
            raise KeyDestroyed(plan)
        rows = self._rows((plan.bytes,))
        if not rows:
            raise UnknownKey(f"plan {plan} has no key")
        return rows[0]

    def _on_disk(self, plan: UUID) -> OnDisk | None:
        """The key as it is kept now, whatever is in memory."""
        rows = self._rows((plan.bytes,))
        return OnDisk(rows[0], kept(rows[0], self._secret(rows[0]))) if rows else None

    def _reading(self, plan: UUID) -> ChildKey | None:
        return self.children((plan,)).get(plan)

    def _load(self, plans: Sequence[bytes]) -> dict[bytes, ChildKey]:
        forgotten = self._cache.forgotten
        read = {row.plan.bytes: kept(row, self._secret(row)) for row in self._rows(plans)}
        return self._cache.put_read(read, forgotten)

    def _rows(self, plans: Sequence[bytes]) -> list[ChildKeyRow]:
        with self.database.reader() as connection:
            return [
                row
                for start in range(0, len(plans), PLACES_PER_QUERY)
                for row in self.tables.read(connection, plans[start : start + PLACES_PER_QUERY])
            ]

    def _refusal(
        self, group: Sequence[SealedEvent], refused: Collection[ChildKeyRow], roots: dict[UUID, int | None]
    ) -> StoreError | KeyConflict | None:
        for event in group:
            if self.erasures.is_erased(event.plan):
                return KeyDestroyed(event.plan)
        for event in group:
            if event.child is not None:
                if event.child in refused:
                    return KeyConflict(event.plan)
            elif event.plan not in roots:
                return KeyDestroyed(event.plan)
            elif roots[event.plan] != event.root:
                return KeyConflict(event.plan)
        return None
