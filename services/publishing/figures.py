"""The publisher's figures for /metrics: how far, how far behind, how much; no word of any plan."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_POSITION: Final = Gauge(
    "ehcp_published_position", "How far a log is in Kafka", ["log"], multiprocess_mode="livemostrecent"
)
_BEHIND: Final = Gauge(
    "ehcp_publisher_lag_events",
    "Events of the log that are not in Kafka yet",
    ["log"],
    multiprocess_mode="livemostrecent",
)
_EVENTS: Final = Counter("ehcp_published_events", "Events put into Kafka by this process", ["log"])
_PARKED: Final = Counter(
    "ehcp_publisher_parked", "Events or states left out, since they can't be made a record", ["log"]
)
_FAILED: Final = Counter("ehcp_publisher_failures", "Attempts to publish that failed", ["log", "kind"])
_SECONDS: Final = Histogram("ehcp_publish_seconds", "How long a transaction took", ["log"])


def lag(log: str, durable: int, published: int) -> None:
    """How far the log is durable, and how far it is published."""
    _POSITION.labels(log).set(published)
    _BEHIND.labels(log).set(max(0, durable - published))


def published(log: str, events: int, seconds: float) -> None:
    """A batch that counts."""
    _EVENTS.labels(log).inc(events)
    _SECONDS.labels(log).observe(seconds)


def parked(log: str) -> None:
    """Something could not be made a record."""
    _PARKED.labels(log).inc()


def failed(log: str, kind: str) -> None:
    """An attempt that did not count."""
    _FAILED.labels(log, kind).inc()
