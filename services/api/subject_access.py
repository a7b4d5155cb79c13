"""Routes for subject access requests: where they stand, what has to be decided about, and what is given."""

import asyncio
from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.api.caller import caller_of
from services.api.openapi import reads, responses
from services.api.parameters import PlanId
from services.api.plans import answer
from services.api.showing import shown

ZIP = "application/zip"
AccessId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$", description="The request's id.")]
_PACKAGE = {"description": "The package", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}

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
    responses=responses(400, 403, 404, 409, 410, 422, 503) | {200: _PACKAGE},
)
async def read_package(request: Request, plan_id: PlanId, access_id: AccessId) -> Response:
    """A ZIP of the record as JSON and as a page: for the council once it is reviewed, for who asked once released.

    Taking it is on record as a disclosure.
    """
    actor, service = caller_of(request), request.app.state.platform.subject_access
    made = await shown(request, actor, await asyncio.to_thread(service.package, plan_id, access_id, actor))
    digest = b64encode(bytes.fromhex(made.sha256)).decode()
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="subject-access.zip"',
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return Response(made.content, 200, headers, ZIP)
