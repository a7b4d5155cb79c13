"""Routes for running the platform: liveness, readiness, metrics. None of them says anything about a plan."""

import asyncio

import msgspec
import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from services.api.figures import written_figures
from services.api.openapi import answers

routes = APIRouter(tags=["operations"])


@routes.get("/healthz", summary="Is the process alive?")
async def healthz() -> dict[str, str]:
    """Always 200 while the process answers."""
    return {"status": "alive"}


_READINESS = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["status", "logSize"],
            "properties": {
                "status": {"enum": ["ready", "read only", "not ready"]},
                "logSize": {"type": "integer"},
                "reason": {"type": "string", "description": "Why nothing is recorded, where it is read only."},
            },
        }
    }
}


@routes.get(
    "/readyz",
    summary="Can it take acts?",
    response_class=Response,
    responses={
        200: {"description": "Ready, for reading at least", "content": _READINESS},
        503: {"description": "Not ready", "content": _READINESS},
    },
)
async def readyz(request: Request) -> Response:
    """200 with the size of the log once the record can be read and written, 503 otherwise.

    200 too where it can be read and not written, since the log isn't the one that was signed: whoever watches looks at
    `status`, and readers aren't sent away.
    """
    platform = request.app.state.platform
    ready, why = platform.store.is_ready(), platform.store.writes_refused
    status = "not ready" if not ready else "read only" if why else "ready"
    content = {"status": status, "logSize": platform.store.head()[0]} | ({"reason": why} if why else {})
    return Response(orjson.dumps(content), 200 if ready else 503, media_type="application/json")


@routes.get(
    "/views",
    summary="How far are the read models?",
    response_class=Response,
    responses={200: answers("Views", "Positions and lag of every view, lane by lane")},
)
async def views(request: Request) -> Response:
    """Positions, and how many events and seconds each view is behind the log; of plans, only how many are parked."""
    found = await asyncio.to_thread(request.app.state.platform.projection.status)
    content = msgspec.to_builtins(found) | {"parked": [], "parkedPlans": len(found.parked)}
    return Response(orjson.dumps(content), media_type="application/json")


@routes.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"description": "The figures", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """The figures of the process, or of all that serve this address together, in the Prometheus text format.

    How far behind the log signals, deliveries and topics are is among them, whichever process does that work.
    """
    await asyncio.to_thread(request.app.state.platform.lags.show)
    return Response(await asyncio.to_thread(written_figures), media_type=CONTENT_TYPE_LATEST)
