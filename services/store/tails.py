"""What happened to a plan since its state was last looked at: the one question that every act and every read asks."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol
from uuid import UUID

from services.store.key_store import KeyStore
from services.store.log_table import LogTable, Row
from services.store.sql import Database


class Tail(NamedTuple):
    """The events of a plan behind a sequence, still sealed, and how many erasures concerned the plan before them."""

    erasures: int
    rows: list[Row]


class Tails(Protocol):
    """Reads tails. Erasures are counted no later than the events are read: a state must not outlive an erasure."""

    def behind(self, plan: UUID, after: int) -> Tail:
        """The plan's events with sequence > `after`."""

    def of_each(self, plans: Mapping[UUID, int]) -> dict[UUID, Tail]:
        """The events of each of these plans behind a sequence of its own."""


class SeparateTails:
    """Asks for one after the other: for a register of erasures that stands apart from the log."""

    def __init__(self, database: Database, table: LogTable, keys: KeyStore) -> None:
        """`table` is the log of plans."""
        self._database = database
        self._table = table
        self._keys = keys

    def behind(self, plan: UUID, after: int) -> Tail:
        """The plan's events with sequence > `after`."""
        erasures = self._keys.erasures_of(plan)
        with self._database.reader() as connection:
            return Tail(erasures, self._table.stream(connection, plan.bytes, after, None))

    def of_each(self, plans: Mapping[UUID, int]) -> dict[UUID, Tail]:
        """The events of each of these plans behind a sequence of its own."""
        erasures = {plan: self._keys.erasures_of(plan) for plan in plans}
        with self._database.reader() as connection:
            return {
                plan: Tail(erasures[plan], self._table.stream(connection, plan.bytes, after, None))
                for plan, after in plans.items()
            }
