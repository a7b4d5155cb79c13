"""What publication needs of the record where it opens nothing: the log as it is kept, sealed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from services.store.log_table import Row


class SealedLog(Protocol):
    """The log of legal acts, still sealed."""

    def head(self) -> tuple[int, datetime | None]:
        """The last position and when it was recorded."""

    def row(self, position: int) -> Row:
        """The event at a position. Raises LookupError when the log does not reach so far."""

    def sealed_pages(self, after: int = 0, *, upto: int | None = None) -> Iterator[Sequence[Row]]:
        """The log behind a position, a page at a time."""
