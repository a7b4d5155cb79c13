"""How far the followers of a record have come: views, router and publisher, against its log and its erasures."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
from sqlalchemy import func, select

from connectors.kafka.positions import POSITIONS, read_positions
from deploy.local.kafka import PLATFORM
from services.projection.database import VIEWS_FILE, ViewDatabase
from services.projection.generations import BUILDING, LANES, LIVE, targets
from services.projection.tables import erasures as followed
from services.publishing.wiring import LOGS
from services.settings import Settings
from services.signals.database import SIGNALS_FILE, SignalDatabase
from services.signals.tables import lanes
from tests.support.published import Installation

Place = tuple[int, int]
"""A position of the log of plans, and how many erasures there are."""


def end(settings: Settings) -> Place:
    """The end of the record, whoever has it open."""
    if settings.on_postgresql:
        with psycopg.connect(settings.database_url) as connection:
            row = connection.execute(
                "SELECT (SELECT max(position) FROM ehcp.plan_event), (SELECT count(*) FROM ehcp.erasure)"
            ).fetchone()
            assert row is not None
            return row[0], row[1]
    with closing(sqlite3.connect(f"{settings.database_file.as_uri()}?mode=ro", uri=True)) as connection:
        (position,) = connection.execute("SELECT max(position) FROM plan_event").fetchone()
    lines = (settings.data_folder / "erasures.ndjson").read_text().splitlines()
    return position, sum(bool(line) for line in lines)


def are_views_current(settings: Settings) -> bool:
    """Whether every view has taken in the whole log and every erasure, and none is being built."""
    where = settings.database_url if settings.on_postgresql else settings.data_folder / VIEWS_FILE
    database = ViewDatabase(where)
    try:
        with database.reading() as connection:
            found = targets(connection, LIVE, BUILDING)
            handled = connection.scalar(select(func.min(followed.c.handled)))
    finally:
        database.close()
    head, erasures = end(settings)
    return all(one.state == LIVE and one.lowest(LANES) == head for one in found) and handled == erasures


def is_routed(settings: Settings) -> bool:
    """Whether the router has come as far."""
    database = SignalDatabase(settings.database_url if settings.on_postgresql else settings.data_folder / SIGNALS_FILE)
    try:
        with database.reading() as connection:
            at = connection.execute(select(func.min(lanes.c.position), func.min(lanes.c.erasures))).one()
    finally:
        database.close()
    return tuple(at) == end(settings)


def is_published(settings: Settings, installation: Installation) -> bool:
    """Whether the publisher has come as far."""
    places = read_positions(installation.connection(PLATFORM), installation.prefix + POSITIONS)
    events, states = (places.get(log) for log in LOGS)
    if events is None or states is None:
        return False
    return (events.position, (states.position, states.erasures)) == (end(settings)[0], end(settings))
