"""What a node is told: never less durable or less guarded than in real use."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from deploy.local.kafka.users import ADMIN, MECHANISM, NODE, scram_login

HOST = "127.0.0.1"


class Ports(NamedTuple):
    """Where a node listens, on loopback."""

    client: int
    controller: int


def node_properties(number: int, nodes: Sequence[Ports], data: str, password: str) -> str:
    """The server.properties of node `number` (from 1)."""
    copies = len(nodes)
    own = nodes[number - 1]
    voters = ",".join(f"{index}@{HOST}:{ports.controller}" for index, ports in enumerate(nodes, 1))
    return _text(
        {
            "process.roles": "broker,controller",
            "node.id": number,
            "controller.quorum.voters": voters,
            "listeners": f"CLIENT://{HOST}:{own.client},CONTROLLER://{HOST}:{own.controller}",
            "advertised.listeners": f"CLIENT://{HOST}:{own.client}",
            "log.dirs": data,
            **_security(password),
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": _enough(copies),
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": 8,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": _enough(copies),
            "transaction.state.log.num.partitions": 8,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": _enough(copies),
            # who joins a group alone need not wait for others
            "group.initial.rebalance.delay.ms": 0,
        }
    )


def _security(password: str) -> dict[str, str]:
    """Every listener asks who is there, and nobody may do anything that no list allows.

    Between controllers a password goes in the clear, over loopback: they look users up only once they agree.
    """
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
    node = f'{plain} required username="{NODE}" password="{password}" user_{NODE}="{password}";'
    return {
        "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name": "CLIENT",
        "controller.listener.names": "CONTROLLER",
        "sasl.enabled.mechanisms": MECHANISM,
        "sasl.mechanism.inter.broker.protocol": MECHANISM,
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": node,
        f"listener.name.client.{MECHANISM.lower()}.sasl.jaas.config": scram_login(NODE, password),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{NODE};User:{ADMIN}",
    }


def _enough(copies: int) -> int:
    """How many copies must have a record before it counts as written: one may always be missing of three."""
    return max(1, copies - 1)


def _text(properties: Mapping[str, str | int]) -> str:
    return "".join(f"{name}={value}\n" for name, value in properties.items())
