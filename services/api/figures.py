"""Figures of the API for Prometheus: how many requests of which route, how they ended, how long they took.

A label has few values, and none comes from a caller: the route is the template that matched ("/v1/plans/{plan_id}"), a
method that isn't one of HTTP's common ones is "other", an address that matches nothing is "none".
"""

import os
import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0)
_NO_ANSWER: Final = 499

ANSWERED = Counter("ehcp_requests", "Requests by route, method and status of the answer", ["route", "method", "status"])
SECONDS = Histogram("ehcp_request_seconds", "Seconds until the answer was sent", ["route"], buckets=_BUCKETS)
#: Where processes that serve together keep their figures for each other (a setting of prometheus_client).
TOGETHER: Final = "PROMETHEUS_MULTIPROC_DIR"


class Figures:
    """Middleware that counts what is answered."""

    def __init__(self, app: ASGIApp) -> None:
        """Count the answers of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count its answer; an answer that never began is counted as 499."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = _NO_ANSWER, time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", None) or "none"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            ANSWERED.labels(route, method, status).inc()
            SECONDS.labels(route).observe(time.perf_counter() - began)


def written_figures() -> bytes:
    """All figures in Prometheus's text format: of every process that serves this address, where there are several."""
    if TOGETHER not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
