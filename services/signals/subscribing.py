"""Subscribing: what an organisation's system asks for, how it is doing, and sending again what it did not take."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, convert
from msgspec.structs import replace
from sqlalchemy import Connection

from connectors.webhooks.signing import new_secret, secret_of
from domain.plan.acts import Actor
from domain.signals.types import SignalTypes
from services.errors import Fault, InvalidContent, KeyReused, SubscriptionUnknown
from services.required import require_valid
from services.signals import subscribed
from services.signals.database import SignalDatabase
from services.signals.feed import Feed
from services.signals.message_log import ACKNOWLEDGED, NOT_DELIVERED, counted
from services.signals.outbox import Outbox
from services.signals.subscribed import FEED, KAFKA, MESH, NEVER, WEBHOOK, DeadLetter, Filters, Secrets, Subscription
from services.signals.targets import Targets, invalid
from services.store.blind_index import HASH_LENGTH, BlindIndex
from services.store.framing import instant, microseconds
from services.validation import SCHEMA_BASE

BODY_SCHEMA: Final = f"{SCHEMA_BASE}signals/subscription.schema.json"
MOST: Final = 50
"""How many subscriptions an organisation may have at a time."""

JsonObject = dict[str, Any]


class Health(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a subscription is doing: what was dealt with last, how many signals are behind that, and what failed.

    Of MESH also how many dead letters wait for somebody to match the child, how many messages the recipient collected,
    and how many it did not.
    """

    last_delivered: int
    lag: int
    delivered_at: datetime | UnsetType = UNSET
    failures: int = 0
    failed_attempts: int = 0
    error: str | UnsetType = UNSET
    next_attempt: datetime | UnsetType = UNSET
    dead_letters: int = 0
    unmatched: int | UnsetType = UNSET
    acknowledged: int | UnsetType = UNSET
    not_collected: int | UnsetType = UNSET


class SubscriptionView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A subscription as its organisation sees it; `secret` once, when it is made."""

    id: str
    channel: str
    target: str | UnsetType = UNSET
    filters: Filters
    begun: datetime
    ended: datetime | UnsetType = UNSET
    health: Health
    secret: str | UnsetType = UNSET


class SubscriptionList(Struct, frozen=True, kw_only=True):
    """Every subscription of an organisation that runs."""

    subscriptions: tuple[SubscriptionView, ...]


class DeadLetters(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a subscriber did not take, in order."""

    dead_letters: tuple[DeadLetter, ...]


class Replayed(Struct, frozen=True, kw_only=True):
    """How many signals are sent again."""

    again: int


