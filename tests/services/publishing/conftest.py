"""A log on each database, and what publishes it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.kafka.log_to_kafka import LogToKafka
from services.plans import Plans
from services.publishing.durable import OneCopy
from services.publishing.plan_events import PlanEvents
from services.publishing.plan_states import PlanStates
from services.publishing.publisher import Publisher
from services.store.embedded import open_embedded
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from tests.support.published import Installation
from tests.support.recording import Recording

Publishers = Callable[..., Publisher]


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Recording]:
    with open_embedded(tmp_path / "record") as store:
        yield Recording(store)


@pytest.fixture
def on_postgresql(migrated: str, tmp_path: Path) -> Iterator[Recording]:
    with open_postgres(migrated, keyring=FileKeyring(tmp_path / "keyring")) as store:
        yield Recording(store)


@pytest.fixture(params=["embedded", "on_postgresql"])
def record(request: pytest.FixtureRequest) -> Recording:
    """The log on every database that it can stand on."""
    found: Recording = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def publisher() -> Iterator[Publishers]:
    """Makes publishers of the plan log, or with `states` of the plans' states; they are closed when the test ends."""
    made: list[Publisher] = []

    def one(store: RecordStore, at: Installation, *, states: bool = False) -> Publisher:
        source = (
            PlanStates(store, Plans(store), f"{at.prefix}plan-state.v1", "urn:ehcp-exchange:test")
            if states
            else PlanEvents(store, f"{at.prefix}plan-events.v1")
        )
        writer = LogToKafka(at.connection(), source.name, prefix=at.prefix)
        made.append(Publisher(source, writer, OneCopy(store)))
        return made[-1]

    yield one
    for each in made:
        each.close()


def publish_all(publisher: Publisher) -> None:
    """Until there is nothing left."""
    while publisher.step():
        pass
