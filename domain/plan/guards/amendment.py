"""Guards of amending the plan (regs 22 and 28)."""

from collections.abc import Iterator
from datetime import date

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.dates import last_day
from domain.plan.guards.ordered import text_is_settled
from domain.plan.guards.registry import guard


@guard("amendment-window")
def amendment_window(context: Context) -> Iterator[Breach]:
    """At least 15 days, the day of service being day 1, counted for whoever was served last."""
    until = context.act.on("representationsUntil")
    served = _served(context)
    earliest = last_day(context, "D13", {"servedOn": served})
    if until and earliest and until < earliest:
        yield context.breach(
            "window-too-short",
            f"Served on {max(served).isoformat()}, the family may make representations until "
            f"{earliest.isoformat()} at least; {until.isoformat()} is too early.",
            law="reg 22(2)(c)",
            pointer="/representationsUntil",
        )


def _served(context: Context) -> tuple[date, ...]:
    each = context.data.get("servedOn", {})
    return tuple(date.fromisoformat(day) for day in each.values()) or (context.act.on("noticeOn") or context.on,)


@guard("evidence-with-notice")
def evidence_with_notice(context: Context) -> Iterator[Breach]:
    """Copies of the evidence for the amendments go with the notice."""
    if not context.data.get("evidenceHashes") and not context.data.get("evidenceNote"):
        yield context.breach(
            "evidence-missing",
            "Evidence for the amendments goes with the notice: name the documents, or say where they are.",
            law="reg 22(2)(b)",
            pointer="/evidenceHashes",
        )


@guard("notice-served-unless-ordered")
def notice_served_unless_ordered(context: Context) -> Iterator[Breach]:
    """An amended plan follows an amendment notice, unless its text was ordered or agreed."""
    if text_is_settled(context):
        return
    if context.case is None or context.case.status != "SERVED":
        yield context.breach(
            "amendment-notice-missing",
            "An amended plan follows an amendment notice that gave the family its 15 days.",
            law="reg 22(2); reg 28",
            pointer="/amendmentNoticeId",
        )


@guard("representations-over")
def representations_over(context: Context) -> Iterator[Breach]:
    """The council waits until the family's time is over, or until it has said that nothing will follow."""
    notice = context.case
    if notice is None or text_is_settled(context) or notice.data.get("nothingFurther"):
        return
    until = notice.data.get("representationsUntil")
    if until and context.on.isoformat() <= until:
        yield context.breach(
            "representations-still-open",
            f"The family may make representations until {until}.",
            law="reg 22(2)(c)",
            pointer="/effectiveOn",
        )
