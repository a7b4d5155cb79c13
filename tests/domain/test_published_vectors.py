"""The published test vectors, read where they are present: every value of every vector is checked.

Our own tables of the same facts always run (`tests/traps`); this test notices a vector that they do not know.
"""

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.calendar import compulsory_school_age_ends
from domain.clocks import Fact, due, exception_window
from domain.identifiers import is_valid_nhs_number, is_valid_uln, is_valid_upn
from services.reference_data import load_reference_data

SHARED = Path(os.environ.get("EHCP_SHARED", Path(__file__).resolve().parents[3] / "shared"))
VECTORS = SHARED / "reference" / "vectors.json"
DATA = load_reference_data()
RULES = DATA.rule_set_for(date(2026, 1, 1))

Answer = dict[str, Any]


def on(clock: str, **facts: Fact) -> str:
    return due(RULES.clock(clock), facts, DATA.holidays).due_on.isoformat()


def day(given: Answer, name: str) -> date:
    return date.fromisoformat(given[name])


def request_clock(given: Answer) -> Answer:
    clocks = {"decideBy": "D1", "refuseIssueBy": "D3", "finalBy": "D4"}
    return {name: on(clock, receivedOn=day(given, "receivedOn")) for name, clock in clocks.items()}


def review(given: Answer) -> Answer:
    meeting = day(given, "meetingOn")
    return {
        "reportBy": on("D11", meetingOn=meeting),
        "decisionAndNoticeBy": on("D12", meetingOn=meeting),
        "finalBy": on("D14", noticeOn=day(given, "noticeOn")),
        "outerBound": on("D15", meetingOn=meeting),
    }


def phase(given: Answer) -> Answer:
    clock, kind = ("D16", "secondary-to-post-16-institution") if given["toPost16"] else ("D17", "primary-to-secondary")
    return {"lastLawfulDay": on(clock, transferOn=date(given["transferYear"], 9, 1), transferKind=kind)}


def la_transfer_inform(given: Answer) -> Answer:
    moved = day(given, "transferOn")
    return {
        "informBy": on("D21", transferOn=moved),
        "reviewBy": on("D22", transferOn=moved, lastReviewOn=day(given, "lastReview")),
    }


def appeal_window(given: Answer) -> Answer:
    facts: dict[str, Fact] = {"letterOn": day(given, "letter")}
    if given["certificate"]:
        facts["certificateOn"] = day(given, "certificate")
    return {"by": on("D30", **facts)}


def tribunal_order(given: Answer) -> Answer:
    clocks = {
        "sectionIOnly": "D36",
        "amendContents": "D35",
        "makeDraft": "D33a",
        "makeFinal": "D33b",
        "assessNotify": "D32a",
        "assessRefuse": "D32b",
        "assessFinal": "D32c",
    }
    return {name: on(clock, orderOn=day(given, "orderOn")) for name, clock in clocks.items()}


def exception(given: Answer) -> Answer:
    window = exception_window(day(given, "closed"), day(given, "reopens"))
    if window is None:
        return {"qualifies": False}
    return {"from": window.first.isoformat(), "to": window.last.isoformat(), "qualifies": True}


def identifier(is_valid: Callable[[str], bool]) -> Callable[[str], Answer]:
    def answer(text: str) -> Answer:
        if text.endswith("?"):
            return {"validForAnyLastDigit": any(is_valid(text[:-1] + digit) for digit in "0123456789")}
        return {"valid": is_valid(text)}

    return answer


ANSWERS: dict[str, Callable[[Any], Answer]] = {
    "request-clock": request_clock,
    "draft-representations": lambda g: {"earliestClose": on("D5", servedOn=day(g, "servedOn"))},
    "review": review,
    "phase": phase,
    "post16-move": lambda g: {"by": on("D18", transferOn=day(g, "transferOn"), transferKind="post-16-to-post-16")},
    "la-transfer": lambda g: {"by": on("D20", awareOn=day(g, "awareOn"))},
    "la-transfer-inform": la_transfer_inform,
    "appeal-window": appeal_window,
    "appeal-response": lambda g: {"by": on("D31", receivedOn=day(g, "sentOn"))},
    "tribunal-order": tribunal_order,
    "exception-window": exception,
    "three-working-days": lambda g: {"by": on("D27", informedOn=day(g, "from"))},
    "compulsory-school-age-ends": lambda g: {"on": compulsory_school_age_ends(day(g, "dob")).isoformat()},
    "upn": identifier(is_valid_upn),
    "nhsNumber": identifier(is_valid_nhs_number),
    "uln": identifier(is_valid_uln),
}


@pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not beside this checkout")
def test_every_published_vector_comes_out_as_published() -> None:
    vectors = json.loads(VECTORS.read_bytes())
    wrong = [v for v in vectors if ANSWERS[v["id"]](v["input"]) != v["expect"]]
    assert not wrong
    assert {v["id"] for v in vectors} == set(ANSWERS)
