"""For each act of keeping a plan: what came before it, and a body with which it is done in its right place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from domain.plan.acts import Actor
from tests.domain.plan.keeping.history import (
    GUARDIAN,
    MANAGER,
    OFFICER,
    OTHER_ID,
    History,
    document,
    maintained,
)

ON = "2026-06-15"
BEFORE = "2026-06-01"
Step = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """Where an act belongs: the acts before it (recorded), its own data, and who does it."""

    data: dict[str, Any]
    before: tuple[Step, ...] = ()
    by: Actor = OFFICER
    start: str = "maintained"
    born: str = "2015-03-04"
    extra: dict[str, Any] = field(default_factory=dict)

    def history(self) -> History:
        """The plan as it stands just before the act."""
        history = STARTS[self.start](self.born)
        for act, data in self.before:
            history.record(act, BEFORE, **data)
        return history


def _requested(born: str) -> History:
    opened = {
        "phase": "REQUESTED",
        "maintainingLa": "855",
        "person": document(dateOfBirth=born)["personalDetails"],
    }
    return History().happened("request-received", "2026-05-01", opened, receivedOn="2026-05-01")


def _dead(born: str) -> History:
    return maintained(dateOfBirth=born).record("record-death", BEFORE, diedOn=BEFORE, source="Register office")


def _old(born: str) -> History:
    history = maintained("2016-10-01", dateOfBirth=born)
    return history.happened("ceased", "2020-08-31", {"phase": "CEASED"}, reason="3")


def _retired(born: str) -> History:
    return maintained(dateOfBirth=born).record("retire-record", BEFORE, survivor=OTHER_ID)


def _sealed(born: str) -> History:
    new = {"name": "Kit Other", "dateOfBirth": born, "sex": "notKnown"}
    text = document() | {"personalDetails": new}
    return maintained(dateOfBirth=born).record(
        "seal-identity", BEFORE, actor=GUARDIAN, reason="ADOPTION", sealedOn=BEFORE, person=new, plan=text
    )


STARTS = {
    "maintained": lambda born: maintained(dateOfBirth=born),
    "requested": _requested,
    "dead": _dead,
    "old": _old,
    "retired": _retired,
    "sealed": _sealed,
    "nothing": lambda _born: History(),
}
REVIEW = ("schedule-review", {"reviewId": "r1", "meetingOn": "2026-06-29", "kind": "ANNUAL", "runBy": "LA"})
HELD = ("hold-review", {"reviewId": "r1", "meetingOn": BEFORE})
NOTICE = (
    "serve-amendment-notice",
    {
        "amendmentNoticeId": "n1",
        "plan": document(),
        "noticeOn": "2026-05-20",
        "servedOn": {"contact-1": "2026-05-20"},
        "representationsUntil": "2026-06-05",
        "purpose": "ANNUAL_REVIEW",
        "evidenceNote": "In the review report",
    },
)
ASKED = ("request-reassessment", {"reassessmentId": "a1", "receivedOn": BEFORE, "requestedBy": "PARENT"})
OWN = (
    "decide-reassessment",
    {"reassessmentId": "a2", "decision": "Y", "origin": "OWN_DECISION", "decidedOn": BEFORE},
)
CEASE_BODY = {"ceaseId": "c1", "ground": "HIGHER_EDUCATION", "reasons": "A place at a university"}
PROPOSED = ("propose-cease", CEASE_BODY | {"sentOn": BEFORE})
CONSULTED = ("consult-on-cease", {"ceaseId": "c1", "familyConsultedOn": BEFORE, "settingConsultedOn": BEFORE})
CEASING = ("decide-cease", CEASE_BODY | {"notifiedOn": "2026-01-05"})
MOVE = ("notify-move", {"transferId": "t1", "awareOn": BEFORE, "toLa": "936"})
MOVED = {
    "transferId": "t1",
    "toLa": "936",
    "transferOn": BEFORE,
    "movedOn": BEFORE,
    "lastReviewOn": "2025-10-01",
}
CHANGED = (
    "change-commissioner",
    {
        "changeId": "b1",
        "fromOds": "QJK",
        "toOds": "QT1",
        "since": "2026-04-01",
        "awareOn": BEFORE,
        "reason": "BODY_ABOLISHED",
    },
)
MEDIATION = (
    "request-mediation",
    {"mediationId": "m1", "requestedOn": BEFORE, "issues": ["education", "health"]},
)
AGREED = ("agree-in-mediation", {"mediationId": "m1", "agreedOn": BEFORE, "issues": ["notAppealable"]})
APPEAL = ("register-appeal", {"appealId": "p1", "about": ["c-ii"], "sentToCouncilOn": BEFORE})
COMPLAINT = {"complaintId": "x1"}
ENQUIRY = ("record-ombudsman-enquiry", {"enquiryId": "e1", "receivedOn": BEFORE})
REMEDY = (
    "record-remedy-due",
    {"remedyId": "y1", "enquiryId": "e1", "what": "Apologise", "dueOn": "2026-07-01"},
)
CLAIM = ("receive-pre-action-letter", {"claimId": "j1", "receivedOn": BEFORE})
CONTACT = {"order": 3, "kind": "parentOrCarer", "name": "Chris Carer", "parentalResponsibility": "no"}
CONSENT = ("record-consent", {"consentId": "k1", "by": "PARENT", "recipient": "A college", "givenOn": BEFORE})
SUPPORTER = ("appoint-supporter", {"supporterId": "s1", "kind": "SENDIASS"})
DETAINED = ("record-detention", {"detentionId": "d1", "detainedOn": BEFORE})
MERGE = (
    "propose-merge",
    {"retired": OTHER_ID, "evidence": "Both hold one traced number", "evidenceKind": ["OTHER"]},
)
MERGED = ("merge-records", {"retired": OTHER_ID})
MISFILED = (
    "propose-move-entry",
    {"misfiledId": "f1", "entry": 1, "rightPlan": OTHER_ID, "reason": "Wrong child"},
)
HOLD = ("set-legal-hold", {"holdId": "h1", "reason": "An inquiry"})
NEW_IDENTITY = {"name": "Kit Other", "dateOfBirth": "2015-03-04", "sex": "notKnown"}

PLACES: dict[str, Place] = {
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
    "hold-review": Place({"reviewId": "r1", "meetingOn": ON}, (REVIEW,)),
    "issue-review-report": Place({"reviewId": "r1", "sentOn": ON, "recommendation": "KEEP"}, (REVIEW, HELD)),
    "decide-review": Place({"reviewId": "r1", "decision": "KEEP", "notifiedOn": ON}, (REVIEW, HELD)),
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
        },
        (NOTICE,),
    ),
    "abandon-amendment": Place({"amendmentNoticeId": "n1", "notifiedOn": ON, "reasons": "Not needed"}, (NOTICE,)),
    "request-reassessment": Place({"reassessmentId": "a1", "receivedOn": ON, "requestedBy": "PARENT"}),
    "withdraw-reassessment-request": Place({"reassessmentId": "a1"}, (ASKED,)),
    "decide-reassessment": Place(
        {"reassessmentId": "a1", "decision": "Y", "origin": "REQUEST", "decidedOn": ON, "notifiedOn": ON},
        (ASKED,),
    ),
    "conclude-reassessment": Place(
        {"reassessmentId": "a2", "conclusion": "KEEP", "notifiedOn": ON, "reasons": "No change"}, (OWN,)
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
    "receive-transferred-plan": Place(MOVED | {"fromLa": "936", "toLa": "855", "plan": document()}, start="nothing"),
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
    "assess-capacity": Place(
        {
            "capacityId": "v1",
            "decision": "Which college to ask for",
            "hasCapacity": True,
            "assessedBy": "Psychologist",
            "assessedOn": ON,
        }
    ),
    "change-right-holder": Place({"holder": "YOUNG_PERSON", "since": "2026-06-15"}, born="2009-08-31"),
    "record-consent": Place(CONSENT[1] | {"givenOn": ON}),
    "withdraw-consent": Place({"consentId": "k1"}, (CONSENT,)),
    "appoint-supporter": Place(SUPPORTER[1]),
    "end-supporter": Place({"supporterId": "s1"}, (SUPPORTER,)),
    "change-name": Place({"name": "Robin Renamed", "reason": "DEED_POLL"}),
    "change-person-identifier": Place({"nhsNumber": "9990000018", "since": ON, "reason": "SUPERSEDED"}),
    "add-contact": Place({"contactId": "contact-3", "contact": CONTACT}),
    "change-contact": Place({"contactId": "contact-1", "contact": CONTACT | {"order": 1}}),
    "restrict-contact": Place({"contactId": "contact-2", "reason": "Order of a court"}),
    "lift-contact-restriction": Place(
        {"contactId": "contact-2", "reason": "Order ended"},
        (("restrict-contact", {"contactId": "contact-2", "reason": "Order of a court"}),),
        MANAGER,
    ),
    "decide-restriction": Place({"restrictionId": "restriction-1", "decision": "confirmed", "reason": "Refuge"}),
    "request-format": Place({"contactId": "contact-1", "format": "Large print"}),
    "seal-identity": Place(
        {
            "reason": "ADOPTION",
            "sealedOn": ON,
            "person": NEW_IDENTITY,
            "plan": document() | {"personalDetails": NEW_IDENTITY},
        },
        by=GUARDIAN,
    ),
    "unseal-identity": Place({"reason": "Order of a court"}, by=GUARDIAN, start="sealed"),
    "record-death": Place({"diedOn": ON, "source": "Register office"}),
    "close-bereavement-task": Place({"note": "Family visited"}, by=MANAGER, start="dead"),
    "record-detention": Place({"detentionId": "d1", "detainedOn": ON}),
    "record-release": Place({"detentionId": "d1", "releasedOn": ON}, (DETAINED,)),
    "change-looked-after": Place({"lookedAfter": True, "corporateParentLa": "850", "since": ON}),
    "change-funding-council": Place({"fundingLa": "850", "since": ON}),
    "record-responsible-body": Place({"provisionId": "provision-1", "status": "UNRESOLVED"}),
    "propose-merge": Place(MERGE[1]),
    "merge-records": Place(MERGED[1], (MERGE,), MANAGER),
    "retire-record": Place({"survivor": OTHER_ID}, by=MANAGER),
    "unmerge-records": Place({"retired": OTHER_ID, "reasons": "Two children"}, (MERGE, MERGED), MANAGER),
    "restore-record": Place({"survivor": OTHER_ID, "reasons": "Two children"}, by=MANAGER, start="retired"),
    "void-record": Place({"reason": "Opened twice"}, by=MANAGER, start="requested"),
    "propose-move-entry": Place(MISFILED[1]),
    "move-entry": Place({"misfiledId": "f1", "entry": 1, "rightPlan": OTHER_ID}, (MISFILED,), MANAGER),
    "receive-entry": Place({"misfiledId": "f1", "entry": 1}, by=MANAGER),
    "correct-entry": Place({"corrects": 1, "reason": "Wrong date"}),
    "redact": Place({"redactionId": "i1", "entry": 1, "reason": "Another child's report"}, by=MANAGER),
    "set-legal-hold": Place(HOLD[1]),
    "lift-legal-hold": Place({"holdId": "h1", "reason": "Inquiry ended"}, (HOLD,), MANAGER),
    "expire-retention": Place(
        {"rule": "DOB_31", "approvedBy": "Records manager"}, by=MANAGER, start="old", born="1995-05-04"
    ),
    "disclose": Place({"recipient": "A social worker", "gateway": "R17_INTERESTS", "sections": ["B", "F"]}),
    "decide-not-to-share": Place({"gateway": "CA04_16LA_SAFEGUARDING", "reasons": "More harmful than helpful"}),
    "note-access": Place({"reader": "Out-of-hours team", "gateway": "R17_INTERESTS", "emergency": True}),
}
