"""A store in a folder of its own, and small fictional content to put into it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec import structs

from domain.plan.events import EventMetadata
from services.store.embedded import open_embedded
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.store.values import (
    PLAN_LOG,
    Appended,
    AppendGroup,
    IdempotencyRecord,
    RegisterChange,
    SealedEvent,
)

REQUESTED = "ehcp.plan.assessment-requested.v1"
AMENDED = "ehcp.plan.amended.v1"


class Clock:
    """A clock that a test sets: microseconds since the epoch."""

    def __init__(self) -> None:
        self.now = 1_790_000_000_000_000

    def __call__(self) -> int:
        return self.now


class Record:
    """A store with short ways to do what tests do all the time."""

    def __init__(self, store: RecordStore, folder: Path, clock: Clock) -> None:
        self.store = store
        self.folder = folder
        self.clock = clock

    def seal(
        self,
        plan: UUID,
        sequence: int,
        data: dict[str, Any] | None = None,
        type_: str = AMENDED,
        *,
        draft: UUID | None = None,
        event_id: UUID | None = None,
    ) -> SealedEvent:
        content = data or {"note": "n"}
        return self.store.seal(plan, sequence, type_, METADATA, content, council="855", draft=draft, event_id=event_id)

    def append(
        self,
        *events: SealedEvent,
        idempotency: IdempotencyRecord | None = None,
        register: Sequence[RegisterChange] = (),
    ) -> tuple[Appended, ...]:
        return self.store.append(AppendGroup({PLAN_LOG: events}, idempotency, register))

    def grow(self, plan: UUID, upto: int, start: int = 1) -> None:
        self.append(*(self.seal(plan, sequence, {"step": sequence}) for sequence in range(start, upto + 1)))


METADATA = EventMetadata(
    effectiveon="2026-09-01", actor="person:p1", actororg="la:855", actorrole="case-officer", mode="PERFORM"
)


def change(plan: UUID, **values: object) -> RegisterChange:
    """A register change with the usual council and phase."""
    return structs.replace(RegisterChange(plan=plan, council="855", phase="REQUESTED"), **values)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def embedded(tmp_path: Path, clock: Clock) -> Iterator[Record]:
    """The record in SQLite files, for tests that look into them."""
    with open_embedded(tmp_path / "var", clock=clock) as store:
        yield Record(store, tmp_path / "var", clock)


@pytest.fixture
def on_postgresql(migrated: str, tmp_path: Path, clock: Clock) -> Iterator[Record]:
    """The record in PostgreSQL."""
    with open_postgres(migrated, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store:
        yield Record(store, tmp_path, clock)


@pytest.fixture(params=["embedded", "on_postgresql"])
def record(request: pytest.FixtureRequest) -> Record:
    """The record on every database that it can stand on: they keep the same contract."""
    found: Record = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def plan() -> UUID:
    return uuid4()
