"""The entries of a plan by the numbers by which a reader is told of them: only who is shown all of them counts all."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from domain.access import Access, Question
from domain.calendar import london_date
from domain.plan.acts import Actor
from domain.plan.state import PlanState
from services.histories import Histories
from services.plans import Plans
from services.rules.in_force import RulesInForce


class Numbers:
    """Finds an entry by its number in somebody's history."""

    def __init__(self, plans: Plans, rules: RulesInForce, access: Access, now: Callable[[], datetime]) -> None:
        """As `access` shows these plans on the day of `now`."""
        self._plans = plans
        self._access = access
        self._now = now
        self._histories = Histories(rules)

    def sequence(self, state: PlanState, actor: Actor, number: int) -> int | None:
        """The entry that the reader's history has under this number, None where it has none."""
        plan_id = UUID(state.plan_id)
        allowed = self._access.decide_read(state, actor, Question(), london_date(self._now()))
        shown = self._histories.shown_of(self._plans.history(plan_id), allowed, actor) if allowed.allowed else []
        return shown[number - 1].sequence if 1 <= number <= len(shown) else None
