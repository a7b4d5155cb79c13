"""Routes for subject access requests: where they stand, what has to be decided about, and what is given."""

import asyncio
from base64 import b64encode
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.api.caller import caller_of
from services.api.negotiation import wanted_form
from services.api.openapi import reads, responses
from services.api.parameters import PlanId
from services.api.plans import answer
from services.api.showing import shown
from services.subject_access.rendering import FORMS, HTML, JSON, ZIP, form_of

AccessId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$", description="The request's id.")]
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_PACKAGE = {
    "description": "The package, or one of its files",
    "content": {ZIP: _BYTES, JSON: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}},
}
_NAMES = {ZIP: "subject-access.zip", JSON: "subject-access.json", HTML: "subject-access.html"}

routes = APIRouter(tags=["subject access"])


@routes.get("/v1/plans/{plan_id}/subject-access", **reads("Subject access requests", "AccessRequests", 403))
async def read_requests(request: Request, plan_id: PlanId) -> Response:
    """All of them for the council and auditors; for a member of the family their own."""
    actor, service = caller_of(request), request.app.state.platform.subject_access
    withheld = await asyncio.to_thread(service.requests, plan_id, actor)
    return answer({"requests": await shown(request, actor, withheld)})


@routes.get(
    "/v1/plans/{plan_id}/subject-access/{access_id}",
    **reads("What has to be decided about before a request is answered", "AccessMaterial", 403),
)
async def read_material(request: Request, plan_id: PlanId, access_id: AccessId) -> Response:
    """For the council's staff: every part that is about somebody else, or that the law may keep back, with its words.

    Decide about each with the act prepare-subject-access; a second person reviews it.
    """
    actor, service = caller_of(request), request.app.state.platform.subject_access
    withheld = await asyncio.to_thread(service.material, plan_id, access_id, actor)
    return answer(await shown(request, actor, withheld))


@routes.get(
    "/v1/plans/{plan_id}/subject-access/{access_id}/package",
    summary="What is given in answer to a request",
    response_class=Response,
    responses=responses(400, 403, 404, 406, 409, 410, 422, 503) | {200: _PACKAGE},
)
async def read_package(request: Request, plan_id: PlanId, access_id: AccessId) -> Response:
    """The record as data and as a page, in a ZIP, or by `Accept` one of the two as it lies there.

    For the council once it is reviewed, for who asked once released. Taking it is on record as a disclosure.
    """
    actor, service = caller_of(request), request.app.state.platform.subject_access
    form = wanted_form(request, tuple(FORMS))
    made = await shown(request, actor, await asyncio.to_thread(service.package, plan_id, access_id, actor))
    content = form_of(made.content, form)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{_NAMES[form]}"',
        "Repr-Digest": f"sha-256=:{b64encode(sha256(content).digest()).decode()}:",
        "Vary": "Accept",
    }
    return Response(content, 200, headers, form)
