"""The private broker: what starts is ready, what stops is gone, and nobody gets in without a name."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import KafkaError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from connectors.kafka.clients import administrator as make_administrator
from connectors.kafka.connection import KafkaConnection, read_credentials
from deploy.local.kafka import ADMIN, PLATFORM, Broker, KafkaBrokerError, private_broker
from tests.support.kafka import without_a_broker


def administrator(broker: Broker) -> Any:
    connection = KafkaConnection(broker.bootstrap, read_credentials(broker.credentials(ADMIN)))
    return make_administrator(connection)


def topics(broker: Broker) -> set[str]:
    admin = administrator(broker)
    try:
        return {topic for topic in admin.list_topics() if not topic.startswith("__")}
    finally:
        admin.close()


@retry(retry=retry_if_exception_type(KafkaError), stop=stop_after_delay(60), wait=wait_fixed(0.5), reraise=True)
def topics_of_those_left(broker: Broker) -> set[str]:
    """The client asks a node by chance, and may come to the one that is gone before it has heard of that."""
    return topics(broker)


def test_a_broker_that_is_stopped_or_killed_comes_back_at_its_place_with_its_data(kafka_alone: Broker) -> None:
    address = kafka_alone.bootstrap
    admin = administrator(kafka_alone)
    admin.create_topics({"kept": {"num_partitions": 1, "replication_factor": 1}})
    admin.close()
    for end in (kafka_alone.stop, kafka_alone.kill):
        end()
        assert kafka_alone.pids == [None]
        kafka_alone.start()
        kafka_alone.start()
        assert (kafka_alone.bootstrap, topics(kafka_alone)) == (address, {"kept"})
    folder = kafka_alone.folder
    kafka_alone.destroy()
    assert not folder.exists()


def test_nobody_gets_in_without_a_password_or_may_do_what_no_list_allows(kafka_broker: Broker) -> None:
    anonymous = KafkaConnection(kafka_broker.bootstrap, None)
    with without_a_broker(), pytest.raises(KafkaError):
        make_administrator(anonymous)
    platform = KafkaConnection(kafka_broker.bootstrap, read_credentials(kafka_broker.credentials(PLATFORM)))
    admin = make_administrator(platform)
    with pytest.raises(KafkaError):
        admin.create_topics({"not-allowed": {"num_partitions": 1, "replication_factor": 1}})
    admin.close()


def test_the_passwords_are_for_nobody_else(kafka_broker: Broker) -> None:
    secret = [path for path in kafka_broker.folder.rglob("*") if path.suffix in {".json", ".properties"}]
    assert len(secret) > 6
    assert {oct(path.stat().st_mode & 0o077) for path in secret} == {"0o0"}


def test_the_command_line_starts_and_ends_it(tmp_path: Path, kafka_broker: Broker) -> None:
    folder = tmp_path / "kafka"

    def command(what: str) -> subprocess.CompletedProcess[str]:
        order = [sys.executable, "-m", "deploy.local.kafka", what, "--folder", str(folder)]
        return subprocess.run(order, capture_output=True, text=True, check=False)

    assert command("status").returncode == 1
    started = command("start")
    assert started.returncode == 0, started.stderr
    broker = Broker(folder)
    assert f"EHCP_KAFKA_BOOTSTRAP={broker.bootstrap}" in started.stdout
    assert broker.bootstrap != kafka_broker.bootstrap
    assert command("status").returncode == 0
    assert "does not run" in command("stop").stdout
    assert command("destroy").returncode == 0
    assert not folder.exists()


@pytest.mark.slow
def test_three_nodes_go_on_without_one_of_them() -> None:
    with private_broker(nodes=3) as broker:
        admin = administrator(broker)
        admin.create_topics({"kept": {"num_partitions": 1, "replication_factor": 3}})
        admin.close()
        broker.kill(2)
        assert [pid is None for pid in broker.pids] == [False, True, False]
        assert topics_of_those_left(broker) == {"kept"}
        broker.start()
        assert broker.is_running


def test_a_subscriber_can_be_let_in_and_may_then_do_nothing_yet(kafka_broker: Broker) -> None:
    with pytest.raises(KafkaBrokerError, match="can't be added"):
        kafka_broker.add_user(PLATFORM)
    with pytest.raises(KafkaBrokerError, match="can't be added"):
        kafka_broker.add_user("../outside")
    kafka_broker.add_user("icb-qjk")
    known = KafkaConnection(kafka_broker.bootstrap, read_credentials(kafka_broker.credentials("icb-qjk")))
    admin = make_administrator(known)
    try:
        assert [topic for topic in admin.list_topics() if not topic.startswith("__")] == []
    finally:
        admin.close()
    assert not (kafka_broker.folder / "icb-qjk.scram").exists()
