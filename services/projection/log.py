"""What the projection needs of the record store, embedded or on PostgreSQL."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from domain.plan.events import HistoryEntry
from services.store.child_keys import ChildKey
from services.store.erasures import Erasure, Erasures
from services.store.errors import OutcomeUnknown, StoreBusy, StoreClosed, StoreUnavailable, UnknownKey
from services.store.log_table import Row

PASSING: Final = (
    sqlite3.OperationalError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    OperationalError,
    InterfaceError,
    OSError,
    OutcomeUnknown,
    StoreBusy,
    StoreClosed,
    StoreUnavailable,
    UnknownKey,
)
"""Errors of the machine, not of an event: nothing is parked for them, the work is tried again."""

REFUSED: Final = (DBAPIError, sqlite3.Error, psycopg.Error)
"""What the database says of a row that it does not take, unless it is one of PASSING."""


class Keys(Protocol):
    """The children's keys."""

    @property
    def erasures(self) -> Erasures:
        """What was destroyed."""

    def carry_out(self, erasures: Sequence[Erasure]) -> None:
        """Delete the keys that were registered as destroyed; nothing for those that are gone."""

    def children(self, plans: Iterable[UUID]) -> dict[UUID, ChildKey]:
        """The keys of these children; one whose key is gone is missing."""


class Log(Protocol):
    """The log of legal acts, with the keys to it."""

    @property
    def keys(self) -> Keys:
        """The children's keys."""

    def rows(self, after: int = 0, limit: int = 1_000) -> Sequence[Row]:
        """At most `limit` events behind a position, sealed."""

    def open_rows(self, rows: Sequence[Row]) -> list[HistoryEntry]:
        """Open them, or some of them."""

    def read_plan(self, plan: UUID, after: int = 0, upto: int | None = None) -> list[HistoryEntry]:
        """The plan's events with after < sequence <= upto."""

    def head(self) -> tuple[int, datetime | None]:
        """The last position and when it was recorded."""

    def position_at(self, moment: datetime) -> int:
        """The last position recorded at or before a moment; 0 before the first."""

    def plans(self, after: UUID | None = None, limit: int = 1_000) -> list[UUID]:
        """At most `limit` plans in the order of their ids, behind one or from the first on."""
