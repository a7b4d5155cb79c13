"""The view of histories: every event as it stands in the log, its legal date and its author sealed."""

from typing import Final

import msgspec
from sqlalchemy import Table

from domain.plan.events import Erased, HistoryEntry
from services.projection.folding import PlanFold
from services.projection.tables import history
from services.projection.view import Changes, RowValues, Seal
from services.store.framing import microseconds

_encode = msgspec.json.Encoder().encode


class Histories:
    """One row for each event, those of erased ones without content."""

    name: Final = "history"
    tables: Final[tuple[Table, ...]] = (history,)

    def changes(self, fold: PlanFold, seal: Seal) -> Changes:
        """A row for each new event."""
        rows = [(history, _row(fold, entry, seal)) for entry in fold.entries]
        return Changes(emptied=set(self.tables) if fold.whole else set(), added=rows)


def _row(fold: PlanFold, entry: HistoryEntry, seal: Seal) -> RowValues:
    place = (fold.plan, entry.sequence, entry.position, microseconds(entry.time), entry.type, entry.id)
    if isinstance(entry, Erased):
        return (*place, "erased", None)
    status = "superseded" if entry.sequence in fold.annulled else "counted"
    sealed = seal(history.name, entry.sequence, _encode(entry.metadata))
    return (*place, status, sealed)
