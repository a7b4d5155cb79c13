"""What can go wrong, each as a sentence for the person who started it."""


class KafkaBrokerError(Exception):
    """The broker did not do what was asked; the message says why."""


class KafkaMissingError(KafkaBrokerError):
    """Apache Kafka can't be had here; the message says what to do."""
