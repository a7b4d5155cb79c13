"""The `eventsourcing` library's own published test cases, unchanged, against our recorder on PostgreSQL."""

import os
import tempfile
from collections.abc import Callable
from typing import Any, ClassVar
from unittest.mock import patch

import pytest
from eventsourcing import sqlite
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.tests import application, persistence
from typing_extensions import override

from services.store.log_table import LogTable
from services.store.postgres.batches import PostgresBatches
from services.store.postgres.database import PostgresDatabase
from services.store.postgres.store import polled
from services.store.recorder import Listeners, LogRecorder
from services.store.writer import Writer


def bare_recorder(url: str, when_done: Callable[[Callable[[], Any]], Any]) -> LogRecorder:
    """One log without keys. Streams may start at 0 too, as some of the library's cases do; gaps are refused."""
    database = PostgresDatabase(url)
    listeners = Listeners()
    batches = PostgresBatches(database.conninfo, None, from_zero=True)
    writer = Writer(batches, after_commit=listeners.wake)
    poll = polled(listeners)
    for close in (database.close, batches.close, writer.close, poll.stop):
        when_done(close)
    return LogRecorder(LogTable("plan", first_sequences=(0, 1)), database, writer, listeners)


class TestLogRecorder(persistence.ApplicationRecorderTestCase[LogRecorder]):
    """Insert, select, notifications, concurrent writers and readers, and the optional case: subscriptions."""

    @pytest.fixture(autouse=True)
    def _database(self, migrated: str) -> None:
        self.url = migrated

    @override
    def create_recorder(self) -> LogRecorder:
        return bare_recorder(self.url, self.addCleanup)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class FactoryWithOurRecorder(sqlite.SQLiteFactory):
    """The library's SQLite infrastructure for snapshots, with our recorder for the events of an application."""

    url: ClassVar[str]
    when_done: ClassVar[Callable[[Callable[[], Any]], Any]]

    @override
    def application_recorder(self) -> ApplicationRecorder:
        return bare_recorder(self.url, type(self).when_done)


class TestExampleApplication(application.ExampleApplicationTestCase):
    """The library's example application, with its aggregates and snapshots, on our recorder."""

    expected_factory_topic = f"{__name__}:FactoryWithOurRecorder"

    @pytest.fixture(autouse=True)
    def _database(self, migrated: str) -> None:
        FactoryWithOurRecorder.url = migrated

    @override
    def setUp(self) -> None:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        FactoryWithOurRecorder.when_done = self.addCleanup
        settings = {
            "PERSISTENCE_MODULE": self.expected_factory_topic,
            "SQLITE_DBNAME": f"{folder}/snapshots.sqlite",
        }
        self.enterContext(patch.dict(os.environ, settings))
