"""A batch of groups as the parallel arrays that the SQL procedure `ehcp.append` takes."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from services.store.idempotency import written_ranges
from services.store.postgres.arrays import bigint_array, bytea_array, text_array
from services.store.values import DRAFT_LOG, PLAN_LOG, AppendGroup, RegisterChange, SealedEvent

_ENCODERS: Final[dict[str, Callable[[Sequence[Any]], bytes]]] = {
    "bigint[]": bigint_array,
    "bytea[]": bytea_array,
    "text[]": text_array,
}

_EVENT: Final = {"stream": "bytea[]", "sequence": "bigint[]", "type": "text[]", "state": "bytea[]"}

Rows = dict[str, list[tuple[Any, ...]]]
"""The rows of each kind, before they are turned into columns."""

TABLES: Final = {
    "p": _EVENT,
    "d": _EVENT,
    "k": {"stream": "bytea[]", "sequence": "bigint[]", "event": "bytea[]", "plan": "bytea[]", "wrapped": "bytea[]"},
    "c": {"plan": "bytea[]", "council": "text[]", "key_id": "text[]", "wrapped": "bytea[]"},
    "r": {"request": "bytea[]", "body": "bytea[]", "plan": "bytea[]", "written": "text[]"},
    "g": {"plan": "bytea[]", "council": "text[]", "phase": "text[]", "version": "bigint[]", "retired": "bytea[]"},
    "m": {"plan": "bytea[]", "kind": "text[]", "council": "text[]", "blinded": "bytea[]"},
    "s": {"plan": "bytea[]", "log": "text[]", "stream": "bytea[]"},
}
"""The arrays of the type `ehcp.batch`, in its order; each kind of row begins with the number of its group."""

_PLACES: Final = ", ".join(f"%s::{kind}" for columns in TABLES.values() for kind in ("bigint[]", *columns.values()))

_ANSWER: Final = ", ".join(["NULL"] * 9)

CALL: Final = f"CALL ehcp.append(ROW(%s::bigint, {_PLACES}, %s::bigint, %s::boolean)::ehcp.batch, {_ANSWER})"
"""The one statement of an append."""

_KINDS: Final = {table: ("bigint[]", *columns.values()) for table, columns in TABLES.items()}
_EMPTY: Final = {table: [_ENCODERS[kind](()) for kind in kinds] for table, kinds in _KINDS.items()}
_EVENTS: Final = {PLAN_LOG: "p", DRAFT_LOG: "d"}


def batch_values(groups: Sequence[AppendGroup], now: int | None, *, from_zero: bool) -> list[Any]:
    """The values of CALL.

    Raises ValueError for a register change of a plan that has no event in its group, TypeError for a stream that isn't
    named by a UUID.
    """
    rows: Rows = defaultdict(list)
    children: set[tuple[int, bytes]] = set()
    for number, group in enumerate(groups, 1):
        for log, events in group.events.items():
            table = _EVENTS[log]
            for event in events:
                rows[table].append((number, stream_of(event), event.originator_version, event.topic, event.state))
                if isinstance(event, SealedEvent):
                    _add_keys(rows, children, number, event, log)
        if group.idempotency is not None:
            asked = group.idempotency
            rows["r"].append(
                (number, asked.request, asked.body, asked.plan.bytes, written_ranges(group.events.items()))
            )
        _add_changes(rows, number, group)
    return [len(groups), *_arrays(rows), now, from_zero]


def stream_of(event: StoredEvent) -> bytes:
    """The 16 bytes of an event's stream. Raises TypeError for one that isn't named by a UUID."""
    if not isinstance(event.originator_id, UUID):
        raise TypeError("a stream is named by a UUID")
    return event.originator_id.bytes


def _add_keys(rows: Rows, children: set[tuple[int, bytes]], number: int, event: SealedEvent, log: str) -> None:
    key, child = event.key, event.child
    rows["k"].append((number, key.stream.bytes, key.sequence, key.event_id.bytes, key.plan.bytes, key.wrapped))
    if child is not None and (number, child.wrapped) not in children:
        children.add((number, child.wrapped))
        rows["c"].append((number, child.plan.bytes, child.council, child.key_id, child.wrapped))
    if key.plan != key.stream and key.sequence == 1:
        rows["s"].append((number, key.plan.bytes, log, key.stream.bytes))


def _add_changes(rows: Rows, number: int, group: AppendGroup) -> None:
    if not group.register:
        return
    changed = {event.originator_id for event in group.events.get(PLAN_LOG, ())}
    latest: dict[UUID, RegisterChange] = {change.plan: change for change in group.register}
    for change in latest.values():
        if change.plan not in changed:
            raise ValueError("a register change without an event of its plan")
        retired = change.retired_into and change.retired_into.bytes
        rows["g"].append((number, change.plan.bytes, change.council, change.phase, change.version, retired))
        for m in change.matches:
            rows["m"].append((number, change.plan.bytes, m.kind, m.council, m.index))


def _arrays(rows: Rows) -> list[bytes]:
    values: list[bytes] = []
    for table, kinds in _KINDS.items():
        columns = zip(*rows[table], strict=True) if table in rows else None
        values += (
            _EMPTY[table]
            if columns is None
            else [_ENCODERS[kind](column) for kind, column in zip(kinds, columns, strict=True)]
        )
    return values
