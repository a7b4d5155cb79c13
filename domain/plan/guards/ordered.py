"""Texts that issue as somebody else ordered, or as was agreed before an appeal was heard (regs 42, 44, 45)."""

from collections.abc import Iterator

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.state import Case

AMENDED = "ehcp.plan.amended.v1"
APPEAL, MEDIATION = "appeal", "mediation"
#: What must be on record for a text to issue as ordered or agreed: the kind of matter and its statuses.
ORDERED: dict[str, tuple[str, tuple[str, ...]]] = {
    "TRIBUNAL_ORDER": (APPEAL, ("ORDERED",)),
    "CONSENT_ORDER": (APPEAL, ("ORDERED",)),
    "CONCESSION": (APPEAL, ("CONCEDED",)),
    "MEDIATION_AGREEMENT": (MEDIATION, ("AGREED", "CARRIED_OUT")),
}
#: The orders by which a text issues, for each event that makes it law. An order to assess, or to maintain, orders none.
TEXT_ORDERS: dict[str, frozenset[str]] = {
    "ehcp.plan.finalised.v1": frozenset({"MAKE_PLAN"}),
    AMENDED: frozenset({"AMEND_CONTENTS", "AMEND_PLACEMENT", "MAINTAIN_AND_AMEND"}),
}


def issues_as_ordered(context: Context) -> bool:
    """Whether the text isn't the council's to change: what is wrong with it is shown, and stops nothing."""
    return context.data.get("basis") in ORDERED


def text_is_settled(context: Context) -> bool:
    """Whether the wording itself was ordered or agreed, so that nothing is left on which to hear the family.

    An order to make a plan settles that there is one, not what it says: a draft is served first (reg 44(2)(c)).
    """
    return issues_as_ordered(context) and context.spec.event == AMENDED


@guard("order-on-record")
def order_on_record(context: Context) -> Iterator[Breach]:
    """An order or agreement on which a text rests is on record, orders such a text, and isn't carried out yet."""
    if not issues_as_ordered(context):
        return
    orders = _orders(context)
    named = context.data.get("appealId")
    if not orders or (named and orders[0].kind == APPEAL and named not in {case.id for case in orders}):
        yield context.breach(
            "order-not-on-record",
            "The text is said to be ordered or agreed, but no such order or agreement about it is on record.",
            law="reg 44; reg 45; reg 42",
            pointer="/basis",
        )
    elif len(_issued(context)) >= len(orders):
        yield context.breach(
            "order-carried-out",
            "The text that was ordered or agreed has issued. What changes after it has a notice of its own.",
            law="reg 22(2); reg 28",
            pointer="/basis",
        )


def _orders(context: Context) -> list[Case]:
    """The matters of the stated kind in which such a text was ordered or agreed."""
    kind, statuses = ORDERED[str(context.data["basis"])]
    wanted = TEXT_ORDERS[context.spec.event]
    return [case for case in context.state.open_cases(kind, *statuses) if wanted & set(case.data.get("orders", ()))]


def _issued(context: Context) -> set[int]:
    """The finals that rest on matters of the same kind and were made by the same act."""
    same = {basis for basis, needed in ORDERED.items() if needed == ORDERED[str(context.data["basis"])]}
    finals = (v for v in context.state.versions if v.kind == "final" and v.event_type == context.spec.event)
    return {version.number for version in finals if version.basis in same}
