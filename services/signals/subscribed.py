"""The rows of subscriptions: what was asked for, how far each has come, and what was not taken."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, func, insert, select, update

from domain.signals.types import WITHDRAWN
from services.signals.outbox import Signal
from services.signals.tables import dead_letters, deliveries, publications, subscriptions
from services.store.blind_index import BlindIndex
from services.store.errors import Unopenable
from services.store.sealing import decrypt, encrypt

FEED: Final = "feed"
WEBHOOK: Final = "webhook"
MESH: Final = "mesh"
KAFKA: Final = "kafka"

NEVER: Final = 2**62
"""When the next attempt is of a subscription that is sent nothing until somebody asks for it, in microseconds."""

NOT_MATCHED: Final = "no-verified-nhs-number"
"""Why a signal is sent to no mailbox: the child has to be matched first."""


class Filters(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a subscription is narrowed to; an empty one by nothing."""

    types: tuple[str, ...] = ()
    commissioners: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()

    def fit(self, signal: Signal) -> bool:
        """Whether a signal is one that was asked for. That access was withdrawn always is."""
        if signal.type == WITHDRAWN:
            return True
        return (
            (not self.types or signal.type in self.types)
            and (not self.commissioners or not signal.commissioners.isdisjoint(self.commissioners))
            and (not self.sections or not signal.sections.isdisjoint(self.sections))
        )


class Subscription(Struct, frozen=True, kw_only=True):
    """One subscription. `begun` and `ended` in microseconds since the epoch; `ended` is 0 while it runs."""

    id: UUID
    recipient: str
    client: str
    role: str
    channel: str
    target: str
    filters: Filters
    sealed: bytes | None
    begun: int
    ended: int = 0
    issuer: str = ""


class Delivery(Struct, frozen=True, kw_only=True):
    """How far a subscription has come: `number` is the last signal that is dealt with."""

    number: int
    delivered: int = 0
    attempts: int = 0
    failures: int = 0
    error: str = ""
    next_at: int = 0


class DeadLetter(Struct, frozen=True, kw_only=True, rename="camel"):
    """A signal that the subscriber did not take."""

    recipientsequence: int = msgspec.field(name="recipientsequence")
    error: str
    attempts: int
    replay: bool


class Secrets:
    """Seals the secrets of webhooks: the newest first."""

    def __init__(self, index: BlindIndex) -> None:
        """The key is derived from the index key: the newest seals, and any that counts opens."""
        self._index = index

    def seal(self, subscription: UUID, secrets: Iterable[str]) -> bytes:
        """Secrets, readable for this subscription only."""
        return encrypt(self._key(self._index.accepted[0]), " ".join(secrets).encode(), subscription.bytes)

    def open(self, subscription: Subscription) -> tuple[str, ...]:
        """The secrets; none where there are none, or none that this keyring can open."""
        return next(filter(None, (self._opened(subscription, number) for number in self._index.accepted)), ())

    def made_with(self, subscription: Subscription) -> int | None:
        """The number of the index key that opens the secrets; None where there are none, or none opens them."""
        return next((number for number in self._index.accepted if self._opened(subscription, number)), None)

    def _opened(self, subscription: Subscription, number: int) -> tuple[str, ...]:
        if subscription.sealed is None:
            return ()
        try:
            return tuple(decrypt(self._key(number), subscription.sealed, subscription.id.bytes).decode().split())
        except Unopenable:
            return ()

    def _key(self, number: int) -> bytes:
        return self._index.secret(number, "webhook-secret", "1")


def add(connection: Connection, subscription: Subscription, number: int) -> None:
    """Keep a new subscription, which begins behind a number."""
    row = msgspec.structs.asdict(subscription)
    row["filters"] = msgspec.json.encode(subscription.filters).decode()
    connection.execute(insert(subscriptions).values(**row))
    connection.execute(
        insert(deliveries).values(subscription=subscription.id, **msgspec.structs.asdict(Delivery(number=number)))
    )


def found(connection: Connection, **wanted: Any) -> list[Subscription]:
    """The subscriptions with these values in their columns, the oldest first."""
    query = select(subscriptions).order_by(subscriptions.c.begun, subscriptions.c.id)
    for name, value in wanted.items():
        query = query.where(subscriptions.c[name] == value)
    return [_subscription(row) for row in connection.execute(query)]


def change(connection: Connection, subscription: UUID, **values: Any) -> None:
    """Change columns of a subscription."""
    connection.execute(update(subscriptions).where(subscriptions.c.id == subscription).values(**values))


def delivery_of(connection: Connection, subscription: UUID) -> Delivery:
    """How far it has come."""
    row = connection.execute(select(deliveries).where(deliveries.c.subscription == subscription)).one()
    return _delivery(row)


def published(connection: Connection, recipient: str) -> Delivery:
    """How far a recipient's topic was when that was noted last."""
    noted = select(publications).where(publications.c.log == f"signals.{recipient}")
    row = connection.execute(noted).one_or_none()
    return Delivery(number=row.position, delivered=row.at) if row else Delivery(number=0)


def ask_again(connection: Connection, subscription: UUID) -> int:
    """What the subscriber did not take is sent again, from now on; how many signals that is.

    One that was sent nothing any more, since it had said so, is sent everything that waits.
    """
    move(connection, subscription, next_at=0)
    again = update(dead_letters).where(dead_letters.c.subscription == subscription).values(replay=1)
    return connection.execute(again).rowcount


def all_deliveries(connection: Connection, among: Iterable[UUID]) -> Mapping[UUID, Delivery]:
    """How far each of these has come."""
    rows = connection.execute(select(deliveries).where(deliveries.c.subscription.in_(list(among))))
    return {row.subscription: _delivery(row) for row in rows}


def move(connection: Connection, subscription: UUID, **values: Any) -> None:
    """Change columns of how far it has come."""
    connection.execute(update(deliveries).where(deliveries.c.subscription == subscription).values(**values))


def letters(connection: Connection, subscription: UUID, *, replay: bool = False) -> list[DeadLetter]:
    """What the subscriber did not take, in order; with `replay` what is to be sent again."""
    query = select(dead_letters).where(dead_letters.c.subscription == subscription).order_by(dead_letters.c.number)
    if replay:
        query = query.where(dead_letters.c.replay == 1)
    return [
        DeadLetter(recipientsequence=row.number, error=row.error, attempts=row.attempts, replay=bool(row.replay))
        for row in connection.execute(query)
    ]


def count_letters(connection: Connection, subscription: UUID) -> int:
    """How many signals the subscriber did not take."""
    return connection.scalar(select(func.count()).where(dead_letters.c.subscription == subscription)) or 0


def count_unmatched(connection: Connection, subscription: UUID) -> int:
    """How many of them wait for somebody to match the child."""
    mine = (dead_letters.c.subscription == subscription, dead_letters.c.error == NOT_MATCHED)
    return connection.scalar(select(func.count()).where(*mine)) or 0


def to_replay(connection: Connection) -> set[UUID]:
    """The subscriptions that have dead letters to be sent again."""
    return set(connection.scalars(select(dead_letters.c.subscription).where(dead_letters.c.replay == 1).distinct()))


def _subscription(row: Row[Any]) -> Subscription:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    values["filters"] = msgspec.json.decode(row.filters, type=Filters)
    values["sealed"] = None if row.sealed is None else bytes(row.sealed)
    return Subscription(**values)


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)  # noqa: SLF001 - as above
    values.pop("subscription")
    return Delivery(**values)
