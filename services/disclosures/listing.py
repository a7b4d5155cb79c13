"""Who has seen a plan: the whole list for its council and auditors, a list in plain words for its family."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from domain.access import Access, Entitlement, Question
from domain.calendar import london_date
from domain.plan.acts import Actor
from domain.plan.events import JsonObject, PlanEvent
from domain.plan.state import PlanState
from services.disclosures.family import RESTRICTED_NOTE, FamilyEntry, FamilyWords
from services.disclosures.ledger import Entry, ledger, opened
from services.disclosures.values import SEARCHED, Showing, Withheld
from services.errors import Fault, InvalidContent, NotYours
from services.plans import Plans
from services.rules.in_force import RulesInForce
from services.store.record_store import RecordStore
from services.store.values import DISCLOSURE_LOG

NOT_SHARED = "ehcp.plan.sharing-declined.v1"
"""The event of a decision not to share: as much a part of the account as what was shared (s.16LA)."""

T = TypeVar("T", Entry, FamilyEntry)


class DisclosurePage(Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of the readers of a plan; `next` is the cursor of the following page, absent on the last.

    `not_shared` are decisions not to share, on the first page for the council and auditors. `note` says what is held
    back.
    """

    disclosures: tuple[Entry, ...] | tuple[FamilyEntry, ...]
    next: str | UnsetType = UNSET
    not_shared: tuple[JsonObject, ...] | UnsetType = UNSET
    note: str | UnsetType = UNSET


class AuditPage(Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of the disclosure log in order of position; `next` is the position to go on behind."""

    disclosures: tuple[Entry, ...]
    next: int | UnsetType = UNSET


class DisclosureLists:
    """Reads the disclosure log for those who may."""

    def __init__(
        self,
        store: RecordStore,
        plans: Plans,
        rules: RulesInForce,
        access: Access,
        names: Callable[[str, date], str],
        now: Callable[[], datetime],
    ) -> None:
        """Read from this store what `access` allows on the day of `now`; code sets say what families are shown.

        `names` says what an organisation was called on a day.
        """
        self._store = store
        self._plans = plans
        self._access = access
        self._now = now
        self._words = FamilyWords(rules.code_sets, names)
        self._rules = rules

    def of_plan(
        self, plan_id: UUID, actor: Actor, *, after: UUID | None = None, limit: int = 100
    ) -> Withheld[DisclosurePage]:
        """At most `limit` entries behind the one whose id is the cursor.

        Raises PlanUnknown for a stranger, NotYours for parties that aren't told, InvalidContent for no such cursor.
        """
        state, allowed = self.seen(plan_id, actor)
        found = self.entries(state, actor, allowed)
        page = (
            self._whole(found, state, after, limit)
            if allowed.details
            else self._told(found, state, actor, allowed, after, limit)
        )
        return Withheld(page, showing_of("disclosures", state, allowed))

    def everything(self, actor: Actor, after: int, limit: int) -> Withheld[AuditPage]:
        """The log itself, for auditors of the platform: also searches and refusals to strangers. Raises NotYours.

        The auditors of one council aren't shown what others read of other councils' children.
        """
        if not self._access.audits(actor, london_date(self._now())):
            raise NotYours("The whole disclosure log is for auditors of the platform.")
        rows = self._store.read_log(after, limit, DISCLOSURE_LOG)
        page = AuditPage(disclosures=tuple(opened(rows)), next=rows[-1].position if len(rows) == limit else UNSET)
        return Withheld(page, Showing(what="disclosure-log", outcome=SEARCHED, relation="auditor"))

    def seen(self, plan_id: UUID, actor: Actor) -> tuple[PlanState, Entitlement]:
        """The plan and what the caller may see of it, the whole list with its details. Raises PlanUnknown, NotYours."""
        state = self._plans.current(plan_id)
        allowed = self._access.decide_read(state, actor, Question(), london_date(self._now()))
        if not allowed.allowed:
            raise self._plans.refusal(plan_id)
        if not allowed.details and actor.role != "family":
            raise NotYours("Who has read the plan is shown to the family, the maintaining council and auditors.")
        return state, allowed

    def entries(self, state: PlanState, actor: Actor, allowed: Entitlement) -> list[Entry]:
        """The plan's entries; those from before an identity was sealed only for its guardians and for auditors."""
        found = ledger(self._store, UUID(state.plan_id))
        if not state.sealed_from or allowed.before_sealing or actor.role == "auditor":
            return found
        since = self._sealed_at(state)
        return [entry for entry in found if entry.time >= since]

    def _told(
        self, found: list[Entry], state: PlanState, viewer: Actor, allowed: Entitlement, after: UUID | None, limit: int
    ) -> DisclosurePage:
        gateways = self._rules.codes("gateways")
        shown = self._words.entries(found, state, viewer, gateways, restricted=allowed.hides_location)
        page, following = _page(shown, after, limit)
        note = RESTRICTED_NOTE if allowed.hides_location else UNSET
        return DisclosurePage(disclosures=page, next=following, note=note)

    def _whole(self, found: list[Entry], state: PlanState, after: UUID | None, limit: int) -> DisclosurePage:
        page, following = _page(found, after, limit)
        if after is not None:
            return DisclosurePage(disclosures=page, next=following)
        declined = (e for e in self._plans.history(UUID(state.plan_id)) if e.type == NOT_SHARED)
        told = tuple(_declined(e) for e in declined if isinstance(e, PlanEvent) and e.sequence >= state.sealed_from)
        return DisclosurePage(disclosures=page, next=following, not_shared=told)

    def _sealed_at(self, state: PlanState) -> datetime:
        (sealing,) = self._store.read_plan(UUID(state.plan_id), after=state.sealed_from - 1, upto=state.sealed_from)
        return sealing.time


def showing_of(what: str, state: PlanState, allowed: Entitlement) -> Showing:
    """What is recorded of showing who has read the plan."""
    return Showing(what=what, plan=UUID(state.plan_id), relation=allowed.relation, gateway=allowed.gateway or None)


def _page(shown: Sequence[T], after: UUID | None, limit: int) -> tuple[tuple[T, ...], str | UnsetType]:
    """A page of what is shown, and the cursor of the next: neither tells of anything that isn't shown."""
    start = _behind(shown, after)
    page = tuple(shown[start : start + limit])
    return page, page[-1].id if start + limit < len(shown) else UNSET


def _behind(shown: Sequence[T], after: UUID | None) -> int:
    if after is None:
        return 0
    for place, entry in enumerate(shown, 1):
        if entry.id == str(after):
            return place
    raise InvalidContent((Fault(pointer="/cursor", text="There is no such entry to go on behind.", rule="cursor"),))


def _declined(event: PlanEvent) -> JsonObject:
    """A decision not to share, in the words in which it was recorded."""
    said: JsonObject = {name: event.data[name] for name in ("requestedBy", "gateway", "reasons") if name in event.data}
    by: JsonObject = {"organisation": event.metadata.actororg, "role": event.metadata.actorrole}
    return {"sequence": event.sequence, "time": event.time.isoformat(), **by, **said}
