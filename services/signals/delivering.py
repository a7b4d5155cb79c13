"""Sending signals to subscriptions by any channel: each in order and by itself, so that nobody waits for another.

A message that isn't taken is tried again, after a time that doubles and has some chance in it, up to a cap; after the
last attempt it is a dead letter, which can be listed and sent again, and the next one is tried. One that can't be sent
by its channel at all is a dead letter at once. Before anything is sent, it is asked again whether the subscriber may
follow that plan, and recorded that it is told.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import delete, insert, update

from domain.plan.acts import Actor
from services.disclosures.accounting import Disclosures
from services.disclosures.values import Reader
from services.errors import NotRecorded
from services.signals import subscribed
from services.signals.database import SignalDatabase
from services.signals.envelope import CloudEvent
from services.signals.feed import Feed
from services.signals.outbox import Outbox, Signal
from services.signals.subscribed import Delivery, Subscription
from services.signals.tables import dead_letters
from services.store.framing import microseconds

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 3_600.0
"""How long to wait before another attempt, in seconds: the first time, and at most."""

MOST_ATTEMPTS: Final = 80
"""After so many a message is a dead letter: a little more than three days."""

PAGE: Final = 100


class NotTaken(Exception):
    """The message wasn't taken. `code` says why in a word; `retry_after` is how many seconds the receiver asks for."""

    def __init__(self, code: str, retry_after: int = 0) -> None:
        """Keep both."""
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class NotWanted(NotTaken):
    """The receiver wants no more messages: nothing is sent until somebody asks for it; all of it waits."""


class NotSendable(NotTaken):
    """This channel can't tell of this signal, however often it is tried; the feed does."""


Sending = Callable[[CloudEvent], Awaitable[None]]
"""Sends what was recorded. Raises NotTaken."""


class Channel(Protocol):
    """A way to subscribers."""

    async def prepare(self, subscription: Subscription, signal: Signal) -> Sending:
        """What will send the signal to that subscriber. Raises NotTaken, NotSendable; nothing has left then."""


