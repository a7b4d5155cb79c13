"""Lists of plans by codes and states, and searches: answered from the worklist view, never from content.

What a caller can find is bounded by its relation to a plan, in the query and, for searches, once more on the plan's own
state. Identifiers are looked up in the register, which is written with the events.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import Row

from domain.access import EXISTENCE, Access, Question
from domain.calendar import london_date
from domain.identifiers import IdentifierError, parse_nhs_number, parse_upn
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from services.disclosures.values import SEARCHED, Showing, Withheld
from services.errors import Fault, InvalidContent, PlanErased, PlanUnknown
from services.plans import Plans
from services.projection.listing import Filters, Scope, scope_of
from services.projection.reading import Lists, Named
from services.store.record_store import RecordStore
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, UPN, plan_matches

#: The longest search term, in characters.
MAX_TERM = 200
#: Identifiers that can be searched for, and how each is brought to its normal form.
IDENTIFIERS: Mapping[str, Callable[[str], str]] = {
    "localReference": str,
    "nhsNumber": parse_nhs_number,
    "upn": parse_upn,
}
NAME, DATE_OF_BIRTH = "name", "dateOfBirth"
TERMS = (*IDENTIFIERS, NAME, DATE_OF_BIRTH)
#: What a name finds for who may list nothing.
NOBODY = Named((), more=False)
_KINDS = {"localReference": LOCAL_REFERENCE, "nhsNumber": NHS_NUMBER, "upn": UPN}


class NextClock(Struct, frozen=True, kw_only=True, rename="camel"):
    """The running duty of a plan that is due first."""

    id: str
    due_on: str


class WorklistRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """A plan in a list: opaque id, codes and states.

    `version` is there for those who read final plans, `next_clock` for those who see what is due; how much has happened
    in the plan, and how much had when something did last, for those who are shown all of it.
    """

    plan_id: str
    maintaining_la: str
    phase: str
    version: int | UnsetType = UNSET
    sequence: int | UnsetType = UNSET
    opened_position: int
    updated_position: int | UnsetType = UNSET
    next_clock: NextClock | UnsetType = UNSET


class WorklistPage(Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of a list, and the position of the log up to which it tells. `next` is absent on the last page."""

    as_of_position: int
    plans: tuple[WorklistRow, ...]
    next: int | UnsetType = UNSET


