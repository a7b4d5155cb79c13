"""What an act on a request refers to, looked up before it is decided: what is marked, and what would be given."""

from collections.abc import Collection
from typing import Final

from domain.plan.acts import Act
from domain.plan.events import JsonObject
from domain.plan.state import PlanState
from services.subject_access.marks import Marks
from services.subject_access.packages import Packages

#: The guards that ask for which exemptions parts were marked, and what would be given.
RESTS_ON_MARKS: Final = "opinion-counts"
RESTS_ON_PACKAGE: Final = "package-as-reviewed"


class Requested:
    """Looks up what the guards of an act on a request ask for."""

    def __init__(self, marks: Marks, packages: Packages) -> None:
        """Look it up where requests are answered."""
        self._marks = marks
        self._packages = packages

    def resolved(self, state: PlanState, act: Act, guards: Collection[str]) -> JsonObject:
        """What was found: `marks` by part, `package` by its digest, each where a guard asks for it."""
        found: JsonObject = {}
        if RESTS_ON_MARKS in guards:
            found["marks"] = self._marks.of(state, act)
        if RESTS_ON_PACKAGE in guards:
            found["package"] = self._packages.digest(state, str(act.data.get("accessId", "")))
        return found
