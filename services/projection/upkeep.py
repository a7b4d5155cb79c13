"""What is done to generations when there is nothing to take in: a finished one is swapped in, a retired one purged."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from services.projection.generations import BUILDING, Target, forget, retire_positions, swap
from services.projection.view import View
from services.projection.writing import purge
from services.side_database import transaction

LOOK_SECONDS: Final = 5.0
"""How often to look for retired generations that were left behind."""


class Upkeep:
    """Looks after generations, now and then for those that another process has left behind."""

    def __init__(self, views: Mapping[str, View], clock: Callable[[], float] = time.monotonic) -> None:
        """`views` by name; `clock` gives seconds."""
        self._views = views
        self._clock = clock
        self._looked = float("-inf")

    def done(self, connection: Connection, targets: Sequence[Target]) -> bool:
        """Swap in what has been built and purge what was retired; whether there was anything of it."""
        swapped = False
        for target in targets:
            if target.state == BUILDING:
                with transaction(connection):
                    swapped |= swap(connection, target.view)
        if swapped or self._clock() - self._looked >= LOOK_SECONDS:
            self._looked = self._clock()
            return self._purged(connection) or swapped
        return swapped

    def _purged(self, connection: Connection) -> bool:
        with transaction(connection):
            retired = retire_positions(connection)
        for view, generation in retired:
            with transaction(connection):
                if view in self._views:
                    purge(connection, self._views[view].tables, generation)
                forget(connection, view, generation)
        return bool(retired)
