"""Routes for acts: one path and one typed body for each act of the catalogue."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from msgspec import to_builtins

from domain.plan.catalogue import ActSpec, Catalogue
from services.api.bodies import JSON, MAX_ACT_BYTES, fingerprint, parse_object, read_bytes
from services.api.caller import caller_of
from services.api.headers import correlation_id, idempotency_key, if_match
from services.api.openapi import act_operation
from services.api.parameters import PlanId
from services.requests import ActRequest, Receipt

Handler = Callable[..., Awaitable[Response]]


def router(catalogue: Catalogue) -> APIRouter:
    """The routes of every act. Acts that open a record are posted to /v1/plans/opened-by/{act}."""
    routes = APIRouter(tags=["acts"])
    for family in catalogue.families:
        for spec in family.acts:
            path, handler = _opening(spec) if spec.opens else _on_a_plan(spec)
            routes.add_api_route(path, handler, methods=["POST"], tags=[family.title], **act_operation(spec))
    return routes


def _on_a_plan(spec: ActSpec) -> tuple[str, Handler]:
    async def perform(request: Request, plan_id: PlanId) -> Response:
        act = await act_request(request, spec.act)
        return receipt_response(await request.app.state.platform.keeper.perform(plan_id, act))

    return f"/v1/plans/{{plan_id}}/acts/{spec.act}", perform


def _opening(spec: ActSpec) -> tuple[str, Handler]:
    async def open_record(request: Request) -> Response:
        act = await act_request(request, spec.act)
        return receipt_response(await request.app.state.platform.keeper.open_record(act))

    return f"/v1/plans/opened-by/{spec.act}", open_record


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
    headers = {"ETag": f'"{receipt.event.sequence}"', "Location": f"/v1/plans/{receipt.plan_id}"}
    return Response(orjson.dumps(content), 201, headers, JSON)
