"""Records that are opened in one batch, among whatever else is in it: as if each group came alone, in its turn."""

import random
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from services.store.errors import DuplicateLocalReference, KeyConflict, SequenceConflict
from services.store.register import LOCAL_REFERENCE, UPN, plan_matches
from services.store.values import PLAN_LOG, AppendGroup, PlanMatch
from tests.services.store.conftest import Record, change
from tests.services.store.test_append import batch_of

CONFLICT = "another event, or another key, came first"


class Model:
    """What is on record, in a few lines that know no database."""

    def __init__(self) -> None:
        self.last: dict[UUID, int] = {}
        self.holders: dict[PlanMatch, UUID] = {}
        self.position = 0

    def told(self, group: AppendGroup) -> object:
        """What the group is told: its position, or what is in its way."""
        (event,) = group.events[PLAN_LOG]
        plan, sequence = event.originator_id, event.originator_version
        assert isinstance(plan, UUID)
        if sequence != self.last.get(plan, 0) + 1:
            return CONFLICT
        carried = [match for each in group.register for match in each.matches or ()]
        held = [self.holders[match] for match in carried if match in self.holders]
        if held and held[0] != plan:
            return held[0]
        self.last[plan], self.position = sequence, self.position + 1
        self.holders |= {match: plan for match in carried if match.kind == LOCAL_REFERENCE}
        return self.position


def groups(record: Record, plans: list[UUID], dice: random.Random) -> Iterator[AppendGroup]:
    """Openings for the most part, some with references and plans that others have; now and then a later event."""
    for _ in range(20):
        plan = dice.choice(plans)
        sequence = dice.choice((1, 1, 1, 2))
        event = record.seal(plan, sequence)
        (named,) = plan_matches(record.store.index, LOCAL_REFERENCE, f"SEN-{dice.randrange(12)}", "855")
        (numbered,) = plan_matches(record.store.index, UPN, f"A8002998{dice.randrange(12):05d}")
        carried = dice.choice(((), (named,), (named, numbered), (numbered,)))
        opens = sequence == 1 and dice.random() < 0.9
        yield AppendGroup({PLAN_LOG: [event]}, register=(change(plan, matches=carried),) if opens else ())


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_is_told_what_its_groups_would_be_told_alone(record: Record, seed: int) -> None:
    dice, model = random.Random(seed), Model()
    plans = [uuid4() for _ in range(20)]
    for _ in range(3):
        batch = list(groups(record, plans, dice))
        told = [_place(outcome) for outcome in batch_of(record, *batch)]
        assert told == [model.told(group) for group in batch]
    log = record.store.read_log()
    assert [event.position for event in log] == list(range(1, model.position + 1))
    opened = {event.position: event.plan for event in log if event.sequence == 1}
    assert all(opened[row.opened_position] == row.plan for row in record.store.register.worklist(limit=100))
    found = {match: record.store.register.find([match]) for match in model.holders}
    assert found == {match: [plan] for match, plan in model.holders.items()}


def test_a_plan_that_has_a_key_already_is_not_opened_and_the_others_are(record: Record) -> None:
    begun, other = uuid4(), uuid4()
    kept = record.seal(begun, 1)
    record.store.keys.forget(begun)
    rival = record.seal(begun, 1)
    outcomes = batch_of(
        record,
        *(
            AppendGroup({PLAN_LOG: [event]}, register=(change(event.plan),))
            for event in (kept, rival, record.seal(other, 1))
        ),
    )
    assert [_place(outcome) for outcome in outcomes] == [1, CONFLICT, 2]
    assert [row.plan for row in record.store.register.worklist()] == [begun, other]


def _place(outcome: object) -> object:
    """The position, the plan that is in the way, or that the plan has been begun."""
    if isinstance(outcome, DuplicateLocalReference):
        return outcome.existing
    if isinstance(outcome, SequenceConflict | KeyConflict):
        return CONFLICT
    return outcome[0].position  # type: ignore[index]
