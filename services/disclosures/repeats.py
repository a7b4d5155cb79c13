"""A request repeated under its Idempotency-Key is one entry: the key and its client give the entry's id."""

from uuid import UUID

from domain.plan.acts import Actor
from domain.plan.events import PlanEvent
from services.errors import KeyReused
from services.store.record_store import RecordStore
from services.store.values import DISCLOSURE_LOG


def entry_id(store: RecordStore, actor: Actor, key: str) -> UUID:
    """The id of the entry that this client's request under this key makes, the same every time; it tells neither."""
    blinded = store.index.steady("disclosure request", f"{actor.person}\x00{key}")
    return UUID(bytes=blinded[:16], version=4)


def recorded_before(store: RecordStore, entry: UUID, digest: bytes) -> PlanEvent | None:
    """The entry that the request has made already, None when it is new. Raises KeyReused for another request's."""
    found = store.read_stream(DISCLOSURE_LOG, entry)
    if not found:
        return None
    if not isinstance(found[0], PlanEvent) or found[0].data.get("request") != digest.hex():
        raise KeyReused
    return found[0]
