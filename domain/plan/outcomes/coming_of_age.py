"""The rights pass to the young person at the end of compulsory school age (CFA s.80; regs 64, 65): a task beforehand.

The task is raised from the autumn of year 11 on, by whatever keeps the plan then, and stays until somebody has said who
holds the rights. No day does that by itself: nobody is cut off without an outcome.
"""

from datetime import date

from domain.calendar import birthday, compulsory_school_age_ends, school_year_start
from domain.plan.context import Context
from domain.plan.effects import CaseEffect, Effects
from domain.plan.outcomes.keeping import with_case
from domain.plan.outcomes.registry import outcome
from domain.plan.outcomes.responsible import TASK

SIXTEEN = 16
SETTLE_RIGHTS = "right-holder-at-school-leaving"
WHAT = "Settle who holds the rights when compulsory school age ends, and who helps or acts if capacity is in doubt"


@outcome("right-holder-task")
def right_holder_task(context: Context, effects: Effects) -> Effects:
    """Raised once, from 1 September of year 11, while nobody has said who will hold the rights."""
    born = context.state.date_of_birth() or _told(effects)
    asked = context.state.case(TASK, SETTLE_RIGHTS) or context.state.case("right-holder", "right-holder")
    if born is None or asked or context.on < school_year_start(birthday(born, SIXTEEN)):
        return effects
    due = compulsory_school_age_ends(born).isoformat()
    data = {"what": WHAT, "dueOn": due, "law": "CFA s.80; reg 64; reg 65"}
    return with_case(effects, CaseEffect(kind=TASK, id=SETTLE_RIGHTS, status="OPEN", data=data))


@outcome("right-holder-settled")
def right_holder_settled(context: Context, effects: Effects) -> Effects:
    """Somebody has said who holds the rights: the task is done."""
    task = context.state.case(TASK, SETTLE_RIGHTS)
    if task is None or task.status != "OPEN":
        return effects
    return with_case(effects, CaseEffect(kind=TASK, id=SETTLE_RIGHTS, status="DONE"))


def _told(effects: Effects) -> date | None:
    told = effects.person.get("dateOfBirth")
    return date.fromisoformat(told) if told else None
