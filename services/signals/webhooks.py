"""The channel of webhooks: signed messages to addresses of subscribers."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

import msgspec

from connectors.webhooks.sending import NotDelivered
from connectors.webhooks.signing import signed_headers
from services.signals import subscribed
from services.signals.database import SignalDatabase
from services.signals.delivering import NotTaken, NotWanted, Sending
from services.signals.envelope import MEDIA_TYPE, CloudEvent
from services.signals.outbox import Signal
from services.signals.subscribed import Secrets, Subscription

GONE: Final = "status-410"
"""By this answer a receiver says that it wants no more messages (Standard Webhooks)."""

_encode = msgspec.json.Encoder().encode


class Sends(Protocol):
    """Sends one message."""

    async def send(self, target: str, headers: Mapping[str, str], body: bytes) -> None:
        """Raises NotDelivered unless it is taken."""


class Webhooks:
    """Sends to webhooks."""

    def __init__(self, database: SignalDatabase, secrets: Secrets, sender: Sends, now: Callable[[], datetime]) -> None:
        """`now` gives an aware instant."""
        self._database = database
        self._secrets = secrets
        self._sender = sender
        self._now = now

    async def prepare(self, subscription: Subscription, signal: Signal) -> Sending:
        """Sign and send it to the subscription's address. Raises NotTaken without a secret to sign with."""
        secrets = await asyncio.to_thread(self._secrets_of, subscription)
        if not secrets:
            raise NotTaken("no-secret")

        async def send(event: CloudEvent) -> None:
            """Raises NotTaken."""
            body, moment = _encode(event), int(self._now().timestamp())
            headers = {"Content-Type": MEDIA_TYPE, **signed_headers(secrets, str(signal.id), moment, body)}
            try:
                await self._sender.send(subscription.target, headers, body)
            except NotDelivered as fault:
                if fault.code == GONE:
                    raise NotWanted(fault.code) from None
                raise NotTaken(fault.code, fault.retry_after) from None

        return send

    def _secrets_of(self, subscription: Subscription) -> tuple[str, ...]:
        """As they are now: they may have been exchanged while attempts failed."""
        with self._database.reading() as connection:
            found = subscribed.found(connection, id=subscription.id, ended=0)
        return self._secrets.open(found[0]) if found else ()
