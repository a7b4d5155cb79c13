"""An installation's topics on the shared broker, under a prefix that is this test's own."""

import pytest

from deploy.local.kafka import Broker
from tests.support.published import Installation


@pytest.fixture
def installation(kafka_broker: Broker) -> Installation:
    """The topics and the access of an installation."""
    made = Installation(kafka_broker)
    made.apply_topics()
    return made
