"""Topics and access: what is declared is made so, shown before, and internal topics are closed to subscribers."""

import os
import time
from collections.abc import Callable
from secrets import token_urlsafe
from uuid import uuid4

import orjson
import pytest
from confluent_kafka import Consumer
from confluent_kafka import KafkaError as ConfluentError
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion
from kafka.errors import KafkaError
from typer.testing import CliRunner

from connectors.kafka.administration import administration
from connectors.kafka.clients import administrator, consumer, producer
from connectors.kafka.connection import Credentials, KafkaConnection, read_credentials
from connectors.kafka.declared import Declared, Subscriber, Topic
from connectors.kafka.difference import Found, difference
from deploy.local.kafka import ADMIN, PLATFORM, Broker
from services.cli.main import app
from tests.support.published import Installation, confluent_options

INTERNAL = ("plan-events.v1", "plan-state.v1", "checkpoints.v1", "publisher-position.v1")


@pytest.fixture
def command(kafka_broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """`ehcp topics` for an installation that has nothing in the cluster yet; exit code and output."""
    monkeypatch.setenv("EHCP_KAFKA_BOOTSTRAP", kafka_broker.bootstrap)
    monkeypatch.setenv("EHCP_KAFKA_CREDENTIALS", str(kafka_broker.credentials(PLATFORM)))
    monkeypatch.setenv("EHCP_KAFKA_PREFIX", f"test{uuid4().hex}.")

    def run(*words: str) -> tuple[int, str]:
        admin = ["--credentials", str(kafka_broker.credentials(ADMIN))]
        done = CliRunner().invoke(app, ["topics", *words, *admin])
        return done.exit_code, done.stdout

    return run


def test_the_difference_is_shown_then_made_and_then_there_is_none(command: Callable[..., tuple[int, str]]) -> None:
    code, shown = command("plan")
    assert code == 1
    assert shown.count("+ topic") == 4
    assert "plan-events.v1: 16 partitions, 1 copies" in shown
    assert "+ User:platform may write topic" in shown
    assert command("apply") == (0, shown)
    assert command("plan") == (0, "")
    assert orjson.loads(command("plan", "--json")[1]) == {
        "differences": [],
        "nothingToDo": True,
        "somebodyHasToLook": False,
    }


def test_what_somebody_changed_is_put_right_and_what_is_not_ours_is_left(installation: Installation) -> None:
    topic = f"{installation.prefix}plan-events.v1"
    admin = administrator(installation.connection(ADMIN))
    admin.create_topics({f"{installation.prefix}strange": {"num_partitions": 1, "replication_factor": 1}})
    with administration(installation.connection(ADMIN)) as cluster:
        admin.close()
        declared = installation.declared()
        spoilt = cluster.plan(installation.declared([subscriber("855")]))
        assert [made.name for made in spoilt.create] == [f"{installation.prefix}signals.v1.la.855"]
        cluster.apply(installation.declared([subscriber("855")]))
        gone = cluster.plan(declared)
        assert {grant.principal for grant in gone.revoke} == {"User:la-855", "User:platform"}
        assert any("strange is not declared" in line for line in gone.left)
        assert not gone.strange
        cluster.apply(declared)
        assert cluster.plan(declared).is_empty
        assert topic in {found.name for found in declared.topics}


def test_what_can_not_be_mended_is_said_and_the_plan_is_not_fulfilled(
    command: Callable[..., tuple[int, str]], kafka_broker: Broker
) -> None:
    prefix = os.environ["EHCP_KAFKA_PREFIX"]
    admin = administrator(KafkaConnection(kafka_broker.bootstrap, read_credentials(kafka_broker.credentials(ADMIN))))
    admin.create_topics({f"{prefix}plan-events.v1": {"num_partitions": 2, "replication_factor": 1}})
    admin.close()
    command("apply")
    code, shown = command("plan")
    assert code == 1
    assert [line for line in shown.splitlines() if not line.startswith("!")] == []
    assert "has 2 partitions, 16 are declared" in shown


@pytest.mark.usefixtures("command")
def test_a_user_who_may_not_look_is_told_whom_to_ask(kafka_broker: Broker) -> None:
    platform = ["--credentials", str(kafka_broker.credentials(PLATFORM))]
    done = CliRunner().invoke(app, ["topics", "plan", *platform])
    assert done.exit_code == 1
    assert "doesn't let User:platform do that" in done.stderr
    assert "--credentials" in done.stderr


@pytest.mark.parametrize(
    ("brokers", "copies", "settled", "said"), [(1, 1, "1", False), (3, 3, "2", False), (3, 1, "1", True)]
)
def test_what_one_of_several_copies_has_does_not_count_as_written(
    brokers: int, copies: int, settled: str, *, said: bool
) -> None:
    wanted = Topic(name="ehcp.a", partitions=1, settings={"retention.ms": "-1"})
    declared = Declared(prefix="ehcp.", copies=3, topics=(wanted,), grants=frozenset())
    there = Topic(name="ehcp.a", partitions=1, settings={"retention.ms": "-1"}, copies=copies)
    found = difference(declared, Found(brokers=brokers, topics={"ehcp.a": there}, grants=frozenset()))
    assert found.change == {"ehcp.a": {"min.insync.replicas": settled}}
    assert any("copies" in line for line in found.strange) is said
    nothing = difference(declared, Found(brokers=brokers, topics={}, grants=frozenset()))
    assert any(f"min.insync.replicas={max(1, brokers - 1)}" in line for line in nothing.lines())


def test_a_subscriber_reads_its_own_signals_and_nothing_else(installation: Installation) -> None:
    own = subscriber("855")
    installation.apply_topics([own, subscriber("936")])
    name = f"{installation.prefix}signals.v1.la.855"
    platform = producer(installation.connection(), transactional_id=f"{installation.prefix}signals")
    platform.init_transactions()
    platform.begin_transaction()
    platform.send(name, b"signal", b"plan")
    platform.commit_transaction()
    platform.close()

    theirs = sign_in(installation, "la-855")
    reader = consumer(theirs, group_id=f"{name}.system", isolation_level="read_committed")
    reader.subscribe([name])
    found: list[bytes] = []
    until = time.monotonic() + 60
    while not found and time.monotonic() < until:
        found += [record.value for some in reader.poll(500).values() for record in some]
    assert found == [b"signal"]
    reader.close()
    assert refusal(theirs, name, f"{name}.other") == ConfluentError.NO_ERROR
    for closed in (*INTERNAL, "signals.v1.la.936"):
        code = refusal(theirs, f"{installation.prefix}{closed}", f"{name}.other")
        assert code == ConfluentError.TOPIC_AUTHORIZATION_FAILED, closed
    assert refusal(theirs, name, "somebody-elses") == ConfluentError.GROUP_AUTHORIZATION_FAILED
    writer = producer(theirs)
    with pytest.raises(KafkaError, match="AuthorizationFailed"):
        writer.send(name, b"forged", b"plan").get(30)
    writer.close()


def subscriber(code: str) -> Subscriber:
    return Subscriber(kind="la", code=code, principal=f"User:la-{code}")


def sign_in(installation: Installation, user: str) -> KafkaConnection:
    """A user of the cluster that may do what it is granted."""
    admin = administrator(installation.connection(ADMIN))
    word = token_urlsafe()
    admin.alter_user_scram_credentials([UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, word)])
    admin.close()
    credentials = Credentials(protocol="SASL_PLAINTEXT", mechanism="SCRAM-SHA-512", username=user, password=word)
    return KafkaConnection(installation.broker.bootstrap, credentials)


def refusal(connection: KafkaConnection, topic: str, group: str) -> int:
    """What librdkafka is told when it reads a topic; kafka-python only goes on asking."""
    reader = Consumer({**confluent_options(connection), "group.id": group, "auto.offset.reset": "earliest"})
    try:
        reader.subscribe([topic])
        message = reader.poll(60)
        assert message is not None
        return message.error().code() if message.error() else ConfluentError.NO_ERROR
    finally:
        reader.close()
