"""Topics of signals at work: one look tells for whom there is something new, and each body is served by itself.

A body whose topic is missing, or refused, or slow, holds nobody up: it is tried again ever more seldom, beside the
others. Of several processes one does all of it, and another takes over when it is gone.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct

from services.looking import Looking
from services.projection.log import PASSING
from services.publishing import figures
from services.publishing.publisher import Publisher
from services.publishing.running import Listeners, Noted, Turn, not_noted

LOOK_SECONDS: Final = 0.1
"""How often it is looked whether there is something new while nothing is: one question for all bodies."""

MOST_AT_ONCE: Final = 8
"""How many bodies are served at the same moment."""

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 60.0
_END: Final = 5.0
"""In seconds: what waits for the cluster longer than this is left to the end of the process."""

_log = logging.getLogger(__name__)


class Served(Struct, eq=False, kw_only=True):
    """One body: what publishes for it, and how that goes."""

    publisher: Publisher
    recipient: str
    head: int = 0
    is_started: bool = False
    thread: threading.Thread | None = None
    failed: int = 0
    not_before: float = 0.0
    said: str = ""

    @property
    def is_busy(self) -> bool:
        """Whether it is being served at this moment."""
        return self.thread is not None and self.thread.is_alive()

    @property
    def has_news(self) -> bool:
        """Whether there is something to do: before the first step only the cluster knows."""
        return not self.is_started or self.publisher.position.position < self.head


class RunningSignals:
    """Serves every body until it is told to stop."""

    def __init__(
        self,
        served: Sequence[Served],
        look: Callable[[Collection[str]], Mapping[str, int]],
        listeners: Listeners,
        turn: Turn,
        *,
        seconds: float = LOOK_SECONDS,
        noted: Noted = not_noted,
    ) -> None:
        """`look` gives the last numbers of recipients, every so many `seconds`; `listeners` tell of new ones."""
        self._served = served
        self._look = look
        self._turn = turn
        self._listeners = listeners
        self._noted = noted
        self._looking = Looking(seconds)
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread; nothing happens when it runs already, or when there is nobody to serve."""
        if self._served and self._thread is None:
            self._thread = threading.Thread(target=self.run, name="signal-topics", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the batches that are being written, or without them when the cluster does not answer."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2 * _END)

    def run(self) -> None:
        """Work until `stop`."""
        self._listeners.add(self._wake)
        try:
            while not self._stop.is_set():
                self._wake.clear()
                try:
                    self._pass()
                except PASSING as error:
                    _log.warning("signals for topics wait: %s", type(error).__name__)
                    self._turn.release()
                    self._stop.wait(1.0)
                self._wake.wait(self._looking.rest)
        finally:
            self._listeners.remove(self._wake)
            self._let_go()
            self._turn.release()

    def _pass(self) -> None:
        if not self._turn.is_ours():
            self._let_go()
            return
        heads = self._look([one.recipient for one in self._served])
        now, busy = time.monotonic(), sum(one.is_busy for one in self._served)
        for one in sorted(self._served, key=lambda one: one.not_before):
            one.head = heads.get(one.recipient, 0)
            figures.lag(one.publisher.name, one.head, one.publisher.position.position)
            if one.is_started:
                self._noted(one.publisher.name, one.publisher.position.position)
            if one.is_busy or not one.has_news or now < one.not_before or busy >= MOST_AT_ONCE:
                continue
            one.thread = threading.Thread(target=self._serve, args=(one,), name=one.publisher.name, daemon=True)
            one.thread.start()
            busy += 1
            self._looking.found()

    def _serve(self, one: Served) -> None:
        """Bring one body up to date, or as far as that is possible now."""
        try:
            while not self._stop.is_set() and one.publisher.step():
                one.is_started = True
        except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this body alone, and is tried again
            figures.failed(one.publisher.name, type(error).__name__)
            one.publisher.close()
            one.is_started, one.failed = False, one.failed + 1
            one.not_before = time.monotonic() + min(_FIRST_PAUSE * 2.0 ** min(one.failed - 1, 20), _LONGEST_PAUSE)
            _speak(one, f"{type(error).__name__}: {error}")
        else:
            one.is_started, one.failed, one.not_before = True, 0, time.monotonic()
            _speak(one, "")
        finally:
            # What was told of while this thread was busy has to be looked for again.
            self._wake.set()

    def _let_go(self) -> None:
        """Another process may write now: what is begun does not count."""
        for one in self._served:
            if one.is_busy and one.thread is not None:
                one.thread.join(_END)
            if not one.is_busy:
                one.publisher.close()
                one.is_started = False


def _speak(one: Served, trouble: str) -> None:
    """Say it once, not at every attempt."""
    if trouble == one.said:
        return
    one.said = trouble
    name, position = one.publisher.name, one.publisher.position.position
    if trouble:
        _log.warning("%s waits at %d: %s (%d behind)", name, position, trouble, max(0, one.head - position))
    else:
        _log.info("%s goes on at %d", name, position)
