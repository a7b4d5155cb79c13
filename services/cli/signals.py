"""`ehcp signals`: how far signals are, plans that could not be followed, and what subscribers did not take."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

import typer
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, update

from services.cli.session import load_settings
from services.cli.talk import MISUSE, console, result, say, stop
from services.projection.log import PASSING
from services.signals import subscribed, writing
from services.signals.database import SIGNALS_FILE, SignalDatabase
from services.signals.outbox import Outbox
from services.signals.subscribed import KAFKA
from services.signals.tables import parked, signals
from services.store.errors import UnknownStoreVersion

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class SubscriptionStatus(Struct, frozen=True, rename="camel"):
    """How one subscription is doing."""

    id: UUID
    recipient: str
    channel: str
    lag: int
    failures: int
    error: str
    dead_letters: int


class SignalStatus(Struct, frozen=True, rename="camel"):
    """How far the router is, how many signals there are, and every subscription that runs."""

    position: int
    signals: int
    parked: tuple[UUID, ...]
    subscriptions: tuple[SubscriptionStatus, ...]


@contextmanager
def _database() -> Iterator[SignalDatabase]:
    """The signals' database; a server that owns the embedded record works on beside this command."""
    settings = load_settings()
    try:
        where = settings.database_url if settings.on_postgresql else settings.data_folder / SIGNALS_FILE
        database = SignalDatabase(where)
    except (UnknownStoreVersion, ValueError) as error:
        stop(str(error), MISUSE)
    try:
        yield database
    except PASSING:
        stop("The database of signals can't be reached; try again.")
    finally:
        database.close()


def status(json: JsonOption = False) -> None:
    """How far the router is, and every subscription with what is behind and what failed."""
    with _database() as database:
        found = _status(database)
    if json:
        result(found)
        return
    table = Table("Subscription", "Recipient", "Channel", "Behind", "Failures", "Error", "Dead letters", box=None)
    for one in found.subscriptions:
        counted = (f"{one.lag:,}", f"{one.failures:,}", one.error, f"{one.dead_letters:,}")
        table.add_row(str(one.id), one.recipient, one.channel, *counted)
    # As wide as it has to be: the other commands ask for the whole id.
    Console(stderr=True, highlight=False, soft_wrap=True, width=max(console.width, 130)).print(table)
    say(f"{found.signals:,} signals; the log is routed up to position {found.position:,}.")
    for plan in found.parked:
        say(f"[red]✗[/] parked: {plan}. `ehcp signals unpark` tries again.")


def letters(subscription: Annotated[UUID, typer.Argument(help="The subscription's id.")]) -> None:
    """What a subscriber did not take, as JSON: number, reason and how often it was tried."""
    with _database() as database, database.reading() as connection:
        result(subscribed.letters(connection, subscription))


def replay(subscription: Annotated[UUID, typer.Argument(help="The subscription's id.")]) -> None:
    """Have the deliverer send again, in order, what a subscriber did not take."""
    with _database() as database, database.writing() as connection:
        count = subscribed.ask_again(connection, subscription)
    say(f"{count} signals are sent again.")


def unpark() -> None:
    """Have the router try parked plans again, from their first event: only what was not told yet is then told."""
    with _database() as database, database.writing() as connection:
        count = connection.execute(update(parked).values(retry=1)).rowcount
    say(f"{count} parked plans are tried again.")


def _status(database: SignalDatabase) -> SignalStatus:
    heads = Outbox(database).heads()
    with database.reading() as connection:
        running = subscribed.found(connection, ended=0)
        at = dict(subscribed.all_deliveries(connection, [one.id for one in running]))
        at |= {one.id: subscribed.published(connection, one.recipient) for one in running if one.channel == KAFKA}
        return SignalStatus(
            position=writing.oldest(connection),
            signals=connection.scalar(select(func.count()).select_from(signals)) or 0,
            parked=tuple(connection.scalars(select(parked.c.plan))),
            subscriptions=tuple(
                SubscriptionStatus(
                    id=one.id,
                    recipient=one.recipient,
                    channel=one.channel,
                    lag=max(0, heads.get(one.recipient, 0) - at[one.id].number),
                    failures=at[one.id].failures,
                    error=at[one.id].error,
                    dead_letters=subscribed.count_letters(connection, one.id),
                )
                for one in running
            ),
        )
