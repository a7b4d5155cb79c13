"""Reading the lists: as far as the log reached when they were asked for, if the projectors come so far in time."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row

from services.projection.database import ViewDatabase
from services.projection.generations import reached
from services.projection.listing import Filters, Scope, name_query, page_query
from services.projection.log import Keys
from services.projection.names import EXACT, SOUND, asked_tokens, blinded, sounds
from services.projection.sealing import unseal
from services.projection.tables import worklist
from services.projection.worklist import Person
from services.store.blind_index import BlindIndex

WAIT_SECONDS: Final = 2.0
"""How long a reader waits for a view that is behind the log."""

MOST_FOUND: Final = 200
"""How many plans a search by name looks at."""

_LOOK_SECONDS: Final = 0.01
_person = msgspec.json.Decoder(Person)


class Lists:
    """The worklist view, as it is read."""

    def __init__(self, database: ViewDatabase, keys: Keys, index: BlindIndex, hurry: Callable[[], None]) -> None:
        """`hurry` tells a projector of this process, if there is one, that somebody waits."""
        self._database = database
        self._keys = keys
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

    async def named(self, scope: Scope, name: str, born: str | None) -> list[UUID]:
        """Plans of children of that name, born on that date if it is given: as it is written, then as it sounds."""
        return await asyncio.to_thread(self._named, scope, name, born)

    def _named(self, scope: Scope, name: str, born: str | None) -> list[UUID]:
        words = asked_tokens(name)
        found: dict[UUID, None] = {}
        for kind, asked in ((EXACT, words), (SOUND, sounds(words))):
            if asked:
                rows = self._rows(name_query(scope, kind, blinded(self._index, kind, asked), MOST_FOUND))
                found |= dict.fromkeys(row.plan for row in rows if born is None or self._born(row) == born)
        return list(found)

    def _born(self, row: Row[Any]) -> str:
        key = self._keys.children((row.plan,)).get(row.plan)
        if key is None or row.sealed is None:
            return ""
        said = unseal(key, worklist.name, row.plan, row.sequence, row.sealed)
        return _person.decode(said).date_of_birth if said else ""

    def _rows(self, query: Any) -> list[Row[Any]]:
        with self._database.reading() as connection:
            return list(connection.execute(query))
