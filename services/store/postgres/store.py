"""Opening the record store on PostgreSQL."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Final

from services.repeating import Repeating
from services.store.backend import Backend
from services.store.blind_index import BlindIndex
from services.store.index_keys import accepted_keys
from services.store.key_store import KeyStore
from services.store.keyring import Keyring
from services.store.log_table import LogTable
from services.store.postgres.batches import PostgresBatches
from services.store.postgres.clear_batches import BatchesByLog, ClearBatches
from services.store.postgres.database import PostgresDatabase
from services.store.postgres.disclosures import DisclosureBatches
from services.store.postgres.erasure_table import ErasureTable
from services.store.postgres.erasure_watch import ErasureWatch
from services.store.postgres.identifiers import adding_identifiers
from services.store.postgres.key_tables import key_tables
from services.store.postgres.migrating import require_current
from services.store.postgres.replay import StreamedReplay
from services.store.postgres.tails import JoinedTails
from services.store.record_store import RecordStore
from services.store.recorder import Listeners
from services.store.sealer import SOURCE
from services.store.sql import Aside, Connection, T
from services.store.upcasting import Upcaster
from services.store.values import CLEAR_LOGS, LOGS
from services.store.writer import QUEUE_LIMIT, Writer

POLL_SECONDS: Final = 0.05
"""How often subscribers look whether another process appended."""


def open_postgres(
    url: str,
    *,
    keyring: Keyring,
    source: str = SOURCE,
    upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    clock: Callable[[], int | None] = lambda: None,
    queue_limit: int = QUEUE_LIMIT,
) -> RecordStore:
    """Open the store at `url` (postgresql://...), whose tables `ehcp migrate` has made.

    Raises StoreUnavailable when the server can't be reached, UnknownStoreVersion when the tables are not this
    release's.
    """
    with ExitStack() as opened:
        database = PostgresDatabase(url)
        opened.callback(database.close)
        require_current(database)
        keys = KeyStore(key_tables(database), keyring, ErasureTable(database))
        index = BlindIndex(keyring, lambda: accepted_keys(database))
        index.look()
        aside = in_transaction(database)
        watch = ErasureWatch(keys, aside, beside=index.look)
        opened.callback(watch.stop)
        listeners = Listeners()
        poll = polled(listeners)
        clear = {log: ClearBatches(database.conninfo, log, clock) for log in CLEAR_LOGS}
        batches = BatchesByLog(PostgresBatches(database.conninfo, keys, clock), clear)
        opened.callback(batches.close)
        writer = Writer(batches, queue_limit=queue_limit, after_commit=listeners.wake)
        opened.callback(writer.close)
        shown = DisclosureBatches(database.conninfo, keys, clock)
        opened.callback(shown.close)
        disclosing = Writer(shown, queue_limit=queue_limit)
        opened.callback(disclosing.close)
        opened.callback(poll.stop)
        kept = opened.pop_all()
    tables = {log: LogTable(log) for log in LOGS}
    replay, tails = StreamedReplay(database), JoinedTails(database)
    backend = Backend(
        database,
        index,
        adding_identifiers(database),
        keys,
        tables,
        writer,
        disclosing,
        listeners,
        aside,
        replay,
        tails,
        kept.close,
    )
    return RecordStore(backend, source=source, upcasters=upcasters)


def polled(listeners: Listeners, seconds: float = POLL_SECONDS) -> Repeating:
    """Wakes the subscribers of this process now and then, from now on: another process may have appended."""
    poll = Repeating("store-poll", listeners.wake, seconds)
    poll.start()
    return poll


def in_transaction(database: PostgresDatabase) -> Aside:
    """Other writing needs no turn: it has a connection of its own."""

    def aside(work: Callable[[Connection], T]) -> T:
        with database.transaction() as connection:
            return work(connection)

    return aside
