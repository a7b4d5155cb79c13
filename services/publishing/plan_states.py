"""The current state of every plan as a record on a compacted topic, sealed under the child's key.

A state is at least as new as the event that led to it, never older. Erasures are followed as the log is: a plan whose
key was destroyed leaves a tombstone, and one that lost an event a state without it.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from connectors.kafka.positions import Position
from connectors.kafka.records import CONTENT_TYPE, KafkaRecord
from services.errors import PlanErased, PlanUnknown
from services.plans import Plans
from services.projection.log import PASSING
from services.projection.sealing import seal
from services.publishing import figures
from services.publishing.plan_events import SEALED, mark_of, next_rows, require_marked
from services.publishing.source import Batch
from services.store.record_store import RecordStore

TYPE: Final = b"ehcp.plan.state.v1"
MOST_EVENTS: Final = 1_000
"""How many events are followed in one transaction at most: each plan among them is folded."""

MOST_ERASURES: Final = 100
_PLACE: Final = "plan-state"
_log = logging.getLogger(__name__)


class PlanStates:
    """The plans that the log speaks of, each as it is now."""

    name: Final = "plan-state"

    def __init__(self, store: RecordStore, plans: Plans, topic: str, source: str) -> None:
        """Publish to `topic`, its whole name; `source` names the installation."""
        self._store = store
        self._plans = plans
        self._topic = topic
        self._source = source.encode()

    def check(self, position: Position) -> None:
        """Raise LogBehind unless the log holds what was published."""
        require_marked(self._store, position)

    def end(self, durable: int) -> int:
        """The plan log itself is what is published."""
        return durable

    def batch(self, after: Position, upto: int) -> Batch | None:
        """The states of the plans that the next events and erasures concern."""
        erased = self._store.keys.erasures.since(after.erasures)[:MOST_ERASURES]
        rows = next_rows(self._store, after.position, upto, MOST_EVENTS)
        if not rows and not erased:
            return None
        # An erasure is registered before its key is deleted: what is read now must not be readable any more.
        self._store.keys.carry_out(erased)
        plans = dict.fromkeys([UUID(bytes=row[1]) for row in rows] + [entry.plan for entry in erased])
        records = self._records(plans)
        last = (rows[-1][0], mark_of(rows[-1])) if rows else (after.position, after.mark)
        position = Position(position=last[0], mark=last[1], erasures=after.erasures + len(erased))
        return Batch(records, position, len(rows))

    def _records(self, plans: Iterable[UUID]) -> list[KafkaRecord]:
        records: list[KafkaRecord] = []
        for plan in plans:
            try:
                records.append(self._record(plan))
            except PlanUnknown:
                continue
            except PASSING:
                raise
            except Exception as error:  # noqa: BLE001 - this plan can't be folded; the others go on
                _log.error("the state of a plan is left out of the topic: %s", type(error).__name__)
                figures.parked(self.name)
        return records

    def _record(self, plan: UUID) -> KafkaRecord:
        key, now = str(plan).encode(), datetime.now(UTC)
        milliseconds = int(now.timestamp() * 1000)
        child = self._store.keys.children([plan]).get(plan)
        if child is None:
            return KafkaRecord(self._topic, key, None, [], milliseconds)
        try:
            state = self._plans.current(plan)
        except PlanErased:
            return KafkaRecord(self._topic, key, None, [], milliseconds)
        sequence = b"%d" % state.sequence
        headers = [
            (CONTENT_TYPE, SEALED),
            ("ce_specversion", b"1.0"),
            ("ce_id", key + b"/" + sequence),
            ("ce_source", self._source),
            ("ce_type", TYPE),
            ("ce_subject", key),
            ("ce_time", now.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()),
            ("ce_sequence", sequence),
        ]
        sealed = seal(child, _PLACE, plan, state.sequence, msgspec.json.encode(state))
        return KafkaRecord(self._topic, key, sealed, headers, milliseconds)
