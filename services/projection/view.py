"""What a view is: a pure function from a folded plan to rows, with the names of its tables."""

from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct, field
from sqlalchemy import Table

from services.projection.folding import PlanFold

RowValues = tuple[Any, ...]
"""A row in the order of the table's columns, without `generation`, which the writer adds: the plan comes first."""

Seal = Callable[[str, int, bytes], bytes]
"""Seals content of the plan for a table and a sequence."""


class Changes(Struct):
    """What is to be written of one plan: tables that its rows are taken out of, and rows that are then put in.

    `since` is the position of the first event that they come from.
    """

    since: int = 0
    emptied: set[Table] = field(default_factory=set)
    added: list[tuple[Table, RowValues]] = field(default_factory=list)


class View(Protocol):
    """A read model."""

    @property
    def name(self) -> str:
        """Its stable name, as in `ehcp views rebuild NAME`."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that hold it."""

    def changes(self, fold: PlanFold, seal: Seal) -> Changes:
        """What is to be written of a plan, of whose events in the fold the view has none, or all are to be made anew.

        `seal` raises KeyDestroyed for a plan whose key is gone; whatever else is raised parks the plan.
        """


def emptying(view: View) -> Changes:
    """The plan leaves the view."""
    return Changes(emptied=set(view.tables))
