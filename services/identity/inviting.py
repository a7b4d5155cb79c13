"""A council invites a contact of a plan to read it: the link between somebody's own account and a child's record.

The identity provider proves who somebody is and nothing about whose parent. That the council knows: it hands the code
over in the way in which it sends that contact the plan itself.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.access import WORKSHOP, Access, Question
from domain.calendar import london_date
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from services.errors import Fault, InvalidContent, NotYours
from services.plans import Plans
from services.store.family_links import FamilyLink, FamilyLinks

#: How long an invitation may be used: it travels by post too.
VALID: Final = timedelta(days=28)
_CODE_BYTES: Final = 24


class Invitation(Struct, frozen=True, kw_only=True, rename="camel"):
    """The code is shown this once and kept nowhere."""

    code: str
    valid_until: datetime


class Inviting:
    """Makes invitations."""

    def __init__(self, plans: Plans, links: FamilyLinks, access: Access, now: Callable[[], datetime]) -> None:
        """Who may invite is who may work on the plan; `now` gives the present instant."""
        self._plans = plans
        self._access = access
        self._links = links
        self._now = now

    def invite(self, plan_id: UUID, body: JsonObject, actor: Actor) -> Invitation:
        """Invite the contact that the body names; an earlier invitation of that contact ends.

        Raises PlanUnknown for a stranger, NotYours for other parties than the maintaining council, InvalidContent when
        the plan has no such contact or the contact may not receive it.
        """
        state = self._plans.current(plan_id)
        allowed = self._access.decide_read(state, actor, Question(part=WORKSHOP), london_date(self._now()))
        if not allowed.relation:
            raise self._plans.refusal(plan_id)
        if not allowed.allowed:
            raise NotYours("The maintaining council invites a family.")
        contact = _contact(body, state.person.get("contacts", {}))
        made = Invitation(code=secrets.token_urlsafe(_CODE_BYTES), valid_until=self._now().astimezone(UTC) + VALID)
        now, until = (int(moment.timestamp()) for moment in (self._now(), made.valid_until))
        self._links.invite(made.code, FamilyLink(plan=plan_id, contact=contact), now=now, until=until)
        return made


def _contact(body: JsonObject, contacts: JsonObject) -> str:
    unknown = next(iter(body.keys() - {"contactId"}), None)
    if unknown is not None:
        raise _invalid("", "Send contactId and nothing else.", "additionalProperties")
    stated = body.get("contactId")
    contact = contacts.get(stated) if isinstance(stated, str) else None
    if not isinstance(stated, str) or contact is None:
        raise _invalid("/contactId", "The plan has no contact with this id.", "unknown-contact")
    if contact.get("mayReceive") != "yes":
        raise _invalid("/contactId", "This contact isn't known to be one who may receive the plan.", "barred-contact")
    return stated


def _invalid(pointer: str, text: str, rule: str) -> InvalidContent:
    return InvalidContent((Fault(pointer=pointer, text=text, rule=rule),))
