"""The view of versions: every legal text, once. A row is made with its event and only made anew when the past changes.

The past changes when an entry is corrected, annulled or erased; then the plan's rows are all made again.
"""

from typing import Final

import msgspec
from sqlalchemy import Table

from domain.plan.evolve import as_counted
from domain.plan.state import Version
from services.projection.folding import PlanFold
from services.projection.tables import versions
from services.projection.view import Changes, RowValues, Seal

_encode = msgspec.json.Encoder().encode


class PlanVersions:
    """One row for each served draft and each final plan."""

    name: Final = "versions"
    tables: Final[tuple[Table, ...]] = (versions,)

    def changes(self, fold: PlanFold, seal: Seal) -> Changes:
        """A row for each new event that carries a legal text."""
        made = {version.sequence: version for version in fold.after.state.versions}
        rows = [
            (versions, self._row(fold, entry, made[entry.sequence], seal))
            for entry in fold.entries
            if entry.sequence in made
        ]
        return Changes(emptied=set(self.tables) if fold.whole else set(), added=rows)

    def _row(self, fold: PlanFold, entry: object, version: Version, seal: Seal) -> RowValues:
        event = as_counted(entry, fold.annulled)  # type: ignore[arg-type]
        text = event.data.get("plan", {}) if event else {}
        content = {"effectiveOn": version.effective_on, "basis": version.basis, "text": text}
        sealed = seal(versions.name, version.sequence, _encode(content))
        return (fold.plan, version.sequence, version.number, version.kind, sealed)
