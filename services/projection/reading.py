"""Reading the lists: as far as the log reached when they were asked for, if the projectors come so far in time."""

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Row

from services.projection.database import ViewDatabase
from services.projection.generations import reached
from services.projection.listing import Filters, Scope, name_query, page_query
from services.projection.names import BORN, EXACT, SOUND, asked_tokens, blinded, sounds
from services.store.blind_index import BlindIndex

WAIT_SECONDS: Final = 2.0
"""How long a reader waits for a view that is behind the log."""

MOST_FOUND: Final = 200
"""How many plans a search by name looks at, of those that are written so and of those that sound so."""

_LOOK_SECONDS: Final = 0.01


class Named(NamedTuple):
    """Plans found by name; `more` where others fit too and weren't looked at."""

    plans: tuple[UUID, ...]
    more: bool


class Lists:
    """The worklist view, as it is read."""

    def __init__(self, database: ViewDatabase, index: BlindIndex, hurry: Callable[[], None]) -> None:
        """`hurry` tells a projector of this process, if there is one, that somebody waits."""
        self._database = database
        self._index = index
        self._hurry = hurry

    async def reach(self, position: int, wait: float = WAIT_SECONDS) -> int:
        """The position that the lists have reached: this one, unless that takes longer than `wait` seconds."""
        until = time.monotonic() + wait
        at = await asyncio.to_thread(self.position)
        while at < position and time.monotonic() < until:
            self._hurry()
            await asyncio.sleep(_LOOK_SECONDS)
            at = await asyncio.to_thread(self.position)
        return at

    def position(self) -> int:
        """How far the lists are."""
        with self._database.reading() as connection:
            return reached(connection, "worklist")

    async def page(self, scope: Scope, filters: Filters, after: int, limit: int) -> list[Row[Any]]:
        """At most `limit` rows behind the cursor, in the order of opening."""
        return await asyncio.to_thread(self._rows, page_query(scope, filters, after, limit))

    async def named(
        self, scope: Scope, name: str, born: str | None = None, among: Collection[UUID] | None = None
    ) -> Named:
        """Plans of children of that name: as it is written, then as it sounds.

        Only those born on that date if it is given, and only among these if any are.
        """
        return await asyncio.to_thread(self._named, scope, name, born, among)

    def _named(self, scope: Scope, name: str, born: str | None, among: Collection[UUID] | None) -> Named:
        words = asked_tokens(name)
        narrowed = self._sought(BORN, frozenset({born} if born else ()))
        found: dict[UUID, None] = {}
        more = False
        for kind, asked in ((EXACT, words), (SOUND, sounds(words))):
            if asked:
                sought = [*self._sought(kind, asked), *narrowed]
                rows = self._rows(name_query(scope, sought, among, MOST_FOUND + 1))
                more = more or len(rows) > MOST_FOUND
                found |= dict.fromkeys(row.plan for row in rows[:MOST_FOUND])
        return Named(tuple(found), more)

    def _sought(self, kind: str, asked: frozenset[str]) -> list[tuple[str, frozenset[bytes]]]:
        return [(kind, forms) for forms in blinded(self._index, kind, asked)]

    def _rows(self, query: Any) -> list[Row[Any]]:
        with self._database.reading() as connection:
            return list(connection.execute(query))
