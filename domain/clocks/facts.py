"""The facts of one case that a clock is computed from, by the names that the clock table gives them."""

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from domain.clocks.errors import MissingFact

Fact: TypeAlias = date | str | tuple[date, ...]
"""A civil date; a coded choice; or several dates (each person served, each day on which a school met)."""

Facts: TypeAlias = Mapping[str, Fact]
"""Facts by name (``receivedOn``, ``transferKind``), as the clock's own ``facts`` entry describes them."""


def day_of(facts: Facts, name: str) -> date:
    """Return the date of a fact; of several the last, because a period runs for whoever was served last.

    Raises:
        MissingFact: there is no such date.
    """
    value = facts.get(name)
    if isinstance(value, date):
        return value
    if isinstance(value, tuple) and value:
        return max(value)
    raise MissingFact(name)


def days_of(facts: Facts, name: str) -> tuple[date, ...]:
    """Return the dates of a fact in order.

    Raises:
        MissingFact: there is no such fact.
    """
    value = facts.get(name)
    if isinstance(value, date):
        return (value,)
    if isinstance(value, tuple) and value:
        return tuple(sorted(value))
    raise MissingFact(name)


def choice_of(facts: Facts, name: str) -> str:
    """Return the coded choice of a fact.

    Raises:
        MissingFact: there is no such choice.
    """
    value = facts.get(name)
    if isinstance(value, str):
        return value
    raise MissingFact(name)
