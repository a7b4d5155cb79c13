"""Taking a page of the log in: opened once, folded once, turned into what every view wants written.

Whatever goes wrong with one plan is caught with that plan's name on it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from msgspec import Struct, field

from domain.plan.events import HistoryEntry
from services.projection.crews import Crew
from services.projection.folding import Folder, NotMet, PlanFold
from services.projection.generations import Target
from services.projection.lanes import lane_of
from services.projection.log import PASSING, Log
from services.projection.sealing import seal
from services.projection.view import Changes, Seal, View, emptying
from services.store.child_keys import ChildKey
from services.store.errors import KeyDestroyed
from services.store.log_table import Row

Failure = tuple[int, str]
"""Since which position a plan can't be taken in, and the type of the error."""


class Taken(Struct):
    """What one generation of a view wants written of a page."""

    target: Target
    changes: dict[UUID, Changes] = field(default_factory=dict)
    failures: dict[UUID, Failure] = field(default_factory=dict)


class Folds(Struct):
    """The plans of a page, folded, and those that could not be."""

    folded: list[PlanFold] = field(default_factory=list)
    failures: dict[UUID, Failure] = field(default_factory=dict)


class Intake:
    """Opens and folds for a crew of generations that stand at the same place of the log."""

    def __init__(self, log: Log, folder: Folder, views: Mapping[str, View]) -> None:
        """`views` by name."""
        self._log = log
        self._folder = folder
        self._views = views

    def page(self, crew: Crew, lanes: Collection[int], limit: int) -> list[Row]:
        """What the crew takes in next, sealed; plan by plan, no more than was there when that was begun."""
        after = crew.lowest(lanes)
        if crew.built_to is not None:
            return [row for row in self._log.rows(after, limit) if row[0] <= crew.built_to]
        return [*self._log.rows(after, limit)]

    def folds(self, crew: Crew, rows: Sequence[Row]) -> Folds:
        """The plans of these rows, folded as the crew takes them in."""
        if crew.built_to is None:
            return self.as_they_came(rows)
        return self.plan_by_plan({UUID(bytes=row[1]): row[0] for row in rows if row[2] == 1}, crew.built_to)

    def as_they_came(self, rows: Sequence[Row]) -> Folds:
        """The plans of these events, each taken on from where it stood."""
        folds = Folds()
        plans: dict[UUID, list[HistoryEntry]] = {}
        for entry in self.opened(rows, folds.failures):
            plans.setdefault(entry.plan, []).append(entry)
        self._folder.prepare({plan: entries[0].sequence for plan, entries in plans.items()})
        for plan, entries in plans.items():
            if plan not in folds.failures:
                self._fold(folds, plan, entries[0].position, lambda p=plan, e=entries: self._folder.fold(p, e))  # type: ignore[misc]
        return folds

    def plan_by_plan(self, plans: Mapping[UUID, int], upto: int) -> Folds:
        """These plans, whose first events stand at these positions, with all of their events up to a position.

        A plan that has none so far is left out.
        """
        folds = Folds()
        for plan, first in plans.items():
            self._fold(folds, plan, first, lambda p=plan: self._folder.whole(p, upto))  # type: ignore[misc]
        return folds

    def taken(self, folds: Folds, target: Target, parked: Collection[UUID], *, anew: bool = False) -> Taken:
        """What the target wants written: nothing of plans that are parked there, or that it has unless it is `anew`."""
        view, taken = self._views[target.view], Taken(target)
        taken.failures = {plan: failure for plan, failure in folds.failures.items() if plan not in parked}
        keys = self._log.keys.children(fold.plan for fold in folds.folded)
        for fold in folds.folded:
            after = target.positions[lane_of(fold.plan.bytes)]
            if fold.plan in parked or (fold.entries[-1].position <= after and not anew):
                continue
            try:
                changes = _changes(view, self._fitting(fold, after), keys.get(fold.plan))
            except PASSING:
                raise
            except Exception as error:  # noqa: BLE001 - the view fails at this plan; the others go on
                taken.failures[fold.plan] = _failure(fold.entries[0].position, error)
            else:
                changes.since = fold.entries[0].position
                taken.changes[fold.plan] = changes
        return taken

    def _fitting(self, fold: PlanFold, after: int) -> PlanFold:
        """The fold for a view that is up to `after`: where it has some of the events, its rows are made anew.

        A later event may change what an earlier one means, and the rows of the earlier one stand there already.
        """
        has_some = not fold.whole and fold.entries[0].position <= after
        return self._folder.whole(fold.plan, fold.entries[-1].position) if has_some else fold

    def _fold(self, folds: Folds, plan: UUID, position: int, fold: Callable[[], PlanFold]) -> None:
        try:
            folds.folded.append(fold())
        except PASSING:
            raise
        except NotMet:
            return
        except Exception as error:  # noqa: BLE001 - this plan can't be folded; the others go on
            folds.failures[plan] = _failure(position, error)
            self._folder.forget(plan)

    def opened(self, rows: Sequence[Row], failures: dict[UUID, Failure]) -> list[HistoryEntry]:
        """These events; a plan one of whose events can't be opened is among the failures instead."""
        try:
            return self._log.open_rows(rows)
        except PASSING:
            raise
        except Exception:  # noqa: BLE001 - one of them can't be opened: find out which
            return self._opened_singly(rows, failures)

    def _opened_singly(self, rows: Sequence[Row], failures: dict[UUID, Failure]) -> list[HistoryEntry]:
        opened: list[HistoryEntry] = []
        for row in rows:
            plan = UUID(bytes=row[1])
            try:
                opened += self._log.open_rows((row,))
            except PASSING:
                raise
            except Exception as error:  # noqa: BLE001 - this is the one
                failures.setdefault(plan, _failure(row[0], error))
        return [entry for entry in opened if entry.plan not in failures]


def _changes(view: View, fold: PlanFold, key: ChildKey | None) -> Changes:
    try:
        return view.changes(fold, _sealer(fold.plan, key))
    except KeyDestroyed:
        # The key went while the page was being taken in: the erasure is followed next.
        return emptying(view)


def _sealer(plan: UUID, key: ChildKey | None) -> Seal:
    def sealed(table: str, sequence: int, content: bytes) -> bytes:
        if key is None:
            raise KeyDestroyed(plan)
        return seal(key, table, plan, sequence, content)

    return sealed


def _failure(position: int, error: Exception) -> Failure:
    return position, type(error).__name__
