"""Key work in the background of a server: children's keys wrapped anew, and what else an exchanged key asks for."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from services.repeating import Repeating
from services.store.council_keys import CouncilKeys
from services.store.errors import StoreError
from services.store.keyring import KeyWrapper

LOOK_SECONDS: Final = 30.0
"""How often it looks whether there is anything to do."""

_log = logging.getLogger(__name__)


class BackgroundRewrap:
    """Does what `ehcp keys rewrap` does, where that command can't reach the keys."""

    def __init__(
        self,
        keys: CouncilKeys,
        wrapper: KeyWrapper,
        seconds: float = LOOK_SECONDS,
        *,
        beside: Callable[[threading.Event], None] = lambda _stopping: None,
    ) -> None:
        """Nothing runs before `start`. `beside` is done as often, and ends early when its event is set."""
        self._beside = beside
        self._keys = keys
        self._wrapper = wrapper
        self._repeating = Repeating("key-rewrap", self._look, seconds)

    def start(self) -> None:
        """Begin."""
        self._repeating.start()

    def stop(self) -> None:
        """End after the page at hand. Safe without a start."""
        self._repeating.stop()

    def _look(self) -> None:
        stopping = self._repeating.stopping
        try:
            if self._keys.stale(self._wrapper):
                done = self._keys.rewrap(self._wrapper, stopping=stopping)
                _log.info("%d children's keys were wrapped anew", done)
            self._beside(stopping)
        except StoreError as error:
            # A key or a row is damaged, or a reader held the scrubbing up: it is tried again, and said each time.
            _log.error("the key work could not be finished: %s", type(error).__name__)
