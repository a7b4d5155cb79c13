"""Signed checkpoints on their topic, once each; and a cluster that knows more than the record."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.kafka.errors import KafkaUnavailable
from connectors.kafka.log_to_kafka import LogToKafka
from connectors.kafka.positions import POSITIONS, Position, read_positions
from services.notary.notes import parsed
from services.notary.wiring import SIGNED_LOGS
from services.publishing.ahead import Ahead
from services.publishing.checkpoints import SignedCheckpoints
from services.publishing.durable import OneCopy
from services.publishing.plan_events import PlanEvents
from services.publishing.publisher import Publisher
from services.publishing.source import LogBehind
from tests.services.notary.conftest import Office
from tests.services.publishing.conftest import Publishers, publish_all
from tests.support.published import Installation
from tests.support.recording import Recording

TOPIC = "checkpoints.v1"


@pytest.fixture
def office(request: pytest.FixtureRequest, record: Recording, tmp_path: Path) -> Iterator[Office]:
    on_postgresql = request.node.callspec.params["record"] == "on_postgresql"
    where = request.getfixturevalue("migrated") if on_postgresql else tmp_path / "checkpoints.sqlite"
    made = Office(record, where, tmp_path / "signing")
    yield made
    made.database.close()


@pytest.fixture
def publishing(office: Office, installation: Installation) -> Iterator[Callable[[], Publisher]]:
    """Makes publishers of the checkpoints, each as a process that starts has it."""
    made: list[Publisher] = []

    def one() -> Publisher:
        source = SignedCheckpoints(office.database, installation.prefix + TOPIC)
        writer = LogToKafka(installation.connection(), source.name, prefix=installation.prefix)
        made.append(Publisher(source, writer, OneCopy(office.store)))
        return made[-1]

    yield one
    for each in made:
        each.close()


def test_each_checkpoint_of_the_log_of_plans_is_published_once_whoever_starts_again(
    office: Office, installation: Installation, publishing: Callable[[], Publisher]
) -> None:
    publish_all(publishing())
    for _ in range(3):
        office.record.open()
        for log in SIGNED_LOGS:
            office.sign(log)
        publish_all(publishing())
        publish_all(publishing())
    found = installation.committed(TOPIC)
    assert [parsed(one.value.decode()).size for one in found] == [1, 2, 3]
    (last,) = found[-1:]
    headers = dict(last.headers)
    assert headers["ce_source"] == last.key == b"urn:ehcp-exchange:test:plan"
    assert headers["content-type"] == b"text/plain; charset=utf-8"
    assert last.value.decode() == (office.folder / "checkpoint.plan.note").read_text()


def test_nothing_is_published_beyond_what_is_durable(office: Office, installation: Installation) -> None:
    office.record.open()
    office.sign()
    office.record.open()
    office.sign()
    source = SignedCheckpoints(office.database, installation.prefix + TOPIC)
    assert source.end(1) == 1
    batch = source.batch(Position(), 1)
    assert batch is not None
    assert (batch.position.position, batch.events) == (1, 1)
    assert source.batch(batch.position, 1) is None


def test_a_checkpoint_that_was_published_and_is_not_there_stops_publication(office: Office) -> None:
    office.record.open()
    office.sign()
    source = SignedCheckpoints(office.database, TOPIC)
    batch = source.batch(Position(), 1)
    assert batch is not None
    source.check(batch.position)
    for other in (Position(position=1, mark="other"), Position(position=2, mark=batch.position.mark)):
        with pytest.raises(LogBehind):
            source.check(other)


def test_a_cluster_that_knows_more_than_the_record_is_found_out(
    record: Recording, installation: Installation, publisher: Publishers
) -> None:
    record.open()
    publish_all(publisher(record.store, installation))

    class Shorter:
        name = "plan-events"

        def check(self, position: Position) -> None:
            raise LogBehind(f"position {position.position} was published, the log ends before it")

    places = read_positions(installation.connection(), installation.prefix + POSITIONS)
    assert places["plan-events"].position == 1
    told: list[str] = []
    Ahead([PlanEvents(record.store, "")], lambda: places).look(told.append)
    assert told == []
    Ahead([Shorter()], lambda: places).look(told.append)  # type: ignore[list-item]
    assert told == ["Kafka knows more of plan-events than the record: position 1 was published, the log ends before it"]


def test_a_start_does_not_hang_on_a_cluster_that_does_not_answer_and_hears_it_later() -> None:
    answers, told = threading.Event(), threading.Event()

    def positions() -> dict[str, Position]:
        answers.wait()
        return {"log": Position(position=7)}

    class Source:
        name = "log"

        def check(self, position: Position) -> None:
            assert position.position == 7
            raise LogBehind("the log is empty")

    Ahead([Source()], positions).look(lambda _: told.set(), patience=0.01)  # type: ignore[list-item]
    assert not told.is_set()
    answers.set()
    assert told.wait(60)


def test_a_cluster_that_is_away_refuses_nothing() -> None:
    def away() -> dict[str, Position]:
        raise KafkaUnavailable("nobody answers")

    told: list[str] = []
    Ahead([], away).look(told.append, patience=60)
    assert told == []
