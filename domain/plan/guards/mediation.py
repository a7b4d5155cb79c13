"""Guards of mediation (CFA ss.52 to 56; regs 32 to 42)."""

from collections.abc import Iterator

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard


@guard("agreement-names-orders")
def agreement_names_orders(context: Context) -> Iterator[Breach]:
    """An agreement on what can be appealed says which order it stands for: its time limits are those of the order."""
    if "appealable" in context.data.get("issues", ()) and not context.data.get("orders"):
        yield context.breach(
            "orders-missing",
            "Say what was agreed in the words of an order of the Tribunal: it is carried out in the same time.",
            law="reg 42(2)",
            pointer="/orders",
        )
