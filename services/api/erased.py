"""What is told of a record that was destroyed: its certificate to its parties, nothing to strangers."""

from uuid import UUID

from fastapi import Request

from services.api.caller import caller_of
from services.errors import PlanErased, PlanUnknown, TextErased
from services.retention.telling import CertificateView
from services.store.errors import KeyDestroyed


class ErasedFor(PlanErased):
    """The record that this caller had to do with was destroyed: `certificate` says by which rule and by whom."""

    def __init__(self, certificate: CertificateView) -> None:
        """Keep the certificate."""
        super().__init__()
        self.certificate = certificate


def told_of_erased(request: Request, error: Exception) -> Exception:
    """What this caller is told instead of that a record was destroyed."""
    if isinstance(error, TextErased) or not isinstance(error, (PlanErased, KeyDestroyed)):
        return error
    plan = str(request.path_params.get("plan_id", ""))
    certificate = request.app.state.platform.telling.of_record(UUID(plan), caller_of(request)) if plan else None
    return ErasedFor(certificate) if certificate else PlanUnknown()
