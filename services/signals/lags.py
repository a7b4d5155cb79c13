"""How far everything is behind that follows the log, as the database knows it: for /metrics of any process, and doctor.

Nobody is asked but the database: the publishers note there how far the cluster is.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from prometheus_client import Gauge
from sqlalchemy import func, select

from services.projection.log import PASSING
from services.publishing import figures
from services.signals import subscribed
from services.signals.database import SignalDatabase
from services.signals.tables import dead_letters, deliveries, publications, recipients, subscriptions
from services.signals.writing import oldest

LOOK_SECONDS: Final = 2.0
"""How often it is looked at most, however often somebody asks for figures."""

ROUTED: Final = Gauge(
    "ehcp_signals_lag_events", "Events of the log that are not routed yet", multiprocess_mode="livemostrecent"
)
DELIVERED: Final = Gauge(
    "ehcp_deliveries_lag_signals",
    "How many signals the running subscription that is farthest behind is behind",
    ["channel"],
    multiprocess_mode="livemostrecent",
)
LETTERS: Final = Gauge(
    "ehcp_dead_letters", "Signals that subscribers did not take", ["channel"], multiprocess_mode="livemostrecent"
)


class Behind(Struct, frozen=True):
    """Where something is, and by how much it is behind."""

    what: str
    position: int
    behind: int


class Lags:
    """Looks how far things are."""

    def __init__(
        self,
        head: Callable[[], int],
        database: SignalDatabase,
        logs: Sequence[str] = (),
        bodies: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`head` is the last position of the log. `logs`, and signals of `bodies`, go to Kafka by other processes."""
        self._head = head
        self._database = database
        self._logs = logs
        self._bodies = bodies
        self._clock = clock
        self._not_before = 0.0

    def routed(self) -> Behind:
        """How far the router is."""
        with self._database.reading() as connection:
            position = oldest(connection)
        return Behind("router", position, max(0, self._head() - position))

    def published(self) -> list[Behind]:
        """How far each log, and each body's signals, were in Kafka when it was noted last; 0 before the first note."""
        if not self._logs and not self._bodies:
            return []
        with self._database.reading() as connection:
            noted = {row.log: row.position for row in connection.execute(select(publications))}
            last = {row.recipient: row.last for row in connection.execute(select(recipients))}
        ends = dict.fromkeys(self._logs, self._head())
        ends |= {f"signals.{body}": last.get(body, 0) for body in self._bodies}
        return [Behind(log, noted.get(log, 0), max(0, end - noted.get(log, 0))) for log, end in ends.items()]

    def delivered(self) -> list[Behind]:
        """By channel, how far the running subscription is that is farthest behind."""
        behind = func.coalesce(recipients.c.last, 0) - deliveries.c.number
        query = (
            select(subscriptions.c.channel, deliveries.c.number, behind.label("behind"))
            .join(deliveries, deliveries.c.subscription == subscriptions.c.id)
            .outerjoin(recipients, recipients.c.recipient == subscriptions.c.recipient)
            .where(subscriptions.c.ended == 0, subscriptions.c.channel.not_in((subscribed.FEED, subscribed.KAFKA)))
            .order_by(behind)
        )
        with self._database.reading() as connection:
            farthest = {row.channel: row for row in connection.execute(query)}
        return [Behind(row.channel, row.number, max(0, row.behind)) for row in farthest.values()]

    def show(self) -> None:
        """Set the figures, if that is a while ago. While the database is away they stay as they are."""
        if self._clock() < self._not_before:
            return
        self._not_before = self._clock() + LOOK_SECONDS
        try:
            ROUTED.set(self.routed().behind)
            for one in self.published():
                figures.lag(one.what, one.position + one.behind, one.position)
            for one in self.delivered():
                DELIVERED.labels(one.what).set(one.behind)
            for channel, number in self._letters().items():
                LETTERS.labels(channel).set(number)
        except PASSING:
            return

    def _letters(self) -> dict[str, int]:
        query = (
            select(subscriptions.c.channel, func.count(dead_letters.c.number).label("letters"))
            .outerjoin(dead_letters, dead_letters.c.subscription == subscriptions.c.id)
            .where(subscriptions.c.ended == 0)
            .group_by(subscriptions.c.channel)
        )
        with self._database.reading() as connection:
            return {row.channel: row.letters for row in connection.execute(query)}
