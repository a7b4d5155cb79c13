"""What can go wrong between us and a cluster."""


class KafkaUnavailable(Exception):
    """The cluster can't be reached, or did not take what it was given: nothing counts, and it is tried again."""


class SupersededError(Exception):
    """Another process writes under our name now: this one has to stop writing."""


class KafkaRefused(Exception):
    """The cluster does not let us, or lacks what it needs (topics, access): somebody has to see to it."""
