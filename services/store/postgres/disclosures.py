"""Appending to the disclosure log on PostgreSQL: a procedure, a lock and a connection of its own.

All readers that wait share one commit, and no read waits for an act.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from typing_extensions import override

from services.store.errors import KeyConflict, KeyDestroyed
from services.store.postgres.arrays import bigint_array, bytea_array, text_array
from services.store.postgres.batch_arrays import stream_of
from services.store.postgres.batches import PostgresBatches, placed
from services.store.values import DISCLOSURE_LOG, AppendGroup, ChildKeyRow, Outcome, SealedEvent

_OF_KEYS: Final[dict[str, Callable[[UUID], Exception]]] = {"23E01": KeyDestroyed, "23E02": KeyConflict}
"""What the procedure refuses because of a child's key, by the state that it reports."""

_CALL: Final = f"CALL ehcp.append_disclosures({', '.join(f'${place}' for place in range(1, 12))}, NULL, NULL)"


class DisclosureBatches(PostgresBatches):
    """Writes batches to the disclosure log, on a connection of its own."""

    @override
    def _asked(self, groups: Sequence[AppendGroup]) -> tuple[str, list[Any]]:
        events = [cast("SealedEvent", event) for group in groups for event in group.events[DISCLOSURE_LOG]]
        children = _new_children(events)
        columns = [
            bytea_array([stream_of(event) for event in events]),
            text_array([event.topic for event in events]),
            bytea_array([event.state for event in events]),
            bytea_array([event.plan.bytes for event in events]),
            bigint_array([event.root for event in events]),
            bytea_array([child.plan.bytes for child in children]),
            text_array([child.council for child in children]),
            text_array([child.key_id for child in children]),
            bytea_array([child.wrapped for child in children]),
            bigint_array([child.root or 0 for child in children]),
        ]
        return _CALL, [*columns, self._clock()]

    @override
    def _answered(self, groups: Sequence[AppendGroup], row: Sequence[Any]) -> list[Outcome]:
        head, moment = row
        written = sum(len(group.events[DISCLOSURE_LOG]) for group in groups)
        return placed(groups, {DISCLOSURE_LOG: (head - written, moment)}, {})

    @override
    def _refused(self, group: AppendGroup, error: Exception) -> Outcome:
        about = cast("SealedEvent", group.events[DISCLOSURE_LOG][0]).plan
        if isinstance(error, psycopg.IntegrityError) and error.sqlstate in _OF_KEYS:
            return _OF_KEYS[error.sqlstate](about)
        return super()._refused(group, error)


def _new_children(events: Sequence[SealedEvent]) -> list[ChildKeyRow]:
    """Each key that is not on disk yet, once."""
    return list({event.child.wrapped: event.child for event in events if event.child is not None}.values())
