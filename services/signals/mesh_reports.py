"""What comes back from MESH: receipts of messages that were collected, and reports of those that nobody collected.

A message that wasn't collected within five days is a dead letter of its subscription, which can be sent again.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.nhs.mesh import Mailbox, MeshRefused, MeshUnavailable, NonDelivery
from domain.signals.messages import MessageAcknowledged, MessageNotDelivered
from services.projection.log import PASSING
from services.publishing.running import Turn
from services.signals.database import SignalDatabase
from services.signals.message_log import MessageLog, about, unsettled
from services.store.framing import microseconds

LOOK_SECONDS: Final = 60.0
"""How often receipts and reports are asked for."""

PATIENCE: Final = timedelta(days=7)
"""How long a receipt is waited for: MESH itself gives a message up after five days."""

CHECKED: Final = timedelta(hours=12)
"""How often our mailbox says hello: MESH wants it once a day."""

SOME: Final = 200
"""How many receipts are asked for at a time; the next ones the next time."""

_log = logging.getLogger(__name__)


class MeshReports:
    """Reads receipts and reports. Not for several threads."""

    def __init__(
        self,
        database: SignalDatabase,
        messages: MessageLog,
        open_mailbox: Callable[[], Mailbox],
        now: Callable[[], datetime],
    ) -> None:
        """`open_mailbox` opens our own; `now` gives an aware instant."""
        self._database = database
        self._messages = messages
        self._open = open_mailbox
        self._now = now
        self._mailbox: Mailbox | None = None
        self._after = ""
        self._checked: datetime | None = None

    def step(self) -> None:
        """One look at both. Raises MeshUnavailable, MeshRefused."""
        if self._mailbox is None:
            self._mailbox = self._open()
        if self._checked is None or self._now() - self._checked >= CHECKED:
            self._mailbox.check()
            self._checked = self._now()
        self._messages.fold()
        self._receipts(self._mailbox)
        for report in self._mailbox.non_deliveries():
            self._given_up(report)

    def close(self) -> None:
        """Close the mailbox; a later look opens it again."""
        opened, self._mailbox = self._mailbox, None
        if opened is not None:
            opened.close()

    def _receipts(self, mailbox: Mailbox) -> None:
        since = microseconds(self._now() - PATIENCE)
        with self._database.reading() as connection:
            waiting = unsettled(connection, since, self._after, SOME)
        self._after = waiting[-1] if len(waiting) == SOME else ""
        for message in waiting:
            receipt = mailbox.receipt_for(message)
            if receipt is not None and (known := self._about(message)) is not None:
                self._messages.record(MessageAcknowledged(**known, at=receipt.at))

    def _given_up(self, report: NonDelivery) -> None:
        known = self._about(report.message_id)
        if known is None:
            _log.warning("MESH gave a message up that isn't ours")
            return
        self._messages.record(MessageNotDelivered(**known, at=self._now(), code=report.code[:20]))

    def _about(self, message: str) -> dict[str, Any] | None:
        """What a message was sent about, None when it isn't ours."""
        with self._database.reading() as connection:
            known = about(connection, message)
        return {"message": message, "subscription": str(known[0]), "number": known[1]} if known else None


class RunningReports:
    """Looks again and again until it is told to stop. Of several processes one does."""

    def __init__(self, reports: MeshReports, turn: Turn, *, seconds: float = LOOK_SECONDS) -> None:
        """Every so many `seconds`."""
        self._reports = reports
        self._turn = turn
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread; nothing happens when it runs already."""
        if self._thread is None:
            self._thread = threading.Thread(target=self.run, name="mesh-reports", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the look that is under way, or without it when MESH doesn't answer."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stop.is_set():
            try:
                if self._turn.is_ours():
                    self._reports.step()
            except (MeshUnavailable, MeshRefused, *PASSING) as error:
                _log.warning("reports of MESH wait: %s", type(error).__name__)
            except Exception as error:  # noqa: BLE001 - one strange report must not end them all
                _log.error("reports of MESH can't be read: %s", type(error).__name__)
            self._stop.wait(self._seconds)
        self._reports.close()
        self._turn.release()
