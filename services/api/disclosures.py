"""Routes for who has seen a plan: the readers, possible breaches, emergency reads and their reviews, the log itself."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from msgspec.structs import replace
from pydantic import BeforeValidator

from domain.access import EMERGENCY_GATEWAY
from services.api.bodies import JSON, fingerprint, parse_object, read_bytes
from services.api.caller import caller_of
from services.api.headers import idempotency_key
from services.api.openapi import IDEMPOTENCY_KEY, answers, json_body, reads, responses
from services.api.parameters import PlanId, as_written
from services.api.plans import answer
from services.api.showing import reader_of, shown
from services.disclosures.emergency import EmergencyRead
from services.disclosures.reviews import ReviewRequest
from services.required import require_valid
from services.validation import SCHEMA_BASE

#: A reason or a review is a few sentences.
MAX_BYTES = 20_000
#: A family's page takes a multiple of this long, in seconds, so that nobody learns from how long how much isn't shown.
PACE = 0.25
EMERGENCY_SCHEMA = f"{SCHEMA_BASE}disclosures/emergency-read.schema.json"
DisclosureId = Annotated[UUID, Path(description="The entry's id."), BeforeValidator(as_written)]
Limit = Annotated[int, Query(ge=1, le=500)]

routes = APIRouter(tags=["disclosures"])


@routes.get("/v1/plans/{plan_id}/disclosures", **reads("Who has seen the plan", "Disclosures", 403))
async def read_disclosures(
    request: Request,
    plan_id: PlanId,
    cursor: Annotated[UUID | None, Query(description="`next` of the page before."), BeforeValidator(as_written)] = None,
    limit: Limit = 100,
) -> Response:
    """In the order in which they read. The council and auditors see every entry.

    The family sees, in plain words, which roles of which organisations read what and why; not what a gateway holds back
    until a review, nor other members of the family.
    """
    actor, loop = caller_of(request), asyncio.get_running_loop()
    started = loop.time()
    lists = request.app.state.platform.disclosure_lists
    withheld = await asyncio.to_thread(lists.of_plan, plan_id, actor, after=cursor, limit=limit)
    if actor.role == "family":
        await asyncio.sleep(-(loop.time() - started) % PACE)
    return answer(await shown(request, actor, withheld))


@routes.get(
    "/v1/plans/{plan_id}/possible-breaches",
    **reads("Who was shown what turned out to be wrong", "PossibleBreaches", 403),
)
async def read_breaches(request: Request, plan_id: PlanId) -> Response:
    """Readers of what was redacted or misfiled since, and everybody who read while records were wrongly merged."""
    actor, finder = caller_of(request), request.app.state.platform.breaches
    withheld = await asyncio.to_thread(finder.of_plan, plan_id, actor)
    return answer(await shown(request, actor, withheld))


@routes.post(
    "/v1/plans/{plan_id}/emergency-reads",
    summary="Read a plan in an emergency",
    response_class=Response,
    responses=responses(400, 403, 404, 408, 410, 413, 415, 422, 503) | {200: answers("PlanView", "The plan")},
    openapi_extra={"parameters": [IDEMPOTENCY_KEY], **json_body("emergency-read")},
)
async def read_in_an_emergency(request: Request, plan_id: PlanId) -> Response:
    """For safeguarding leads (Children Act 2004 s.16LA). It raises an alarm and is reviewed within seven days.

    Should it be decided not to share after all, record that with the act decide-not-to-share.
    """
    actor, key = caller_of(request), idempotency_key(request)
    body = await read_bytes(request, (JSON,), MAX_BYTES)
    said = parse_object(body)
    require_valid(said, EMERGENCY_SCHEMA)
    reader = replace(reader_of(request, actor), gateway=EMERGENCY_GATEWAY, reason=said["reason"])
    asked = EmergencyRead(reader=reader, key=key, digest=fingerprint(request, body))
    return answer(await request.app.state.platform.emergencies.read(plan_id, asked))


@routes.post(
    "/v1/plans/{plan_id}/disclosures/{disclosure_id}/review",
    status_code=201,
    summary="Review whether the family is shown that somebody read",
    response_class=Response,
    responses=responses(400, 403, 404, 408, 410, 413, 415, 422, 503) | {201: answers("ReviewReceipt", "On disk")},
    openapi_extra={"parameters": [IDEMPOTENCY_KEY], **json_body("disclosure-review")},
)
async def review_disclosure(request: Request, plan_id: PlanId, disclosure_id: DisclosureId) -> Response:
    """By a manager of the maintaining council who isn't the reader. A later one takes its place."""
    actor, key = caller_of(request), idempotency_key(request)
    body = await read_bytes(request, (JSON,), MAX_BYTES)
    asked = ReviewRequest(
        reader=reader_of(request, actor), body=parse_object(body), key=key, digest=fingerprint(request, body)
    )
    response = answer(await request.app.state.platform.reviews.review(plan_id, disclosure_id, asked))
    response.status_code = 201
    return response


@routes.get("/v1/disclosure-reviews", **reads("Emergency reads that wait for a review", "ReviewsDue", 403))
async def read_reviews_due(
    request: Request,
    council: Annotated[str, Query(pattern="^[0-9]{3}$", description="LA code of the council that owes the reviews.")],
) -> Response:
    """For the council's managers, and for auditors."""
    actor = caller_of(request)
    return answer(await shown(request, actor, request.app.state.platform.reviews.due(actor, council)))


@routes.get("/v1/audit/disclosures", **reads("The disclosure log", "DisclosureLog", 403))
async def read_disclosure_log(
    request: Request,
    after: Annotated[int, Query(ge=0, le=2**53, description="The cursor: `next` of the page before.")] = 0,
    limit: Limit = 100,
) -> Response:
    """For auditors: everything in order of position, also searches, lists, and refusals to strangers."""
    actor, lists = caller_of(request), request.app.state.platform.disclosure_lists
    withheld = await asyncio.to_thread(lists.everything, actor, after, limit)
    return answer(await shown(request, actor, withheld))
