"""What the rows of an extract say, one after the other."""

from datetime import date
from typing import TypeAlias

from msgspec import Struct

from domain.directory.decide import Stated
from domain.identifiers import IdentifierError
from services.directory.tables import RowUnreadable


class Said(Struct, frozen=True, kw_only=True):
    """What a row says of the organisation that it names by `identifier`."""

    line: int
    identifier: str
    stated: Stated


class Succeeds(Struct, frozen=True, kw_only=True):
    """That one organisation carries on for another."""

    line: int
    predecessor: str
    successor: str
    on: date | None
    how: str
    source: str


class Skipped(Struct, frozen=True, kw_only=True):
    """A row about nothing that the directory keeps."""

    line: int


class Rejected(Struct, frozen=True, kw_only=True):
    """A row that cannot be taken in, and why."""

    line: int
    column: str
    rule: str
    reason: str

    @classmethod
    def of(cls, line: int, fault: RowUnreadable | IdentifierError, column: str) -> "Rejected":
        """From what reading the row raised; `column` is where its identifier stands."""
        if isinstance(fault, RowUnreadable):
            return cls(line=line, column=fault.column, rule="row-unreadable", reason=fault.reason)
        return cls(line=line, column=column, rule=fault.code, reason=str(fault))


Statement: TypeAlias = Said | Succeeds | Skipped | Rejected
