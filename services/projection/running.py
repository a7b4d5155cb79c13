"""A projector at work: in a thread of the process that owns an embedded record, or as a process of its own."""

import logging
import threading
import traceback
from typing import Final, Protocol

from services.looking import Looking
from services.projection.log import PASSING

GATHER_SECONDS: Final = 0.1
"""How long a thread beside the API lets events gather, unless a reader waits for them."""

_LONGEST_PAUSE: Final = 5.0
_log = logging.getLogger(__name__)


class Listeners(Protocol):
    """Who can tell that the log has grown."""

    def add(self, event: threading.Event) -> None:
        """Set `event` whenever something was appended."""

    def remove(self, event: threading.Event) -> None:
        """No longer."""


class Worker(Protocol):
    """What does its work step by step: a projector, a router."""

    def step(self) -> bool:
        """Do the next piece of work; false when there is none. Raises one of PASSING, with nothing half done."""

    def close(self) -> None:
        """Let go of what is held; a later step takes it up again."""


class RunningProjector:
    """Runs a projector until it is told to stop. Trouble with the database or the disk is waited out."""

    def __init__(
        self,
        projector: Worker,
        listeners: Listeners,
        *,
        poll: float = 1.0,
        gather: float = GATHER_SECONDS,
        name: str = "projector",
    ) -> None:
        """`poll`: after how many seconds to look although nobody said that the log has grown, while it doesn't grow."""
        self._name = name
        self._projector = projector
        self._listeners = listeners
        self._looking = Looking(poll)
        self._gather = gather
        self._stop, self._wake, self._hurry = threading.Event(), threading.Event(), threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread; nothing happens when it runs already."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self.run, name=self._name, daemon=True)
                self._thread.start()

    def hurry(self) -> None:
        """A reader is waiting: don't let events gather, and run if it wasn't started."""
        self.start()
        self._hurry.set()
        self._wake.set()

    def stop(self) -> None:
        """End after the batch that is being written, and wait for that."""
        self._stop.set()
        self._hurry.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Work until `stop`."""
        self._listeners.add(self._wake)
        pause = 0.05
        try:
            while not self._stop.is_set():
                self._wake.clear()
                if self._stepped():
                    pause = 0.05
                else:
                    self._stop.wait(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
        finally:
            self._listeners.remove(self._wake)
            self._projector.close()

    def _stepped(self) -> bool:
        """One step, and a rest when there was nothing to do; false when it failed."""
        try:
            worked = self._projector.step()
        except PASSING as error:
            _log.warning("the %s waits: %s", self._name, type(error).__name__)
            return False
        except Exception as error:  # noqa: BLE001 - what can't be foreseen must not end the read models for good
            _log.error("the %s failed: %s at %s", self._name, type(error).__name__, _place(error))
            return False
        if worked:
            self._looking.found()
        else:
            self._hurry.clear()
            self._wake.wait(self._looking.rest)
            self._hurry.wait(self._gather)
        return True


def _place(error: Exception) -> str:
    """Where it was raised: a file and a line, none of the values."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "an unknown place"
