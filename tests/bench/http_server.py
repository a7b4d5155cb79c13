"""One worker of the API, with routes that only the benchmark has: all before an act is decided, a read unrecorded.

`python -m tests.bench.http_server PORT`, settings from the environment. Several may share the port (SO_REUSEPORT).
"""

import socket
import sys
from datetime import UTC, datetime
from uuid import UUID

import orjson
import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from msgspec.structs import replace
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from services.api.acts import act_request
from services.api.app import create_app
from services.api.bodies import JSON
from services.api.parameters import PlanId, only_known_parameters
from services.api.problems import not_found
from services.bootstrap import Platform, open_platform
from services.disclosures.accounting import Disclosures, T
from services.disclosures.values import Reader, Recorded, Withheld
from services.keeper.bodies import Bodies
from services.settings import Settings

#: Begins the addresses of reads that leave no record.
PREFIX = "/unrecorded"


def main(port: int) -> None:
    """Serve until terminated."""
    platform = open_platform(Settings(), serving=True)
    app = create_app(platform)
    add_validating_route(app, platform)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    config = uvicorn.Config(beside_unrecorded(app, platform), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def add_validating_route(app: FastAPI, platform: Platform) -> None:
    """`POST /bench/plans/{plan_id}/acts/{act}`: authenticate, load the plan, validate the body, store nothing.

    It is tried first, as the route of acts is in the product.
    """
    bodies = Bodies()

    async def validate(request: Request, plan_id: PlanId, act: str) -> Response:
        asked = await act_request(request, act)
        spec = platform.rules.catalogue.acts[act]
        checked = bodies.act(spec, asked)
        state = platform.plans.current(plan_id)
        if not platform.access.decide_act(state, checked.actor, spec, checked.data, platform.keeper.today()).allowed:
            return not_found().response()
        content = {"planId": state.plan_id, "sequence": state.sequence}
        return Response(orjson.dumps(content), 201, {"ETag": f'"{state.sequence}"'}, JSON)

    path, known = "/bench/plans/{plan_id}/acts/{act}", [Depends(only_known_parameters)]
    app.add_api_route(path, validate, methods=["POST"], include_in_schema=False, dependencies=known)
    app.router.routes.insert(0, app.router.routes.pop())


class Unrecorded(Disclosures):
    """Hands content out without a record of who was shown it."""

    @override
    async def reveal(self, withheld: Withheld[T], reader: Reader) -> T:
        pretended = Recorded(id=UUID(int=0), position=0, time=datetime.now(UTC), showing=withheld.showing)
        return withheld.against(pretended)


def beside_unrecorded(app: FastAPI, platform: Platform) -> ASGIApp:
    """The application, and under /unrecorded the very same without records: everything else costs both alike."""
    unrecorded = Unrecorded(platform.store, lambda: datetime.now(UTC))
    other = create_app(replace(platform, disclosures=unrecorded))

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path.startswith(PREFIX):
            await other({**scope, "path": path.removeprefix(PREFIX)}, receive, send)
        else:
            await app(scope, receive, send)

    return serve


if __name__ == "__main__":
    main(int(sys.argv[1]))
