"""A log in a folder of its own, and read models on each database that carries them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.projection.database import ViewDatabase
from services.projection.projector import Projector
from services.store.embedded import open_embedded
from tests.support.projected import projector_of, shared_views
from tests.support.recording import Recording

Start = Callable[..., Projector]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Recording]:
    with open_embedded(tmp_path / "record") as store:
        yield Recording(store)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ViewDatabase]:
    """Both databases, each test on each."""
    if request.param == "sqlite":
        views = ViewDatabase(tmp_path / "views.sqlite")
    else:
        views = shared_views(request.getfixturevalue("postgres"))
    yield views
    views.close()


@pytest.fixture
def start(database: ViewDatabase) -> Iterator[Start]:  # noqa: ARG001 - projectors close before their database
    """Projectors that are closed when the test ends."""
    started: list[Projector] = []

    def one(*given: object, **more: object) -> Projector:
        started.append(projector_of(*given, **more))  # type: ignore[arg-type]
        return started[-1]

    yield one
    for projector in started:
        projector.close()
