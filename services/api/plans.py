"""Routes that read: a plan's text at a date and as known then, its versions, differences, clocks and history."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response

from connectors.nhs.fhir import MEDIA_TYPE as FHIR
from services.api.bodies import JSON
from services.api.caller import caller_of
from services.api.fhir import fhir_answer
from services.api.negotiation import wanted_form
from services.api.openapi import plan_read, reads
from services.api.parameters import CivilDate, PlanId, invalid_parameters
from services.api.problems import Problem
from services.api.showing import shown
from services.plans import Known

routes = APIRouter(tags=["reading"])
AsAt = Annotated[CivilDate | None, Query(alias="asAt", description="A civil date: the text in force on that day.")]
KnownAt = Annotated[
    str | None,
    Query(
        alias="knownAt",
        description="A log position or an RFC 3339 instant: what was on record then.",
        pattern=r"^([0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2}))$",
    ),
]
Number = Annotated[int | None, Query(ge=1, le=10_000)]
#: How a legal text is named where any two are compared.
TEXT = r"^((draft-|event-)?[1-9][0-9]{0,8})$"
NAMED = (
    "A final by its number (2), a served draft by its number (draft-1: the latest of that number), or the text that an "
    "entry of the history carries (event-14)."
)
_encode = msgspec.json.Encoder()


@routes.get("/v1/plans/{plan_id}", **plan_read())
async def read_plan(
    request: Request,
    plan_id: PlanId,
    as_at: AsAt = None,
    known_at: KnownAt = None,
    version: Number = None,
    draft: Number = None,
) -> Response:
    """The plan's state with one of its texts: the one in force unless a version, a draft or a date is asked for.

    `Accept: application/fhir+json` asks for the text as a FHIR R4 Bundle of type collection.
    """
    actor = caller_of(request)
    _require_one_choice(asAt=as_at, version=version, draft=draft)
    as_fhir = wanted_form(request, (JSON, FHIR)) == FHIR
    withheld = request.app.state.platform.reader.view(
        plan_id,
        actor,
        known=known_from(request, known_at),
        as_at=as_at,
        version=version,
        draft=draft,
        as_document=as_fhir,
    )
    view = await shown(request, actor, withheld)
    if as_fhir:
        return fhir_answer(request, view)
    if known_at:
        view = msgspec.structs.replace(view, known_at=known_at)
    return answer(view, entity_tag=view.entity_tag, varies=True)


@routes.get("/v1/plans/{plan_id}/versions", **reads("Every legal text, served drafts and finals", "Versions"))
async def read_versions(request: Request, plan_id: PlanId, known_at: KnownAt = None) -> Response:
    """The versions that the caller may read, oldest first."""
    actor = caller_of(request)
    withheld = request.app.state.platform.reader.versions(plan_id, actor, known_from(request, known_at))
    return answer({"versions": await shown(request, actor, withheld)})


@routes.get("/v1/plans/{plan_id}/diff", **reads("What changed between two legal texts, in words", "Diff"))
async def read_diff(
    request: Request,
    plan_id: PlanId,
    older: Annotated[str, Query(alias="from", pattern=TEXT, description=NAMED)],
    newer: Annotated[str, Query(alias="to", pattern=TEXT, description=NAMED)],
) -> Response:
    """Field-level differences between any two versions, as sentences, with the merge patch behind them."""
    actor = caller_of(request)
    withheld = request.app.state.platform.reader.diff(plan_id, actor, older, newer)
    return answer(await shown(request, actor, withheld))


@routes.get("/v1/plans/{plan_id}/clocks", **reads("Statutory duties with their due dates and law", "Clocks"))
async def read_clocks(request: Request, plan_id: PlanId, known_at: KnownAt = None) -> Response:
    """The running duties first. Each names the holiday list and the rule set that it was computed with."""
    actor = caller_of(request)
    withheld = request.app.state.platform.reader.clocks(plan_id, actor, known_from(request, known_at))
    return answer({"clocks": [clock_view(clock) for clock in await shown(request, actor, withheld)]})


@routes.get("/v1/plans/{plan_id}/history", **reads("Every event, in order", "History"))
async def read_history(
    request: Request,
    plan_id: PlanId,
    known_at: KnownAt = None,
    after: Annotated[int, Query(ge=0, le=2**31, description="Events after this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """A page of the history; `next` is the cursor of the following page, absent on the last."""
    actor = caller_of(request)
    withheld = request.app.state.platform.reader.history(
        plan_id, actor, known=known_from(request, known_at), after=after, limit=limit
    )
    items = await shown(request, actor, withheld)
    page: dict[str, Any] = {"events": items}
    if len(items) == limit:
        page["next"] = items[-1].number
    return answer(page)


def _require_one_choice(**choices: object) -> None:
    """Raises Problem 422 when two texts are asked for at once: which of them was meant, nobody can say."""
    stated = [name for name, value in choices.items() if value is not None]
    if len(stated) > 1:
        raise invalid_parameters((name, f"Ask for one of {', '.join(choices)}.") for name in stated)


def known_from(request: Request, value: str | None) -> Known | None:
    """`knownAt` as a position or an instant.

    Raises Problem 422 for an instant that doesn't exist, and for one that hasn't come: what will be known then, nobody
    can say.
    """
    if value is None:
        return None
    known = _parsed(value)
    position, time = request.app.state.platform.store.head()
    latest = max(datetime.now(UTC), time or datetime.min.replace(tzinfo=UTC))
    if (known.position or 0) > position or (known.instant or latest) > latest:
        raise _no_moment("The record hasn't come so far yet.")
    return known


def _parsed(value: str) -> Known:
    if value.isdigit():
        return Known(position=int(value))
    try:
        return Known(instant=datetime.fromisoformat(value).astimezone(UTC))
    except (ValueError, OverflowError):
        raise _no_moment("There is no such moment.") from None


def _no_moment(text: str) -> Problem:
    return invalid_parameters([("knownAt", text)])


def clock_view(clock: Any) -> dict[str, Any]:
    """A clock on the wire: camelCase, nothing that is empty."""
    names = {
        "id": clock.id,
        "key": clock.key,
        "title": clock.title,
        "law": clock.law,
        "owedBy": clock.owed_by,
        "kind": clock.kind,
        "startedOn": clock.started_on,
        "startedBy": clock.started_by or None,
        "dueOn": clock.due_on,
        "headlineOn": clock.headline_on,
        "safeOn": clock.safe_on,
        "calendar": clock.calendar,
        "ruleSet": clock.rule_set,
        "matter": clock.matter,
        "metOn": clock.met_on,
        "closed": clock.closed,
        "excuses": list(clock.excuses),
        "status": _status(clock),
    }
    return {name: value for name, value in names.items() if value not in (None, "", [])}


def _status(clock: Any) -> Literal["running", "met", "metLate", "closed"]:
    if clock.closed:
        return "closed"
    if not clock.met_on:
        return "running"
    late = clock.met_on > clock.due_on and clock.kind == "deadline"
    return "metLate" if late else "met"


def answer(content: Any, *, entity_tag: str | None = None, varies: bool = False) -> Response:
    """A JSON answer, with the plan's ETag when there is one; it varies where there are other forms of it."""
    headers = {"Cache-Control": "no-store"} | ({"ETag": f'"{entity_tag}"'} if entity_tag else {})
    headers |= {"Vary": "Accept"} if varies else {}
    return Response(_encode.encode(content), 200, headers, JSON)
