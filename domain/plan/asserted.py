"""What a council asserts of a plan's past when it is imported: the events that its dates stand for.

The clocks of an imported plan start from them as they would have, had the acts been done here; what a later asserted
date has met or ended doesn't start at all.
"""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from domain.plan.context import Context
from domain.plan.events import JsonObject

#: Phases that lie behind a decision to assess, and behind one to make a plan.
ASSESSED = frozenset({"ASSESSING", "DRAFTING", "DRAFT_ISSUED", "MAINTAINED", "CEASED"})
TO_BE_ISSUED = ASSESSED - {"ASSESSING"}


class Told(Struct, frozen=True, kw_only=True):
    """An event of which only the type, the legal date and what the clock table looks at are known."""

    event: str
    on: date
    data: JsonObject


def asserted_status(data: JsonObject) -> str:
    """The phase that the council asserts; a maintained plan unless it says otherwise."""
    return str(data.get("status", "MAINTAINED"))


def asserted_by_baseline(context: Context) -> tuple[Told, ...]:
    """The past events for which the dates of an import stand, the earliest first."""
    if asserted_status(context.data) == "CEASED":
        return ()
    return tuple(sorted(_asserted(context), key=lambda told: told.on))


def _asserted(context: Context) -> Iterator[Told]:
    stated, status = context.act.on, asserted_status(context.data)
    if received := stated("requestReceivedOn"):
        yield _told("request-received", received, receivedOn=received.isoformat())
        if status in ASSESSED:
            yield _told("request-decided", received, decision="ASSESS")
        if status in TO_BE_ISSUED:
            yield _told("assessment-decided", received, decision="ISSUE")
    made, sent = stated("planMadeOn"), stated("finalSentOn")
    if first := made or sent:
        yield _told("finalised", first, sentOn=first.isoformat(), purpose="INITIAL")
    if made and sent and sent > made:
        yield _told("amended", sent, sentOn=sent.isoformat())
    if decided := stated("lastReviewDecidedOn"):
        yield _told("review-decided", decided, notifiedOn=decided.isoformat())
    if status == "MAINTAINED" and last_reviewed(context) is None:
        yield _told("baseline-imported", context.on)
    if met := review_waiting(context):
        yield _told("review-held", met, meetingOn=met.isoformat())
    if moves := stated("transferOn"):
        kind = context.data.get("transferKind", "")
        yield _told("phase-transfer-due", context.on, transferOn=moves.isoformat(), transferKind=kind)


def last_reviewed(context: Context) -> date | None:
    """The day from which the year to the next review runs, as asserted; where none is, it runs from the import."""
    days = [context.act.on(name) for name in ("lastReviewDecidedOn", "planMadeOn", "finalSentOn")]
    return next((day for day in days if day), None)


def review_waiting(context: Context) -> date | None:
    """The day of a review meeting that no asserted decision has followed."""
    met, decided = context.act.on("reviewMeetingOn"), context.act.on("lastReviewDecidedOn")
    return met if met and (decided is None or met > decided) else None


def _told(name: str, on: date, **data: str) -> Told:
    return Told(event=f"ehcp.plan.{name}.v1", on=on, data=dict(data))
