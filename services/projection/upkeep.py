"""What is done to generations when there is nothing to take in: a finished one is swapped in, a retired one purged."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from services.projection.database import transaction
from services.projection.generations import BUILDING, Target, forget, retire_positions, swap
from services.projection.view import View
from services.projection.writing import purge


def finish(connection: Connection, targets: Sequence[Target], views: Mapping[str, View]) -> bool:
    """Swap in what has been built and purge what was retired; whether there was anything of it."""
    swapped = False
    for target in targets:
        if target.state == BUILDING:
            with transaction(connection):
                swapped |= swap(connection, target.view)
    return _purge(connection, views) or swapped


def _purge(connection: Connection, views: Mapping[str, View]) -> bool:
    with transaction(connection):
        retired = retire_positions(connection)
    for view, generation in retired:
        with transaction(connection):
            if view in views:
                purge(connection, views[view].tables, generation)
            forget(connection, view, generation)
    return bool(retired)
