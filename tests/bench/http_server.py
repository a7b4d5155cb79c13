"""One worker of the API, with routes that only the benchmark has: all before an act is decided, a read unrecorded.

`python -m tests.bench.http_server PORT`, settings from the environment. Several may share the port (SO_REUSEPORT).
"""

import socket
import sys
from datetime import UTC, datetime

import orjson
import uvicorn
from fastapi import Depends, FastAPI, Request, Response

from services.api.acts import act_request
from services.api.app import create_app
from services.api.bodies import JSON
from services.api.caller import caller_of
from services.api.parameters import PlanId, only_known_parameters
from services.api.plans import answer
from services.api.problems import not_found
from services.bootstrap import Platform, open_platform
from services.disclosures.values import Recorded
from services.keeper.bodies import Bodies
from services.settings import Settings


def main(port: int) -> None:
    """Serve until terminated."""
    platform = open_platform(Settings(), serving=True)
    app = create_app(platform)
    add_validating_route(app, platform)
    add_unrecorded_read(app, platform)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    config = uvicorn.Config(app, log_level="warning", access_log=False)
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


def add_unrecorded_read(app: FastAPI, platform: Platform) -> None:
    """`GET /bench/plans/{plan_id}`: the plan as it is read, without a record of who was shown it."""

    async def read(request: Request, plan_id: PlanId) -> Response:
        withheld = platform.reader.view(plan_id, caller_of(request))
        pretended = Recorded(id=plan_id, position=0, time=datetime.now(UTC), showing=withheld.showing)
        view = withheld.against(pretended)
        return answer(view, entity_tag=view.sequence)

    known = [Depends(only_known_parameters)]
    app.add_api_route("/bench/plans/{plan_id}", read, methods=["GET"], include_in_schema=False, dependencies=known)


if __name__ == "__main__":
    main(int(sys.argv[1]))
