"""Writing what views want written, many rows a statement."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, Table, delete

from services.projection import bulk
from services.projection.generations import advance
from services.projection.intake import Taken
from services.projection.log import PASSING, REFUSED
from services.projection.parking import park
from services.projection.view import Changes, RowValues
from services.side_database import transaction


class Batch:
    """The changes of many plans to one generation of a view, gathered by table."""

    def __init__(self, generation: int) -> None:
        """Rows are written as rows of this generation."""
        self._generation = generation
        self._emptied: dict[Table, set[UUID]] = {}
        self._added: dict[Table, list[RowValues]] = {}

    def add(self, plan: UUID, changes: Changes) -> None:
        """Gather the changes of a plan."""
        for table in changes.emptied:
            self._emptied.setdefault(table, set()).add(plan)
        for table, row in changes.added:
            self._added.setdefault(table, []).append(row)

    def write(self, connection: Connection) -> None:
        """Take rows away, then put rows in."""
        for table, plans in self._emptied.items():
            bulk.empty(connection, table, self._generation, plans)
        for table, rows in self._added.items():
            bulk.add(connection, table, self._generation, rows)


def write(connection: Connection, taken: Sequence[Taken], lanes: Collection[int], position: int) -> None:
    """Write a page and move the lanes on, in one transaction.

    Should the database refuse a row, the page is written plan by plan and the plan of that row is parked. Raises
    Superseded when another process has taken the page in.
    """
    try:
        with transaction(connection):
            # The positions first: whoever comes second waits here, and then finds that the page was taken in.
            advance(connection, [each.target for each in taken], lanes, position)
            _write_together(connection, taken)
    except PASSING:
        raise
    except REFUSED:
        with transaction(connection):
            advance(connection, [each.target for each in taken], lanes, position)
            for each in taken:
                write_singly(connection, each)


def write_singly(connection: Connection, taken: Taken) -> None:
    """Write plan by plan, and park those that the database refuses; inside a transaction of the caller's."""
    for plan, changes in taken.changes.items():
        batch = Batch(taken.target.generation)
        batch.add(plan, changes)
        try:
            with connection.begin_nested():
                batch.write(connection)
        except PASSING:
            raise
        except REFUSED as error:
            taken.failures[plan] = changes.since, type(error).__name__
    _park(connection, taken)


def _write_together(connection: Connection, taken: Sequence[Taken]) -> None:
    for each in taken:
        batch = Batch(each.target.generation)
        for plan, changes in each.changes.items():
            batch.add(plan, changes)
        batch.write(connection)
        _park(connection, each)


def _park(connection: Connection, taken: Taken) -> None:
    for plan, (position, error) in taken.failures.items():
        park(connection, taken.target, plan, position, error)


def purge(connection: Connection, tables: Iterable[Table], generation: int) -> None:
    """Take away every row of a generation."""
    for table in tables:
        connection.execute(delete(table).where(table.c.generation == generation))
