"""Which parts of what is held are marked for a request: the same when it is prepared, reviewed, released and taken."""

from typing import Final

from domain.plan.acts import Act, Actor
from domain.plan.state import Case, PlanState
from services.rules.in_force import RulesInForce
from services.subject_access.collecting import Collector, Whole
from services.subject_access.marking import Marker
from services.subject_access.parts import Marked
from services.subject_access.withholding import released

KIND: Final = "subject-access"
DECIDED: Final = frozenset({"PREPARED", "REVIEWED", "RELEASED"})


class Marks:
    """Goes through what is held for whoever asked, and marks what somebody has to decide about."""

    def __init__(self, collector: Collector, rules: RulesInForce) -> None:
        """Mark by the exemptions of `rules`."""
        self._collector = collector
        self._rules = rules

    def gathered(self, state: PlanState, case: Case) -> Whole:
        """What is held up to the entry that was prepared, or to this moment where nothing is prepared yet."""
        prepared = prepared_by(case)
        if prepared is None:
            return self._collector.gathered(state, asking(state, case), state.sequence)
        return self._collector.gathered(state, asking(state, case), min(int(case.data["upTo"]), prepared), prepared)

    def marked(self, whole: Whole) -> list[Marked]:
        """The parts to decide about, by the exemptions of the day up to which it was gathered."""
        exemptions = self._rules.book.codes_on("access-exemptions", whole.on)
        return Marker(exemptions).marked(whole.sources, whole.asker)

    def of(self, state: PlanState, act: Act) -> dict[str, tuple[str, ...]]:
        """For which exemptions the parts are marked that an act prepares to give, agrees to or gives, by their ids.

        Nothing of a request that isn't known or not prepared: its act is refused for that, or gives nothing.
        """
        case = state.case(KIND, str(act.data.get("accessId", "")))
        if case is None:
            return {}
        if "decisions" in act.data:
            up_to, decisions = min(int(act.data["upTo"]), state.sequence), act.data["decisions"]
            whole = self._collector.gathered(state, asking(state, case), up_to)
        elif prepared_by(case) is not None:
            whole, decisions = self.gathered(state, case), case.data["decisions"]
        else:
            return {}
        return reasons_of(released(self.marked(whole), decisions))


def prepared_by(case: Case) -> int | None:
    """The entry that prepared the answer as it stands; None where none did, also of one that was given elsewhere."""
    if case.status not in DECIDED:
        return None
    return max((move.by for move in case.moves if move.status == "PREPARED"), default=None)


def reasons_of(parts: list[Marked]) -> dict[str, tuple[str, ...]]:
    """For which exemptions each part was marked, by its id."""
    return {part.id: part.reasons for part in parts}


def asking(state: PlanState, case: Case) -> Actor:
    """The contact who asked, as somebody who reads; the data may be the child's for whom they ask."""
    contact = str(case.data.get("requester", ""))
    return Actor(subject="", organisation="family", role="family", plan_id=state.plan_id, contact_id=contact)
