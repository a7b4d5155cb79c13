"""Routes that list plans by codes, states and duties, and find them by an identifier or a name."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.api.bodies import read_object
from services.api.caller import caller_of
from services.api.openapi import json_body, reads
from services.api.parameters import CivilDate
from services.api.plans import answer
from services.api.problems import Problem
from services.api.showing import shown
from services.projection.listing import Filters

routes = APIRouter(tags=["worklists"])
_SEARCH = "/v1/plans/search"


class ListQuery(BaseModel):
    """What a list is narrowed to, and which page of it."""

    phase: str | None = Field(default=None, pattern="^[A-Z_]{3,30}$", description="The phase that the record is in.")
    status: Literal["open", "ended"] | None = Field(default=None, description="Whether anything can still be done.")
    council: str | None = Field(default=None, pattern="^[0-9]{3}$", description="LA code of the maintaining council.")
    school: str | None = Field(
        default=None,
        pattern="^(urn|ukprn):[0-9]{6,8}$",
        description="A setting that the plan names, or that is consulted.",
    )
    icb: str | None = Field(
        default=None,
        pattern="^[A-Z0-9]{3,10}$",
        description="ODS code of an ICB or other health body responsible for the plan or asked about it.",
    )
    clock: str | None = Field(
        default=None, pattern="^[A-Za-z0-9./-]{1,30}$", description="A duty of the clock table that is running."
    )
    due_before: CivilDate | None = Field(
        default=None, alias="dueBefore", description="With a running duty whose last day is before this date."
    )
    after: int = Field(default=0, ge=0, le=2**53, description="The cursor: `next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)

    def filters(self) -> Filters:
        """What the list is narrowed to."""
        due_before = self.due_before.isoformat() if self.due_before else None
        return Filters(due_before=due_before, **self.model_dump(exclude={"due_before", "after", "limit"}))


@routes.get("/v1/plans", **reads("The plans that the caller's organisation keeps or is related to", "Worklist"))
async def list_plans(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
    """Codes, states and due dates only, in the order of opening.

    A council lists its own plans, an auditor all, a setting those that name or consult it, a health body those that it
    is responsible for or asked about. `asOfPosition` says how much of the log the list tells; it is all of it at the
    moment of the request, unless the read models lag by more than two seconds.
    """
    actor, worklists = caller_of(request), request.app.state.platform.worklists
    withheld = await worklists.page(actor, query.filters(), after=query.after, limit=query.limit)
    return answer(await shown(request, actor, withheld))


@routes.get(_SEARCH, include_in_schema=False)
async def search_by_address(request: Request) -> Response:
    """Raises Problem 405: this address would otherwise pass for a plan's."""
    caller_of(request)
    raise Problem(405, "method-not-allowed", "This address doesn't take that method", headers={"Allow": "POST"})


@routes.post(
    _SEARCH,
    **reads("Find plans by local reference, NHS number, UPN or name", "SearchResult", 400, 408, 413, 415),
    openapi_extra=json_body("SearchRequest"),
)
async def search_plans(request: Request) -> Response:
    """Personal search terms travel in the body, never in a URL. Only plans that the caller may see are found.

    A name is found by its words, however hyphens, apostrophes, accents and case are written, and behind those by how it
    sounds; `dateOfBirth` narrows that. `more` says that so many fit that not all were looked at.
    """
    actor = caller_of(request)
    terms = await read_object(request, limit=10_000)
    withheld = await request.app.state.platform.worklists.search(actor, terms)
    return answer(await shown(request, actor, withheld))
