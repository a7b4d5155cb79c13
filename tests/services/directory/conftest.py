"""A directory on each database, and short ways to fill and ask it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.directory import gias, ods, others
from services.directory.importing import DirectoryImporter, ImportOutcome
from services.directory.service import DirectoryService
from services.directory.statements import Statement
from services.reference_data import load_reference_data
from services.store.embedded import open_embedded
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from tests.services.store.postgres.roles import login

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "directory"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
AS_OF = date(2026, 10, 1)
Read = Callable[[bytes, date], Iterator[Statement]]


class Kept:
    """A store with its directory."""

    def __init__(self, store: RecordStore, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.directory = self.opened()

    def opened(self) -> DirectoryService:
        """The directory as another process would have it: nothing in memory, each answer fresh."""
        seconds = iter(range(0, 10**9, 60))
        return DirectoryService(self.store.directory, lambda: NOW, clock=lambda: float(next(seconds)))

    def take(self, statements: Iterable[Statement]) -> ImportOutcome:
        return DirectoryImporter(self.directory, "operator:test").take(statements)

    def file(self, name: str, read: Read, as_of: date = AS_OF) -> ImportOutcome:
        return self.take(read((FIXTURES / name).read_bytes(), as_of))

    def everything(self) -> None:
        """All the samples."""
        self.file("edubasealldata20261001.csv", gias.establishments)
        self.file("links_edubasealldata20261001.csv", gias.links)
        self.file("eccg.csv", ods.bodies)
        self.file("epraccur.csv", ods.bodies)
        self.file("succ.csv", ods.successions)
        self.take(others.councils(load_reference_data().code_set("local-authorities")))


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Kept]:
    with open_embedded(tmp_path / "var") as store:
        yield Kept(store, tmp_path / "var")


@pytest.fixture
def on_postgresql(migrated: str, tmp_path: Path) -> Iterator[Kept]:
    """As the application's role, which may do no more than it needs."""
    keyring = FileKeyring(tmp_path / "keyring")
    with login(migrated, member_of="ehcp_app") as application, open_postgres(application, keyring=keyring) as store:
        yield Kept(store, tmp_path)


@pytest.fixture(params=["embedded", "on_postgresql"])
def kept(request: pytest.FixtureRequest) -> Kept:
    """The directory on every database that it can stand on."""
    found: Kept = request.getfixturevalue(request.param)
    return found
