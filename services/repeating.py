"""Something done every so many seconds in a thread of its own, until it is told to stop."""

import threading
from collections.abc import Callable


class Repeating:
    """A thread that waits, does its work, and waits again. The work sees to its own faults: one it raises ends it."""

    def __init__(self, name: str, work: Callable[[], object], seconds: float) -> None:
        """Nothing runs before `start`; `name` is the thread's, `seconds` the rest before each doing."""
        self._work = work
        self._seconds = seconds
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.stopping = threading.Event()
        """Set when it is told to stop: long work looks at it."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the work at hand. Safe without a start."""
        self.stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self.stopping.wait(self._seconds):
            self._work()
