"""Words that no file or table may show, put wherever content goes."""

from uuid import UUID

from domain.plan.events import EventMetadata
from services.store.idempotency import idempotency_record
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, UPN, plan_matches
from services.store.values import DRAFT_LOG, PLAN_LOG, AppendGroup, Snapshot
from tests.services.store.conftest import Record, change

WORDS = [
    "Zebedee", "Quillfeather", "echolalia", "trampolining", "Fernlea", "9990000018", "A801200001001",
    "SEN-77431", "zebedee.quillfeather@example.org", "07700900123", "client-secret-id", "idem-key-991",
]  # fmt: skip


def fill(record: Record, plan: UUID) -> None:
    """Put every word of the list wherever content goes."""
    index = record.store.index
    content = {"plan": {"personalDetails": {"name": WORDS[0]}, "sections": {"B": {"text": " ".join(WORDS)}}}}
    metadata = EventMetadata(
        effectiveon="2026-09-01",
        actor=" ".join(WORDS),
        actororg="ods:FICTIVE",
        actorrole="family",
        mode="PERFORM",
    )
    seal = record.store.seal
    record.store.append(
        AppendGroup(
            {
                PLAN_LOG: [seal(plan, 1, "ehcp.plan.finalised.v1", metadata, content, council="855")],
                DRAFT_LOG: [seal(plan, 1, "ehcp.draft.changed.v1", metadata, content, draft=UUID(int=5))],
            },
            idempotency=idempotency_record(index, "client-secret-id", "idem-key-991", bytes(32), plan),
            register=(
                change(
                    plan,
                    matches=(
                        *plan_matches(index, LOCAL_REFERENCE, "SEN-77431", "855"),
                        *plan_matches(index, NHS_NUMBER, "9990000018"),
                        *plan_matches(index, UPN, "A801200001001"),
                    ),
                ),
            ),
        )
    )
    shown = record.store.seal_disclosure(plan, UUID(int=6), "ehcp.disclosure.recorded.v1", metadata, content)
    record.store.disclose([shown]).result()
    record.store.snapshots.put(Snapshot(plan, 1, 1, " ".join(WORDS).encode()), 0)
