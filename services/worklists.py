"""Lists of plans by codes and states, and search by identifier: answered from the register, never from content."""

from collections.abc import Callable, Mapping
from uuid import UUID

from msgspec import Struct

from domain.access import COUNCIL_ROLES, may_see
from domain.identifiers import IdentifierError, parse_nhs_number, parse_upn
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from services.errors import Fault, InvalidContent, PlanErased, PlanUnknown
from services.plans import Plans
from services.store.record_store import RecordStore
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, UPN, plan_match
from services.store.values import PlanMatch, RegisterRow

#: The longest search term, in characters.
MAX_TERM = 200
#: What can be searched for, and how each is brought to its normal form.
TERMS: Mapping[str, Callable[[str], str]] = {"localReference": str, "nhsNumber": parse_nhs_number, "upn": parse_upn}


class WorklistRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """A plan in a list: opaque id, codes and states."""

    plan_id: str
    maintaining_la: str
    phase: str
    version: int
    sequence: int
    opened_position: int
    updated_position: int


class Worklists:
    """What an organisation's people see of the register."""

    def __init__(self, store: RecordStore, plans: Plans) -> None:
        """Answer from this store's register."""
        self._store = store
        self._plans = plans

    def as_of_position(self) -> int:
        """How far the log reaches."""
        return self._store.head()[0]

    def page(self, actor: Actor, *, phase: str | None, after: int, limit: int) -> tuple[WorklistRow, ...]:
        """At most `limit` plans behind the cursor: a council's own, an auditor's all, for others none by this list."""
        council = _council_of(actor)
        if council is None:
            return ()
        rows = self._store.register.worklist(council=council or None, phase=phase, after=after, limit=limit)
        return tuple(_row(row) for row in rows)

    def search(self, actor: Actor, terms: JsonObject) -> tuple[str, ...]:
        """The ids of the plans that carry every given identifier and that the caller may see.

        Raises InvalidContent for no term, an unknown one, or an identifier that can't exist.
        """
        matches = _matches(self, terms, actor)
        found = [set(self._store.register.find(match)) for match in matches]
        both = set.intersection(*found) if found else set()
        return tuple(sorted(str(plan) for plan in both if self._visible(plan, actor)))

    def match(self, kind: str, value: str, council: str = "") -> PlanMatch:
        """The blinded form of an identifier."""
        return plan_match(self._store.index, kind, value, council)

    def _visible(self, plan_id: UUID, actor: Actor) -> bool:
        try:
            return may_see(self._plans.current(plan_id), actor)
        except (PlanUnknown, PlanErased):
            return False


def _matches(lists: Worklists, terms: JsonObject, actor: Actor) -> list[PlanMatch]:
    if not terms or set(terms) - set(TERMS):
        names = ", ".join(TERMS)
        raise InvalidContent((Fault(pointer="", text=f"Search by one or more of: {names}.", rule="search-terms"),))
    return [_match(lists, name, value, actor) for name, value in terms.items()]


def _match(lists: Worklists, name: str, value: object, actor: Actor) -> PlanMatch:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TERM:
        raise InvalidContent((Fault(pointer=f"/{name}", text="This must be a short text.", rule="type"),))
    try:
        normal = TERMS[name](value)
    except IdentifierError as error:
        raise InvalidContent((Fault(pointer=f"/{name}", text=str(error), rule=error.code),)) from None
    kind = {"localReference": LOCAL_REFERENCE, "nhsNumber": NHS_NUMBER, "upn": UPN}[name]
    return lists.match(kind, normal, (_council_of(actor) or "") if kind == LOCAL_REFERENCE else "")


def _council_of(actor: Actor) -> str | None:
    """The council whose plans the caller lists; "" for all of them, None for none."""
    if actor.role == "auditor":
        return ""
    kind, _, code = actor.organisation.partition(":")
    return code if actor.role in COUNCIL_ROLES and kind == "la" else None


def _row(row: RegisterRow) -> WorklistRow:
    return WorklistRow(
        plan_id=str(row.plan),
        maintaining_la=row.council,
        phase=row.phase,
        version=row.version,
        sequence=row.last_sequence,
        opened_position=row.opened_position,
        updated_position=row.updated_position,
    )
