"""What a council's records manager is shown: what is due, by which rule, since when, and what holds it back.

Ids, codes and dates only. A dry run of the whole: nothing is changed by looking.
"""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from domain.plan.acts import Actor
from domain.plan.state import PlanState
from domain.retention import HeldBack, Schedules, standing
from domain.retention.due import AT_REST, ERASURE_LAW
from services.disclosures.values import SEARCHED, Showing, Withheld
from services.errors import NotYours, PlanErased, PlanUnknown
from services.plans import Plans
from services.retention.certificates import Certificates
from services.retention.merged import held_with
from services.retention.readers import ReadersKept, Reading
from services.retention.telling import CertificateView, Telling
from services.rules.in_force import RulesInForce
from services.store.record_store import RecordStore

#: Who is shown what is due and what was destroyed, of their own council; auditors of the platform of every one.
ROLES = frozenset({"records-manager", "send-manager", "auditor"})
NOT_FOR_YOU = "What is due to be destroyed is shown to a council's records and SEND managers, and to auditors."
_NO_BIRTH = HeldBack(
    code="no-date-of-birth", text="Without a date of birth the end of the retention isn't known.", law=ERASURE_LAW
)


class Proposal(Struct, frozen=True, kw_only=True, rename="camel"):
    """A proposal that somebody else can approve, until the day `until`."""

    erasure_id: str
    proposed_on: str
    until: str
    own: bool


class DueRecord(Struct, frozen=True, kw_only=True, rename="camel"):
    """A record at rest: until when it is kept, by which rule, and what keeps it from being destroyed.

    `since` is the day on which its retention was over; it is absent while that is to come.
    """

    plan_id: str
    phase: str
    rule: str
    due: bool
    since: str | UnsetType = UNSET
    kept_until: str | UnsetType = UNSET
    held_back: tuple[HeldBack, ...] = ()
    proposal: Proposal | UnsetType = UNSET


class DuePage(Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of records, by which edition of the rules; `next` is the cursor of the following page."""

    council: str
    schedule: str
    schedule_sha256: str
    on: str
    records: tuple[DueRecord, ...]
    next: int | UnsetType = UNSET


class CertificatePage(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a council has destroyed, in order; `next` is the position to go on behind."""

    certificates: tuple[CertificateView, ...]
    next: int | UnsetType = UNSET


class CertificatesOfPlan(Struct, frozen=True, kw_only=True, rename="camel"):
    """The certificates about one record, and who had read it before it was destroyed."""

    certificates: tuple[CertificateView, ...]
    readers: tuple[Reading, ...]


class RetentionLists:
    """Reads what is due and what was destroyed."""

    def __init__(
        self,
        store: RecordStore,
        plans: Plans,
        rules: RulesInForce,
        certificates: Certificates,
        telling: Telling,
        today: Callable[[], date],
    ) -> None:
        """By the schedules in force on the civil date that `today` gives."""
        self._store = store
        self._plans = plans
        self._rules = rules
        self._certificates = certificates
        self._telling = telling
        self._today = today
        self._readers = ReadersKept(store)

    def due(
        self, actor: Actor, *, council: str | None = None, everything: bool = False, after: int = 0, limit: int = 100
    ) -> Withheld[DuePage]:
        """The records of a council among `limit` behind the cursor that are due; `everything` at rest, if asked for.

        A record about which no date of birth is known is always listed. Raises NotYours.
        """
        code, today = _council(actor, council), self._today()
        schedules = self._rules.book.schedules_of(code, today)
        rows = self._store.register.worklist(council=code, after=after, limit=limit)
        found = [self._record(row.plan, actor, schedules, today) for row in rows if row.phase in AT_REST]
        shown = tuple(one for one in found if one and (everything or one.due or one.kept_until is UNSET))
        page = DuePage(
            council=code,
            schedule=schedules.version,
            schedule_sha256=schedules.sha256,
            on=today.isoformat(),
            records=shown,
            next=rows[-1].opened_position if len(rows) == limit else UNSET,
        )
        return Withheld(page, _showing("retention-list", tuple(one.plan_id for one in shown)))

    def destroyed(
        self, actor: Actor, *, council: str | None = None, after: int = 0, limit: int = 100
    ) -> Withheld[CertificatePage]:
        """The certificates of a council behind a position of the retention log. Raises NotYours."""
        code = _council(actor, council)
        behind = [one for one in self._certificates.of_council(code) if one.position > after]
        page = tuple(self._telling.view(one) for one in behind[:limit])
        following = page[-1].position if len(behind) > limit else UNSET
        return Withheld(CertificatePage(certificates=page, next=following), _showing("retention-certificates"))

    def of_plan(self, actor: Actor, plan: UUID) -> Withheld[CertificatesOfPlan]:
        """The certificates about one record and its readers.

        Raises PlanUnknown where there is none, and for whoever they aren't for: the two look the same.
        """
        found = self._certificates.of_plan(plan)
        if actor.role not in ROLES or not found or not _may(actor, found[-1].certificate.council):
            raise PlanUnknown
        views = tuple(self._telling.view(one) for one in found)
        readers = tuple(self._readers.of_plan(plan))
        return Withheld(CertificatesOfPlan(certificates=views, readers=readers), _showing("retention-certificate"))

    def _record(self, plan: UUID, actor: Actor, schedules: Schedules, today: date) -> DueRecord | None:
        try:
            state = self._plans.current(plan)
        except (PlanErased, PlanUnknown):
            return None
        found = standing(state, schedules)
        due, until = found.is_due(today), found.kept_until
        held = (*found.held_back, *held_with(self._plans, state, schedules, today))
        held = held if until else (*held, _NO_BIRTH)
        return DueRecord(
            plan_id=str(plan),
            phase=state.phase,
            rule=found.rule,
            due=due,
            since=until.isoformat() if until and due else UNSET,
            kept_until=until.isoformat() if until else UNSET,
            held_back=held,
            proposal=_proposal(state, actor, schedules, today),
        )


def _proposal(state: PlanState, actor: Actor, schedules: Schedules, today: date) -> Proposal | UnsetType:
    for case in state.open_cases("erasure", "PROPOSED"):
        until = date.fromisoformat(case.opened_on) + timedelta(days=schedules.proposal_days)
        if today <= until:
            own = actor.may_be(case.data.get("proposedBy"), case.data.get("proposedByIssuer"))
            return Proposal(erasure_id=case.id, proposed_on=case.opened_on, until=until.isoformat(), own=own)
    return UNSET


def _council(actor: Actor, asked: str | None) -> str:
    """The council that is asked about. Raises NotYours for another one's staff."""
    own = actor.organisation.removeprefix("la:") if actor.organisation.startswith("la:") else ""
    code = asked or own
    if actor.role not in ROLES or not code or not _may(actor, code):
        raise NotYours(NOT_FOR_YOU)
    return code


def _may(actor: Actor, council: str) -> bool:
    auditor = actor.role == "auditor" and actor.is_of_the_platform
    return auditor or actor.organisation == f"la:{council}"


def _showing(what: str, plan_ids: tuple[str, ...] = ()) -> Showing:
    return Showing(what=what, outcome=SEARCHED, plan_ids=plan_ids)
