"""What a record store stands on: a database, keys, and what writes batches. One for SQLite, one for PostgreSQL."""

from collections.abc import Callable
from dataclasses import dataclass

from services.store.key_store import KeyStore
from services.store.keyring import Keyring
from services.store.log_table import LogTable
from services.store.recorder import Listeners
from services.store.replaying import Replay
from services.store.sql import Aside, Database
from services.store.tails import Tails
from services.store.writer import Writer


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts of an open store. `close` drains the writer and then closes the rest."""

    database: Database
    keyring: Keyring
    keys: KeyStore
    tables: dict[str, LogTable]
    writer: Writer
    listeners: Listeners
    aside: Aside
    replay: Replay
    tails: Tails
    close: Callable[[], None]
