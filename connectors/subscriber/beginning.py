"""How a new subscriber begins: with every plan that it may follow, as it is now, and then the topic from there on."""

from collections.abc import Callable
from typing import Any

from connectors.subscriber.books import Books
from connectors.subscriber.fetching import Exchange

TakeIn = Callable[[Any], None]
"""Takes one plan in as it is now; what it writes through the books' connection counts once, as a handler's does."""


def begin(topic: str, books: Books, exchange: Exchange, take_in: TakeIn) -> int:
    """Take in every listed plan, and keep where signals tell of more than that; how many plans there were.

    Nothing happens when the books have a place in the topic. Ended half way, it begins anew the next time, and plans
    may be taken in again. Raises ExchangeUnavailable, NotFetched, and what `take_in` raises.
    """
    if not books.is_new(topic):
        return 0
    taken, first = 0, None
    for position, plans in exchange.pages():
        # Later pages are of later positions: what the first one knew is what is told of every plan at least.
        first = position if first is None else first
        for plan in plans:
            content = exchange.plan(plan)
            with books.transaction():
                if content is not None:
                    take_in(content)
                books.know(plan, first)
            taken += 1
    number = exchange.number_before(first or 0)
    with books.transaction():
        books.move(topic, 0, number)
    return taken
