"""The adoption log of a database alone: adopting rules needs no keyring, so that `ehcp migrate` can do it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.store.clear_log import ClearLog
from services.store.log_table import LogTable
from services.store.postgres.clear_batches import ClearBatches
from services.store.postgres.database import PostgresDatabase
from services.store.postgres.replay import StreamedReplay
from services.store.postgres.store import in_transaction
from services.store.rules_content import RulesContent
from services.store.values import ADOPTION_LOG
from services.store.writer import Writer


@dataclass(frozen=True, slots=True)
class _Alone:
    database: PostgresDatabase
    tables: dict[str, LogTable]
    writer: Writer
    replay: StreamedReplay


@contextmanager
def adoption_log(url: str, source: str) -> Iterator[tuple[ClearLog, RulesContent]]:
    """The log and what the adopted editions say; `source` names the installation. Raises StoreUnavailable."""
    database = PostgresDatabase(url, pool_size=1)
    batches = ClearBatches(database.conninfo, ADOPTION_LOG)
    writer = Writer(batches)
    alone = _Alone(database, {ADOPTION_LOG: LogTable(ADOPTION_LOG)}, writer, StreamedReplay(database))
    try:
        yield ClearLog(ADOPTION_LOG, source, alone), RulesContent(database, in_transaction(database))
    finally:
        writer.close()
        batches.close()
        database.close()
