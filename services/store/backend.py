"""What a record store stands on: a database, keys, and what writes batches. One for SQLite, one for PostgreSQL."""

from collections.abc import Callable
from dataclasses import dataclass

from services.store.blind_index import BlindIndex
from services.store.index_keys import AddIdentifiers
from services.store.key_store import KeyStore
from services.store.log_table import LogTable
from services.store.recorder import Listeners
from services.store.replaying import Replay
from services.store.sql import Aside, Database
from services.store.tails import Tails
from services.store.writer import Writer


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts of an open store. `close` drains the writers and then closes the rest.

    `disclosing` writes the disclosure log: the same writer where a database has one, else one of its own.
    """

    database: Database
    index: BlindIndex
    add_identifiers: AddIdentifiers
    keys: KeyStore
    tables: dict[str, LogTable]
    writer: Writer
    disclosing: Writer
    listeners: Listeners
    aside: Aside
    replay: Replay
    tails: Tails
    close: Callable[[], None]
