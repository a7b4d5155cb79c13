"""A record on each database, and a notary that signs it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.notary.database import CHECKPOINTS_FILE, CheckpointDatabase
from services.notary.notary import Notary
from services.notary.side_note import SideNotes
from services.notary.signing_keys import SigningKeys
from services.publishing.durable import OneCopy
from services.store.embedded import open_embedded
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.values import PLAN_LOG
from tests.support.recording import Recording

ORIGIN = "urn:ehcp-exchange:test:plan"


class Office:
    """A record, the notary's database, and the folder of its keys."""

    def __init__(self, record: Recording, where: Path | str, folder: Path) -> None:
        self.record = record
        self.store = record.store
        self.database = CheckpointDatabase(where)
        self.keys = SigningKeys(folder)
        self.side = SideNotes(folder)
        self.now = datetime(2026, 11, 2, 12, tzinfo=UTC)
        self.folder = folder

    def notary(self, log: str = PLAN_LOG, durable: Callable[[], int] | None = None) -> Notary:
        upto = _Upto(durable) if durable else OneCopy(self.store, log)
        origin = ORIGIN.replace("plan", log)
        return Notary(log, origin, self.store, upto, self.database, self.keys, self.side, lambda: self.now)

    def sign(self, log: str = PLAN_LOG) -> None:
        """Everything that there is."""
        notary = self.notary(log)
        while notary.step():
            pass


class _Upto:
    def __init__(self, durable: Callable[[], int]) -> None:
        self.position = durable


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Office]:
    with open_embedded(tmp_path / "record") as store:
        office = Office(Recording(store), tmp_path / "record" / CHECKPOINTS_FILE, tmp_path / "keyring")
        yield office
        office.database.close()


@pytest.fixture
def on_postgresql(migrated: str, tmp_path: Path) -> Iterator[Office]:
    with open_postgres(migrated, keyring=FileKeyring(tmp_path / "keyring")) as store:
        office = Office(Recording(store), migrated, tmp_path / "keyring")
        yield office
        office.database.close()


@pytest.fixture(params=["embedded", "on_postgresql"])
def office(request: pytest.FixtureRequest) -> Office:
    """On every database that it can stand on."""
    found: Office = request.getfixturevalue(request.param)
    return found
