"""A private Apache Kafka from its published artifacts: for work by hand, for tests, and for benchmarks.

KRaft, one node or three, loopback only, users by SCRAM and access lists as in real use. It has its own folder, ports
and passwords, so it neither disturbs nor needs a broker that is there already. Linux only: which process is ours is
read from /proc.
"""

from deploy.local.kafka.broker import Broker
from deploy.local.kafka.errors import KafkaBrokerError, KafkaMissingError
from deploy.local.kafka.private import private_broker, shared_broker
from deploy.local.kafka.users import ADMIN, PLATFORM

__all__ = [
    "ADMIN",
    "PLATFORM",
    "Broker",
    "KafkaBrokerError",
    "KafkaMissingError",
    "private_broker",
    "shared_broker",
]
