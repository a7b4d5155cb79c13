"""Routes for the rules that count: which editions are adopted, what they say, and a council's own."""

import asyncio
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.api.bodies import read_object
from services.api.caller import caller_of
from services.api.openapi import answers, json_body, reads, responses
from services.api.parameters import CivilDate
from services.api.plans import answer
from services.required import require_valid
from services.rules.desk import OwnRules, RulesDesk
from services.validation import SCHEMA_BASE

routes = APIRouter(tags=["rules"])
#: An edition is a page of rules or a few; the clock table, the longest of all, is a tenth of this.
MAX_BYTES = 512 * 1024
ADOPTION, WITHDRAWAL = f"{SCHEMA_BASE}rules/adoption.schema.json", f"{SCHEMA_BASE}rules/withdrawal.schema.json"


@routes.get("/v1/rules", **reads("Which rules count, and which ever did", "Rules"))
async def list_rules(
    request: Request,
    on: Annotated[CivilDate | None, Query(description="The civil date that is asked about; today if left out.")] = None,
    known_at: Annotated[
        int | None, Query(alias="knownAt", ge=0, le=2**53, description="A position of the adoption log: as known then.")
    ] = None,
) -> Response:
    """Every edition that was adopted, in order, and whether it counts on that day; for whoever is signed in.

    Beside them editions that came with this release and that nobody has adopted: they don't count.
    """
    caller_of(request)
    return answer(await asyncio.to_thread(_desk(request).listed, on, known_at))


@routes.get(
    "/v1/rules/{sha256}",
    summary="What an adopted edition says",
    response_class=Response,
    responses=responses(404, 422, 503) | {200: answers("AdoptedRules", "The edition")},
)
async def read_rules(
    request: Request, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Its SHA-256.")]
) -> Response:
    """The very bytes of which that is the SHA-256: canonical JSON, however long ago it was adopted."""
    caller_of(request)
    return Response(await asyncio.to_thread(_desk(request).content, sha256), media_type="application/json")


@routes.post(
    "/v1/rules",
    status_code=201,
    summary="Adopt rules of a council's own",
    response_class=Response,
    responses=responses(400, 403, 408, 413, 415, 422, 503) | {201: answers("RulesAdoption", "On disk")},
    openapi_extra=json_body("rules-adoption"),
)
async def adopt_rules(request: Request) -> Response:
    """By a council's records manager, for that council. Sending the same again changes nothing."""
    actor = caller_of(request)
    body = await read_object(request, limit=MAX_BYTES)
    require_valid(body, ADOPTION)
    stated = body.get("inForceFrom")
    wanted = OwnRules(
        kind=body["kind"],
        content=body["content"],
        source=body["source"],
        in_force_from=date.fromisoformat(stated) if stated else None,
    )
    response = answer(await asyncio.to_thread(_desk(request).adopt, actor, wanted))
    response.status_code = 201
    return response


@routes.post(
    "/v1/rules/{position}/withdrawal",
    status_code=201,
    summary="Withdraw what was adopted in error",
    response_class=Response,
    responses=responses(400, 403, 404, 408, 413, 415, 422, 503) | {201: answers("RulesAdoption", "On disk")},
    openapi_extra=json_body("rules-withdrawal"),
)
async def withdraw_rules(
    request: Request,
    position: Annotated[int, Path(ge=1, le=2**53, description="Where the adoption stands in the adoption log.")],
) -> Response:
    """By a council's records manager, of what that council adopted: it then counts for no day, from now on."""
    actor = caller_of(request)
    body = await read_object(request, limit=MAX_BYTES)
    require_valid(body, WITHDRAWAL)
    response = answer(await asyncio.to_thread(_desk(request).withdraw, actor, position, body["because"]))
    response.status_code = 201
    return response


def _desk(request: Request) -> RulesDesk:
    desk: RulesDesk = request.app.state.platform.rules_desk
    return desk
