"""Looking at a cluster's topics and access, and changing them."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import AuthorizationError, KafkaError

from connectors.kafka.clients import administrator
from connectors.kafka.connection import KafkaConnection
from connectors.kafka.declared import Declared, Grant, Operation, Resource, Topic
from connectors.kafka.difference import Difference, Found, difference, settings_of
from connectors.kafka.errors import KafkaRefused, KafkaUnavailable

_SHOWN_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.1
_ANYWHERE: Final = "*"
_RESOURCES: Final[Mapping[Resource, Any]] = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional id": ResourceType.TRANSACTIONAL_ID,
}
_OPERATIONS: Final[Mapping[Operation, Any]] = {"read": ACLOperation.READ, "write": ACLOperation.WRITE}
_RESOURCE_NAMES: Final = {value: name for name, value in _RESOURCES.items()}
_OPERATION_NAMES: Final = {value: name for name, value in _OPERATIONS.items()}


class Administration:
    """A cluster in the hands of somebody who may change it."""

    def __init__(self, client: Any) -> None:
        """`client` is kafka-python's, open."""
        self._client = client

    def plan(self, declared: Declared) -> Difference:
        """What has to be done."""
        return difference(declared, self._found(declared))

    def apply(self, declared: Declared) -> Difference:
        """Do it, and wait until the cluster shows it; what was done.

        Raises KafkaRefused when the cluster takes a part of it not, KafkaUnavailable when it doesn't show it in time.
        """
        wanted = self.plan(declared)
        self._do(wanted)
        deadline = time.monotonic() + _SHOWN_SECONDS
        while not self.plan(declared).is_empty:
            if time.monotonic() > deadline:
                raise KafkaUnavailable("the cluster does not show what it was told: look again by `ehcp topics plan`")
            time.sleep(_LOOK_SECONDS)
        return wanted

    def _do(self, wanted: Difference) -> None:
        if wanted.create:
            self._client.create_topics({topic.name: _creation(topic, wanted.copies) for topic in wanted.create})
        if wanted.change:
            self._configure(wanted)
        if wanted.grant:
            refused = self._client.create_acls([_acl(grant) for grant in wanted.grant])["failed"]
            if refused:
                raise KafkaRefused(f"the cluster took {len(refused)} grants not: {refused[0].__name__}")
        if wanted.revoke:
            self._client.delete_acls([_filter(grant) for grant in wanted.revoke])

    def _configure(self, wanted: Difference) -> None:
        resources = [
            ConfigResource(ConfigResourceType.TOPIC, name, configs=dict(settings))
            for name, settings in wanted.change.items()
        ]
        said = self._client.alter_configs(resources)["topic"]
        refused = {name: says for name, says in said.items() if says != "OK"}
        if refused:
            raise KafkaRefused(f"the cluster took settings not: {refused}")

    def _found(self, declared: Declared) -> Found:
        names = [name for name in self._client.list_topics() if name.startswith(declared.prefix)]
        described = self._client.describe_topics(names) if names else []
        settings = self._settings(names)
        topics = {
            topic["name"]: Topic(
                name=topic["name"],
                partitions=len(topic["partitions"]),
                settings=settings.get(topic["name"], {}),
                copies=min(len(partition["replica_nodes"]) for partition in topic["partitions"]),
            )
            for topic in described
        }
        brokers = len(self._client.describe_cluster()["brokers"])
        return Found(brokers=brokers, topics=topics, grants=frozenset(self._grants(declared.prefix)))

    def _settings(self, names: list[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        found = self._client.describe_configs(resources, config_filter="modified").get("topic", {})
        return {
            name: {key: entry["value"] for key, entry in settings.items() if entry["value"] is not None}
            for name, settings in found.items()
        }

    def _grants(self, prefix: str) -> Iterator[Grant]:
        """The grants on what is ours: everything whose name begins with the prefix."""
        everything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        wanted = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, everything)
        acls, _ = self._client.describe_acls(wanted)
        for acl in acls:
            pattern = acl.resource_pattern
            if pattern.resource_name.startswith(prefix) and _is_plain(acl):
                yield Grant(
                    acl.principal,
                    _OPERATION_NAMES[acl.operation],
                    _RESOURCE_NAMES[pattern.resource_type],
                    pattern.resource_name,
                    pattern.pattern_type == ACLResourcePatternType.PREFIXED,
                )


@contextmanager
def administration(connection: KafkaConnection) -> Iterator[Administration]:
    """The cluster, to be looked at and changed. Raises KafkaUnavailable, KafkaRefused."""
    try:
        client = administrator(connection)
    except (KafkaError, OSError) as error:
        raise KafkaUnavailable(
            f"No Kafka cluster answers at {connection.bootstrap} ({type(error).__name__})."
        ) from error
    try:
        yield Administration(client)
    except AuthorizationError as error:
        who = connection.credentials.known_as if connection.credentials else "nobody"
        text = (
            f"The cluster doesn't let {who} do that ({type(error).__name__}): --credentials names an administrator's."
        )
        raise KafkaRefused(text) from error
    except KafkaError as error:
        raise KafkaRefused(f"{type(error).__name__}: {error}") from error
    finally:
        client.close()


def _is_plain(acl: Any) -> bool:
    """Whether it is of the kind that we grant; another was made by an administrator for reasons of their own."""
    return (
        acl.permission_type == ACLPermissionType.ALLOW
        and acl.operation in _OPERATION_NAMES
        and acl.resource_pattern.resource_type in _RESOURCE_NAMES
    )


def _creation(topic: Topic, copies: int) -> dict[str, Any]:
    return {
        "num_partitions": topic.partitions,
        "replication_factor": copies,
        "configs": settings_of(topic, copies),
    }


def _acl(grant: Grant) -> Any:
    pattern = ResourcePattern(_RESOURCES[grant.resource], grant.name, _pattern(grant))
    return ACL(grant.principal, _ANYWHERE, _OPERATIONS[grant.operation], ACLPermissionType.ALLOW, pattern)


def _filter(grant: Grant) -> Any:
    pattern = ResourcePatternFilter(_RESOURCES[grant.resource], grant.name, _pattern(grant))
    return ACLFilter(grant.principal, None, _OPERATIONS[grant.operation], ACLPermissionType.ALLOW, pattern)


def _pattern(grant: Grant) -> Any:
    return ACLResourcePatternType.PREFIXED if grant.is_prefix else ACLResourcePatternType.LITERAL
