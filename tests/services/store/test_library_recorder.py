"""The `eventsourcing` library's own published test cases, unchanged, against our recorder."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from eventsourcing import sqlite
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.tests import application, persistence
from typing_extensions import override

from services.store.batch import BatchWriter
from services.store.database import SqliteDatabase
from services.store.embedded import system_clock
from services.store.log_table import LogTable
from services.store.recorder import Listeners, LogRecorder
from services.store.register import STATEMENTS
from services.store.writer import Writer


def bare_recorder(folder: Path, when_done: Callable[[Callable[[], Any]], Any]) -> LogRecorder:
    """One log without keys.

    Streams may start at 0 too, as some of the library's cases do; gaps are refused.
    """
    table = LogTable("plan", first_sequences=(0, 1))
    database = SqliteDatabase(folder / "log.sqlite", (*table.statements, *STATEMENTS))
    listeners = Listeners()
    writer = Writer(BatchWriter(database, None, {"plan": table}, system_clock), after_commit=listeners.wake)
    when_done(database.close)
    when_done(writer.close)
    return LogRecorder(table, database, writer, listeners)


class TestLogRecorder(persistence.ApplicationRecorderTestCase[LogRecorder]):
    """Insert, select, notifications, concurrent writers and readers, and the optional case: subscriptions."""

    @override
    def create_recorder(self) -> LogRecorder:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        return bare_recorder(folder, self.addCleanup)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class FactoryWithOurRecorder(sqlite.SQLiteFactory):
    """The library's SQLite infrastructure with our recorder for the events of an application."""

    folder: ClassVar[Path]
    when_done: ClassVar[Callable[[Callable[[], Any]], Any]]

    @override
    def application_recorder(self) -> ApplicationRecorder:
        return bare_recorder(self.folder, type(self).when_done)


class TestExampleApplication(application.ExampleApplicationTestCase):
    """The library's example application, with its aggregates and snapshots, on our recorder."""

    expected_factory_topic = f"{__name__}:FactoryWithOurRecorder"

    @override
    def setUp(self) -> None:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        FactoryWithOurRecorder.folder = Path(folder)
        FactoryWithOurRecorder.when_done = self.addCleanup
        settings = {
            "PERSISTENCE_MODULE": self.expected_factory_topic,
            "SQLITE_DBNAME": f"{folder}/snapshots.sqlite",
        }
        self.enterContext(patch.dict(os.environ, settings))
