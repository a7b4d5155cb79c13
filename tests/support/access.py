"""Questions of access asked of a plan's state alone, by the published matrix."""

from __future__ import annotations

from datetime import date
from functools import cache

from domain.access import Access, Entitlement, Question
from domain.plan.acts import Actor
from domain.plan.state import PlanState
from services.reference_data import load_catalogue, load_policies


@cache
def access() -> Access:
    """The answers of the published matrix."""
    return Access(load_policies(), load_catalogue())


def entitled(state: PlanState, role: str, organisation: str, on: str, contact: str = "") -> Entitlement:
    """What somebody in a role of an organisation, or a contact of the family, may see of this plan on a day."""
    actor = Actor(
        subject="someone", organisation=organisation, role=role, plan_id=state.plan_id, contact_id=contact
    )  # fmt: skip
    return access().decide_read(state, actor, Question(), date.fromisoformat(on))
