"""What an act on the data about somebody refers to, looked up before it is decided: parts, packages, entries, ids."""

from typing import Final

from msgspec.structs import replace

from domain.plan.acts import Act
from domain.plan.catalogue import ActSpec
from domain.plan.events import JsonObject
from domain.plan.rights import ASKED_BY_SOMEBODY
from domain.plan.state import PlanState
from services.errors import Fault, InvalidContent
from services.numbers import Numbers
from services.subject_access.marks import Marks
from services.subject_access.packages import Packages

#: The guards that ask for which exemptions parts were marked, and what would be given.
RESTS_ON_MARKS: Final = "opinion-counts"
RESTS_ON_PACKAGE: Final = "package-as-reviewed"


class Requested:
    """Looks up what the guards of an act ask for, and what its body names."""

    def __init__(self, marks: Marks, packages: Packages, numbers: Numbers) -> None:
        """Look it up where requests are answered; `numbers` are those of the entries in the caller's history."""
        self._marks = marks
        self._packages = packages
        self._numbers = numbers

    def completed(self, state: PlanState, act: Act, spec: ActSpec) -> Act:
        """The act with `marks` by part and `package` by its digest, where a guard asks for them, and its entry's place.

        Raises InvalidContent for an id that was used, whoever used it: what somebody asked is never another's; and for
        an entry that a member of the family isn't told of.
        """
        if spec.case is None or spec.case.kind not in ASKED_BY_SOMEBODY:
            return act
        field = spec.case.id_field
        if not spec.case.from_ and state.case(spec.case.kind, str(act.data.get(field, ""))):
            raise _invalid(f"/{field}", "id-taken", "This record has used this id already: choose another.")
        found: JsonObject = {}
        if RESTS_ON_MARKS in spec.guards:
            found["marks"] = self._marks.of(state, act)
        if RESTS_ON_PACKAGE in spec.guards:
            found["package"] = self._packages.digest(state, str(act.data.get("accessId", "")))
        data = self._placed(state, act) if act.actor.role == "family" and "entry" in act.data else act.data
        return replace(act, data=data, resolved={**act.resolved, **found})

    def _placed(self, state: PlanState, act: Act) -> JsonObject:
        sequence = self._numbers.sequence(state, act.actor, int(act.data["entry"]))
        if sequence is None:
            raise _invalid("/entry", "unknown-entry", "Your history of this plan has no entry of this number.")
        return {**act.data, "entry": sequence}


def _invalid(pointer: str, rule: str, text: str) -> InvalidContent:
    return InvalidContent((Fault(pointer=pointer, text=text, rule=rule),))
