"""The register of plans: found by blinded identifiers, listed by codes, rebuilt from changes."""

from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from services.store.errors import DuplicateLocalReference, StoreError
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, plan_matches
from services.store.values import DRAFT_LOG, AppendGroup, PlanMatch
from tests.services.store.conftest import Record, change


def reference(record: Record, value: str, council: str = "855") -> PlanMatch:
    return plan_matches(record.store.index, LOCAL_REFERENCE, value, council)[0]


def test_a_plan_is_found_by_its_reference_and_its_numbers(record: Record, plan: UUID) -> None:
    nhs = plan_matches(record.store.index, NHS_NUMBER, "999 000 0018")[0]
    record.append(record.seal(plan, 1), register=(change(plan, matches=(reference(record, "SEN 0041"), nhs)),))
    assert record.store.register.find([reference(record, " sen  0041")]) == [plan]
    assert record.store.register.find(plan_matches(record.store.index, NHS_NUMBER, "9990000018")) == [plan]
    assert record.store.register.find([reference(record, "SEN0041")]) == []
    assert record.store.register.find([reference(record, "SEN 0041", "936")]) == []


def test_a_local_reference_is_unique_within_its_council(record: Record, plan: UUID) -> None:
    record.append(record.seal(plan, 1), register=(change(plan, matches=(reference(record, "SEN-1"),)),))
    rival = uuid4()
    with pytest.raises(DuplicateLocalReference) as refusal:
        record.append(record.seal(rival, 1), register=(change(rival, matches=(reference(record, "sen-1"),)),))
    assert refusal.value.existing == plan
    assert record.store.read_plan(rival) == []
    elsewhere = change(rival, council="936", matches=(reference(record, "SEN-1", "936"),))
    record.append(record.seal(rival, 1), register=(elsewhere,))


def test_a_reference_is_handed_over_when_two_records_become_one(record: Record, plan: UUID) -> None:
    survivor, held = uuid4(), reference(record, "SEN-1")
    record.append(record.seal(plan, 1), register=(change(plan, matches=(held,)),))
    record.append(
        record.seal(survivor, 1),
        record.seal(plan, 2),
        register=(change(survivor, matches=(held,)), change(plan, phase="MERGED", retired_into=survivor)),
    )
    assert record.store.register.find([held]) == [survivor]


def test_two_plans_of_one_append_cannot_share_a_reference(record: Record, plan: UUID) -> None:
    other, held = uuid4(), reference(record, "SEN-1")
    with pytest.raises(IntegrityError):
        record.append(
            record.seal(plan, 1),
            record.seal(other, 1),
            register=(change(plan, matches=(held,)), change(other, matches=(held,))),
        )
    assert record.store.read_log() == []


def test_an_erased_child_is_no_longer_found_by_an_identifier(record: Record, plan: UUID) -> None:
    held = reference(record, "SEN-1")
    record.append(record.seal(plan, 1), register=(change(plan, matches=(held,)),))
    record.store.erase_plan(plan)
    assert record.store.register.find([held]) == []
    assert record.store.register.get(plan) is not None


def test_the_streams_of_a_plan_s_drafts_follow_from_their_ids(record: Record, plan: UUID) -> None:
    spring, autumn = uuid4(), uuid4()
    for draft in (spring, autumn):
        record.store.append(AppendGroup({DRAFT_LOG: [record.seal(plan, 1, draft=draft)]}))
    record.store.append(AppendGroup({DRAFT_LOG: [record.seal(plan, 2, draft=spring)]}))
    assert record.store.register.streams(plan, DRAFT_LOG) == [spring, autumn]
    assert record.store.register.plans_of([spring.bytes, plan.bytes]) == {spring.bytes: plan.bytes}


def test_two_plans_may_carry_the_same_nhs_number_and_both_are_found(record: Record) -> None:
    nhs, plans = plan_matches(record.store.index, NHS_NUMBER, "9990000018")[0], [uuid4(), uuid4()]
    for one in plans:
        record.append(record.seal(one, 1), register=(change(one, matches=(nhs,)),))
    assert record.store.register.find([nhs]) == plans


def test_a_change_replaces_the_row_and_the_identifiers(record: Record, plan: UUID) -> None:
    survivor = uuid4()
    record.append(record.seal(plan, 1), register=(change(plan, matches=(reference(record, "SEN-1"),)),))
    record.append(record.seal(plan, 2))
    record.append(record.seal(plan, 3), register=(change(plan, phase="MERGED", version=2, retired_into=survivor),))
    row = record.store.register.get(plan)
    assert row is not None
    assert (row.phase, row.version, row.retired_into) == ("MERGED", 2, survivor)
    assert (row.last_sequence, row.opened_position, row.updated_position) == (3, 1, 3)
    assert record.store.register.find([reference(record, "SEN-1")]) == []


def test_identifiers_of_which_nothing_is_said_stay(record: Record, plan: UUID) -> None:
    held = reference(record, "SEN-1")
    opened, moved = change(plan, matches=(held,)), change(plan, phase="DRAFTING", matches=None)
    record.append(record.seal(plan, 1), register=(opened,))
    record.append(record.seal(plan, 2), register=(moved,))
    assert record.store.register.find([held]) == [plan]
    assert record.store.register.get(plan).phase == "DRAFTING"
    record.store.rebuild_register([(opened, 1), (moved, 2)])
    assert record.store.register.find([held]) == [plan]


def test_a_reference_of_which_nothing_is_said_is_not_handed_over(record: Record, plan: UUID) -> None:
    held, other = reference(record, "SEN-1"), uuid4()
    record.append(record.seal(plan, 1), register=(change(plan, matches=(held,)),))
    with pytest.raises(DuplicateLocalReference):
        record.append(
            record.seal(plan, 2),
            record.seal(other, 1),
            register=(change(plan, matches=None), change(other, matches=(held,))),
        )
    assert record.store.register.find([held]) == [plan]


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
    assert record.store.register.find([reference(record, "SEN-9")]) == [plans[0]]
    assert record.store.register.find([reference(record, "SEN-0")]) == []


def test_a_rebuilt_register_knows_who_took_a_reference_over(record: Record, plan: UUID) -> None:
    survivor, held = uuid4(), reference(record, "SEN-1")
    opened, taken = change(plan, matches=(held,)), change(survivor, matches=(held,))
    merged = change(plan, phase="MERGED", retired_into=survivor)
    record.store.rebuild_register([(opened, 1), (taken, 2), (merged, 3)])
    assert record.store.register.find([held]) == [survivor]
    rows = record.store.register.worklist()
    assert [(row.plan, row.opened_position, row.updated_position) for row in rows] == [
        (plan, 1, 3),
        (survivor, 2, 2),
    ]
    record.store.rebuild_register([])
    assert record.store.register.worklist() == []


def test_many_identifiers_are_looked_up_at_once(record: Record, plan: UUID) -> None:
    other, shared = uuid4(), plan_matches(record.store.index, NHS_NUMBER, "9990000018")[0]
    for each, name in ((plan, "SEN-1"), (other, "SEN-2")):
        record.append(record.seal(each, 1), register=(change(each, matches=(reference(record, name), shared)),))
    strangers = [reference(record, f"SEN-{number}") for number in range(3, 600)]
    found = record.store.register.find_each([*strangers, shared, reference(record, "SEN-2"), shared])
    assert found == {shared: {plan, other}, reference(record, "SEN-2"): {other}}
    assert record.store.register.find_each([]) == {}
