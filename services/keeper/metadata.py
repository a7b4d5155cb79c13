"""Who, for whom and when: the sealed metadata of an event, from the act that made it."""

from domain.plan.acts import Act
from domain.plan.catalogue import ActSpec
from domain.plan.events import DecidedEvent, EventMetadata
from domain.plan.state import PlanState
from services.requests import ActRequest


def metadata_of(spec: ActSpec, act: Act, request: ActRequest, state: PlanState, decided: DecidedEvent) -> EventMetadata:
    """The event's metadata. `planversion` is the final that the event makes, else the one in force."""
    made = decided.data.get("effects", {}).get("version", {})
    current = state.current_version()
    number = made["number"] if made.get("kind") == "final" else current.number if current else None
    return EventMetadata(
        effectiveon=act.effective_on.isoformat(),
        actor=act.actor.subject,
        actororg=act.actor.organisation,
        actorrole=act.actor.role,
        mode=act.mode,
        onbehalfof=act.on_behalf_of or None,
        gateway=act.data.get("gateway") or spec.gateway or None,
        correlationid=request.correlation_id or None,
        planversion=number,
        evidencesha256=act.evidence.get("sha256"),
        actorissuer=act.actor.issuer or None,
    )
