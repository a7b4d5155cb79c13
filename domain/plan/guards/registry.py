"""Guards by name. A guard looks at an act in its context and yields each breach of law that it would be.

A guard never raises and never assumes an order of events: recorded histories come in any order.
"""

from collections.abc import Callable, Iterator

from domain.errors import Breach
from domain.plan.context import Context

Guard = Callable[[Context], Iterator[Breach]]
GUARDS: dict[str, Guard] = {}


def guard(name: str) -> Callable[[Guard], Guard]:
    """Register a guard under the name by which the act catalogue calls it."""

    def register(function: Guard) -> Guard:
        if name in GUARDS:
            raise ValueError(f"two guards are called {name}")
        GUARDS[name] = function
        return function

    return register
