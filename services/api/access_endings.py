"""The route by which a council ends the sessions and tokens of its own people."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.api.bodies import read_object
from services.api.caller import caller_of
from services.api.openapi import answers, json_body, responses
from services.api.plans import answer

routes = APIRouter(tags=["directory"])
_LONGEST: int = 10_000


@routes.post(
    "/v1/access-endings",
    status_code=201,
    summary="End sessions and tokens of the council's own people",
    response_class=Response,
    responses=responses(400, 403, 408, 413, 415, 422, 503) | {201: answers("AccessEnding", "Ended")},
    openapi_extra=json_body("access-ending"),
)
async def end_access(request: Request) -> Response:
    """By a council's manager: of one person there, or of everybody there including themselves.

    What was given out up to now is accepted no more by any process, within a second; whoever is still entitled signs in
    again. It stays on record who ended what. Sending it again ends what was given out since: no Idempotency-Key is
    needed.
    """
    actor = caller_of(request)
    body = await read_object(request, limit=_LONGEST)
    made = await asyncio.to_thread(request.app.state.platform.endings.end_own, body, actor)
    response = answer(made)
    response.status_code = 201
    return response
