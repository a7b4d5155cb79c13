"""Brokers that live as long as those who use them, even when these are killed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.held import ALONE, SHARED, base_folder, held
from deploy.local.kafka.broker import Broker
from deploy.local.kafka.errors import KafkaBrokerError
from deploy.local.kafka.programs import Profile, libraries


@contextmanager
def private_broker(*, nodes: int = 1, profile: Profile = "test") -> Iterator[Broker]:
    """A running cluster for the caller alone; it is destroyed at the end."""
    libraries()
    name = f"private-{os.getpid()}-{os.urandom(4).hex()}"
    with held(_base(), name, ALONE, _destroy) as folder:
        broker = Broker(folder, nodes=nodes, profile=profile)
        try:
            broker.start()
            yield broker
        finally:
            broker.destroy()


@contextmanager
def shared_broker(name: str) -> Iterator[Broker]:
    """A cluster that every process which gives the same name shares; the last to leave destroys it."""
    libraries()
    with held(_base(), f"shared-{name}", SHARED, _destroy) as folder:
        broker = Broker(folder)
        broker.start()
        yield broker


def _destroy(folder: Path) -> None:
    Broker(folder).destroy()


def _base() -> Path:
    try:
        return base_folder("kafka")
    except PermissionError as error:
        raise KafkaBrokerError(str(error)) from None
