"""How often one caller may call: so many times a minute on average, as many at once after a minute's rest.

A caller is a person or system by the token that was accepted: who shares an address is not held back for others, and
nobody else's calls count as theirs. Each process counts for itself.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

#: For how many callers it is remembered how often they called; whoever hasn't called for longest is forgotten first.
REMEMBERED: Final = 10_000
_MINUTE: Final = 60.0


class Pace:
    """A bucket for each caller, which fills steadily and from which a call takes one. Safe for threads."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`per_minute` calls for each caller; 0 for any number."""
        self._most = float(per_minute)
        self._clock = clock
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_of(self, caller: Hashable) -> int:
        """Count a call: 0 when it may go on, else after how many seconds the next one may."""
        if not self._most:
            return 0
        with self._lock:
            now = self._clock()
            left, seen = self._left.pop(caller, (self._most, now))
            left = min(self._most, left + (now - seen) * self._most / _MINUTE)
            allowed = left >= 1
            self._left[caller] = (left - 1 if allowed else left, now)
            if len(self._left) > REMEMBERED:
                self._left.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) * _MINUTE / self._most)
