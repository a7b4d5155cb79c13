"""The signals of one process, put together."""

import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from connectors.webhooks.sending import Sender
from domain.access import Access
from domain.plan.catalogue import Catalogue
from domain.signals.changes import Changes
from domain.signals.recipients import Answering, Recipients
from domain.signals.routing import Routing
from domain.signals.types import SignalTypes
from services.disclosures.accounting import Disclosures
from services.plans import Plans
from services.projection.lanes import AllLanes, SharedLanes
from services.projection.running import RunningProjector
from services.publishing.turns import Alone, SharedTurn
from services.signals.arrivals import Arrivals
from services.signals.database import SignalDatabase
from services.signals.deliverer import RunningDeliverer
from services.signals.delivering import Channel, Delivering
from services.signals.feed import Feed
from services.signals.message_log import MessageLog
from services.signals.moving_messages import move_messages
from services.signals.outbox import Outbox
from services.signals.router import Router
from services.signals.subscribed import FEED, MESH, WEBHOOK, Secrets, Subscription
from services.signals.subscribing import Subscribing
from services.signals.targets import Targets
from services.signals.webhooks import Webhooks
from services.store.record_store import RecordStore
from services.store.recorder import Listeners

if TYPE_CHECKING:
    from connectors.nhs.mesh import Mailbox
    from services.signals.mesh import MeshChannel
    from services.signals.mesh_reports import RunningReports

SHARED_POLL_SECONDS: Final = 0.1
"""How often a router looks for what other processes have appended."""

ROUTING_WORK: Final = 1
"""The number of the router's work among the kinds of work that share lanes."""

DELIVERING_WORK: Final = 2
"""That of the deliverer."""


class Signals(Struct, frozen=True, kw_only=True):
    """The rows of signals, a router that makes them, and what reads them."""

    database: SignalDatabase
    outbox: Outbox
    routing: Routing
    running: RunningProjector
    written: Listeners
    feed: Feed
    arrivals: Arrivals
    subscribing: Subscribing
    delivering: RunningDeliverer
    mesh: "RunningReports | None"
    mesh_channel: "MeshChannel | None"

    def close(self) -> None:
        """Finish the batch in hand, then close."""
        self.delivering.stop()
        if self.mesh is not None:
            self.mesh.stop()
        if self.mesh_channel is not None:
            self.mesh_channel.close()
        self.running.stop()
        self.database.close()


class Sending(Struct, frozen=True, kw_only=True):
    """What signals rest on: their types, the matrix, the acts, the directory; how we are named and reached; the day."""

    types: SignalTypes
    access: Access
    turns: Callable[[], Changes]
    catalogue: Catalogue
    directory: Answering
    disclosures: Disclosures
    source: str
    base_url: str
    targets: Targets
    mesh: "Callable[[], Mailbox] | None"
    is_over: Callable[[Subscription], bool]
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
    written = Listeners()
    router = Router(store, database, routing, claims, sending.now, sending.turns, written=written.wake)
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
    messages = MessageLog(store.delivery, database)
    move_messages(database, messages)
    beside = _mesh(messages, plans, sending)

    def delivering(sender: Sender) -> Delivering:
        channels: dict[str, Channel] = {WEBHOOK: Webhooks(database, secrets, sender, sending.now), **beside}
        return Delivering(
            database,
            outbox,
            feed,
            sending.disclosures,
            channels,
            sending.now,
            random.SystemRandom(),
            is_over=sending.is_over,
        )

    shared = AllLanes() if database.is_embedded else SharedLanes(work=DELIVERING_WORK)
    return Signals(
        database=database,
        outbox=outbox,
        routing=routing,
        running=RunningProjector(router, store.listeners, poll=poll, gather=0.0, name="router"),
        written=written,
        feed=feed,
        arrivals=Arrivals(outbox.heads),
        subscribing=Subscribing(
            database,
            outbox,
            feed,
            sending.types,
            store.index,
            sending.now,
            targets=sending.targets,
            channels=frozenset({FEED, WEBHOOK, *beside}),
        ),
        delivering=RunningDeliverer(
            database, shared, delivering, lambda: Sender(sending.targets.networks, hosts=sending.targets.hosts)
        ),
        mesh=_reports(database, messages, sending, where),
        mesh_channel=beside.get(MESH),
    )


def _mesh(messages: MessageLog, plans: Plans, sending: Sending) -> "dict[str, MeshChannel]":
    """The channel of MESH where it is set up; without it, NHS England's client isn't even loaded."""
    if sending.mesh is None:
        return {}
    from services.signals.mesh import MeshChannel  # noqa: PLC0415

    return {MESH: MeshChannel(messages, plans, sending.mesh)}


def _reports(
    database: SignalDatabase, messages: MessageLog, sending: Sending, where: Path | str
) -> "RunningReports | None":
    if sending.mesh is None:
        return None
    from services.signals.mesh_reports import MeshReports, RunningReports  # noqa: PLC0415

    turn = Alone() if isinstance(where, Path) else SharedTurn(where, "mesh")
    return RunningReports(MeshReports(database, messages, sending.mesh, sending.now), turn)
