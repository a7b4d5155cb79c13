"""The embedded store: logs, keys, register, requests and snapshots in one folder that one process owns."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeVar

from services.store import (
    family_links,
    idempotency,
    index_keys,
    key_rows,
    provider_sign_outs,
    register,
    rules_content,
    single_use,
    snapshots,
    web_sessions,
)
from services.store.backend import Backend
from services.store.batch import BatchWriter, Clock
from services.store.blind_index import BlindIndex
from services.store.database import SqliteDatabase
from services.store.erasures import ErasureRegister
from services.store.file_keyring import FileKeyring
from services.store.files import private_folder
from services.store.key_store import KeyStore
from services.store.keyring import Keyring
from services.store.log_table import LogTable
from services.store.ownership import StoreLock
from services.store.record_store import RecordStore
from services.store.recorder import Listeners
from services.store.replaying import PagedReplay
from services.store.sealer import SOURCE
from services.store.sql import Aside, Connection
from services.store.tails import SeparateTails
from services.store.upcasting import Upcaster
from services.store.values import LOGS, PLAN_LOG
from services.store.writer import QUEUE_LIMIT, Writer

RECORD_FILE: Final = "record.sqlite"
"""The file of the logs and the register, unless an installation names another."""

KEY_FILE: Final = "keys.sqlite"
"""The file of the wrapped keys."""

LOCK_FILE: Final = "ehcp.lock"
"""The file whose lock says which process owns the store."""

T = TypeVar("T")


def system_clock() -> int:
    """Microseconds since the epoch, UTC."""
    return time.time_ns() // 1_000


def open_embedded(
    folder: Path,
    *,
    record_file: str = RECORD_FILE,
    keyring: Keyring | None = None,
    base_url: str | None = None,
    source: str = SOURCE,
    upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    clock: Clock = system_clock,
    queue_limit: int = QUEUE_LIMIT,
) -> RecordStore:
    """Open or create the store in `folder`, with a file keyring in it unless another is given.

    Raises StoreOwnedElsewhere when another process has it, KeyringPermissions, UnknownStoreVersion.
    """
    private_folder(folder)
    keyring = keyring or FileKeyring(folder / "keyring")
    with ExitStack() as opened:
        lock = StoreLock(folder / LOCK_FILE, base_url)
        opened.callback(lock.release)
        tables = {log: LogTable(log) for log in LOGS}
        database = SqliteDatabase(folder / record_file, _statements(tables.values()))
        opened.callback(database.close)
        key_file = open_key_file(folder / KEY_FILE)
        opened.callback(key_file.close)
        key_tables = key_rows.tables_of(key_file, database, key_file.scrub)
        keys = KeyStore(key_tables, keyring, ErasureRegister(folder / "erasures.ndjson"))
        listeners = Listeners()
        writer = Writer(
            BatchWriter(database, keys, tables, clock), queue_limit=queue_limit, after_commit=listeners.wake
        )
        opened.callback(writer.close)
        aside = _between_batches(database, writer)
        kept = opened.pop_all()
    replay, tails = PagedReplay(database, tables), SeparateTails(database, tables[PLAN_LOG], keys)
    index = BlindIndex(keyring, lambda: index_keys.accepted_keys(database))
    index.look()

    def add_identifiers(found: Sequence[index_keys.Identified]) -> None:
        aside(lambda connection: index_keys.add_identifiers(connection, found))

    backend = Backend(
        database, index, add_identifiers, keys, tables, writer, writer, listeners, aside, replay, tails, kept.close
    )
    return RecordStore(backend, source=source, upcasters=upcasters)


def open_key_file(path: Path) -> SqliteDatabase:
    """The file of keys, brought to the form of this release."""
    return SqliteDatabase(
        path, key_rows.STATEMENTS, secure_delete=True, version=key_rows.VERSION, upgrades=key_rows.UPGRADES
    )


def _between_batches(database: SqliteDatabase, writer: Writer) -> Aside:
    """SQLite has one writing connection, the writer's: other writing waits for its turn there."""

    def aside(work: Callable[[Connection], T]) -> T:
        def in_transaction() -> T:
            with database.transaction() as connection:
                return work(connection)

        return writer.perform(in_transaction).result()

    return aside


def _statements(tables: Iterable[LogTable]) -> Sequence[str]:
    logs = [statement for table in tables for statement in table.statements]
    signing_in = (single_use, web_sessions, provider_sign_outs, family_links)
    beside = (register, idempotency, snapshots, *signing_in, rules_content, index_keys)
    return (*logs, *(statement for table in beside for statement in table.STATEMENTS))
