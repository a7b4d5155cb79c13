"""How far a plan has come: histories that stop at each stage of its making, and the texts that they carry."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from domain.document import merge_patch, text_hash
from tests.domain.plan.journey import Journey
from tests.domain.plan.keeping.history import DOCUMENT

#: The days of a case that was asked for on 2 March 2026, so that its final plan is due on 20 July 2026.
SERVED, UNTIL, SENT = "2026-06-12", "2026-06-26", "2026-07-10"
SETTING = "urn:199101"
#: A health need, and the therapy that meets it: what section G of the fictional plan holds.
THERAPY: dict[str, Any] = {
    "order": 1,
    "what": "Physiotherapy to keep the range of movement in both ankles",
    "needIds": ["need-2"],
    "quantity": {"minutesPerSession": 45, "sessions": 1, "per": "fortnight"},
    "commissioner": {"type": "ICB", "odsCode": "QJK"},
}
AGREED = {
    "itemId": "provision-2",
    "textHash": text_hash(THERAPY),
    "bodyType": "ICB",
    "odsCode": "QJK",
    "body": "Example Integrated Care Board",
    "agreedBy": "Pat Example",
    "role": "Designated clinical officer",
    "agreedOn": "2026-06-20",
}
SECTION_G = {"C": {"needs": {"need-2": {"order": 1, "description": "Tight calf muscles"}}}} | {
    "G": {"provisions": {"provision-2": THERAPY}}
}
CONSULTED = {
    "consultationId": "c1",
    "organisation": SETTING,
    "settingName": "Elm Tree School",
    "consultedOn": "2026-06-15",
}


def final_text(**sections: Any) -> dict[str, Any]:
    """The text of a final plan that names a school, with sections changed by merge patch."""
    changed: dict[str, Any] = merge_patch(deepcopy(DOCUMENT), {"sections": sections})
    return changed


def draft_text(**sections: Any) -> dict[str, Any]:
    """The text of a first draft: section I is empty."""
    text = final_text(**sections)
    return text | {"sections": text["sections"] | {"I": sections.get("I", {})}}


def drafting() -> Journey:
    """The council has decided to make a plan."""
    return Journey.drafting()


def serving(**changes: Any) -> dict[str, Any]:
    """The body with which both parents are served the first draft, with what is changed."""
    body = {
        "plan": draft_text(),
        "purpose": "INITIAL",
        "servedOn": {"contact-1": SERVED, "contact-2": SERVED},
        "serviceMethods": {"contact-1": "EMAIL", "contact-2": "POST"},
        "representationsUntil": UNTIL,
    }
    return body | changes


def served(**changes: Any) -> Journey:
    """The draft was served on both parents."""
    return drafting().perform("serve-draft", SERVED, **serving(**changes))


def consulted() -> Journey:
    """The setting that will be named was consulted."""
    return served().perform("consult-setting", "2026-06-15", **CONSULTED)


def finalising(**changes: Any) -> dict[str, Any]:
    """The body with which the first plan is made final, with what is changed."""
    body = {
        "plan": final_text(),
        "purpose": "INITIAL",
        "sentOn": SENT,
        "basis": "COUNCIL",
        "recipients": ["contact-1", "contact-2"],
        "sentTo": [SETTING],
        "rightsExplained": True,
    }
    return body | changes


def finalised() -> Journey:
    """The plan is final and names the consulted setting."""
    return consulted().perform("finalise", SENT, **finalising())


def reassessing() -> Journey:
    """A plan in force whose child is assessed again by the council's own decision."""
    own = {"reassessmentId": "a1", "decision": "REASSESS", "origin": "OWN_DECISION", "decidedOn": "2026-06-01"}
    return Journey.maintained().perform("decide-reassessment", "2026-06-01", **own)


def warnings(history: Journey) -> set[str]:
    """The rules of which the last event carries a warning."""
    return {warning["rule"] for warning in history.events[-1].data["effects"].get("warnings", ())}
