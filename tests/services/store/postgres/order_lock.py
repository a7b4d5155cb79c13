"""Holding the order lock as another session would, to stop time in the middle of an append."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

Session = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def order_lock(url: str) -> Iterator[Session]:
    """Hold the order lock; the session that holds it can look around meanwhile."""
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(ehcp.order_lock())")
        yield session


def wait_for_writers(session: Session, number: int = 1) -> list[int]:
    """Wait until so many writers stand at the order lock; the processes of the server that serve them."""
    while True:
        waiting = session.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'ehcp-writer' AND wait_event = 'advisory'"
            " AND datname = current_database()"
        ).fetchall()
        if len(waiting) >= number:
            return [pid for (pid,) in waiting]
        time.sleep(0.01)
