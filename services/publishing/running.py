"""Publishers at work: each log in a thread of its own, until they are told to stop. Trouble is waited out and said."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from connectors.kafka.errors import KafkaUnavailable
from services.projection.log import PASSING
from services.publishing import figures
from services.publishing.publisher import AWAY, Publisher

GATHER_SECONDS: Final = 0.2
"""How long events may gather, so that those of a moment share a transaction: each costs both sides milliseconds."""

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 10.0
_SAY_AGAIN: Final = 60.0
"""In seconds: how often trouble that lasts is said again, with how far behind the topics are by then."""

_END: Final = 5.0
"""In seconds: a thread that waits for the cluster longer than this is left to the end of the process."""

_log = logging.getLogger(__name__)


class Listeners(Protocol):
    """Who can tell that the log has grown."""

    def add(self, event: threading.Event) -> None:
        """Set `event` whenever something was appended."""

    def remove(self, event: threading.Event) -> None:
        """No longer."""


class Turn(Protocol):
    """Which process publishes a log, where several could."""

    def is_ours(self) -> bool:
        """Whether it is this one's turn now; asked before each batch."""

    def release(self) -> None:
        """Let another have it."""


Noted = Callable[[str, int], None]
"""Told how far a log is in its topics."""


def not_noted(_log: str, _position: int) -> None:
    """Nobody wants to know how far a log is."""


class RunningPublisher:
    """Runs one publisher."""

    def __init__(
        self,
        publisher: Publisher,
        listeners: Listeners,
        turn: Turn,
        *,
        poll: float = 1.0,
        gather: float = GATHER_SECONDS,
        noted: Noted = not_noted,
    ) -> None:
        """`poll`: after how many seconds to look although nobody said that the log has grown."""
        self._publisher = publisher
        self._listeners = listeners
        self._turn = turn
        self._poll = poll
        self._gather = gather
        self._noted = noted
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._said, self._say_from = "", 0.0

    def start(self) -> None:
        """Run in a thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self.run, name=f"publish-{self._publisher.name}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the batch that is being written, or without it when the cluster does not answer."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_END)

    def run(self) -> None:
        """Work until `stop`."""
        self._listeners.add(self._wake)
        pause = _FIRST_PAUSE
        try:
            while not self._stop.is_set():
                self._wake.clear()
                if self._stepped():
                    pause = _FIRST_PAUSE
                else:
                    self._stop.wait(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
        finally:
            self._listeners.remove(self._wake)
            self._publisher.close()
            self._turn.release()

    def _stepped(self) -> bool:
        """One step, and a rest when there was nothing to do; false when it failed."""
        try:
            if not self._turn.is_ours():
                self._publisher.close()
                self._wake.wait(self._poll)
                return True
            worked = self._publisher.step()
        except (*AWAY, *PASSING) as error:
            self._failed(error)
            return False
        except Exception as error:  # noqa: BLE001 - what can't be foreseen must not end publication for good
            self._failed(error)
            return False
        self._speak("")
        self._noted(self._publisher.name, self._publisher.position.position)
        if not worked:
            self._wake.wait(self._poll)
            self._stop.wait(self._gather)
        return True

    def _failed(self, error: Exception) -> None:
        """Say it once in a while, not at every attempt; what was begun does not count."""
        figures.failed(self._publisher.name, type(error).__name__)
        if not isinstance(error, KafkaUnavailable):
            self._publisher.close()
        self._turn.release()
        self._speak(type(error).__name__)

    def _speak(self, trouble: str) -> None:
        now = time.monotonic()
        if trouble == self._said and (not trouble or now < self._say_from):
            return
        self._said, self._say_from = trouble, now + _SAY_AGAIN
        name, position = self._publisher.name, self._publisher.position.position
        if trouble:
            behind = self._publisher.behind
            _log.warning("publication of %s waits at position %d: %s (%d behind)", name, position, trouble, behind)
        else:
            _log.info("publication of %s goes on at position %d", name, position)
