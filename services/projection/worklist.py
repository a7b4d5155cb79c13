"""The view behind lists and searches: codes, states, due dates, and names as keyed hashes.

Its tables for organisations, clocks and names of a plan are written only when what they are made from has changed.
"""

from collections.abc import Callable, Hashable
from typing import Any, Final

from sqlalchemy import Table

from domain.access import organisations_of
from domain.plan.state import Clock, PlanState
from services.projection.folding import PlanFold
from services.projection.names import BORN, EXACT, SOUND, blinded, sounds, tokens
from services.projection.tables import clocks, names, organisations, worklist
from services.projection.view import Changes, RowValues, Seal, emptying
from services.store.blind_index import BlindIndex

#: A plan in one of these phases is not found by the child's name any more.
NOT_FOUND_IN: Final = frozenset({"VOIDED", "MERGED"})
#: How the identifiers begin of those who list the plans that they are related to.
FOUND_BY: Final = ("urn:", "ukprn:", "ods:")
#: The relation in which a council lists its plans.
MAINTAINING: Final = "maintaining-council"
#: What stands for "not ended" where days are compared as text.
NO_END: Final = "9999-12-31"


class Worklist:
    """One row for each plan, and rows for what it can be found by."""

    name: Final = "worklist"
    tables: Final[tuple[Table, ...]] = (worklist, organisations, clocks, names)

    def __init__(self, index: BlindIndex) -> None:
        """Names are hashed with this index key."""
        self._index = index
        self._beside: tuple[tuple[Table, Callable[[PlanState], Hashable], Callable[[Any], list[RowValues]]], ...] = (
            (organisations, _related, _organisation_rows),
            (clocks, running_clocks, _clock_rows),
            (names, _names, self._name_rows),
        )

    def changes(self, fold: PlanFold, seal: Seal) -> Changes:
        """The plan's row, and those beside it that have changed. None of them is sealed: they hold no content."""
        del seal
        if not fold.after.says_something:
            return emptying(self)
        changes = Changes(emptied={worklist} if fold.is_known else set(), added=[(worklist, _row(fold))])
        before = fold.before.state if fold.before else None
        for table, source, rows in self._beside:
            made_from = source(fold.after.state)
            if before is None or source(before) != made_from:
                if fold.is_known:
                    changes.emptied.add(table)
                changes.added.extend((table, (fold.plan, *row)) for row in rows(made_from))
        return changes

    def _name_rows(self, person: tuple[frozenset[str], str]) -> list[RowValues]:
        stated, born = person
        words = frozenset[str]().union(*(tokens(name) for name in stated))
        said = ((EXACT, words), (SOUND, sounds(words)), (BORN, frozenset({born} if words and born else ())))
        hashed = ((kind, blinded(self._index, kind, each)) for kind, each in said)
        return [(kind, token) for kind, forms in hashed for token in sorted(frozenset[bytes]().union(*forms))]


def running_clocks(state: PlanState) -> frozenset[tuple[str, str, str, str]]:
    """The duties that run: key, id, kind and due date of each."""
    return frozenset((c.key, c.id, c.kind, c.due_on) for c in state.clocks.values() if _runs(c))


def _runs(clock: Clock) -> bool:
    return not clock.met_on and not clock.closed


def _row(fold: PlanFold) -> RowValues:
    state, version = fold.after.state, fold.after.state.current_version()
    deadlines = [c for c in state.clocks.values() if _runs(c) and c.kind == "deadline"]
    following = min(deadlines, key=lambda c: (c.due_on, c.key), default=None)
    number = version.number if version else 0
    stands = (state.maintaining_la, state.phase, number, state.sequence, fold.after.opened, fold.after.updated)
    duty = (following.id, following.due_on) if following else (None, None)
    return (fold.plan, *stands, *duty)


def _names(state: PlanState) -> tuple[frozenset[str], str]:
    """The names that the child is found by, and the date of birth that narrows it."""
    if state.phase in NOT_FOUND_IN:
        return frozenset(), ""
    names = frozenset(state.person[field] for field in ("name", "preferredName") if state.person.get(field))
    return names, state.person.get("dateOfBirth", "")


def _related(state: PlanState) -> frozenset[tuple[str, str, str, str]]:
    """The relations of councils, settings and health bodies with their days: since, and from when not any more."""
    found: dict[tuple[str, str, str], str] = {}
    for relation in organisations_of(state):
        if relation.held is None and (relation.party.startswith(FOUND_BY) or relation.name == MAINTAINING):
            stands = (relation.name, relation.party, relation.since)
            found[stands] = max(found.get(stands, ""), relation.ended or NO_END)
    return frozenset((*stands, ended) for stands, ended in found.items())


def _organisation_rows(related: frozenset[tuple[str, str, str, str]]) -> list[RowValues]:
    return sorted(related)


def _clock_rows(running: frozenset[tuple[str, str, str, str]]) -> list[RowValues]:
    return sorted(running)
