"""The acts before an act: the steps and starting points that the places are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from domain.plan.acts import Actor
from tests.domain.plan.keeping.history import (
    GUARDIAN,
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
    """Where an act belongs: the acts before it (recorded), its own data, who does it, and what is looked up for it."""

    data: dict[str, Any]
    before: tuple[Step, ...] = ()
    by: Actor = OFFICER
    start: str = "maintained"
    born: str = "2015-03-04"
    resolved: dict[str, Any] = field(default_factory=dict)

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
INVITED = ("invite-to-review", {"reviewId": "r1", "meetingOn": "2026-06-29", "sentOn": BEFORE})
CIRCULATED = ("circulate-review-advice", {"reviewId": "r1", "sentOn": BEFORE})
HELD = ("hold-review", {"reviewId": "r1", "meetingOn": BEFORE})
NOTICE = (
    "serve-amendment-notice",
    {
        "amendmentNoticeId": "n1",
        "plan": document(),
        "noticeOn": "2026-05-20",
        "servedOn": {"contact-1": "2026-05-20"},
        "representationsUntil": "2026-06-05",
        "purpose": "AMENDMENT_WITHOUT_REVIEW",
        "evidenceNote": "In the report of the setting",
    },
)
ASKED = ("request-reassessment", {"reassessmentId": "a1", "receivedOn": BEFORE, "requestedBy": "PARENT"})
OWN = (
    "decide-reassessment",
    {"reassessmentId": "a2", "decision": "REASSESS", "origin": "OWN_DECISION", "decidedOn": BEFORE},
)
CEASE_BODY = {"ceaseId": "c1", "ground": "HIGHER_EDUCATION", "reasons": "A place at a university"}
PROPOSED = ("propose-cease", CEASE_BODY | {"sentOn": BEFORE})
CONSULTED = ("consult-on-cease", {"ceaseId": "c1", "familyConsultedOn": BEFORE, "settingConsultedOn": BEFORE})
NOTIFIED = {"recipients": ["contact-1"], "notifiedOrganisations": ["urn:199101"], "rightsExplained": True}
CEASING = ("decide-cease", CEASE_BODY | NOTIFIED | {"notifiedOn": "2026-01-05"})
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
UNMERGE = ("propose-unmerge", {"retired": OTHER_ID, "reasons": "Two children"})
MISFILED = (
    "propose-move-entry",
    {"misfiledId": "f1", "entry": 2, "rightPlan": OTHER_ID, "reason": "Wrong child"},
)
ERASURE = ("propose-erasure", {"erasureId": "e1", "reason": "Its time is over"})
ENTRY_ERASURE = (
    "propose-entry-erasure",
    {"erasureId": "e1", "entry": 2, "basis": "WRONG_CHILD", "reason": "Another child's supporter"},
)
HOLD = ("set-legal-hold", {"holdId": "h1", "reason": "An inquiry"})
NEW_IDENTITY = {"name": "Kit Other", "dateOfBirth": "2015-03-04", "sex": "notKnown"}
