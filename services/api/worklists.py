"""Routes that list plans by codes and states, and find them by an identifier."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.api.bodies import read_object
from services.api.caller import caller_of
from services.api.openapi import json_body, reads
from services.api.plans import answer
from services.api.problems import Problem

routes = APIRouter(tags=["worklists"])
_SEARCH = "/v1/plans/search"


@routes.get("/v1/plans", **reads("The plans that the caller's organisation keeps", "Worklist"))
async def list_plans(
    request: Request,
    phase: Annotated[str | None, Query(pattern="^[A-Z_]{3,30}$")] = None,
    after: Annotated[int, Query(ge=0, le=2**53, description="The cursor: `next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Codes and states only, in the order of opening; `asOfPosition` says how far the log reached."""
    worklists = request.app.state.platform.worklists
    rows = worklists.page(caller_of(request), phase=phase, after=after, limit=limit)
    page: dict[str, Any] = {"asOfPosition": worklists.as_of_position(), "plans": rows}
    if len(rows) == limit:
        page["next"] = rows[-1].opened_position
    return answer(page)


@routes.get(_SEARCH, include_in_schema=False)
async def search_by_address(request: Request) -> Response:
    """Raises Problem 405: this address would otherwise pass for a plan's."""
    caller_of(request)
    raise Problem(405, "method-not-allowed", "This address doesn't take that method", headers={"Allow": "POST"})


@routes.post(
    _SEARCH,
    **reads("Find plans by local reference, NHS number or UPN", "SearchResult", 400, 408, 413, 415),
    openapi_extra=json_body("SearchRequest"),
)
async def search_plans(request: Request) -> Response:
    """Personal search terms travel in the body, never in a URL. Only the caller's own plans are found."""
    actor = caller_of(request)
    terms = await read_object(request, limit=10_000)
    found: list[UUID] = request.app.state.platform.worklists.search(actor, terms)
    return answer({"planIds": found})
