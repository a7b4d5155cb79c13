"""The register of plans: found by blinded identifiers, listed by codes, rebuilt from changes."""

from uuid import UUID, uuid4

import pytest

from services.store.errors import DuplicateLocalReference, StoreError
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, plan_match
from services.store.values import PlanMatch
from tests.services.store.conftest import Record, change


def reference(record: Record, value: str, council: str = "855") -> PlanMatch:
    return plan_match(record.store.index, LOCAL_REFERENCE, value, council)


def test_a_plan_is_found_by_its_reference_and_its_numbers(record: Record, plan: UUID) -> None:
    nhs = plan_match(record.store.index, NHS_NUMBER, "999 000 0018")
    record.append(
        record.seal(plan, 1), register=(change(plan, matches=(reference(record, "SEN 0041"), nhs)),)
    )
    assert record.store.register.find(reference(record, " sen  0041")) == [plan]
    assert record.store.register.find(plan_match(record.store.index, NHS_NUMBER, "9990000018")) == [plan]
    assert record.store.register.find(reference(record, "SEN0041")) == []
    assert record.store.register.find(reference(record, "SEN 0041", "936")) == []


def test_a_local_reference_is_unique_within_its_council(record: Record, plan: UUID) -> None:
    record.append(record.seal(plan, 1), register=(change(plan, matches=(reference(record, "SEN-1"),)),))
    rival = uuid4()
    with pytest.raises(DuplicateLocalReference) as refusal:
        record.append(record.seal(rival, 1), register=(change(rival, matches=(reference(record, "sen-1"),)),))
    assert refusal.value.existing == plan
    assert record.store.read_plan(rival) == []
    elsewhere = change(rival, council="936", matches=(reference(record, "SEN-1", "936"),))
    record.append(record.seal(rival, 1), register=(elsewhere,))


def test_two_plans_may_carry_the_same_nhs_number_and_both_are_found(record: Record) -> None:
    nhs, plans = plan_match(record.store.index, NHS_NUMBER, "9990000018"), [uuid4(), uuid4()]
    for one in plans:
        record.append(record.seal(one, 1), register=(change(one, matches=(nhs,)),))
    assert record.store.register.find(nhs) == plans


def test_a_change_replaces_the_row_and_the_identifiers(record: Record, plan: UUID) -> None:
    survivor = uuid4()
    record.append(record.seal(plan, 1), register=(change(plan, matches=(reference(record, "SEN-1"),)),))
    record.append(record.seal(plan, 2))
    record.append(
        record.seal(plan, 3), register=(change(plan, phase="MERGED", version=2, retired_into=survivor),)
    )
    row = record.store.register.get(plan)
    assert row is not None
    assert (row.phase, row.version, row.retired_into) == ("MERGED", 2, survivor)
    assert (row.last_sequence, row.opened_position, row.updated_position) == (3, 1, 3)
    assert record.store.register.find(reference(record, "SEN-1")) == []


def test_the_last_sequence_is_right_after_events_that_change_no_code(record: Record, plan: UUID) -> None:
    record.append(record.seal(plan, 1), register=(change(plan),))
    record.append(record.seal(plan, 2))
    row = record.store.register.get(plan)
    assert row is not None
    assert row.last_sequence == 2


def test_nothing_is_registered_without_an_event(record: Record, plan: UUID) -> None:
    with pytest.raises(StoreError):
        record.append(register=(change(plan),))
    assert record.store.register.get(plan) is None


def test_worklists_are_pages_in_order_of_opening(record: Record) -> None:
    plans = [uuid4() for _ in range(7)]
    for number, one in enumerate(plans):
        council = "855" if number % 2 == 0 else "936"
        phase = "ASSESSING" if number < 3 else "MAINTAINED"
        record.append(record.seal(one, 1), register=(change(one, council=council, phase=phase),))
    register = record.store.register
    first = register.worklist(limit=4)
    rest = register.worklist(limit=4, after=first[-1].opened_position)
    assert [row.plan for row in first + rest] == plans
    assert [row.plan for row in register.worklist(council="855", phase="MAINTAINED")] == [plans[4], plans[6]]
    assert [row.plan for row in register.worklist(phase="ASSESSING")] == plans[:3]


def test_the_register_can_be_rebuilt_from_its_changes(record: Record) -> None:
    plans = [uuid4() for _ in range(3)]
    changes = [change(one, matches=(reference(record, f"SEN-{n}"),)) for n, one in enumerate(plans)]
    changes.append(change(plans[0], phase="MAINTAINED", version=1, matches=(reference(record, "SEN-9"),)))
    sequences = dict.fromkeys(plans, 0)
    placed = []
    for item in changes:
        sequences[item.plan] += 1
        (appended,) = record.append(record.seal(item.plan, sequences[item.plan]), register=(item,))
        placed.append((item, appended.position))
    before = record.store.register.worklist()
    record.store.rebuild_register(placed)
    assert record.store.register.worklist() == before
    assert record.store.register.find(reference(record, "SEN-9")) == [plans[0]]
    assert record.store.register.find(reference(record, "SEN-0")) == []
    record.store.rebuild_register([])
    assert record.store.register.worklist() == []
