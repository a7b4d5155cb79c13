"""A platform whose router works, on each database that carries one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.store.postgres.migrating import migrate
from tests.support.life import Life
from tests.support.serving import Serving, serving


@pytest.fixture(params=["sqlite", "postgresql"])
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    """Both databases, each test on each. On PostgreSQL the workers are other processes: here they are threads."""
    address = ""
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres")
        migrate(address)
    with serving(tmp_path, database_url=address) as served:
        served.platform.signals.running.start()
        served.platform.projection.running.start()
        yield served


@pytest.fixture
def life(platform: Serving) -> Life:
    return Life(platform)
