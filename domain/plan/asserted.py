"""What a council asserts of a plan's past when it is imported: the events that its dates stand for.

The clocks of an imported plan start from them as they would have, had the acts been done here; what a later asserted
date has met or ended doesn't start at all.
"""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from domain.plan.context import Context
from domain.plan.events import JsonObject

#: Phases of a plan that has, or had, a final text.
WITH_FINAL = frozenset({"MAINTAINED", "CEASED"})


class Told(Struct, frozen=True, kw_only=True):
    """An event of which only the type, the legal date and what the clock table looks at are known."""

    event: str
    on: date
    data: JsonObject


def asserted_status(data: JsonObject) -> str:
    """The phase that the council asserts; a maintained plan unless it says otherwise."""
    return str(data.get("status", "MAINTAINED"))


def asserted_text_kind(data: JsonObject) -> str:
    """Whether the text that comes in is law ("final") or a draft: by where the case stands, unless it is stated."""
    by_status = "final" if asserted_status(data) in WITH_FINAL else "draft"
    return str(data.get("textKind", by_status))


def asserted_by_baseline(context: Context) -> tuple[Told, ...]:
    """The import itself with what it leaves unsaid filled in, then the past events for which its dates stand."""
    return tuple(_asserted(context))


def _asserted(context: Context) -> Iterator[Told]:
    status, reviewed = asserted_status(context.data), last_reviewed(context) or context.on
    said = {"planMadeOn": reviewed.isoformat(), **context.data, "status": status}
    yield Told(event=context.spec.event, on=context.on, data=said)
    if status != "MAINTAINED":
        return
    if sent := context.act.on("finalSentOn") or context.act.on("planMadeOn"):
        yield _told("amended", sent, sentOn=sent.isoformat())
    if met := review_waiting(context):
        yield _told("review-held", met, meetingOn=met.isoformat())


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
