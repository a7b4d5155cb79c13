"""What holds back a record through the one that it is merged with: both say something of one child.

A hold is set, an appeal runs, on the record that goes on. What the retired one says is evidence too, and is kept as
long; and neither is destroyed while the other is still kept (domain.md 11.2 (10): both ids resolve for ever).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final
from uuid import UUID

from domain.plan.state import PlanState
from domain.retention import HeldBack, Schedules, held_back, standing
from domain.retention.due import ERASURE_LAW
from services.errors import PlanErased, PlanUnknown
from services.plans import Plans

HELD: Final = "merged-record-held"
KEPT: Final = "merged-record-kept"
_NOT_ABOUT_THE_OTHER: Final = "not-at-rest"


def held_with(plans: Plans, state: PlanState, schedules: Schedules, today: date) -> tuple[HeldBack, ...]:
    """What the records that it is merged with are held or kept for on a civil date; none for one that stands alone."""
    return tuple(_held_with(plans, state, schedules, today))


def _held_with(plans: Plans, state: PlanState, schedules: Schedules, today: date) -> Iterator[HeldBack]:
    for plan_id in filter(None, (state.survivor, *state.absorbed)):
        try:
            other = plans.current(UUID(plan_id))
        except (PlanErased, PlanUnknown):
            continue
        for held in held_back(other):
            if held.code != _NOT_ABOUT_THE_OTHER:
                text = f"The record {plan_id}, which is merged with it, is held back ({held.code})."
                yield HeldBack(code=HELD, text=text, law=held.law, since=held.since)
        if not standing(other, schedules).is_due(today):
            text = f"The record {plan_id}, which is merged with it, is still kept."
            yield HeldBack(code=KEPT, text=text, law=ERASURE_LAW)
