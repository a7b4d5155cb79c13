"""A plan that isn't there is decided on as one that is: whoever is refused must not tell them apart by the time.

What is decided on stands for any plan, and nobody is related to it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.access import EXISTENCE, Access, Question
from domain.calendar import london_date
from domain.plan.acts import Actor
from domain.plan.state import Party, PlanState


def _party(role: str, organisation: str) -> Party:
    return Party(role=role, organisation=organisation, since="2014-09-01", until="9999-12-30")


STANDING_IN: Final = PlanState(
    plan_id=str(UUID(int=0)),
    phase="MAINTAINED",
    maintaining_la="000",
    parties=(_party("namedSetting", "urn:000000"), _party("healthBody", "ods:00X")),
)
"""With a council, a setting and a health body, as most plans have."""

NOBODY: Final = Actor(subject="", organisation="la:001", role="case-officer")


def as_long(access: Access, now: Callable[[], datetime]) -> Callable[[], None]:
    """What takes as long as to decide on a plan that is in memory."""
    question = Question(part=EXISTENCE)

    def decide() -> None:
        access.decide_read(STANDING_IN, NOBODY, question, london_date(now()))

    return decide
