"""Following a topic of signals so that none is missed, none counts twice, and none is taken for newer than it is.

The pattern, whatever language a subscriber is written in:

1. The place in the topic is kept in the subscriber's own database, in the transaction of what a signal led to. Kafka's
   own offsets are never committed: after a restart or a rebalance reading goes on at the place that is kept.
2. A signal whose `id` was seen is skipped.
3. A `recipientsequence` that isn't the next one means that signals are missing: they are taken from the feed first.
4. A signal whose `versionid` is lower than what is known of the plan is older news, and leads to nothing.
5. What it is about is fetched from its `dataref`; a signal itself says nothing of the child. While the platform is
   away, or refuses the token, reading waits: nothing is passed over.
6. A record that is no signal, and one that can't be dealt with, is put aside and told; the rest goes on.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from connectors.subscriber.books import Books
from connectors.subscriber.fetching import Exchange, ExchangeUnavailable, NotFetched
from connectors.subscriber.signals import Malformed, Signal, signal_of

Handler = Callable[[Signal, Any], None]
"""Deals with one signal and what was fetched for it (None: nothing, or not ours any more).

What it writes through the books' connection counts with the place in the topic: exactly once. What it does elsewhere
may be done again after a crash, under the same id. Raises HandlerFailed to be asked again.
"""

ATTEMPTS: Final = 5
"""How often a signal is tried before it is put aside."""

_LONGEST_PAUSE: Final = 60.0
_log = logging.getLogger(__name__)


class HandlerFailed(Exception):
    """The handler could not deal with a signal; the text says why, without content."""


class SignalsMissed(Exception):
    """Signals are missing in front of this one, and there is no feed to take them from."""


class TryLater(Exception):
    """The record is not dealt with: take the very same one again after so many `seconds`."""

    def __init__(self, seconds: float) -> None:
        """Keep how long to wait."""
        super().__init__(f"again in {seconds:.0f} s")
        self.seconds = seconds


class Desk:
    """Deals with the records of one topic, one after the other."""

    def __init__(
        self, topic: str, books: Books, handle: Handler, *, exchange: Exchange | None = None, attempts: int = ATTEMPTS
    ) -> None:
        """With an `exchange`, what signals are about is fetched, and missing ones are taken from the feed."""
        self.topic, self.books = topic, books
        self._handle, self._exchange, self._attempts = handle, exchange, attempts
        self._failed, self._waited = 0, 0

    def take(self, offset: int, value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Deal with one record of the topic, and move on. Raises TryLater, SignalsMissed."""
        try:
            signal = signal_of(value, headers)
        except Malformed as error:
            self._put_aside(offset, f"no signal: {error}", value, next_offset=offset + 1)
            return
        try:
            for missing in self._missing_before(signal):
                self._once(missing, offset)
            self._once(signal, offset + 1)
        except ExchangeUnavailable as error:
            _log.warning("signal %s waits, and all behind it: %s", signal.id, str(error))
            raise self._later() from error

    def again(self) -> int:
        """Deal with the signals that were put aside, those with the lowest numbers first; how many are still there."""
        for signal in [signal_of(record) for record in self.books.put_aside(self.topic)]:
            try:
                self._deal_with(signal)
            except (HandlerFailed, NotFetched, ExchangeUnavailable) as error:
                _log.warning("signal %s stays aside: %s", signal.id, str(error))
        return len(self.books.put_aside(self.topic))

    def _missing_before(self, signal: Signal) -> Iterator[Signal]:
        """The signals between the last one and this one. At the very first, what came before is for the bootstrap."""
        _, last = self.books.place(self.topic)
        if last == 0 or signal.recipientsequence <= last + 1:
            return
        if self._exchange is None:
            raise SignalsMissed(f"signals {last + 1} to {signal.recipientsequence - 1} are missing")
        _log.warning("signals %d to %d are taken from the feed", last + 1, signal.recipientsequence - 1)
        for missing in self._exchange.feed(after=last):
            if missing.recipientsequence >= signal.recipientsequence:
                return
            yield missing

    def _once(self, signal: Signal, next_offset: int) -> None:
        """Deal with one signal, or put it aside by itself once it was tried often enough. Raises TryLater."""
        try:
            self._deal_with(signal, next_offset)
        except (HandlerFailed, NotFetched) as error:
            self._failed += 1
            _log.warning("signal %s: attempt %d failed: %s", signal.id, self._failed, str(error))
            if self._failed < self._attempts:
                raise self._later() from error
            self._put_aside(-signal.recipientsequence, "given up", signal.record, next_offset=next_offset)
        self._failed, self._waited = 0, 0

    def _deal_with(self, signal: Signal, next_offset: int = 0) -> None:
        content = self._exchange.fetch(signal) if self._exchange and self._is_wanted(signal) else None
        with self.books.transaction():
            if self._is_wanted(signal):
                self._handle(signal, content)
            if not self.books.has_seen(signal):
                self.books.note(signal)
            self.books.move(self.topic, next_offset, signal.recipientsequence)
            self.books.take_back(self.topic, signal)

    def _is_wanted(self, signal: Signal) -> bool:
        return not self.books.has_seen(signal) and not self.books.is_old_news(signal)

    def _later(self) -> TryLater:
        self._waited += 1
        return TryLater(min(2.0 ** min(self._waited, 10), _LONGEST_PAUSE))

    def _put_aside(self, place: int, reason: str, record: bytes | None, *, next_offset: int) -> None:
        what = f"record {place}" if place >= 0 else f"signal {-place}"
        _log.error("%s of %s was put aside: %s", what, self.topic, reason)
        with self.books.transaction():
            self.books.park(self.topic, place, reason, record)
            self.books.move(self.topic, next_offset, max(0, -place))
