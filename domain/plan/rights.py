"""Who holds the rights under Part 3 of the Act: the parent, the young person or the alternative person.

They pass at the end of the school leaving date, not on the sixteenth birthday (CFA 2014 ss.80, 83; Education
Act 1996 s.8). The law passes them by itself; an act says to whom, and nobody is cut off before that.
"""

from datetime import date

from domain.calendar import compulsory_school_age_ends
from domain.plan.acts import Actor
from domain.plan.state import Case, PlanState

PARENT = "PARENT"
YOUNG_PERSON = "YOUNG_PERSON"
ALTERNATIVE_PERSON = "ALTERNATIVE_PERSON"
#: Matters of the data about somebody: each is its asker's and the council's.
ASKED_BY_SOMEBODY = frozenset({"subject-access", "rectification", "dispute"})
#: A young person with a helper still decides alone.
_HOLDERS = {"YOUNG_PERSON_WITH_HELPER": YOUNG_PERSON}


def right_holder_on(state: PlanState, on: date) -> str:
    """Who holds the rights on a date: as recorded, else by age as the law says; "" when that isn't known."""
    recorded = [case for case in state.open_cases("right-holder") if case.data.get("since", "") <= on.isoformat()]
    if recorded:
        return _HOLDERS.get(recorded[-1].status, recorded[-1].status)
    born = state.date_of_birth()
    if born is None:
        return ""
    return YOUNG_PERSON if rights_have_passed(born, on) else PARENT


def is_anothers(case: Case, actor: Actor, state: PlanState) -> bool:
    """Whether a matter of the data about somebody is nobody's business who asks as one of the family.

    Another member of the family's, and what a former identity's family asked: as if there were none.
    """
    if actor.role != "family" or case.kind not in ASKED_BY_SOMEBODY:
        return False
    return case.data.get("requester") != actor.contact_id or case.opened_by < state.sealed_from


def rights_have_passed(born_on: date, on: date) -> bool:
    """Whether compulsory school age is over: the parent still decides on the school leaving date itself."""
    return on > compulsory_school_age_ends(born_on)
