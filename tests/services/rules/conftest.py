"""Stores with an adoption log on each database, and platforms on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.rules.adopting import AdoptedRules
from services.store.embedded import open_embedded
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from tests.services.store.postgres.roles import login
from tests.support.serving import Serving, serving


class Kept:
    """A store with its adoption log."""

    def __init__(self, store: RecordStore) -> None:
        self.store = store
        self.rules = self.opened()

    def opened(self) -> AdoptedRules:
        """The adopted rules as another process would have them: nothing in memory, each answer fresh."""
        seconds = iter(range(0, 10**9, 60))
        return AdoptedRules(self.store.adoption, self.store.rules_content, clock=lambda: float(next(seconds)))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    if request.param == "sqlite":
        with open_embedded(tmp_path / "var") as store:
            yield Kept(store)
        return
    keyring = FileKeyring(tmp_path / "keyring")
    with (
        login(str(request.getfixturevalue("migrated")), member_of="ehcp_app") as address,
        open_postgres(address, keyring=keyring) as store,
    ):
        yield Kept(store)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    address = str(request.getfixturevalue("migrated")) if request.param == "postgresql" else ""
    with serving(tmp_path, database_url=address) as served:
        yield served
