"""Reading sealed rows of the views again."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import and_, select

from services.projection.database import ViewDatabase
from services.projection.folding import Folded, decoded
from services.projection.generations import LIVE
from services.projection.log import Keys
from services.projection.sealing import unseal
from services.projection.tables import current, generations


class Kept:
    """The view of current plans, as projectors take plans up from it."""

    def __init__(self, database: ViewDatabase, keys: Keys) -> None:
        """Read in this database, with these keys."""
        self._database = database
        self._keys = keys

    def load(self, plans: Iterable[UUID]) -> dict[UUID, Folded]:
        """What is kept of these plans; one that is not there, or can't be read any more, is missing."""
        wanted = list(plans)
        keys = self._keys.children(wanted)
        live = and_(generations.c.view == "current", generations.c.state == LIVE)
        query = (
            select(current.c.plan, current.c.sequence, current.c.sealed)
            .join(generations, and_(live, generations.c.generation == current.c.generation))
            .where(current.c.plan.in_(wanted))
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        opened = {
            plan: unseal(keys[plan], current.name, plan, sequence, sealed)
            for plan, sequence, sealed in rows
            if plan in keys
        }
        return {plan: decoded(content) for plan, content in opened.items() if content is not None}
