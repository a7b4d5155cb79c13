"""Guards of re-assessment (CFA s.44(2) and (3); regs 23 to 27)."""

from collections.abc import Iterator
from datetime import date

from domain.calendar import add_months
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard

REFUSABLE_MONTHS = 6
#: Events that show when needs were last assessed.
ASSESSED = ("assessment-decided", "reassessment-concluded")


@guard("reassessment-asked-or-own-decision")
def reassessment_asked_or_own_decision(context: Context) -> Iterator[Breach]:
    """A decision answers a waiting request, or is the council's own; only a request can be refused."""
    matter = context.state.case("reassessment", str(context.data.get("reassessmentId", "")))
    own = context.data.get("origin") == "OWN_DECISION"
    if own and context.data.get("decision") == "REFUSE":
        yield context.breach("nothing-to-refuse", "Nobody asked, so there is nothing to refuse.", pointer="/decision")
    if own and matter is not None:
        yield context.breach(
            "somebody-asked",
            "A re-assessment of that name was asked for: answer the request.",
            pointer="/origin",
        )
    if not own and (matter is None or matter.status != "REQUESTED"):
        yield context.breach(
            "no-request-waiting",
            "No request for a re-assessment of that name is waiting for a decision.",
            law="CFA s.44(2); reg 25(1)",
            pointer="/reassessmentId",
        )


@guard("reassessment-refusal-grounded")
def reassessment_refusal_grounded(context: Context) -> Iterator[Breach]:
    """A request is refused within six months of the last assessment, or because it isn't necessary."""
    if context.data.get("decision") != "REFUSE":
        return
    ground = context.data.get("ground")
    if ground is None:
        yield context.breach("ground-missing", "Say on which ground it is refused.", law="reg 24", pointer="/ground")
    elif ground == "WITHIN_6_MONTHS":
        yield from _within_six_months(context)


def _within_six_months(context: Context) -> Iterator[Breach]:
    assessed = _last_assessed(context)
    asked = _asked(context)
    if assessed is None:
        yield context.breach(
            "last-assessment-unknown",
            "The day of the last assessment isn't on record: state it.",
            law="reg 24",
            pointer="/lastAssessedOn",
        )
    elif asked >= add_months(assessed, REFUSABLE_MONTHS):
        yield context.breach(
            "six-months-have-passed",
            f"The last assessment was on {assessed.isoformat()}, six months or more before the request of "
            f"{asked.isoformat()}.",
            law="reg 24",
            pointer="/ground",
        )


def _last_assessed(context: Context) -> date | None:
    on_record = [day for name in ASSESSED if (day := context.state.last_on(name))]
    stated = context.act.on("lastAssessedOn")
    return max([*on_record, *([stated] if stated else [])], default=None)


def _asked(context: Context) -> date:
    matter = context.state.case("reassessment", str(context.data.get("reassessmentId", "")))
    received = matter.data.get("receivedOn", matter.opened_on) if matter else None
    return date.fromisoformat(received) if received else context.on
