"""Where the acts from review to oversight belong."""

from tests.domain.plan.keeping.history import document
from tests.domain.plan.keeping.steps import (
    AGREED,
    APPEAL,
    ASKED,
    BEFORE,
    CEASING,
    CHANGED,
    CIRCULATED,
    CLAIM,
    COMPLAINT,
    CONSULTED,
    ENQUIRY,
    HELD,
    INVITED,
    MEDIATION,
    MOVE,
    MOVED,
    NOTICE,
    ON,
    OWN,
    PROPOSED,
    REMEDY,
    REVIEW,
    Place,
)

PLACES_OF_THE_PROCESS: dict[str, Place] = {
    "schedule-review": Place(REVIEW[1]),
    "postpone-review": Place({"reviewId": "r1", "meetingOn": "2026-07-06", "reason": "Illness"}, (REVIEW,)),
    "cancel-review": Place({"reviewId": "r1", "reason": "Booked twice"}, (REVIEW,)),
    "expect-review-list": Place({"termStartsOn": "2026-09-02"}),
    "send-review-list": Place({"sentOn": ON, "sentTo": ["urn:199101"]}),
    "plan-phase-transfer": Place(
        {"phaseTransferId": "z1", "transferOn": "2027-09-01", "transferKind": "primary-to-secondary"}
    ),
    "require-setting-review": Place(
        {"reviewId": "r1", "setting": "urn:199101", "settingKind": "ACADEMY", "sentOn": ON}, (REVIEW,)
    ),
    "ask-setting-review": Place({"reviewId": "r1", "setting": "ukprn:10099801", "sentOn": ON}, (REVIEW,)),
    "answer-setting-review": Place(
        {"reviewId": "r1", "setting": "ukprn:10099801", "agreed": True},
        (REVIEW, ("ask-setting-review", {"reviewId": "r1", "setting": "ukprn:10099801", "sentOn": BEFORE})),
    ),
    "invite-to-review": Place(
        {"reviewId": "r1", "meetingOn": "2026-06-29", "sentOn": ON, "recipients": ["contact-1"]}, (REVIEW,)
    ),
    "circulate-review-advice": Place({"reviewId": "r1", "sentOn": ON, "recipients": ["contact-1"]}, (REVIEW,)),
    "request-early-review": Place({"earlyReviewId": "e1", "receivedOn": ON, "requestedBy": "PARENT"}),
    "answer-early-review": Place(
        {"earlyReviewId": "e1", "agreed": True, "reasons": "Needs have changed", "notifiedOn": ON},
        (("request-early-review", {"earlyReviewId": "e1", "receivedOn": BEFORE, "requestedBy": "PARENT"}),),
    ),
    "hold-review": Place({"reviewId": "r1", "meetingOn": ON}, (REVIEW, INVITED, CIRCULATED)),
    "issue-review-report": Place({"reviewId": "r1", "sentOn": ON, "recommendation": "KEEP"}, (REVIEW, HELD)),
    "decide-review": Place(
        {"reviewId": "r1", "decision": "KEEP", "notifiedOn": ON, "rightsExplained": True}, (REVIEW, HELD)
    ),
    "serve-amendment-notice": Place(
        NOTICE[1] | {"noticeOn": ON, "servedOn": {"contact-1": ON}, "representationsUntil": "2026-06-29"}
    ),
    "make-amendment-representation": Place(
        {"amendmentNoticeId": "n1", "receivedOn": ON, "from": "contact-1", "text": "We agree"}, (NOTICE,)
    ),
    "amend": Place(
        {
            "amendmentNoticeId": "n1",
            "plan": document(),
            "sentOn": ON,
            "purpose": "ANNUAL_REVIEW",
            "basis": "COUNCIL",
            "recipients": ["contact-1", "contact-2"],
            "sentTo": ["urn:199101"],
            "rightsExplained": True,
        },
        (NOTICE,),
    ),
    "abandon-amendment": Place(
        {"amendmentNoticeId": "n1", "notifiedOn": ON, "reasons": "Not needed", "rightsExplained": True}, (NOTICE,)
    ),
    "request-reassessment": Place({"reassessmentId": "a1", "receivedOn": ON, "requestedBy": "PARENT"}),
    "withdraw-reassessment-request": Place({"reassessmentId": "a1"}, (ASKED,)),
    "decide-reassessment": Place(
        {"reassessmentId": "a1", "decision": "REASSESS", "origin": "REQUEST", "decidedOn": ON, "notifiedOn": ON},
        (ASKED,),
    ),
    "conclude-reassessment": Place(
        {
            "reassessmentId": "a2",
            "conclusion": "KEEP",
            "notifiedOn": ON,
            "reasons": "No change",
            "rightsExplained": True,
        },
        (OWN,),
    ),
    "propose-cease": Place(PROPOSED[1] | {"sentOn": ON}, born="2006-03-04"),
    "consult-on-cease": Place({"ceaseId": "c1", "familyConsultedOn": ON}, (PROPOSED,), born="2006-03-04"),
    "answer-on-cease": Place(
        {"ceaseId": "c1", "receivedOn": ON, "from": "PARENT"}, (PROPOSED, CONSULTED), born="2006-03-04"
    ),
    "drop-cease": Place({"ceaseId": "c1", "reasons": "Stays"}, (PROPOSED,), born="2006-03-04"),
    "decide-cease": Place(CEASING[1] | {"notifiedOn": ON}, (PROPOSED, CONSULTED), born="2006-03-04"),
    "cease": Place({"ceaseId": "c1", "reason": "3"}, (PROPOSED, CONSULTED, CEASING), born="2006-03-04"),
    "extend-past-25": Place({"until": "2027-07-31", "education": "FURTHER_EDUCATION"}, born="2001-09-05"),
    "notify-move": Place(MOVE[1] | {"movedOn": "2026-07-20"}),
    "cancel-move": Place({"transferId": "t1", "reason": "They stay"}, (MOVE,)),
    "transfer-plan": Place(MOVED | {"transferOn": ON}, (MOVE,)),
    "receive-transferred-plan": Place(
        MOVED | {"fromLa": "936", "toLa": "855", "transferOn": ON, "plan": document()}, start="nothing"
    ),
    "acknowledge-transfer": Place({"transferId": "t1", "receivedOn": ON}, (("transfer-plan", MOVED),)),
    "inform-family-after-transfer": Place(
        {"transferId": "t1", "sentOn": ON, "willReassess": False, "reviewBy": "2026-09-30"},
        (("transfer-plan", MOVED),),
    ),
    "dispute-area": Place({"disputeId": "u1", "raisedBy": "936", "reasons": "Lives elsewhere"}),
    "settle-area-dispute": Place(
        {"disputeId": "u1", "responsibleLa": "855"},
        (("dispute-area", {"disputeId": "u1", "raisedBy": "936", "reasons": "Lives elsewhere"}),),
    ),
    "change-commissioner": Place(CHANGED[1]),
    "tell-new-commissioner": Place({"changeId": "b1", "notifiedOn": ON}, (CHANGED,)),
    "ask-after-commissioner-change": Place({"changeId": "b1", "askedOn": ON, "askedFor": "REVIEW"}, (CHANGED,)),
    "request-mediation": Place({"mediationId": "m1", "requestedOn": ON, "issues": ["education"]}),
    "decline-mediation": Place({"mediationId": "m1", "informedOn": ON}),
    "inform-mediation-bodies": Place(
        {"mediationId": "m1", "informedOn": ON, "issues": ["health"], "odsCodes": ["QJK"]}, (MEDIATION,)
    ),
    "arrange-mediation": Place({"mediationId": "m1", "sessionOn": "2026-07-01"}, (MEDIATION,)),
    "hold-mediation": Place({"mediationId": "m1", "informedOn": ON}, (MEDIATION,)),
    "issue-mediation-certificate": Place({"mediationId": "m1", "certificateOn": ON}, (MEDIATION,)),
    "agree-in-mediation": Place(
        {"mediationId": "m1", "agreedOn": ON, "issues": ["appealable"], "orders": ["AMEND_CONTENTS"]},
        (MEDIATION,),
    ),
    "carry-out-mediation-agreement": Place({"mediationId": "m1", "doneOn": ON}, (MEDIATION, AGREED)),
    "notify-mediation-agreement": Place({"mediationId": "m1", "notifiedOn": ON}, (MEDIATION, AGREED)),
    "hold-disagreement-resolution": Place({"heldOn": ON}),
    "register-appeal": Place(APPEAL[1] | {"certificateOn": BEFORE}),
    "respond-to-appeal": Place({"appealId": "p1", "sentOn": ON, "opposes": True}, (APPEAL,)),
    "concede-appeal": Place({"appealId": "p1", "concededOn": ON, "orders": ["AMEND_CONTENTS"]}, (APPEAL,)),
    "record-tribunal-direction": Place(
        {"directionId": "q1", "appealId": "p1", "what": "Send a bundle", "dueOn": "2026-08-14"}, (APPEAL,)
    ),
    "comply-with-direction": Place(
        {"directionId": "q1", "doneOn": ON},
        (
            APPEAL,
            (
                "record-tribunal-direction",
                {"directionId": "q1", "appealId": "p1", "what": "x", "dueOn": "2026-08-14"},
            ),
        ),
    ),
    "exchange-working-document": Place({"appealId": "p1", "exchangedOn": ON, "from": "COUNCIL"}, (APPEAL,)),
    "list-hearing": Place({"hearingId": "g1", "appealId": "p1", "hearingOn": "2026-09-21"}, (APPEAL,)),
    "postpone-hearing": Place(
        {"hearingId": "g1"},
        (APPEAL, ("list-hearing", {"hearingId": "g1", "appealId": "p1", "hearingOn": "2026-09-21"})),
    ),
    "record-tribunal-order": Place({"appealId": "p1", "orderOn": ON, "orders": ["AMEND_CONTENTS"]}, (APPEAL,)),
    "withdraw-appeal": Place({"appealId": "p1", "withdrawnOn": ON}, (APPEAL,)),
    "strike-out-appeal": Place({"appealId": "p1", "orderOn": ON}, (APPEAL,)),
    "record-recommendation": Place(
        {"recommendationId": "w1", "appealId": "p1", "recommendedOn": ON, "kind": "HEALTH", "to": "ods:QJK"},
        (APPEAL,),
    ),
    "respond-to-recommendation": Place(
        {"recommendationId": "w1", "sentOn": ON, "follows": "yes"},
        (
            APPEAL,
            (
                "record-recommendation",
                {
                    "recommendationId": "w1",
                    "appealId": "p1",
                    "recommendedOn": BEFORE,
                    "kind": "HEALTH",
                    "to": "ods:QJK",
                },
            ),
        ),
    ),
    "appeal-onward": Place({"onwardAppealId": "o1", "appealId": "p1", "madeOn": ON, "by": "COUNCIL"}, (APPEAL,)),
    "record-onward-decision": Place(
        {"onwardAppealId": "o1", "decidedOn": ON, "outcome": "DISMISSED"},
        (
            APPEAL,
            ("appeal-onward", {"onwardAppealId": "o1", "appealId": "p1", "madeOn": BEFORE, "by": "COUNCIL"}),
        ),
    ),
    "receive-complaint": Place(COMPLAINT | {"receivedOn": ON}),
    "answer-complaint": Place(
        COMPLAINT | {"answeredOn": ON, "outcome": "UPHELD"},
        (("receive-complaint", COMPLAINT | {"receivedOn": BEFORE}),),
    ),
    "record-ombudsman-enquiry": Place({"enquiryId": "e1", "receivedOn": ON}),
    "record-ombudsman-decision": Place({"enquiryId": "e1", "decidedOn": ON, "finding": "NO_FAULT"}, (ENQUIRY,)),
    "record-remedy-due": Place(REMEDY[1], (ENQUIRY,)),
    "meet-remedy": Place({"remedyId": "y1", "doneOn": ON}, (ENQUIRY, REMEDY)),
    "receive-pre-action-letter": Place({"claimId": "j1", "receivedOn": ON}),
    "record-judicial-review": Place({"claimId": "j1", "issuedOn": ON}, (CLAIM,)),
    "record-court-decision": Place({"claimId": "j1", "endedOn": ON, "outcome": "SETTLED"}, (CLAIM,)),
}
