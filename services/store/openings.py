"""Records that are opened in one batch, on SQLite: a few statements for all of them, where each would need a dozen.

An import brings them by the dozen. Every statement lets other threads run and has to wait until it may go on, which
costs more than what it does.
"""

from collections.abc import Sequence
from itertools import compress
from typing import NamedTuple
from uuid import UUID

from services.store.errors import DuplicateLocalReference, SequenceConflict
from services.store.log_table import LogTable
from services.store.register import reference_holders, references, write_rows
from services.store.sql import Connection
from services.store.values import PLAN_LOG, Appended, AppendGroup, EventToStore, Outcome, RegisterChange


class _Opening(NamedTuple):
    """The first event of a plan, and the plan's first row in the register."""

    plan: UUID
    event: EventToStore
    change: RegisterChange


def opens_a_record(group: AppendGroup) -> bool:
    """Whether a group is the first event of a plan with its row in the register, and nothing beside."""
    if group.idempotency is not None or len(group.register) != 1 or group.events.keys() != {PLAN_LOG}:
        return False
    events, (change,) = group.events[PLAN_LOG], group.register
    return len(events) == 1 and events[0].originator_version == 1 and events[0].originator_id == change.plan


def write_openings(connection: Connection, log: LogTable, groups: Sequence[AppendGroup], now: int) -> list[Outcome]:
    """Write the groups, all of which open a record: each whole or not at all, as if they came one after the other."""
    openings = [_Opening(group.register[0].plan, group.events[PLAN_LOG][0], group.register[0]) for group in groups]
    refusals = _refusals(connection, log, openings)
    opened = list(compress(openings, (refusal is None for refusal in refusals)))
    places = log.append(connection, [each.event for each in opened], now)
    write_rows(connection, [(each.change, place, place) for each, (place, _) in zip(opened, places, strict=True)])
    written = (Appended(log.name, *place, each.event) for each, place in zip(opened, places, strict=True))
    return [refusal or (next(written),) for refusal in refusals]


def _refusals(connection: Connection, log: LogTable, openings: Sequence[_Opening]) -> list[Exception | None]:
    """For each why it can't be opened; one that is opened is in the way of whatever comes behind it."""
    last = log.last_sequences(connection, [each.plan.bytes for each in openings])
    holders = reference_holders(connection, [each.change for each in openings])
    refusals: list[Exception | None] = []
    for plan, _, change in openings:
        carried = references(change)
        holder = next((holders[reference] for reference in carried if reference in holders), None)
        if sequence := last.get(plan.bytes):
            refusals.append(SequenceConflict(plan, 1, sequence + 1))
        elif holder:
            refusals.append(DuplicateLocalReference(holder))
        else:
            refusals.append(None)
            last[plan.bytes] = 1
            holders |= dict.fromkeys(carried, plan)
    return refusals
