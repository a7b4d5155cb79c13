"""Callers that wait for a signal: however many there are, one question to the database asks for all of them.

A waiting caller costs an event in memory and nothing else. They are bounded, for each recipient and in all.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Final

from msgspec import Struct, field
from prometheus_client import Gauge

from services.projection.log import PASSING

LOOK_SECONDS: Final = 0.1
"""How often it is looked whether there is something for those who wait."""

MOST_OF_ONE: Final = 50
MOST_IN_ALL: Final = 10_000

WAITING: Final = Gauge("ehcp_feed_waiting", "Callers that wait for a signal")


class TooManyWait(Exception):
    """The recipient, or the process, has as many waiting callers as it may have."""


class _Waiting(Struct, eq=False):
    recipient: str
    number: int
    arrived: asyncio.Event = field(default_factory=asyncio.Event)


class Arrivals:
    """Wakes those who wait."""

    def __init__(self, heads: Callable[[Collection[str]], Mapping[str, int]], *, look: float = LOOK_SECONDS) -> None:
        """`heads` gives the last numbers of recipients."""
        self._heads = heads
        self._look = look
        self._waiting: set[_Waiting] = set()
        self._looking: asyncio.Task[None] | None = None
        self.stopping: Callable[[], bool] = lambda: False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    async def beyond(self, recipient: str, number: int, seconds: float) -> None:
        """Return when the recipient has a signal behind the number, after so many seconds, or when the process stops.

        Raises TooManyWait.
        """
        if len(self._waiting) >= MOST_IN_ALL or sum(w.recipient == recipient for w in self._waiting) >= MOST_OF_ONE:
            raise TooManyWait
        mine = _Waiting(recipient, number)
        self._waiting.add(mine)
        WAITING.inc()
        try:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._watch())
            async with asyncio.timeout(seconds):
                await mine.arrived.wait()
        except TimeoutError:
            return
        finally:
            self._waiting.discard(mine)
            WAITING.dec()

    async def _watch(self) -> None:
        while self._waiting and not self.stopping():
            try:
                last = await asyncio.to_thread(self._heads, {waiting.recipient for waiting in self._waiting})
            except PASSING:
                break  # each will find out for itself, and be told
            for waiting in self._waiting:
                if last.get(waiting.recipient, 0) > waiting.number:
                    waiting.arrived.set()
            await asyncio.sleep(self._look)
        for waiting in self._waiting:
            waiting.arrived.set()
