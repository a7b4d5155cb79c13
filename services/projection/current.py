"""The view of current plans: where each stands, its state without texts, and which text is in force.

The state is sealed, and is what projectors take a plan up from that they don't have in memory. The text itself is kept
once, by the view of versions.
"""

from typing import Final

from sqlalchemy import Table

from services.projection.folding import PlanFold, encoded
from services.projection.tables import current
from services.projection.view import Changes, Seal, emptying


class CurrentPlans:
    """One row for each plan."""

    name: Final = "current"
    tables: Final[tuple[Table, ...]] = (current,)

    def changes(self, fold: PlanFold, seal: Seal) -> Changes:
        """The row of the plan as it stands after the events."""
        if not fold.after.says_something:
            return emptying(self)
        state = fold.after.state
        version = state.current_version()
        number = version.number if version else 0
        sealed = seal(current.name, state.sequence, encoded(fold.after))
        row = (fold.plan, state.sequence, state.maintaining_la, state.phase, number, fold.after.text, sealed)
        return Changes(emptied={current} if fold.is_known else set(), added=[(current, row)])
