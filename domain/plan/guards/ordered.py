"""Texts that issue as somebody else ordered, or as was agreed before an appeal was heard (regs 42, 44, 45)."""

from collections.abc import Iterator

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.amendment import ORDERED
from domain.plan.guards.registry import guard


def issues_as_ordered(context: Context) -> bool:
    """Whether the text isn't the council's to change: what is wrong with it is shown, and stops nothing."""
    return context.data.get("basis") in ORDERED


@guard("order-on-record")
def order_on_record(context: Context) -> Iterator[Breach]:
    """An order or agreement on which a text rests is on record."""
    kind, statuses = ORDERED.get(str(context.data.get("basis", "")), ("", ()))
    if kind and not context.state.open_cases(kind, *statuses):
        yield context.breach(
            "order-not-on-record",
            "The text is said to be ordered or agreed, but no such order or agreement is on record.",
            law="reg 44; reg 45; reg 42",
            pointer="/basis",
        )
