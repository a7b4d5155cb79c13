"""No order of acts breaks the record: what is performed keeps the law, what is recorded is always storable."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.plan.evolve import fold
from domain.plan.state import ENDED, PlanState
from tests.domain.plan.keeping.history import GUARDIAN, MANAGER, OFFICER, PLAN_ID, History, maintained
from tests.domain.plan.keeping.places import PLACES

ACTORS = {"seal-identity": GUARDIAN, "unseal-identity": GUARDIAN}
DATES = [(date(2026, 6, 15) + timedelta(weeks=week)).isoformat() for week in range(40)]
NAMES = sorted(PLACES)
sequences = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(DATES)), max_size=12)
#: The acts that end a maintained plan or hand it on, so that chance meets them often.
ENDINGS = (
    "propose-cease", "consult-on-cease", "decide-cease", "cease", "register-appeal", "record-tribunal-order",
    "transfer-plan", "record-death", "correct-entry", "propose-merge", "merge-records", "retire-record", "amend",
    "serve-amendment-notice",
)  # fmt: skip
endings = st.lists(st.tuples(st.sampled_from(ENDINGS), st.sampled_from(DATES)), max_size=25)


def _data(name: str, on: str) -> dict[str, object]:
    """The act's usual body, with the days of the day it is done on."""
    return {key: on if value == "2026-06-15" else value for key, value in PLACES[name].data.items()}


@given(sequences)
@settings(max_examples=60)
def test_everything_that_has_happened_can_be_recorded_and_folded(steps: list[tuple[str, str]]) -> None:
    history = maintained()
    for name, on in steps:
        history.record(name, on, ACTORS.get(name, OFFICER), today=DATES[-1], **_data(name, on))
    state = history.state
    assert state.sequence == len(history.events)
    prefixes = [fold(PLAN_ID, history.events[:n]).sequence for n in range(len(history.events) + 1)]
    assert prefixes == list(range(len(history.events) + 1))


@given(endings)
@settings(max_examples=120)
def test_no_order_of_performed_acts_leaves_a_plan_without_its_law(steps: list[tuple[str, str]]) -> None:
    history = maintained("2016-10-01", dateOfBirth="2006-03-04")
    for name, on in sorted(steps, key=lambda step: step[1]):
        data = _data(name, on) | ({"about": ["f"]} if name == "register-appeal" else {})
        actor = ACTORS.get(name, MANAGER if name in {"merge-records", "retire-record"} else OFFICER)
        before = history.state
        try:
            mode = history.record if name.startswith(("register", "record-tribunal")) else history.perform
            mode(name, on, actor, **data)
        except Refusal:
            continue
        _lawful(before, history.state)


def _lawful(before: PlanState, after: PlanState) -> None:
    assert after.maintaining_la, "there is never nobody"
    if after.phase == "CEASED" and before.phase != "CEASED":
        decided = after.case("cease", "c1")
        assert decided
        assert after.last_on("ceased") > after.last_on("cease-decided")  # type: ignore[operator]
        assert not after.open_cases("appeal", "REGISTERED", "OPPOSED")
    if after.phase == "ENDED_DEATH" and before.phase != "ENDED_DEATH":
        assert not [clock for clock in after.clocks.values() if not clock.met_on and not clock.closed]
    if before.phase in ENDED and after.phase not in ENDED:
        assert after.annulled or after.corrected, "only a correction opens an ended record again"


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_act_folds_on_any_kind_of_record(name: str) -> None:
    for start in (History(), maintained(), maintained().happened("ceased", "2026-01-01", {"phase": "CEASED"})):
        start.record(name, "2026-06-15", ACTORS.get(name, OFFICER), **dict(PLACES[name].data))
        assert start.state.sequence == len(start.events)
