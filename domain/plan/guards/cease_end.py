"""Guards of the end itself: after the time for an appeal, for a reason that fits (CFA s.45(4))."""

from collections.abc import Iterator
from datetime import date

from domain.clocks import Fact
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.cease import MAXIMUM, age
from domain.plan.guards.dates import last_day
from domain.plan.guards.organisations import in_england
from domain.plan.guards.registry import guard
from domain.plan.state import Case

#: Appealing against ceasing: a code of the set `appealable-decisions`.
CEASING = "f"
UNDECIDED = ("REGISTERED", "OPPOSED")
ENDED_FOR_THE_COUNCIL = ("WITHDRAWN", "STRUCK_OUT")
#: The SEN2 reasons that go with a ground of section 45.
REASONS: dict[str, tuple[str, ...]] = {
    "NO_LONGER_NECESSARY": ("2", "9"),
    "LEFT_EDUCATION": ("6", "9"),
    "HIGHER_EDUCATION": ("3",),
    "PAID_EMPLOYMENT": ("4",),
    "AGED_25": ("1",),
    "LEFT_ENGLAND": ("7",),
}


@guard("appeal-window-over")
def appeal_window_over(context: Context) -> Iterator[Breach]:
    """The plan is maintained until the time for an appeal is over or an appeal has ended."""
    if context.case is None:
        return
    appeals = _appeals_against(context, context.case)
    if any(appeal.status in UNDECIDED or _suspended(context, appeal) for appeal in appeals):
        yield context.breach("appeal-open", "An appeal against ceasing is open: the plan is maintained until it ends.")
        return
    if any(_lost(appeal) for appeal in appeals):
        return
    last = _window_ends(context, context.case)
    if last is not None and context.on <= last:
        yield context.breach(
            "appeal-window-open",
            f"The family can appeal until {last.isoformat()}; the plan is maintained until then.",
            pointer="/effectiveOn",
        )


def _appeals_against(context: Context, cease: Case) -> list[Case]:
    return [
        appeal
        for appeal in context.state.open_cases("appeal")
        if CEASING in appeal.data.get("about", ()) and appeal.opened_by > cease.opened_by
    ]


def _suspended(context: Context, appeal: Case) -> bool:
    onward = context.state.open_cases("onward-appeal", "MADE")
    return any(one.data.get("appealId") == appeal.id and one.data.get("suspendsOrder") for one in onward)


def _lost(appeal: Case) -> bool:
    return appeal.status in ENDED_FOR_THE_COUNCIL or "CEASE_APPEAL_DISMISSED" in appeal.data.get("orders", ())


def _window_ends(context: Context, cease: Case) -> date | None:
    notified = cease.data.get("notifiedOn")
    if not notified:
        return None
    facts: dict[str, Fact] = {"letterOn": date.fromisoformat(notified)}
    certificates = [
        case.data["certificateOn"]
        for case in context.state.open_cases("mediation")
        if case.data.get("certificateOn", "") >= notified
    ]
    if certificates:
        facts["certificateOn"] = date.fromisoformat(max(certificates))
    return last_day(context, "D30", facts)


@guard("cease-reason-fits")
def cease_reason_fits(context: Context) -> Iterator[Breach]:
    """The SEN2 reason goes with the ground that was notified, with the age and with where the child moved."""
    reason = str(context.data.get("reason", ""))
    ground = str(context.case.data.get("ground", "")) if context.case else ""
    if ground in REASONS and reason not in (*REASONS[ground], "5", "8"):
        yield _reason(context, f"Reason {reason} doesn't go with the ground that was notified.")
    if reason == "8":
        yield _reason(context, "A death is recorded as such: no decision is needed, and the record ends at once.")
    if reason == "1" and _below_maximum(context):
        yield _reason(context, f"Reason 1 is for those who have reached {MAXIMUM}, or enter the adult estate at 19.")
    yield from _moved(context, reason)


def _below_maximum(context: Context) -> bool:
    years = age(context)
    return years is not None and years < MAXIMUM and not context.state.open_cases("detention", "DETAINED")


def _moved(context: Context, reason: str) -> Iterator[Breach]:
    to_la = context.data.get("toLa")
    english = to_la is not None and in_england(context, str(to_la))
    if reason == "5" and not english:
        yield _reason(context, "Reason 5 is for another council in England; Wales, Scotland and beyond are reason 7.")
    if reason == "5" and english:
        yield context.breach(
            "transfer-not-cease",
            "A plan doesn't end when the child moves within England: transfer it to the new council.",
            law="reg 15; CFA s.47",
            pointer="/reason",
        )
    if reason == "7" and english:
        yield _reason(context, "Reason 7 is for a move outside England; this council is in England.")


def _reason(context: Context, text: str) -> Breach:
    return context.breach("reason-does-not-fit", text, law="SEN2 item 4.6; CFA s.45", pointer="/reason")
