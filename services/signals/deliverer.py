"""The deliverer at work: a thread with an event loop, in which each subscription has a task of its own.

Processes share the subscriptions by lanes, as routers share the plans: each is delivered to by one of them at a time.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Final
from uuid import UUID

from prometheus_client import Gauge

from connectors.webhooks.sending import Sender
from services.projection.lanes import LaneClaims, lane_of
from services.projection.log import PASSING
from services.side_database import end_session
from services.signals.database import SignalDatabase
from services.signals.delivering import Delivering
from services.signals.subscribed import Subscription

LOOK_SECONDS: Final = 0.2
"""How often it is looked whether there is something to deliver."""

WAITING: Final = Gauge("ehcp_deliveries_waiting", "Subscriptions that have something to be sent to them")
_log = logging.getLogger(__name__)


class RunningDeliverer:
    """Delivers until it is told to stop. Trouble with the database is waited out."""

    def __init__(
        self,
        database: SignalDatabase,
        claims: LaneClaims,
        make: Callable[[Sender], Delivering],
        sender: Callable[[], Sender],
        *,
        look: float = LOOK_SECONDS,
    ) -> None:
        """`make` puts it together with a sender for webhooks, which is made in the thread's own event loop."""
        self._database = database
        self._claims = claims
        self._make = make
        self._sender = sender
        self._look = look
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread; nothing happens when it runs already."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self.run, name="deliverer", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End: attempts under way are given up, and made again by whoever delivers next."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Work until `stop`."""
        asyncio.run(self._work())

    async def _work(self) -> None:
        sender = self._sender()
        delivering, tasks = self._make(sender), dict[UUID, asyncio.Task[None]]()
        connection = None
        while not self._stop.is_set():
            try:
                if connection is None or connection.invalidated:
                    connection = self._database.engine.connect()
                held = await asyncio.to_thread(self._claims.held, connection)
                waiting = await asyncio.to_thread(delivering.waiting)
                WAITING.set(len(waiting))
                for one in waiting:
                    if lane_of(one.id.bytes) in held and one.id not in tasks:
                        tasks[one.id] = asyncio.create_task(_delivered(delivering, one))
            except Exception as error:  # noqa: BLE001 - what can't be foreseen must not end deliveries for good
                _log.warning("the deliverer waits: %s", type(error).__name__)
                if connection is not None:
                    end_session(connection)
                    connection = None
            await asyncio.sleep(self._look)
            tasks = {key: task for key, task in tasks.items() if not task.done()}
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        await sender.close()
        if connection is not None:
            end_session(connection)


async def _delivered(delivering: Delivering, subscription: Subscription) -> None:
    try:
        await delivering.deliver(subscription)
    except PASSING as error:
        _log.warning("the deliverer waits: %s", type(error).__name__)
    except Exception as error:  # noqa: BLE001 - one subscription must not end the others
        _log.error("a subscription can't be delivered to: %s", type(error).__name__)
