"""The guard on opinions: what a professional has to be asked about is neither withheld nor given without asking."""

from collections.abc import Iterator

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.opinions import lacking


@guard("opinion-counts")
def opinion_counts(context: Context) -> Iterator[Breach]:
    """Each decision that rests on an opinion names one that counts on the day of the act.

    What is performed relies on it today, whatever day it is dated. Which parts are marked for what was looked up
    (`marks`); at the review and the release the decisions are those that were prepared.
    """
    preparing = "decisions" in context.data
    prepared = context.case.data.get("decisions", {}) if context.case else {}
    decisions = context.data["decisions"] if preparing else prepared
    exemptions = context.rules.codes_on("access-exemptions", context.on)
    on = context.today if context.performed else context.on
    for missing in lacking(decisions, context.act.resolved.get("marks", {}), exemptions, on):
        yield context.breach(
            missing.rule,
            missing.text if preparing else f"Part {missing.part}: {missing.text} Then prepare it again.",
            law=missing.law,
            pointer=f"/decisions/{missing.part}/{missing.member}" if preparing else "/accessId",
        )
