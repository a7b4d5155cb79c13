"""Who is told that a record was destroyed: those who had to do with it when it was, and no stranger."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from domain.access import Access
from domain.plan.acts import Actor
from domain.retention.certificates import Decision, EntryErased, RecordErased
from services.retention.certificates import Certificates, Certified
from services.store.record_store import RecordStore
from services.store.values import RETENTION_LOG

#: Roles of the council that kept the record.
STAFF = frozenset({"case-officer", "send-manager", "identity-guardian", "records-manager"})


class CertificateView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A certificate as it is shown: what was destroyed, by which rule, who decided, and how the logs prove it.

    `log_position` and `log_leaf` are those of the approval in the log of plans (of a destroyed entry: its
    own), `position` and `leaf` those of the certificate in the retention log.
    """

    id: str
    plan_id: str
    council: str
    destroyed: str
    rule: str | UnsetType = UNSET
    schedule: str | UnsetType = UNSET
    schedule_sha256: str | UnsetType = UNSET
    basis: str | UnsetType = UNSET
    entry: int | UnsetType = UNSET
    events: int | UnsetType = UNSET
    proposed: Decision
    approved: Decision
    log_position: int
    log_leaf: str
    position: int
    leaf: str
    recorded_at: str


class Telling:
    """Decides whom a certificate is shown to."""

    def __init__(
        self, store: RecordStore, certificates: Certificates, access: Access, today: Callable[[], date]
    ) -> None:
        """Certificates of this store; `access` knows which organisations are one on the day of `today`."""
        self._store = store
        self._certificates = certificates
        self._access = access
        self._today = today

    def of_record(self, plan: UUID, actor: Actor) -> CertificateView | None:
        """The certificate of a destroyed record, for whoever is told of it; None for a stranger."""
        found = self._certificates.record_erased(plan)
        if found is None or not isinstance(found.certificate, RecordErased):
            return None
        return self.view(found) if self._is_told(found.certificate, actor) else None

    def view(self, certified: Certified) -> CertificateView:
        """A certificate with its leaf."""
        one = certified.certificate
        what: dict[str, Any] = (
            {"entry": one.entry, "basis": one.basis}
            if isinstance(one, EntryErased)
            else {
                "rule": one.rule,
                "schedule": one.schedule,
                "schedule_sha256": one.schedule_sha256,
                "events": one.events,
            }
        )
        return CertificateView(
            id=str(certified.id),
            plan_id=one.plan,
            council=one.council,
            destroyed="entry" if isinstance(one, EntryErased) else "record",
            **what,
            proposed=one.proposed,
            approved=one.approved,
            log_position=one.position,
            log_leaf=one.leaf,
            position=certified.position,
            leaf=self._store.leaf(certified.position, RETENTION_LOG).hex(),
            recorded_at=certified.time.isoformat(),
        )

    def _is_told(self, certificate: RecordErased, actor: Actor) -> bool:
        if actor.role == "family":
            return actor.plan_id == certificate.plan
        if actor.role == "auditor":
            return actor.is_of_the_platform or self._is_party(certificate, actor)
        if actor.organisation.startswith("la:"):
            return actor.role in STAFF and self._is_party(certificate, actor)
        return self._is_party(certificate, actor)

    def _is_party(self, certificate: RecordErased, actor: Actor) -> bool:
        same, on = self._access.directory.same_organisation, self._today()
        return any(party == actor.organisation or same(party, actor.organisation, on) for party in certificate.told)
