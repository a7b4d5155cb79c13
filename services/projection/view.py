"""What a view is: a pure function from a folded plan to rows, with the names of its tables."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import Table

from services.projection.folding import PlanFold

RowValues = dict[str, Any]
"""A row by column names, without `generation`, which the writer adds."""

Seal = Callable[[str, int, bytes], bytes]
"""Seals content of the plan for a table and a sequence."""


class Changes(Struct):
    """What is to be written of one plan: rows taken away, rows put in, and rows that take the place of others.

    `since` is the position of the first event that they come from.
    """

    since: int = 0
    emptied: set[Table] = field(default_factory=set)
    added: list[tuple[Table, RowValues]] = field(default_factory=list)
    replaced: list[tuple[Table, RowValues]] = field(default_factory=list)


class View(Protocol):
    """A read model."""

    @property
    def name(self) -> str:
        """Its stable name, as in `ehcp views rebuild NAME`."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that hold it."""

    def changes(self, fold: PlanFold, seal: Seal, after: int) -> Changes:
        """What is to be written of a plan, whose events up to position `after` the view has taken in already.

        `seal` raises KeyDestroyed for a plan whose key is gone; whatever else is raised parks the plan.
        """


def emptying(view: View) -> Changes:
    """The plan leaves the view."""
    return Changes(emptied=set(view.tables))


def new_entries(fold: PlanFold, after: int) -> Iterator[Any]:
    """The events of the fold that the view has not taken in."""
    return (entry for entry in fold.entries if fold.whole or entry.position > after)


def in_place(plan: UUID, **values: Any) -> RowValues:
    """A row of the plan."""
    return {"plan": plan, **values}
