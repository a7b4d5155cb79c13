"""For each act of making a plan: what came before it, and a body with which it is done in its right place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.document import text_hash
from domain.plan.acts import Actor
from tests.domain.plan.keeping.history import MANAGER, OFFICER, History
from tests.domain.plan.making.stages import (
    AGREED,
    CONSULTED,
    SENT,
    SETTING,
    THERAPY,
    UNTIL,
    consulted,
    drafting,
    final_text,
    finalised,
    finalising,
    served,
    serving,
)

#: The day of every act here that isn't bound to another one.
ON = "2026-07-13"
Step = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """Where an act belongs: the stage of the plan, the acts before it (recorded), its data, its day, who does it."""

    start: Callable[[], History]
    data: dict[str, Any]
    before: tuple[Step, ...] = ()
    on: str = ON
    by: Actor = OFFICER

    def history(self) -> History:
        """The plan as it stands just before the act."""
        history = self.start()
        for act, data in self.before:
            history.record(act, self.on, **data)
        return history


PREFERENCE = ("express-preference", {"preferenceId": "p1", "receivedOn": ON, "contactId": "contact-1"} | {
    "kind": "NAMED",
    "organisation": SETTING,
    "settingName": "Elm Tree School",
})  # fmt: skip
BUDGET = ("request-personal-budget", {"budgetId": "b1", "receivedOn": ON, "contactId": "contact-1"})
REFUSED = ("refuse-personal-budget", {"budgetId": "b1", "notifiedOn": ON, "reasons": "No such provision"})
PAYMENT = (
    "agree-direct-payment",
    {
        "directPaymentId": "d1",
        "agreedOn": ON,
        "recipientKind": "parent",
        "contactId": "contact-1",
        "amountPence": 250000,
        "itemIds": ["provision-1"],
        "writtenAgreement": True,
    },
)
GAP = ("report-provision-gap", {"gapId": "g1", "itemId": "provision-1", "since": ON, "missing": "Two sessions a week"})
HEALTH = {"itemId": "provision-2", "textHash": text_hash(THERAPY), "bodyType": "ICB", "odsCode": "QJK"}
LEFT = ("report-roll-change", {"change": "LEFT", "changedOn": ON, "organisation": SETTING})
PLACES: dict[str, Place] = {
    "serve-draft": Place(drafting, serving(), on="2026-06-12"),
    "make-representation": Place(
        served, {"receivedOn": UNTIL, "contactId": "contact-1", "text": "More speech therapy"}, on=UNTIL
    ),
    "express-preference": Place(served, PREFERENCE[1]),
    "consult-setting": Place(served, CONSULTED, on="2026-06-15"),
    "acknowledge-consultation": Place(consulted, {"consultationId": "c1", "receivedOn": ON}),
    "answer-consultation": Place(consulted, {"consultationId": "c1", "receivedOn": ON, "answer": "YES"}),
    "withdraw-consultation": Place(consulted, {"consultationId": "c1", "withdrawnOn": ON}),
    "decide-preference": Place(
        consulted, {"preferenceId": "p1", "decidedOn": ON, "decision": "NAME"}, before=(PREFERENCE,)
    ),
    "offer-place": Place(consulted, {"organisation": SETTING, "offeredOn": ON, "placeFrom": "2026-09-01"}),
    "decline-named-child": Place(
        finalised, {"namingDisputeId": "n1", "organisation": SETTING, "declinedOn": ON, "reasons": "Full"}
    ),
    "ask-health-agreement": Place(served, HEALTH | {"askedOn": ON}),
    "agree-health-provision": Place(served, AGREED, on=AGREED["agreedOn"]),
    "decline-health-provision": Place(served, HEALTH | {"declinedOn": ON, "reasons": "No service of that kind"}),
    "note-health-silence": Place(
        served,
        {"itemId": "provision-2", "notedOn": ON},
        before=(("ask-health-agreement", HEALTH | {"askedOn": "2026-06-20"}),),
    ),
    "finalise": Place(consulted, finalising(), on=SENT),
    "send-copies": Place(
        finalised,
        {"copiesId": "k1", "sentOn": ON, "version": 1, "recipients": ["contact-2"], "gateway": "R13_2_RECIPIENT"},
    ),
    "deliver-copy": Place(finalised, {"deliveredOn": ON, "version": 1, "sentTo": [SETTING], "channel": "EMAIL"}),
    "correct-clerical-error": Place(
        finalised,
        {"plan": final_text(A={"history": "Robin lives by the sea."}), "correctedOn": ON, "what": "A lost sentence"},
    ),
    "change-placement-identifier": Place(
        finalised,
        {
            "placementId": "placement-1",
            "scheme": "urn",
            "formerValue": "199101",
            "newValue": "199202",
            "since": ON,
            "reason": "ACADEMY_CONVERSION",
        },
    ),
    "attach-evidence": Place(
        finalised, {"evidenceId": "e1", "attachedOn": ON, "documentHash": "ab" * 32, "title": "Letter of the school"}
    ),
    "arrange-interim-placement": Place(
        finalised, {"interimId": "i1", "arrangedOn": ON, "description": "Tuition at home"}
    ),
    "report-placement-breakdown": Place(finalised, {"breakdownId": "x1", "kind": "NON_ATTENDANCE", "since": ON}),
    "report-part-time-timetable": Place(finalised, {"timetableId": "t1", "since": ON, "minutesPerWeek": 600}),
    "report-roll-change": Place(finalised, LEFT[1]),
    "send-pupil-file": Place(finalised, {"sentOn": ON, "from": SETTING, "to": "urn:199202"}, before=(LEFT,)),
    "start-provision": Place(finalised, {"itemId": "provision-1", "startedOn": ON}),
    "report-provision-gap": Place(finalised, GAP[1]),
    "remedy-provision-gap": Place(finalised, {"gapId": "g1", "remediedOn": ON}, before=(GAP,)),
    "request-personal-budget": Place(finalised, BUDGET[1]),
    "offer-personal-budget": Place(
        finalised, {"budgetId": "b1", "offeredOn": ON, "amountPence": 250000}, before=(BUDGET,)
    ),
    "refuse-personal-budget": Place(
        finalised,
        {"budgetId": "b1", "notifiedOn": ON, "reasons": "No such provision", "reviewRightExplained": True},
        before=(BUDGET,),
    ),
    "ask-budget-review": Place(finalised, {"budgetId": "b1", "receivedOn": ON}, before=(BUDGET, REFUSED)),
    "consent-to-direct-payment": Place(finalised, {"headConsentId": "h1", "organisation": SETTING, "consentedOn": ON}),
    "agree-direct-payment": Place(finalised, PAYMENT[1]),
    "review-direct-payment": Place(
        finalised, {"directPaymentId": "d1", "reviewedOn": ON, "outcome": "CONTINUES"}, before=(PAYMENT,)
    ),
    "suspend-direct-payment": Place(
        finalised, {"directPaymentId": "d1", "since": ON, "reasons": "No receipts"}, before=(PAYMENT,)
    ),
    "stop-direct-payment": Place(
        finalised, {"directPaymentId": "d1", "stoppedOn": ON, "reasons": "The family asked"}, before=(PAYMENT,)
    ),
    "reclaim-direct-payment": Place(
        finalised,
        {
            "reclaimId": "r1",
            "directPaymentId": "d1",
            "reclaimedOn": ON,
            "amountPence": 40000,
            "reasons": "Not spent as agreed",
        },
        before=(PAYMENT,),
        by=MANAGER,
    ),
    "decide-transport": Place(finalised, {"transportId": "v1", "decidedOn": ON, "decision": "PROVIDED"}),
}
