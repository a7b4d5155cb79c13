"""A batch of groups as the parallel arrays that the SQL procedure `ehcp.append` takes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.store.idempotency import written_ranges
from services.store.postgres.arrays import (
    BigintArray,
    EncodedArray,
    bigint_array,
    bytea_array,
    sparse_bigint_array,
    text_array,
)
from services.store.values import DRAFT_LOG, PLAN_LOG, AppendGroup, EventToStore, RegisterChange, SealedEvent

Encoder = Callable[[Sequence[Any]], EncodedArray]
Rows = dict[str, list[tuple[Any, ...]]]
"""The rows of each kind, before they are turned into columns."""

_BIGINT, _BYTEA, _TEXT = bigint_array, bytea_array, text_array


class _Kind(NamedTuple):
    """A kind of rows: the SQL type that carries them, and their columns behind the number of the group.

    `after` says how many columns follow that tell of the row before which names the same.
    """

    type: str
    columns: tuple[Encoder, ...]
    after: int = 0


_EVENTS: Final = _Kind("batch_events", (_BYTEA, _BIGINT, _TEXT, _BYTEA, sparse_bigint_array), after=2)

_KINDS: Final = {
    "p": _EVENTS,
    "d": _EVENTS,
    "k": _Kind("batch_roots", (_BYTEA, _BIGINT)),
    "c": _Kind("batch_child_keys", (_BYTEA, _TEXT, _TEXT, _BYTEA, _BIGINT)),
    "r": _Kind("batch_requests", (_BYTEA, _BYTEA, _BYTEA, _TEXT), after=1),
    "g": _Kind("batch_register", (_BYTEA, _TEXT, _TEXT, _BIGINT, _BYTEA, _BIGINT), after=1),
    "n": _Kind("batch_renamed", (_BYTEA,)),
    "m": _Kind("batch_identifiers", (_BYTEA, _TEXT, _TEXT, _BYTEA)),
    "s": _Kind("batch_streams", (_BYTEA, _TEXT, _BYTEA, _BIGINT)),
}
"""What `ehcp.append` takes, in its order."""

_OF_LOG: Final = {PLAN_LOG: "p", DRAFT_LOG: "d"}
_NO_EARLIER: Final = BigintArray(None)


def batch_call(groups: Sequence[AppendGroup], now: int | None, *, from_zero: bool) -> tuple[str, list[Any]]:
    """The statement of an append, for a raw cursor, and its values.

    Raises ValueError for a register change of a plan that has no event in its group, TypeError for a stream that isn't
    named by a UUID.
    """
    rows = _rows(groups)
    return _call(tuple(name for name in _KINDS if rows.get(name))), [len(groups), now, from_zero, *_arrays(rows)]


@cache
def _call(present: tuple[str, ...]) -> str:
    """The one statement of an append by the kinds of rows that occur; in the place of the others stands null."""
    places = count(4)
    rows = [_row(kind, places) if name in present else "NULL" for name, kind in _KINDS.items()]
    return f"CALL ehcp.append($1, {', '.join(rows)}, $2, $3, NULL, NULL)"


def _row(kind: _Kind, places: Iterator[int]) -> str:
    return f"ROW({', '.join(f'${next(places)}' for _ in range(1 + len(kind.columns) + kind.after))})::ehcp.{kind.type}"


def _rows(groups: Sequence[AppendGroup]) -> Rows:
    rows: Rows = defaultdict(list)
    for number, group in enumerate(groups, 1):
        for log, events in group.events.items():
            written = rows[_OF_LOG[log]]
            for event in events:
                root = None
                if isinstance(event, SealedEvent):
                    root = _add_keys(rows, number, event, log)
                    if event.opens_stream:
                        rows["s"].append((number, event.plan.bytes, log, event.stream.bytes, len(written) + 1))
                written.append((number, stream_of(event), event.originator_version, event.topic, event.state, root))
        if group.idempotency is not None:
            asked = group.idempotency
            ranges = written_ranges(group.events.items())
            rows["r"] += [(number, form, asked.body, asked.plan.bytes, ranges) for form in asked.forms]
        if group.register:
            _add_changes(rows, number, group)
    return rows


def stream_of(event: EventToStore) -> bytes:
    """The 16 bytes of an event's stream. Raises TypeError for one that isn't named by a UUID."""
    if not isinstance(event.originator_id, UUID):
        raise TypeError("a stream is named by a UUID")
    return event.originator_id.bytes


def _add_keys(rows: Rows, number: int, event: SealedEvent, log: str) -> int | None:
    """Note the child's key that an event brings, else its root, which an event of a plan's own stream tells itself."""
    child = event.child
    if child is not None:
        _add_once(rows["c"], (number, child.plan.bytes, child.council, child.key_id, child.wrapped, child.root))
        return None
    if log == PLAN_LOG and event.is_of_plan:
        return event.root
    _add_once(rows["k"], (number, event.plan.bytes, event.root))
    return None


def _add_once(rows: list[tuple[Any, ...]], row: tuple[Any, ...]) -> None:
    """What is said twice is true, too: events of a group that say the same mostly follow each other."""
    if not rows or rows[-1] != row:
        rows.append(row)


def _add_changes(rows: Rows, number: int, group: AppendGroup) -> None:
    events = group.events.get(PLAN_LOG, ())
    places = {event.originator_id: place for place, event in enumerate(events, len(rows["p"]) - len(events) + 1)}
    latest: dict[UUID, RegisterChange] = {change.plan: change for change in group.register}
    for change in latest.values():
        if change.plan not in places:
            raise ValueError("a register change without an event of its plan")
        plan, retired = change.plan.bytes, change.retired_into and change.retired_into.bytes
        place = places[change.plan]
        rows["g"].append((number, plan, change.council, change.phase, change.version, retired, place))
        if change.matches is not None:
            rows["n"].append((number, plan))
            rows["m"] += [(number, plan, m.kind, m.council, m.index) for m in change.matches]


def _arrays(rows: Rows) -> Iterator[EncodedArray]:
    for name, kind in _KINDS.items():
        if found := rows.get(name):
            for encode, column in zip((bigint_array, *kind.columns), zip(*found, strict=True), strict=True):
                yield encode(column)
            yield from _earlier(found, kind.after)


def _earlier(rows: Sequence[tuple[Any, ...]], columns: int) -> list[EncodedArray]:
    """For each row the group of the one before that names the same, and its sequence, 0 for none; null if none does."""
    if len({row[1] for row in rows}) == len(rows):
        return [_NO_EARLIER] * columns
    last: dict[bytes, tuple[Any, ...]] = {}
    before = []
    for row in rows:
        before.append(last.get(row[1], (0, b"", 0)))
        last[row[1]] = row
    return [bigint_array([row[place] for row in before]) for place in (0, 2)[:columns]]
