"""The index keys by which names are found in the worklist: which made how many hashes, and making them anew."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, literal_column, select

from services.projection.database import ViewDatabase
from services.projection.generations import LIVE
from services.projection.log import Log
from services.projection.names import HASH_LENGTH
from services.projection.status import ask_for_rebuild
from services.projection.tables import generations, names
from services.store.blind_index import BlindIndex, marked, number_behind

_VIEW: Final = "worklist"
_PAGE: Final = 500


class NameKeys:
    """The hashes of names, by the index key that made them."""

    def __init__(self, log: Log, database: ViewDatabase, index: BlindIndex, hurry: Callable[[], None]) -> None:
        """`hurry` tells a projector of this process, if there is one, that somebody waits."""
        self._log = log
        self._database = database
        self._index = index
        self._hurry = hurry

    def rows(self) -> dict[int, int]:
        """How many hashes of the worklist each key has made."""
        query = select(_mark(), func.count()).where(_live()).group_by(_mark())
        with self._database.reading() as connection:
            return {number_behind(bytes(mark)): count for mark, count in connection.execute(query)}

    def lack(self) -> bool:
        """Whether a name isn't found by the newest key alone."""
        made = select(names.c.plan).distinct().where(_live(), _mark() == marked(self._index.accepted[0]))
        query = select(names.c.plan).where(_live(), names.c.plan.not_in(made)).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def write_anew(self) -> None:
        """Have the worklist built anew if it lacks hashes; the projectors do that beside the one that is read."""
        if self.lack():
            ask_for_rebuild(self._log, self._database, _VIEW)
            self._hurry()

    def delete_rows(self, number: int) -> None:
        """Delete the hashes that a key has made, some plans in a transaction."""
        while page := self._page(number):
            with self._database.writing() as connection:
                connection.execute(delete(names).where(names.c.plan.in_(page), _mark() == marked(number)))

    def _page(self, number: int) -> list[UUID]:
        query: Select[Any] = select(names.c.plan).distinct().where(_mark() == marked(number)).limit(_PAGE)
        with self._database.reading() as connection:
            return list(connection.scalars(query))


def _mark() -> ColumnElement[bytes]:
    return func.substr(names.c.token, literal_column(str(HASH_LENGTH + 1)), type_=names.c.token.type)


def _live() -> ColumnElement[bool]:
    live = select(generations.c.generation).where(generations.c.view == _VIEW, generations.c.state == LIVE)
    return names.c.generation == live.scalar_subquery()
