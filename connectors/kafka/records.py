"""What is handed to Kafka: records, and CloudEvents as records."""

from collections.abc import Mapping
from typing import Final, NamedTuple

CONTENT_TYPE: Final = "content-type"
"""The header that says what the value is; in a CloudEvent's attributes it is `datacontenttype`."""


class KafkaRecord(NamedTuple):
    """One record for one topic. Without a value it is a tombstone; `timestamp` is milliseconds since the epoch, UTC."""

    topic: str
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]
    timestamp: int


def cloud_event_headers(attributes: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """A CloudEvent's attributes as headers, in the binary mode of the CloudEvents Kafka binding 1.0.2.

    The value of such a record is the event's data and nothing else, so it must not be empty: a record without a value
    deletes on a compacted topic.
    """
    return [
        (CONTENT_TYPE if name == "datacontenttype" else f"ce_{name}", text.encode())
        for name, text in attributes.items()
    ]
