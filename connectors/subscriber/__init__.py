"""The subscriber's side: what a system that follows plans needs, to be imported or to be taken as a pattern.

It stands on Kafka's client, an HTTP client and SQLite, and knows of the platform only what the platform publishes.
"""

from connectors.subscriber.beginning import begin
from connectors.subscriber.books import Books
from connectors.subscriber.desk import Desk, Handler, HandlerFailed, SignalsMissed, TryLater
from connectors.subscriber.fetching import Exchange, ExchangeUnavailable, NotFetched
from connectors.subscriber.following import Follower
from connectors.subscriber.signals import Malformed, Signal, signal_of

__all__ = [
    "Books",
    "Desk",
    "Exchange",
    "ExchangeUnavailable",
    "Follower",
    "Handler",
    "HandlerFailed",
    "Malformed",
    "NotFetched",
    "Signal",
    "SignalsMissed",
    "TryLater",
    "begin",
    "signal_of",
]
