"""The route that answers what somebody could see of a plan on a day."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.api.caller import caller_of
from services.api.openapi import reads
from services.api.parameters import CivilDate, PlanId
from services.api.plans import KnownAt, answer, known_from
from services.api.showing import shown

routes = APIRouter(tags=["access"])
#: Who can be asked about: an organisation by its identifier, or a contact of the plan.
WHO = r"^((la|urn|ukprn|ods):[A-Z0-9]{3,10}|regulator:[a-z-]{3,30}|contact:[a-z][a-z0-9-]{1,62})$"
Organisation = Annotated[
    str,
    Query(
        pattern=WHO,
        description="Whom it is asked about: la:855, urn:199101, ukprn:10099801, ods:QJK or regulator:lgsco; "
        "a contact of the plan as contact:contact-1.",
    ),
]
On = Annotated[CivilDate, Query(description="The civil date: the policy, the relations and the texts of that day.")]


@routes.get(
    "/v1/plans/{plan_id}/entitlements",
    **reads("What somebody could see of the plan on a day", "EntitlementsView", 403),
)
async def read_entitlements(
    request: Request, plan_id: PlanId, organisation: Organisation, on: On, known_at: KnownAt = None
) -> Response:
    """For the maintaining council and auditors. Without `knownAt` there are two answers.

    What the platform would have shown, by what was on record at the end of that day; and what they were entitled to, as
    is known now. Each names the version of the policy of that day, the relation, the lawful basis and the reason.
    """
    known = known_from(request, known_at)
    actor, entitlements = caller_of(request), request.app.state.platform.entitlements
    return answer(await shown(request, actor, entitlements.of(plan_id, actor, organisation, on, known)))
