"""Notaries at work: all logs one after the other, again and again until they are told to stop. Trouble is said once."""

import logging
import threading
from collections.abc import Sequence
from typing import Final

from services.notary import figures
from services.notary.notary import Notary
from services.notary.notes import MalformedNote
from services.notary.standing import LogDiffers
from services.publishing.turns import Alone, SharedTurn
from services.store.errors import StoreError

_END: Final = 5.0

_log = logging.getLogger(__name__)


class RunningNotaries:
    """Runs the notaries of an installation. Of several processes one does."""

    def __init__(self, notaries: Sequence[Notary], turn: Alone | SharedTurn, *, seconds: float) -> None:
        """Sign what is new every so many `seconds`."""
        self.notaries = notaries
        self._turn = turn
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._said: dict[str, str] = {}

    def start(self) -> None:
        """Run in a thread; nothing happens when it runs already."""
        if self._thread is None:
            self._thread = threading.Thread(target=self.run, name="notary", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the step in hand."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_END)
        else:
            self._let_go()

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stop.wait(self._seconds):
            self.look()
        self._let_go()

    def look(self) -> None:
        """Sign everything that is new now."""
        for notary in self.notaries:
            try:
                if not self._turn.is_ours():
                    notary.close()
                    continue
                while notary.step() and not self._stop.is_set():
                    pass
            except Exception as error:  # noqa: BLE001 - one log's trouble, whatever it is, must not end the others'
                figures.failed(notary.log, type(error).__name__)
                notary.close()
                self._speak(notary.log, _told(error))
            else:
                self._speak(notary.log, "")

    def _let_go(self) -> None:
        for notary in self.notaries:
            notary.close()
        self._turn.release()

    def _speak(self, log: str, trouble: str) -> None:
        if trouble == self._said.get(log, ""):
            return
        self._said[log] = trouble
        if trouble:
            _log.error("no checkpoint of the %s log: %s", log, trouble)
        else:
            _log.info("checkpoints of the %s log go on", log)


def _told(error: Exception) -> str:
    """Our own sentence about a log or a key; of any other fault its kind, since its text may hold what it was about."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, LogDiffers | StoreError | MalformedNote) else kind
