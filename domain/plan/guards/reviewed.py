"""The review that an amendment or an end of the plan rests on (regs 20 to 22, 29 and 30).

Any review there ever was is not enough: one that ended in keeping the plan says nothing of what has changed since.
"""

from collections.abc import Iterator

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.state import Case, Move

REVIEW, CEASE = "review", "cease"
OPEN_STILL = frozenset({"HELD", "REPORTED"})
#: Purposes of an amendment that say that a review led to it; reg 28 alone allows one without.
AFTER_REVIEW = frozenset({"ANNUAL_REVIEW", "PHASE_TRANSFER"})


@guard("review-of-this-amendment")
def review_of_this_amendment(context: Context) -> Iterator[Breach]:
    """An amendment that is said to follow a review follows one that was held and led to it.

    A review that isn't named may have been held before the record came here.
    """
    named, last = context.data.get("reviewId"), _last_held(context)
    if named is None and (last is None or context.data.get("purpose") not in AFTER_REVIEW):
        return
    review = context.state.case(REVIEW, str(named)) if named else last
    if review is None or not _leads_to(review, "AMEND", context):
        yield context.breach(
            "review-first",
            "A notice of amendments after a review follows the review that was held and led to them; "
            "without a review the plan is amended under reg 28.",
            law="reg 20(10); reg 21(9); reg 22(1)",
            pointer="/reviewId" if named else "/purpose",
        )


def reviewed_for_ceasing(context: Context) -> bool:
    """Whether the last review is about this end: held since an earlier one was dropped, and not to keep the plan."""
    review = _last_held(context)
    if review is None or not _leads_to(review, "CEASE", context):
        return False
    earlier = (case for case in context.state.cases.get(CEASE, {}).values() if case.id != context.case_id)
    dropped = max((case.changed_by for case in earlier if case.status == "DROPPED"), default=0)
    held = _held(review)
    return held is not None and held.by > dropped


def _last_held(context: Context) -> Case | None:
    held = [(move.on, move.by, case.id) for case in _reviews(context) if (move := _held(case))]
    return context.state.case(REVIEW, max(held)[2]) if held else None


def _reviews(context: Context) -> Iterator[Case]:
    yield from context.state.cases.get(REVIEW, {}).values()


def _held(review: Case) -> Move | None:
    return next((move for move in review.moves if move.status == "HELD"), None)


def _leads_to(review: Case, decision: str, context: Context) -> bool:
    """Whether it was held by the day of the act, and is undecided or decided so."""
    held = _held(review)
    if held is None or held.on > context.on.isoformat():
        return False
    decided = review.status == "DECIDED" and review.data.get("decision") == decision
    return decided or review.status in OPEN_STILL
