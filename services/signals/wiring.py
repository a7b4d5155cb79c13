"""The signals of one process, put together."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from connectors.webhooks.addresses import Network
from connectors.webhooks.sending import Sender
from domain.access import Access
from domain.plan.catalogue import Catalogue
from domain.signals.routing import Routing
from domain.signals.types import SignalTypes
from services.disclosures.accounting import Disclosures
from services.plans import Plans
from services.projection.lanes import AllLanes, SharedLanes
from services.projection.running import RunningProjector
from services.signals.arrivals import Arrivals
from services.signals.database import SignalDatabase
from services.signals.deliverer import RunningWebhooks
from services.signals.feed import Feed
from services.signals.outbox import Outbox
from services.signals.recipients import Answering, Recipients
from services.signals.router import Router
from services.signals.subscribed import Secrets
from services.signals.subscribing import Subscribing
from services.signals.webhooks import Webhooks
from services.store.record_store import RecordStore

SHARED_POLL_SECONDS: Final = 0.1
"""How often a router looks for what other processes have appended."""

ROUTING_WORK: Final = 1
"""The number of the router's work among the kinds of work that share lanes."""

DELIVERING_WORK: Final = 2
"""That of the deliverer of webhooks."""


class Signals(Struct, frozen=True, kw_only=True):
    """The rows of signals, a router that makes them, and what reads them."""

    database: SignalDatabase
    outbox: Outbox
    routing: Routing
    running: RunningProjector
    feed: Feed
    arrivals: Arrivals
    subscribing: Subscribing
    webhooks: RunningWebhooks

    def close(self) -> None:
        """Finish the batch in hand, then close."""
        self.webhooks.stop()
        self.running.stop()
        self.database.close()


class Sending(Struct, frozen=True, kw_only=True):
    """What signals rest on: their types, the matrix, the acts, the directory; how we are named and reached; the day."""

    types: SignalTypes
    access: Access
    catalogue: Catalogue
    directory: Answering
    disclosures: Disclosures
    source: str
    base_url: str
    webhook_networks: Sequence[Network]
    now: Callable[[], datetime]

    def routing(self) -> Routing:
        """Who is told what."""
        return Routing(self.types, self.access, self.catalogue, Recipients(self.directory).of)


def open_signals(store: RecordStore, plans: Plans, sending: Sending, where: Path | str) -> Signals:
    """The signals on a database: embedded (SQLite), where this process does all the work, or shared (PostgreSQL).

    Raises UnknownStoreVersion for a file that another release has made.
    """
    database = SignalDatabase(where)
    outbox, routing = Outbox(database), sending.routing()
    claims = AllLanes() if database.is_embedded else SharedLanes(work=ROUTING_WORK)
    router = Router(store, database, routing, claims, sending.now)
    poll = 1.0 if database.is_embedded else SHARED_POLL_SECONDS
    feed = Feed(
        outbox,
        plans,
        sending.access,
        Recipients(sending.directory),
        sending.now,
        source=sending.source,
        base_url=sending.base_url,
    )
    secrets = Secrets(store.index)

    def webhooks(sender: Sender) -> Webhooks:
        dice = random.SystemRandom()
        return Webhooks(database, outbox, feed, sending.disclosures, secrets, sender, sending.now, dice)

    delivering = AllLanes() if database.is_embedded else SharedLanes(work=DELIVERING_WORK)
    return Signals(
        database=database,
        outbox=outbox,
        routing=routing,
        running=RunningProjector(router, store.listeners, poll=poll, gather=0.0, name="router"),
        feed=feed,
        arrivals=Arrivals(outbox.heads),
        subscribing=Subscribing(
            database, outbox, feed, sending.types, store.index, sending.now, allowed=sending.webhook_networks
        ),
        webhooks=RunningWebhooks(database, delivering, webhooks, lambda: Sender(sending.webhook_networks)),
    )
