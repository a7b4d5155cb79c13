"""Routes for working drafts: text in the making, with its own ETag ("d3"), changed by merge patch (RFC 7396)."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from services.api.bodies import JSON, MAX_ACT_BYTES, MERGE_PATCH, fingerprint, parse_object, read_bytes, read_object
from services.api.caller import caller_of
from services.api.headers import correlation_id, idempotency_key, if_match
from services.api.openapi import DRAFT_IF_MATCH, IDEMPOTENCY_KEY, answers, json_body, reads, responses
from services.api.parameters import DraftId, PlanId
from services.api.plans import answer
from services.api.showing import shown
from services.draft_views import DraftView
from services.requests import ActRequest

routes = APIRouter(tags=["drafts"])
_PATH = "/v1/plans/{plan_id}/drafts/{draft_id}"


@routes.post(
    "/v1/plans/{plan_id}/drafts",
    status_code=201,
    summary="Open a working draft",
    response_class=Response,
    responses=responses(400, 403, 404, 408, 409, 410, 413, 415, 422, 503) | {201: answers("Draft", "Opened")},
    openapi_extra={"parameters": [IDEMPOTENCY_KEY], **json_body("open-draft")},
)
async def open_draft(request: Request, plan_id: PlanId) -> Response:
    """Start from the text in force (or from `plan`), for a purpose. Several drafts of a plan may be open together."""
    actor, key = caller_of(request), idempotency_key(request)
    body = await read_bytes(request, (JSON,), MAX_ACT_BYTES)
    act = ActRequest(
        act="open-draft",
        body=parse_object(body),
        actor=actor,
        idempotency_key=key,
        body_sha256=fingerprint(request, body),
        correlation_id=correlation_id(request),
    )
    withheld = await request.app.state.platform.drafts.open(plan_id, act)
    return _answer(await shown(request, actor, withheld), status=201)


@routes.get("/v1/plans/{plan_id}/drafts", **reads("The plan's working drafts, open and closed", "Drafts", 403))
async def list_drafts(request: Request, plan_id: PlanId) -> Response:
    """Without their texts; `stale` tells that another text has become final since the draft was started."""
    actor = caller_of(request)
    return answer({"drafts": await shown(request, actor, request.app.state.platform.drafts.list(plan_id, actor))})


@routes.get(_PATH, **reads("One working draft with its text and warnings", "Draft", 403))
async def read_draft(request: Request, plan_id: PlanId, draft_id: DraftId) -> Response:
    """The text as it stands, and what the golden thread would say of it now."""
    actor = caller_of(request)
    return _answer(await shown(request, actor, request.app.state.platform.drafts.read(plan_id, draft_id, actor)))


@routes.patch(
    _PATH,
    summary="Change a working draft",
    response_class=Response,
    responses=responses(400, 403, 404, 408, 409, 410, 412, 413, 415, 422, 428, 503)
    | {200: answers("Draft", "Changed")},
    openapi_extra={"parameters": [DRAFT_IF_MATCH], **json_body("MergePatch", MERGE_PATCH)},
)
async def change_draft(request: Request, plan_id: PlanId, draft_id: DraftId) -> Response:
    """Apply an RFC 7396 merge patch to the revision that If-Match names; 412 when somebody else was faster."""
    actor, tag = caller_of(request), if_match(request, required=True)
    patch = await read_object(request, media_type=MERGE_PATCH)
    drafts = request.app.state.platform.drafts
    withheld = await drafts.change(plan_id, draft_id, patch, actor, str(tag), correlation_id(request))
    return _answer(await shown(request, actor, withheld))


@routes.delete(
    _PATH,
    summary="Discard a working draft",
    response_class=Response,
    responses=responses(400, 403, 404, 409, 410, 412, 422, 428, 503) | {200: answers("Draft", "Closed")},
    openapi_extra={"parameters": [DRAFT_IF_MATCH]},
)
async def discard_draft(request: Request, plan_id: PlanId, draft_id: DraftId) -> Response:
    """Close the draft. Its history stays readable to the council; it can't be changed or served any more."""
    actor, tag = caller_of(request), if_match(request, required=True)
    drafts = request.app.state.platform.drafts
    withheld = await drafts.discard(plan_id, draft_id, actor, str(tag), correlation_id(request))
    return _answer(await shown(request, actor, withheld))


def _answer(view: DraftView, status: int = 200) -> Response:
    response = answer(view)
    response.status_code = status
    response.headers["ETag"] = f'"d{view.revision}"'
    if status == HTTPStatus.CREATED:
        response.headers["Location"] = f"/v1/plans/{view.plan_id}/drafts/{view.draft_id}"
    return response
