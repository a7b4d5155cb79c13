"""The register of erasures: which keys were destroyed, and when. It only ever grows.

One JSON object a line in a file of its own, forced to disk before a key is deleted. It is kept apart from the
keys and their backups: when keys come back from a backup, start-up reads this register and destroys them
again before serving. It names random plan ids and sequences, nothing else.
"""

import os
import threading
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

import msgspec

from services.store.files import sync_folder


class Erasure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One erasure: the key of a child (no `sequence`) or of one event of `stream`."""

    plan: UUID
    at: datetime
    stream: UUID | None = None
    sequence: int | None = None


class Erasures(Protocol):
    """What was destroyed, in a register that only ever grows."""

    def __iter__(self) -> Iterator[Erasure]:
        """Every erasure, oldest first."""

    def __len__(self) -> int:
        """How many there are: whoever follows them counts."""

    def since(self, handled: int) -> list[Erasure]:
        """The erasures behind the first so many, oldest first."""

    def head(self) -> int:
        """A number that grows with every erasure, at the price of a glance: for whoever follows them in memory."""

    def behind(self, head: int) -> list[Erasure]:
        """The erasures registered since `head` was that, oldest first."""

    def is_erased(self, plan: UUID) -> bool:
        """Whether the child's key was destroyed."""

    def erased_among(self, plans: Collection[UUID]) -> set[UUID]:
        """Those of the plans whose child's key was destroyed."""

    def count(self, plan: UUID) -> int:
        """How many erasures concern the plan."""

    def child(self, plan: UUID) -> Erasure:
        """Register, durably, that the child's key is being destroyed."""

    def event(self, plan: UUID, stream: UUID, sequence: int) -> Erasure:
        """Register, durably, that the key of one event is being destroyed."""


class ErasureRegister:
    """An append-only file of erasures, with answers in memory for what is asked often."""

    def __init__(self, path: Path) -> None:
        """Read what was erased so far. A last line cut short was never acknowledged and is passed over."""
        path.touch(mode=0o600)
        sync_folder(path.parent)
        self._path = path
        self._lock = threading.Lock()
        self._entries = list(_complete_lines(path))
        self._children = {entry.plan for entry in self._entries if entry.sequence is None}
        self._counts = Counter(entry.plan for entry in self._entries)

    def __iter__(self) -> Iterator[Erasure]:
        """Every erasure, oldest first."""
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        """How many erasures there have been: whoever follows them counts."""
        return len(self._entries)

    def since(self, handled: int) -> list[Erasure]:
        """The erasures behind the first so many, oldest first."""
        return self._entries[handled:]

    def head(self) -> int:
        """How many there are."""
        return len(self._entries)

    def behind(self, head: int) -> list[Erasure]:
        """The erasures registered since `head` was that, oldest first."""
        return self.since(head)

    def is_erased(self, plan: UUID) -> bool:
        """Whether the child's key was destroyed."""
        return plan in self._children

    def erased_among(self, plans: Collection[UUID]) -> set[UUID]:
        """Those of the plans whose child's key was destroyed."""
        return self._children.intersection(plans)

    def count(self, plan: UUID) -> int:
        """How many erasures concern the plan."""
        return self._counts[plan]

    def child(self, plan: UUID) -> Erasure:
        """Register, durably, that the child's key is being destroyed."""
        return self._append(Erasure(plan=plan, at=datetime.now(UTC)))

    def event(self, plan: UUID, stream: UUID, sequence: int) -> Erasure:
        """Register, durably, that the key of one event is being destroyed."""
        return self._append(Erasure(plan=plan, at=datetime.now(UTC), stream=stream, sequence=sequence))

    def _append(self, entry: Erasure) -> Erasure:
        with self._lock:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            try:
                # The newline in front closes a line that a crash cut short.
                os.write(descriptor, b"\n" + msgspec.json.encode(entry) + b"\n")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._entries.append(entry)
            self._counts[entry.plan] += 1
            if entry.sequence is None:
                self._children.add(entry.plan)
        return entry


def _complete_lines(path: Path) -> Iterator[Erasure]:
    for line in path.read_bytes().split(b"\n"):
        try:
            yield msgspec.json.decode(line, type=Erasure)
        except msgspec.DecodeError:
            continue