class Found(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a search found; one by name says up to which position of the log it tells.

    `more` is true where so many plans fit the name that not all were looked at: ask with another word, or with the date
    of birth.
    """

    plan_ids: tuple[str, ...]
    as_of_position: int | UnsetType = UNSET
    more: bool | UnsetType = UNSET


class Worklists:
    """What an organisation's people see of the plans."""

    def __init__(
        self, store: RecordStore, plans: Plans, lists: Lists, access: Access, now: Callable[[], datetime]
    ) -> None:
        """Answer from these lists, for identifiers from this store's register; `access` says to whom on that day."""
        self._store = store
        self._plans = plans
        self._lists = lists
        self._access = access
        self._now = now

    async def page(self, actor: Actor, filters: Filters, *, after: int, limit: int) -> Withheld[WorklistPage]:
        """At most `limit` plans behind the cursor: those that the caller's organisation keeps or is related to."""
        at = await self._lists.reach(self._store.head()[0])
        scope = self._scope(actor)
        rows = await self._lists.page(scope, filters, after, limit) if scope else []
        plans = tuple(_row(row, scope) for row in rows if scope)
        page = WorklistPage(
            as_of_position=at, plans=plans, next=rows[-1].opened_position if len(rows) == limit else UNSET
        )
        return Withheld(page, Showing(what="list", outcome=SEARCHED, plan_ids=tuple(row.plan_id for row in plans)))

    async def search(self, actor: Actor, terms: JsonObject) -> Withheld[Found]:
        """The ids of the plans that fit every given term and that the caller may see; by name the best first.

        Where no plan carries the identifier, one that can't exist is looked for: a plan that is hidden takes as long.
        Raises InvalidContent for no term, an unknown one, or an identifier that can't exist.
        """
        stated = _stated(terms)
        carrying = [self._carrying(name, stated, actor) for name in IDENTIFIERS & stated.keys()]
        both = set.intersection(*carrying) if carrying else None
        if NAME not in stated:
            fitting = sorted(str(plan) for plan in both or {uuid4()} if self._visible(plan, actor))
            return _found(Found(plan_ids=tuple(fitting)), stated)
        at = await self._lists.reach(self._store.head()[0])
        scope = self._scope(actor)
        named = await self._lists.named(scope, stated[NAME], stated.get(DATE_OF_BIRTH), both) if scope else NOBODY
        found = [plan for plan in named.plans if self._visible(plan, actor)]
        more = True if named.more else UNSET
        return _found(Found(plan_ids=tuple(map(str, found)), as_of_position=at, more=more), stated)

    def _carrying(self, name: str, stated: Mapping[str, str], actor: Actor) -> set[UUID]:
        """The plans whose child carries an identifier. What is withheld from a caller isn't confirmed to it either."""
        policy = self._access.policies.on(self._today())
        if name == "upn" and policy.withholds(policy.acting_role(actor.role), "upn"):
            return set()
        scope = self._scope(actor)
        councils = sorted(scope.councils) if scope and name == "localReference" else []
        sought = [plan_matches(self._store.index, _KINDS[name], stated[name], code) for code in councils or [""]]
        return {plan for forms in sought for plan in self._store.register.find(forms)}

    def _visible(self, plan_id: UUID, actor: Actor) -> bool:
        """Whether the caller may find it. A hidden plan asks the database the same as one that isn't there."""
        try:
            state = self._plans.current(plan_id)
        except (PlanUnknown, PlanErased):
            return False
        question = Question(part=EXISTENCE, channel="list")
        allowed = self._access.decide_read(state, actor, question, self._today()).allowed
        if not allowed:
            self._plans.refusal(plan_id)
        return allowed

    def _scope(self, actor: Actor) -> Scope | None:
        return scope_of(actor, self._access.policies.on(self._today()), self._access.directory, self._today())

    def _today(self) -> date:
        return london_date(self._now())


def _found(found: Found, stated: Mapping[str, str]) -> Withheld[Found]:
    """What was searched by is recorded, never the terms themselves: they may be another child's."""
    terms = tuple(sorted(stated))
    return Withheld(found, Showing(what="search", outcome=SEARCHED, plan_ids=found.plan_ids, terms=terms))


def _stated(terms: JsonObject) -> dict[str, str]:
    """The terms in their normal form. Raises InvalidContent."""
    if not terms or set(terms) - set(TERMS):
        names = ", ".join(TERMS)
        raise InvalidContent((Fault(pointer="", text=f"Search by one or more of: {names}.", rule="search-terms"),))
    stated = {name: _normal(name, value) for name, value in terms.items()}
    if DATE_OF_BIRTH in stated and NAME not in stated:
        text = "Say the name as well: a date of birth only narrows a search by name."
        raise InvalidContent((Fault(pointer="/dateOfBirth", text=text, rule="search-terms"),))
    return stated


def _normal(name: str, value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TERM:
        raise InvalidContent((Fault(pointer=f"/{name}", text="This must be a short text.", rule="type"),))
    try:
        return date.fromisoformat(value).isoformat() if name == DATE_OF_BIRTH else IDENTIFIERS.get(name, str)(value)
    except IdentifierError as error:
        raise InvalidContent((Fault(pointer=f"/{name}", text=str(error), rule=error.code),)) from None
    except ValueError:
        raise InvalidContent(
            (Fault(pointer=f"/{name}", text="This must be a date: YYYY-MM-DD.", rule="format"),)
        ) from None


def _row(row: Row[Any], scope: Scope) -> WorklistRow:
    due = scope.sees_duties and row.next_clock
    return WorklistRow(
        plan_id=str(row.plan),
        maintaining_la=row.council,
        phase=row.phase,
        version=row.version if row.reads_finals else UNSET,
        sequence=row.sequence if scope.counts_events else UNSET,
        opened_position=row.opened_position,
        updated_position=row.updated_position if scope.counts_events else UNSET,
        next_clock=NextClock(id=row.next_clock, due_on=row.next_due) if due else UNSET,
    )
