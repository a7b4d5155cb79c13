"""The guards of the act catalogue, by name. Importing this package registers every one of them."""

from domain.plan.guards import (
    amendment,
    appeal,
    cease,
    cease_end,
    dates,
    disclosure,
    organisations,
    people,
    reassessment,
    recipients,
    records,
    review,
    rights,
)
from domain.plan.guards.registry import GUARDS, Guard, guard

__all__ = [
    "GUARDS",
    "Guard",
    "amendment",
    "appeal",
    "cease",
    "cease_end",
    "dates",
    "disclosure",
    "guard",
    "organisations",
    "people",
    "reassessment",
    "recipients",
    "records",
    "review",
    "rights",
]
