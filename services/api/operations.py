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
            "properties": {"status": {"enum": ["ready", "not ready"]}, "logSize": {"type": "integer"}},
        }
    }
}


@routes.get(
    "/readyz",
    summary="Can it take acts?",
    response_class=Response,
    responses={
        200: {"description": "Ready", "content": _READINESS},
        503: {"description": "Not ready", "content": _READINESS},
    },
)
async def readyz(request: Request) -> Response:
    """200 with the size of the log once the record can be read and written, 503 otherwise."""
    platform = request.app.state.platform
    ready = platform.store.is_ready()
    content = {"status": "ready" if ready else "not ready", "logSize": platform.store.head()[0]}
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
async def metrics() -> Response:
    """The figures of the process, or of all that serve this address together, in the Prometheus text format."""
    return Response(await asyncio.to_thread(written_figures), media_type=CONTENT_TYPE_LATEST)
