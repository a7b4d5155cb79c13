"""The notary's figures for /metrics: how far each log is signed, and how far behind; no word of any plan."""

from typing import Final

from prometheus_client import Counter, Gauge

_SIZE: Final = Gauge("ehcp_checkpoint_size", "How many entries of a log its newest checkpoint states", ["log"])
_BEHIND: Final = Gauge("ehcp_notary_lag_events", "Entries of a log that no checkpoint states yet", ["log"])
_LEAVES: Final = Counter("ehcp_notary_leaves", "Leaves added to a log's tree by this process", ["log"])
_SIGNED: Final = Counter("ehcp_checkpoints_signed", "Checkpoints signed by this process", ["log"])
_FAILED: Final = Counter("ehcp_notary_failures", "Attempts to go on that failed", ["log", "kind"])


def lag(log: str, durable: int, signed: int) -> None:
    """How far the log is durable, and how far it is signed."""
    _SIZE.labels(log).set(signed)
    _BEHIND.labels(log).set(max(0, durable - signed))


def grown(log: str, leaves: int) -> None:
    """Leaves were added."""
    _LEAVES.labels(log).inc(leaves)


def signed(log: str) -> None:
    """A checkpoint is on disk."""
    _SIGNED.labels(log).inc()


def failed(log: str, kind: str) -> None:
    """An attempt that did not count."""
    _FAILED.labels(log, kind).inc()
