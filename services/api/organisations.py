"""The route that looks organisations up: public facts, but for whoever has signed in."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from domain.directory.identifiers import parse_identifier
from domain.identifiers import IdentifierError
from services.api.caller import caller_of
from services.api.openapi import reads
from services.api.parameters import CivilDate
from services.api.plans import answer
from services.api.problems import not_found
from services.directory.views import view

routes = APIRouter(tags=["directory"])
_NOBODY = "No organisation in the directory had this identifier on that day."


@routes.get(
    "/v1/organisations/{identifier}",
    **reads("Who an identifier named on a day, and who answers for them", "Organisation"),
)
async def read_organisation(
    request: Request,
    identifier: Annotated[
        str,
        Path(
            pattern="^[a-z]{2,7}:[A-Za-z0-9/-]{2,40}$",
            description="Any identifier, with its kind: urn:100001, ukprn:10000001, laestab:8551234, la:855, ods:QJK.",
        ),
    ],
    on: Annotated[CivilDate | None, Query(description="A civil date; today when it isn't stated.")] = None,
) -> Response:
    """The organisation with its names, numbers, approval and type as they were on that day.

    A school that became an academy has a new URN: the old one names the school that closed, `answering` says who
    carries on. The same holds for councils and health bodies that were merged.
    """
    caller_of(request)
    directory = request.app.state.platform.directory
    try:
        wanted = parse_identifier(identifier)
    except IdentifierError as fault:
        raise not_found(fault.message) from None
    found = await asyncio.to_thread(view, directory, wanted, on or directory.today())
    if found is None:
        raise not_found(_NOBODY)
    return answer(found)
