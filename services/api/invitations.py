"""The route by which a council invites a family to sign in."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.api.bodies import read_object
from services.api.caller import caller_of
from services.api.openapi import answers, json_body, responses
from services.api.parameters import PlanId
from services.api.plans import answer

routes = APIRouter(tags=["families"])
_LONGEST: int = 10_000


@routes.post(
    "/v1/plans/{plan_id}/invitations",
    status_code=201,
    summary="Invite a contact of the plan to read it",
    response_class=Response,
    responses=responses(400, 403, 404, 408, 410, 413, 415, 422, 503) | {201: answers("Invitation", "Invited")},
    openapi_extra=json_body("InvitationRequest"),
)
async def invite(request: Request, plan_id: PlanId) -> Response:
    """A code that links an account with the contact when it is used to sign in, once, within 28 days.

    The code is answered this once. Repeat the request for a new one: an earlier one of the contact then ends, so that
    no Idempotency-Key is needed.
    """
    actor = caller_of(request)
    body = await read_object(request, limit=_LONGEST)
    made = await asyncio.to_thread(request.app.state.platform.inviting.invite, plan_id, body, actor)
    response = answer(made)
    response.status_code = 201
    response.headers["Cache-Control"] = "no-store"
    return response
