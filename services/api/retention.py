"""Routes for records managers: what is due to be destroyed, and the certificates of what was."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from services.api.caller import caller_of
from services.api.openapi import reads
from services.api.parameters import PlanId
from services.api.plans import answer
from services.api.showing import shown

routes = APIRouter(tags=["retention"])
Council = Annotated[
    str | None, Query(pattern="^[0-9]{3}$", description="LA code; your own council when left out. Auditors name one.")
]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[int, Query(ge=0, le=2**53, description="The cursor: `next` of the page before.")]


@routes.get("/v1/retention", **reads("Records whose retention is over", "RetentionList", 403))
async def list_due(
    request: Request,
    council: Council = None,
    after: After = 0,
    limit: Limit = 100,
    which: Annotated[
        Literal["due", "all"], Query(description="all: also records at rest that aren't due yet.")
    ] = "due",
) -> Response:
    """For a council's records and SEND managers, and auditors. Nothing is changed by asking.

    Each record with the rule that keeps it, since when it is due, and what holds it back. A page looks at `limit`
    records of the council and shows those that are due: it may be empty and still have a `next`.
    """
    actor, lists = caller_of(request), request.app.state.platform.retention
    asked = {"council": council, "everything": which == "all", "after": after, "limit": limit}
    withheld = await asyncio.to_thread(lambda: lists.due(actor, **asked))
    return answer(await shown(request, actor, withheld))


@routes.get("/v1/retention/certificates", **reads("What a council has destroyed", "RetentionCertificates", 403))
async def list_certificates(
    request: Request, council: Council = None, after: After = 0, limit: Limit = 100
) -> Response:
    """Certificates in the order in which they were issued: rule, who proposed, who approved, and the proof."""
    actor, lists = caller_of(request), request.app.state.platform.retention
    withheld = await asyncio.to_thread(lambda: lists.destroyed(actor, council=council, after=after, limit=limit))
    return answer(await shown(request, actor, withheld))


@routes.get(
    "/v1/retention/certificates/{plan_id}",
    **reads("The certificates about one record", "RetentionCertificatesOfPlan"),
)
async def read_certificates(request: Request, plan_id: PlanId) -> Response:
    """What was destroyed of a record, and who had read it before: kept without a word of the record."""
    actor, lists = caller_of(request), request.app.state.platform.retention
    withheld = await asyncio.to_thread(lists.of_plan, actor, plan_id)
    return answer(await shown(request, actor, withheld))