class Delivering:
    """Delivers to the subscriptions of its channels."""

    def __init__(
        self,
        database: SignalDatabase,
        outbox: Outbox,
        feed: Feed,
        disclosures: Disclosures,
        channels: Mapping[str, Channel],
        now: Callable[[], datetime],
        dice: random.Random,
        *,
        is_over: Callable[[Subscription], bool] = lambda _one: False,
    ) -> None:
        """`now` gives an aware instant, `dice` the chance in the pauses; nothing is sent to whose access `is_over`."""
        self._database = database
        self._outbox = outbox
        self._feed = feed
        self._disclosures = disclosures
        self._channels = channels
        self._now = now
        self._dice = dice
        self._is_over = is_over

    def waiting(self) -> list[Subscription]:
        """The subscriptions for which something can be done now: of nobody whose access was ended."""
        now = microseconds(self._now())
        with self._database.reading() as connection:
            running = [one for one in subscribed.found(connection, ended=0) if one.channel in self._channels]
            at = subscribed.all_deliveries(connection, [one.id for one in running])
            again = subscribed.to_replay(connection)
        last = self._outbox.heads({one.recipient for one in running})
        return [
            one
            for one in running
            if at[one.id].next_at <= now
            and (one.id in again or at[one.id].number < last.get(one.recipient, 0))
            and not self._is_over(one)
        ]

    async def deliver(self, subscription: Subscription) -> None:
        """Bring a subscriber up to date, or as far as its endpoint takes messages."""
        if await self._replayed(subscription):
            while rows := await asyncio.to_thread(self._waiting_for, subscription):
                fitting = [signal for signal in rows if subscription.filters.fit(signal)]
                for signal in fitting:
                    if not await self._dealt_with(subscription, signal):
                        return
                if rows[-1] not in fitting:
                    await asyncio.to_thread(self._moved, subscription.id, number=rows[-1].number)

    def _waiting_for(self, subscription: Subscription) -> list[Signal]:
        with self._database.reading() as connection:
            if not subscribed.found(connection, id=subscription.id, ended=0):
                return []
            number = subscribed.delivery_of(connection, subscription.id).number
        return self._outbox.after(subscription.recipient, number, PAGE)

    async def _dealt_with(self, subscription: Subscription, signal: Signal) -> bool:
        """Whether the subscription has moved on past a signal."""
        try:
            await self._told(subscription, signal)
        except NotTaken as fault:
            return await asyncio.to_thread(self._failed, subscription, signal, fault)
        done = microseconds(self._now())
        await asyncio.to_thread(
            self._moved, subscription.id, number=signal.number, delivered=done, attempts=0, error="", next_at=0
        )
        return True

    async def _told(self, subscription: Subscription, signal: Signal) -> None:
        """Send one signal, recorded first. Raises NotTaken."""
        send = await self._channels[subscription.channel].prepare(subscription, signal)
        actor = Actor(
            subject=subscription.client,
            issuer=subscription.issuer,
            organisation=subscription.recipient,
            role=subscription.role,
        )
        withheld = await asyncio.to_thread(self._feed.single, actor, signal)
        try:
            event = await self._disclosures.reveal(withheld, Reader(actor=actor, channel=subscription.channel))
        except NotRecorded:
            raise NotTaken("not-recorded") from None
        await send(event)

    def _failed(self, subscription: Subscription, signal: Signal, fault: NotTaken) -> bool:
        with self._database.writing() as connection:
            at = subscribed.delivery_of(connection, subscription.id)
            attempts = at.attempts + 1
            if attempts < MOST_ATTEMPTS and not isinstance(fault, NotSendable):
                until = self._next(attempts, fault)
                said = {"failures": at.failures + 1, "error": fault.code, "next_at": until}
                subscribed.move(connection, subscription.id, attempts=attempts, **said)
                return False
            letter = {"subscription": subscription.id, "number": signal.number, "error": fault.code}
            connection.execute(
                insert(dead_letters).values(attempts=attempts, since=microseconds(self._now()), replay=0, **letter)
            )
            subscribed.move(
                connection, subscription.id, number=signal.number, attempts=0, failures=at.failures + 1, next_at=0
            )
        return True

    async def _replayed(self, subscription: Subscription) -> bool:
        """Send again what was not taken and is asked for; false when the endpoint still doesn't take it."""
        for number in await asyncio.to_thread(self._again, subscription.id):
            (signal,) = await asyncio.to_thread(self._outbox.after, subscription.recipient, number - 1, 1)
            try:
                await self._told(subscription, signal)
            except NotSendable:
                await asyncio.to_thread(self._kept, subscription.id, signal.number)
                continue
            except NotTaken as fault:
                await asyncio.to_thread(self._put_off, subscription.id, fault)
                return False
            await asyncio.to_thread(self._taken, subscription.id, signal.number)
        return True

    def _again(self, subscription: UUID) -> list[int]:
        with self._database.reading() as connection:
            return [letter.recipientsequence for letter in subscribed.letters(connection, subscription, replay=True)]

    def _put_off(self, subscription: UUID, fault: NotTaken) -> None:
        with self._database.writing() as connection:
            at: Delivery = subscribed.delivery_of(connection, subscription)
            until = self._next(at.attempts + 1, fault)
            attempts = min(at.attempts + 1, MOST_ATTEMPTS - 1)
            subscribed.move(
                connection, subscription, attempts=attempts, failures=at.failures + 1, error=fault.code, next_at=until
            )

    def _kept(self, subscription: UUID, number: int) -> None:
        """It still can't be sent: the letter stays until it is asked for again."""
        with self._database.writing() as connection:
            mine = (dead_letters.c.subscription == subscription, dead_letters.c.number == number)
            connection.execute(update(dead_letters).where(*mine).values(replay=0))

    def _taken(self, subscription: UUID, number: int) -> None:
        with self._database.writing() as connection:
            mine = (dead_letters.c.subscription == subscription, dead_letters.c.number == number)
            connection.execute(delete(dead_letters).where(*mine))
            done = microseconds(self._now())
            subscribed.move(connection, subscription, delivered=done, attempts=0, error="", next_at=0)

    def _moved(self, subscription: UUID, **values: int | str) -> None:
        with self._database.writing() as connection:
            subscribed.move(connection, subscription, **values)

    def _next(self, attempts: int, fault: NotTaken) -> int:
        """When it is tried again after so many failures, in microseconds since the epoch."""
        if isinstance(fault, NotWanted):
            return subscribed.NEVER
        return microseconds(self._now()) + int(1e6 * self._pause(attempts, fault.retry_after))

    def _pause(self, attempts: int, asked: int) -> float:
        """How long to wait after so many failures, in seconds; as long as the receiver asks, within the cap."""
        doubled = min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 20), LONGEST_PAUSE)
        return max(doubled * self._dice.uniform(0.75, 1.25), float(min(asked, LONGEST_PAUSE)))
