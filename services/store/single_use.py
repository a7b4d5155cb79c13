"""What may be used once: the ids of client assertions and of attempts to sign in, until they couldn't be used anyway.

A row stands for a use; it is written before the use counts and by whichever process is first, so that neither a restart
nor a second process lets anything be used twice. Only keyed hashes are kept.
"""

import time
from collections.abc import Callable
from typing import Final

from services.store.blind_index import BlindIndex
from services.store.sql import Aside, Connection

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS single_use (used BLOB PRIMARY KEY, kept_until INTEGER NOT NULL)"
        " STRICT, WITHOUT ROWID"
    ),
    "CREATE INDEX IF NOT EXISTS single_use_kept_until ON single_use (kept_until)",
)
"""What creates the table."""


def system_seconds() -> int:
    """Seconds since the epoch."""
    return int(time.time())


class SingleUseTable:
    """Uses on record, shared by every process of the installation."""

    def __init__(self, aside: Aside, index: BlindIndex, clock: Callable[[], int] = system_seconds) -> None:
        """`clock` gives seconds since the epoch."""
        self._aside = aside
        self._index = index
        self._clock = clock

    def use(self, purpose: str, value: str, until: int) -> bool:
        """Use the value up: true the first time. On disk when it returns, kept until `until` has passed."""
        forms, now = self._index.blinds(f"single-use:{purpose}", value), self._clock()

        def write(connection: Connection) -> bool:
            connection.execute("DELETE FROM single_use WHERE kept_until < ?", (now,))
            added = connection.executemany(
                "INSERT INTO single_use (used, kept_until) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(form, until) for form in forms],
            )
            return added.rowcount == len(forms)

        return self._aside(write)
