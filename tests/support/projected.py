"""What views hold, opened, so that two ways of making them can be compared row by row."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from services.projection.database import ViewDatabase
from services.projection.generations import LIVE, targets
from services.projection.lanes import AllLanes, LaneClaims
from services.projection.log import Log
from services.projection.projector import Projector
from services.projection.sealing import unseal
from services.projection.view import View
from services.projection.wiring import all_views
from services.store.postgres.migrating import migrate

Rows = dict[str, set[tuple[Any, ...]]]


def shared_views(address: str) -> ViewDatabase:
    """Read models in a PostgreSQL database that holds nothing yet."""
    migrate(address)
    return ViewDatabase(address)


def projector_of(
    log: Any,
    database: ViewDatabase,
    views: Sequence[View] | None = None,
    lanes: LaneClaims | None = None,
    batch: int = 7,
) -> Projector:
    """A projector that takes small bites."""
    return Projector(log, database, views or all_views(log.index), lanes or AllLanes(), batch=batch)


def fresh(log: Any, folder: Path) -> Rows:
    """What the views hold when they are made from nothing."""
    database = ViewDatabase(folder / "fresh.sqlite")
    projector = projector_of(log, database, batch=1_000)
    projector.catch_up()
    projector.close()
    found = live_rows(log, database)
    database.close()
    (folder / "fresh.sqlite").unlink()
    return found


def live_rows(log: Log, database: ViewDatabase, views: Iterable[View] | None = None) -> Rows:
    """Every row of the live generations, opened."""
    chosen = {view.name: view for view in (views or all_views(log.index))}  # type: ignore[attr-defined]
    with database.reading() as connection:
        live = {target.view: target.generation for target in targets(connection, LIVE)}
        return {
            table.name: {
                tuple(_opened(log, table, row._mapping))  # noqa: SLF001 - SQLAlchemy's public name for it
                for row in connection.execute(select(table).where(table.c.generation == live[name]))
            }
            for name, view in chosen.items()
            for table in view.tables
        }


def _opened(log: Log, table: Any, row: Any) -> Iterable[Any]:
    for column in table.columns:
        value = row[column.name]
        if column.name == "generation":
            continue
        if column.info.get("sealed") and value is not None:
            key = log.keys.children((row["plan"],))[row["plan"]]
            value = unseal(key, table.name, row["plan"], row["sequence"], value)
        yield bytes(value) if isinstance(value, memoryview) else value