class Subscribing:
    """Takes subscriptions in, and answers about them: to callers of the organisation that has them."""

    def __init__(
        self,
        database: SignalDatabase,
        outbox: Outbox,
        feed: Feed,
        types: SignalTypes,
        index: BlindIndex,
        now: Callable[[], datetime],
        *,
        targets: Targets,
        channels: frozenset[str] = frozenset({FEED, WEBHOOK}),
    ) -> None:
        """`targets` says where messages may go by the `channels`, and by Kafka."""
        self._database = database
        self._outbox = outbox
        self._feed = feed
        self._types = types
        self._index = index
        self._secrets = Secrets(index)
        self._now = now
        self._targets = targets
        self._channels = channels | {KAFKA} if targets.topics else channels

    def subscribe(self, actor: Actor, body: JsonObject, key: str) -> SubscriptionView:
        """Begin a subscription; the same request again answers with the same one.

        Raises NotYours, InvalidContent, and KeyReused for another request under the key.
        """
        recipient = self._feed.recipient(actor)
        self._check(body, recipient)
        made, number = self._made(actor, recipient, body, key)
        with self._database.writing() as connection:
            known = subscribed.found(connection, id=made.id)
            if known:
                return self._repeated(connection, known[0], made)
            if len(subscribed.found(connection, recipient=recipient, ended=0)) >= MOST:
                raise invalid("", f"An organisation has at most {MOST} subscriptions: end one first.", "too-many")
            secret = new_secret() if made.channel == WEBHOOK else UNSET
            if secret is not UNSET:
                made = replace(made, sealed=self._secrets.seal(made.id, [secret]))
            subscribed.add(connection, made, number)
            return self._view(connection, made, secret=secret)

    def all_of(self, actor: Actor) -> SubscriptionList:
        """The organisation's subscriptions, also those that it has under a former name: they are sent nothing new."""
        names = sorted(self._feed.names(actor))
        with self._database.reading() as connection:
            found = [one for name in names for one in subscribed.found(connection, recipient=name, ended=0)]
            return SubscriptionList(subscriptions=tuple(self._view(connection, one) for one in found))

    def one(self, actor: Actor, subscription: UUID) -> SubscriptionView:
        """One of them, and how it is doing. Raises SubscriptionUnknown."""
        with self._database.reading() as connection:
            return self._view(connection, self._own(connection, actor, subscription))

    def end(self, actor: Actor, subscription: UUID) -> None:
        """End one: nothing is sent any more, and its secrets are forgotten. Raises SubscriptionUnknown."""
        with self._database.writing() as connection:
            mine = self._own(connection, actor, subscription)
            subscribed.change(connection, mine.id, ended=microseconds(self._now()), sealed=None)

    def rotate(self, actor: Actor, subscription: UUID, key: str) -> SubscriptionView:
        """A new secret beside the present one, until the next exchange; the same request again makes no other.

        Raises SubscriptionUnknown, InvalidContent for what has no secret.
        """
        with self._database.writing() as connection:
            mine = self._own(connection, actor, subscription)
            if mine.channel != WEBHOOK:
                raise invalid("", "Only webhooks have a secret.", "channel")
            known = self._secrets.open(mine)
            made_of = self._index.steady("webhook secret", f"{mine.id}\x00{actor.person}\x00{key}")
            secret = secret_of(made_of[:HASH_LENGTH])
            if secret not in known[:1]:
                subscribed.change(connection, mine.id, sealed=self._secrets.seal(mine.id, [secret, *known[:1]]))
            return self._view(connection, mine, secret=secret)

    def dead_letters(self, actor: Actor, subscription: UUID) -> DeadLetters:
        """What the subscriber did not take. Raises SubscriptionUnknown."""
        with self._database.reading() as connection:
            mine = self._own(connection, actor, subscription)
            return DeadLetters(dead_letters=tuple(subscribed.letters(connection, mine.id)))

    def replay(self, actor: Actor, subscription: UUID) -> Replayed:
        """Send what was not taken again, in order and at once. Raises SubscriptionUnknown."""
        with self._database.writing() as connection:
            mine = self._own(connection, actor, subscription)
            return Replayed(again=subscribed.ask_again(connection, mine.id))

    def followed(self, actor: Actor, subscription: UUID, after: int) -> Filters:
        """What a subscription to the feed is narrowed to; whoever asks behind a number has dealt with it.

        Raises SubscriptionUnknown, InvalidContent for one of another channel.
        """
        with self._database.writing() as connection:
            mine = self._own(connection, actor, subscription)
            if mine.channel != FEED:
                raise invalid("/subscription", "This subscription is sent to you: don't ask for it.", "channel")
            if after > subscribed.delivery_of(connection, mine.id).number:
                subscribed.move(connection, mine.id, number=after, delivered=microseconds(self._now()))
            return mine.filters

    def _own(self, connection: Connection, actor: Actor, subscription: UUID) -> Subscription:
        names = self._feed.names(actor)
        for one in subscribed.found(connection, id=subscription, ended=0):
            if one.recipient in names:
                return one
        raise SubscriptionUnknown

    def _made(self, actor: Actor, recipient: str, body: JsonObject, key: str) -> tuple[Subscription, int]:
        blinded = self._index.steady("subscription request", f"{actor.person}\x00{key}")
        made = Subscription(
            id=UUID(bytes=blinded[:16], version=4),
            recipient=recipient,
            client=actor.subject[:200],
            issuer=actor.issuer,
            role=actor.role,
            channel=body["channel"],
            target=self._targets.topics[recipient] if body["channel"] == KAFKA else body.get("target", ""),
            filters=convert(body.get("filters", {}), Filters),
            sealed=None,
            begun=microseconds(self._now()),
        )
        return made, body.get("after", self._outbox.last(recipient))

    def _repeated(self, connection: Connection, known: Subscription, made: Subscription) -> SubscriptionView:
        # Its id is made of who asks: those of before tell no issuer.
        if replace(known, begun=0, sealed=None, ended=0, issuer=made.issuer) != replace(made, begun=0):
            raise KeyReused
        secrets = self._secrets.open(known)
        return self._view(connection, known, secret=secrets[0] if secrets else UNSET)

    def _check(self, body: JsonObject, recipient: str) -> None:
        require_valid(body, BODY_SCHEMA)
        if body["channel"] not in self._channels:
            text = f"This platform delivers by {', '.join(sorted(self._channels))}."
            raise invalid("/channel", text, "channel")
        stated = body.get("filters", {}).get("types", ())
        unknown = [place for place, name in enumerate(stated) if name not in self._types.names]
        if unknown:
            text = "There is no such type of signal: /schemas/signals/types.json lists them."
            faults = (Fault(pointer=f"/filters/types/{n}", text=text, rule="signal-type") for n in unknown)
            raise InvalidContent(tuple(faults))
        self._targets.check(body, recipient)
        if body.get("after", 0) > (there := self._outbox.last(recipient)):
            raise invalid("/after", f"Your last signal has the number {there}: nothing comes after that yet.", "after")

    def _view(self, connection: Connection, one: Subscription, *, secret: str | UnsetType = UNSET) -> SubscriptionView:
        return SubscriptionView(
            id=str(one.id),
            channel=one.channel,
            target=one.target or UNSET,
            filters=one.filters,
            begun=instant(one.begun),
            ended=instant(one.ended) if one.ended else UNSET,
            health=self._health(connection, one),
            secret=secret,
        )

    def _health(self, connection: Connection, one: Subscription) -> Health:
        delivery = subscribed.delivery_of(connection, one.id)
        if one.channel == KAFKA:
            delivery = subscribed.published(connection, one.recipient)
        messages = counted(connection, one.id, (ACKNOWLEDGED, NOT_DELIVERED)) if one.channel == MESH else {}
        return Health(
            last_delivered=delivery.number,
            lag=max(0, self._outbox.last(one.recipient) - delivery.number),
            delivered_at=instant(delivery.delivered) if delivery.delivered else UNSET,
            failures=delivery.failures,
            failed_attempts=delivery.attempts,
            error=delivery.error or UNSET,
            next_attempt=instant(delivery.next_at) if delivery.attempts and delivery.next_at < NEVER else UNSET,
            dead_letters=subscribed.count_letters(connection, one.id),
            unmatched=subscribed.count_unmatched(connection, one.id) if one.channel == MESH else UNSET,
            acknowledged=messages.get(ACKNOWLEDGED, 0) if one.channel == MESH else UNSET,
            not_collected=messages.get(NOT_DELIVERED, 0) if one.channel == MESH else UNSET,
        )
