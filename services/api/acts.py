"""Routes for acts: one path and one typed body for each act of the catalogue."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from msgspec import to_builtins
from starlette.exceptions import HTTPException

from domain.plan.catalogue import Catalogue
from services.api.bodies import JSON, MAX_ACT_BYTES, fingerprint, parse_object, read_bytes
from services.api.caller import caller_of
from services.api.headers import correlation_id, idempotency_key, if_match
from services.api.openapi import act_operation
from services.api.parameters import PlanId
from services.requests import ActRequest, Receipt

ON_A_PLAN = "/v1/plans/{plan_id}/acts"
OPENING = "/v1/plans/opened-by"


def router(catalogue: Catalogue) -> APIRouter:
    """The two routes that serve every act: a route for each would have to be tried one after the other."""
    routes = APIRouter(include_in_schema=False)

    @routes.post(f"{ON_A_PLAN}/{{act}}")
    async def perform(request: Request, plan_id: PlanId, act: str) -> Response:
        """Perform or record an act on a plan."""
        asked = await act_request(request, _known(act, opens=False))
        return receipt_response(await request.app.state.platform.keeper.perform(plan_id, asked))

    @routes.post(f"{OPENING}/{{act}}")
    async def open_record(request: Request, act: str) -> Response:
        """Open a record by an act."""
        asked = await act_request(request, _known(act, opens=True))
        return receipt_response(await request.app.state.platform.keeper.open_record(asked))

    def _known(act: str, *, opens: bool) -> str:
        spec = catalogue.acts.get(act)
        if spec is None or spec.opens != opens:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return act

    return routes


def described(catalogue: Catalogue) -> APIRouter:
    """For the description: one path and one typed body for each act. These routes serve nothing."""
    routes = APIRouter(tags=["acts"])
    for family in catalogue.families:
        for spec in family.acts:
            path, stand_in = (OPENING, _opening) if spec.opens else (ON_A_PLAN, _on_a_plan)
            operation = act_operation(spec)
            routes.add_api_route(f"{path}/{spec.act}", stand_in, methods=["POST"], tags=[family.title], **operation)
    return routes


def _on_a_plan(plan_id: PlanId) -> None:
    """What an act on a plan takes in its address."""


def _opening() -> None:
    """What an act that opens a record takes in its address."""


async def act_request(request: Request, act: str) -> ActRequest:
    """The request as the record keeper takes it: caller, headers and body, each checked for form."""
    actor = caller_of(request)
    key, tag, correlation = idempotency_key(request), if_match(request), correlation_id(request)
    body = await read_bytes(request, (JSON,), MAX_ACT_BYTES)
    return ActRequest(
        act=act,
        body=parse_object(body),
        actor=actor,
        idempotency_key=key,
        body_sha256=fingerprint(request, body),
        if_match=tag,
        correlation_id=correlation,
    )


def receipt_response(receipt: Receipt) -> Response:
    """201: the act is on disk; where it stands in the log, and the plan's new entity tag."""
    content: dict[str, Any] = to_builtins(receipt, builtin_types=(UUID,))
    headers = {"ETag": f'"{receipt.entity_tag}"', "Location": f"/v1/plans/{receipt.plan_id}"}
    return Response(orjson.dumps(content), 201, headers, JSON)
