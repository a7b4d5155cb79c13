"""Traps of consulting settings: nobody is named by a number of yeses, and access ends."""

import json

from domain.document.masking import mask_section_i
from tests.domain.plan.journey import Journey
from tests.domain.plan.making.stages import SENT, final_text, finalising, served
from tests.support.access import entitled

ASKED = {f"c{n}": f"urn:19910{n}" for n in range(1, 7)}
DAY, REPLY = "2026-06-15", "2026-06-25"


def _six_consulted() -> Journey:
    history = served()
    for consultation, setting in ASKED.items():
        history.perform("consult-setting", DAY, consultationId=consultation, organisation=setting, consultedOn=DAY)
    return history


def _with_two_yeses() -> Journey:
    history = _six_consulted()
    for consultation in ("c1", "c2"):
        history.perform("answer-consultation", REPLY, consultationId=consultation, receivedOn=REPLY, answer="YES")
    return history


def _can_read(history: Journey, on: str = REPLY) -> set[str]:
    return {
        consultation
        for consultation, setting in ASKED.items()
        if entitled(history.state, "school", setting, on).masked_i
    }


def test_trap_72_two_yeses_decide_nothing() -> None:
    history = _with_two_yeses()
    assert history.state.phase == "DRAFT_ISSUED"
    assert history.state.document["sections"]["I"] == {}


def test_trap_72_each_setting_has_its_own_time_and_loses_access_when_it_replies() -> None:
    history = _with_two_yeses()
    running = [c for c in history.state.clocks.values() if c.id == "D6" and not c.met_on]
    assert sorted(clock.matter for clock in running) == [f"consultation/c{n}" for n in range(3, 7)]
    assert {clock.due_on for clock in running} == {"2026-06-30"}
    assert _can_read(history) == {"c3", "c4", "c5", "c6"}


def test_trap_72_five_lose_access_when_one_is_named() -> None:
    history = _with_two_yeses().perform("finalise", SENT, **finalising())
    assert _can_read(history, SENT) == set()
    statuses = {consultation: history.status("consultation", consultation) for consultation in ASKED}
    assert {statuses[f"c{n}"] for n in range(2, 7)} == {"CLOSED"}
    assert entitled(history.state, "school", ASKED["c1"], SENT).finals


def test_trap_72_the_copy_of_a_consulted_setting_shows_neither_section_i_nor_the_advice_itself() -> None:
    text = final_text(K={"advice": {"advice-1": {"order": 1, "kind": "Report", "author": "A psychologist"}}})
    text["sections"]["K"]["advice"]["advice-1"] |= {"documentHash": "ab" * 32, "appended": "yes"}
    copy = mask_section_i(text | {"unplacedNotes": {"note-1": {"order": 1, "text": "Elm Tree School is proposed"}}})
    assert text["sections"]["I"], "the plan in force names a school"
    assert "Elm Tree" not in json.dumps(copy)
    assert copy["sections"]["I"] == {}
    assert copy["sections"]["K"]["advice"] == {"advice-1": {"order": 1, "kind": "Report", "author": "A psychologist"}}


def test_trap_72_advice_is_shared_only_with_a_reason_of_the_officer() -> None:
    consulted = _six_consulted().state.case("consultation", "c1")
    assert consulted is not None
    assert "adviceShared" not in consulted.data
