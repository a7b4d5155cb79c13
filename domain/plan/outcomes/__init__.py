"""The outcomes of the act catalogue, by name. Importing this package registers every one of them."""

from domain.plan.outcomes import (
    coming_of_age,
    consultation,
    disclosing,
    keeping,
    named,
    opening,
    orders,
    people,
    records,
    request,
    responsible,
    text,
    timing,
)
from domain.plan.outcomes.registry import OUTCOMES, Outcome, outcome

__all__ = [
    "OUTCOMES",
    "Outcome",
    "coming_of_age",
    "consultation",
    "disclosing",
    "keeping",
    "named",
    "opening",
    "orders",
    "outcome",
    "people",
    "records",
    "request",
    "responsible",
    "text",
    "timing",
]
