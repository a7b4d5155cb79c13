"""The outcomes of the act catalogue, by name. Importing this package registers every one of them."""

from domain.plan.outcomes import (
    keeping,
    orders,
    people,
    records,
    responsible,
)
from domain.plan.outcomes.registry import OUTCOMES, Outcome, outcome

__all__ = [
    "OUTCOMES",
    "Outcome",
    "keeping",
    "orders",
    "outcome",
    "people",
    "records",
    "responsible",
]
