"""Outcomes by name: what an act changes beyond the phase, the matter and the clocks that the catalogue states.

An outcome is given the act in its context and the effects so far, and returns the effects with its own added.
"""

from collections.abc import Callable

from domain.plan.context import Context
from domain.plan.effects import Effects

Outcome = Callable[[Context, Effects], Effects]
OUTCOMES: dict[str, Outcome] = {}


def outcome(name: str) -> Callable[[Outcome], Outcome]:
    """Register an outcome under the name by which the act catalogue calls it."""

    def register(function: Outcome) -> Outcome:
        if name in OUTCOMES:
            raise ValueError(f"two outcomes are called {name}")
        OUTCOMES[name] = function
        return function

    return register
