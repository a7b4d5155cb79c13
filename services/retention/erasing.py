"""Destroying a record or one entry once that is approved: certificate first, then who had read it, then the key.

Each step is on disk before the next and is safe to repeat. Should the platform stop in between, whoever finds a
certificate of something that can still be read goes on (`finish`): at the next start, and within seconds in any other
process of the platform.
"""

from typing import Final
from uuid import UUID

from msgspec import UNSET

from domain.access import organisations_of
from domain.plan.events import PlanEvent
from domain.plan.state import Case, PlanState
from domain.retention.certificates import Certificate, Decision, EntryErased, RecordErased
from services.errors import PlanErased, PlanUnknown
from services.plans import Plans
from services.retention.certificates import Certificates
from services.retention.readers import ReadersKept
from services.store.record_store import RecordStore

#: Why an entry was destroyed that was moved to the record of another child.
MISFILED: Final = "MISFILED"
#: Parties that are told of nothing: they stand for nobody in particular.
NOBODY: Final = frozenset({"", "platform"})


class Erasing:
    """Carries out what two people have decided."""

    def __init__(self, store: RecordStore, plans: Plans) -> None:
        """Destroy keys of this store; states in memory are forgotten with them."""
        self._store = store
        self._plans = plans
        self.certificates = Certificates(store.retention)
        self._readers = ReadersKept(store)

    def record(self, approval: PlanEvent) -> None:
        """Destroy the record whose retention this event ends; nothing when that is done already."""
        try:
            state = self._plans.current(approval.plan)
        except (PlanErased, PlanUnknown):
            return
        case = state.case("erasure", str(approval.data.get("erasureId", "")))
        if case is None:
            return
        self.certificates.issue(self._record_certificate(state, case, approval))
        self._destroy_record(approval.plan)

    def entry(self, approval: PlanEvent, kind: str, id_field: str) -> None:
        """Destroy the entry that this event names; nothing when it can't be read any more."""
        sequence = int(approval.data["entry"])
        if not self._is_readable(approval.plan, sequence):
            return
        try:
            state = self._plans.current(approval.plan)
        except (PlanErased, PlanUnknown):
            return
        case = state.case(kind, str(approval.data.get(id_field, "")))
        if case is not None:
            self.certificates.issue(self._entry_certificate(state, case, approval, sequence))
        self._destroy_entry(approval.plan, sequence)

    def finish(self) -> int:
        """Destroy whatever a certificate says is destroyed and isn't; returns how much that was."""
        certified = [one.certificate for one in self.certificates.all()]
        erased = {(entry.plan, entry.sequence) for entry in self._store.keys.erasures} if certified else set()
        left = [one for one in certified if not erased & {(UUID(one.plan), None), (UUID(one.plan), _entry(one))}]
        for one in left:
            if isinstance(one, RecordErased):
                self._destroy_record(UUID(one.plan))
            else:
                self._destroy_entry(UUID(one.plan), one.entry)
        return len(left)

    def _destroy_record(self, plan: UUID) -> None:
        self._readers.keep(plan)
        self._store.erase_plan(plan)
        self._plans.forget(plan)

    def _destroy_entry(self, plan: UUID, sequence: int) -> None:
        self._store.erase_event(plan, sequence)
        self._plans.forget(plan)

    def _is_readable(self, plan: UUID, sequence: int) -> bool:
        return any(isinstance(entry, PlanEvent) for entry in self._store.read_plan(plan, sequence - 1, sequence))

    def _record_certificate(self, state: PlanState, case: Case, approval: PlanEvent) -> RecordErased:
        position = self._position(approval.plan, approval.sequence)
        day = approval.metadata.effectiveon
        parties = {relation.party for relation in organisations_of(state) if relation.holds_on(day)}
        return RecordErased(
            plan=state.plan_id,
            council=state.maintaining_la,
            rule=str(case.data.get("rule", "")),
            schedule=str(case.data.get("schedule", "")),
            schedule_sha256=str(case.data.get("scheduleSha256", "")),
            proposed=self._proposed(approval.plan, case),
            approved=_decision(approval),
            events=state.sequence,
            position=position,
            leaf=self._store.leaf(position).hex(),
            told=tuple(sorted(parties - NOBODY)),
        )

    def _entry_certificate(self, state: PlanState, case: Case, approval: PlanEvent, sequence: int) -> EntryErased:
        position = self._position(approval.plan, sequence)
        (entry,) = self._store.read_plan(approval.plan, sequence - 1, sequence)
        return EntryErased(
            plan=state.plan_id,
            council=state.maintaining_la,
            entry=sequence,
            type=entry.type,
            basis=str(case.data.get("basis", MISFILED)),
            proposed=self._proposed(approval.plan, case),
            approved=_decision(approval),
            position=position,
            leaf=self._store.leaf(position).hex(),
        )

    def _position(self, plan: UUID, sequence: int) -> int:
        (entry,) = self._store.read_plan(plan, sequence - 1, sequence)
        return entry.position

    def _proposed(self, plan: UUID, case: Case) -> Decision:
        (proposal,) = self._store.read_plan(plan, case.opened_by - 1, case.opened_by)
        if not isinstance(proposal, PlanEvent):
            raise PlanErased
        return _decision(proposal)


def _entry(certificate: Certificate) -> int | None:
    """The entry that was destroyed, None for a whole record: as the register of erasures has it."""
    return certificate.entry if isinstance(certificate, EntryErased) else None


def _decision(event: PlanEvent) -> Decision:
    by = event.metadata
    return Decision(
        by=by.actor,
        issuer=by.actorissuer or UNSET,
        organisation=by.actororg,
        role=by.actorrole,
        on=by.effectiveon,
        sequence=event.sequence,
    )
