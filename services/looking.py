"""How often to look for what nobody tells of: often while things happen, seldom while nothing does."""

import time
from collections.abc import Callable
from typing import Final

OFTEN_SECONDS: Final = 0.02
"""Between two looks as long as something was found lately."""

ATTENTIVE_SECONDS: Final = 1.0
"""For how long "lately" is."""


class Looking:
    """The rests between looks. Not for several threads."""

    def __init__(
        self, seldom: float, often: float = OFTEN_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`seldom` and `often`: seconds between two looks while nothing happens, and while something does."""
        self._seldom = seldom
        self._often = min(often, seldom)
        self._clock = clock
        self._until = float("-inf")

    def found(self) -> None:
        """There was something."""
        self._until = self._clock() + ATTENTIVE_SECONDS

    @property
    def rest(self) -> float:
        """For how many seconds to rest now."""
        return self._often if self._clock() < self._until else self._seldom
