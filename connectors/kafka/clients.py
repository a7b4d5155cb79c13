"""Making kafka-python's clients so that one that can't reach the cluster leaves nothing behind."""

from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.net.compat import KafkaNetClient

from connectors.kafka.connection import KafkaConnection


def producer(connection: KafkaConnection, **options: Any) -> Any:
    """A KafkaProducer. Raises KafkaError when the cluster can't be reached."""
    return _made(KafkaProducer, connection, metrics_enabled=False, allow_auto_create_topics=False, **options)


def consumer(connection: KafkaConnection, **options: Any) -> Any:
    """A KafkaConsumer without a group, from the beginning. Raises KafkaError when the cluster can't be reached."""
    alone = {"enable_auto_commit": False, "auto_offset_reset": "earliest", "allow_auto_create_topics": False}
    return _made(KafkaConsumer, connection, **{**alone, "metrics_enabled": False, **options})


def administrator(connection: KafkaConnection) -> Any:
    """A KafkaAdminClient. Raises KafkaError when the cluster can't be reached."""
    return _made(KafkaAdminClient, connection)


def _made(kind: Any, connection: KafkaConnection, **options: Any) -> Any:
    """The client; when it can't be made, its sockets and its thread are closed, which kafka-python leaves open."""
    opened = []

    def network(**configuration: Any) -> Any:
        opened.append(KafkaNetClient(**configuration))
        return opened[0]

    try:
        return kind(**connection.options(), **options, kafka_client=network)
    except BaseException:
        for client in opened:
            client.close()
        raise
