"""One child's plan over HTTP: brought to a stage of its statutory life by the acts that the law knows, in order."""

from __future__ import annotations

from copy import deepcopy
from itertools import count
from typing import Any

from domain.document import merge_patch, text_hash
from tests.support.serving import COUNCIL, Caller, Serving

RECEIVED, ASSESSED, ADVISED, ISSUED = "2026-03-02", "2026-04-01", "2026-05-01", "2026-05-20"
SERVED, CONSULTED, AGREED, UNTIL, SENT = "2026-06-12", "2026-06-15", "2026-06-20", "2026-06-26", "2026-07-10"
SCHOOL, OTHER_SCHOOL, ICB = "urn:199101", "urn:199102", "ods:QJK"
NHS_NUMBER, UPN = "9990000050", "B801200005001"
PHYSIOTHERAPY: dict[str, Any] = {
    "order": 1,
    "what": "Physiotherapy to keep the range of movement in both ankles",
    "needIds": ["need-2"],
    "quantity": {"minutesPerSession": 45, "sessions": 1, "per": "fortnight"},
    "commissioner": {"type": "ICB", "odsCode": "QJK"},
}
NAMED = {
    "placementBasis": "NAMED",
    "placements": {"placement-1": {"order": 1, "rank": 1, "name": "Elm Tree School", "urn": "199101"}},
}
_numbers = count(1)


def person(**changed: Any) -> dict[str, Any]:
    """A fictional child with two parents."""
    details = {
        "name": "Robin Quillfeather",
        "dateOfBirth": "2015-03-04",
        "sex": "notKnown",
        "identifiers": {"nhsNumber": NHS_NUMBER, "upn": UPN},
        "contacts": {
            "contact-1": {"order": 1, "kind": "parentOrCarer", "name": "Alex Quillfeather", "mayReceive": "yes"},
            "contact-2": {"order": 2, "kind": "parentOrCarer", "name": "Sam Quillfeather", "mayReceive": "yes"},
        },
    }
    return {**details, **changed}


def text(reference: str, *, section_i: dict[str, Any] | None = None, **sections: Any) -> dict[str, Any]:
    """The child's plan with a need for reading and one for physiotherapy; section I is empty unless given."""
    whole = {
        "planType": "EHCP",
        "schemaVersion": "1.0",
        "localReference": reference,
        "personalDetails": person(),
        "sections": {
            "A": {"history": "Robin lives with two parents in a town that is on no map."},
            "B": {"needs": {"need-1": {"order": 1, "area": "cognitionAndLearning", "description": "Reads slowly"}}},
            "C": {"needs": {"need-2": {"order": 1, "description": "Tight calf muscles"}}},
            "D": {},
            "E": {"outcomes": {"outcome-1": {"order": 1, "text": "Reads a page aloud", "needIds": ["need-1"]}}},
            "F": {"provisions": {"provision-1": _tuition()}},
            "G": {"provisions": {"provision-2": PHYSIOTHERAPY}},
            "H1": {},
            "H2": {},
            "I": section_i or {},
            "J": {},
            "K": {},
        },
    }
    changed: dict[str, Any] = merge_patch(deepcopy(whole), {"sections": sections})
    return changed


def _tuition() -> dict[str, Any]:
    return {
        "order": 1,
        "what": "Reading with a specialist teacher",
        "needIds": ["need-1"],
        "outcomeIds": ["outcome-1"],
        "quantity": {"minutesPerSession": 30, "sessions": 3, "per": "week"},
    }


class Life:
    """A plan of its own on a platform that is served; every step moves the platform's clock to its day."""

    def __init__(self, serving: Serving, council: str = COUNCIL) -> None:
        self.serving = serving
        self.council = council
        self.officer, self.manager = serving.officer(council), serving.manager(council)
        self.reference = f"LIFE-{next(_numbers):05d}"
        self.plan_id = ""

    @property
    def path(self) -> str:
        return f"/v1/plans/{self.plan_id}"

    def family(self, contact: str = "contact-1") -> Caller:
        return self.serving.as_("family", "family", plan=self.plan_id, contact=contact)

    def do(self, act: str, on: str, who: Caller | None = None, **body: Any) -> dict[str, Any]:
        """Perform an act on its day; it must be done, without a finding."""
        self.serving.clock.day = on
        answer = (who or self.officer).act(self.plan_id, act, **body)
        assert answer.status_code == 201, (act, answer.json())
        receipt: dict[str, Any] = answer.json()
        assert receipt["findings"] == [], act
        return receipt

    def record(self, act: str, on: str, who: Caller | None = None, **body: Any) -> dict[str, Any]:
        """Record what happened elsewhere on that day, and is written down then."""
        self.serving.clock.day = on
        answer = (who or self.officer).act(self.plan_id, act, mode="RECORD", **body)
        assert answer.status_code == 201, (act, answer.json())
        receipt: dict[str, Any] = answer.json()
        return receipt

    def refused(self, act: str, on: str, who: Caller | None = None, **body: Any) -> dict[str, dict[str, str]]:
        """Why the act may not be performed, by rule; the record must be as before."""
        self.serving.clock.day = on
        before = self.serving.platform.store.head()
        answer = (who or self.officer).act(self.plan_id, act, **body)
        assert answer.status_code == 409, (act, answer.json())
        assert self.serving.platform.store.head() == before
        return {item["rule"]: item for item in answer.json()["errors"]}

    def read(self, who: Caller | None = None, **parameters: Any) -> dict[str, Any]:
        answer = (who or self.officer).get(self.path, **parameters)
        assert answer.status_code == 200, answer.json()
        view: dict[str, Any] = answer.json()
        return view

    def history(self, who: Caller | None = None) -> list[dict[str, Any]]:
        answer = (who or self.officer).get(f"{self.path}/history", limit=500)
        assert answer.status_code == 200, answer.json()
        events: list[dict[str, Any]] = answer.json()["events"]
        return events

    def clock(self, clock_id: str) -> dict[str, Any]:
        """The duty of that id that was started last."""
        clocks = self.officer.get(f"{self.path}/clocks").json()["clocks"]
        latest: dict[str, Any] = max((c for c in clocks if c["id"] == clock_id), key=lambda c: c["startedBy"])
        return latest

    def draft(self, purpose: str = "INITIAL", **body: Any) -> tuple[str, int]:
        """Open a working draft; its id and revision."""
        answer = self.officer.post(f"{self.path}/drafts", {"purpose": purpose, **body})
        assert answer.status_code == 201, answer.json()
        return answer.json()["draftId"], answer.json()["revision"]

    def patch(self, draft: tuple[str, int], change: dict[str, Any]) -> tuple[str, int]:
        """Change a working draft; its id and new revision."""
        answer = self.officer.patch(f"{self.path}/drafts/{draft[0]}", change, f'"d{draft[1]}"')
        assert answer.status_code == 200, answer.json()
        return draft[0], answer.json()["revision"]

    # Stages, each with those before it.

    def requested(self, on: str = RECEIVED, **child: Any) -> Life:
        self.serving.clock.day = on
        asked = {"receivedOn": on, "source": "1", "requestId": "request-1", "localReference": self.reference}
        answer = self.officer.open("receive-request", **asked, child=person(**child))
        assert answer.status_code == 201, answer.json()
        self.plan_id = answer.json()["planId"]
        return self

    def assessing(self, **child: Any) -> Life:
        self.requested(**child)
        self.do("decide-request", ASSESSED, decision="ASSESS", notifiedOn=ASSESSED)
        return self

    def drafting(self, **child: Any) -> Life:
        self.assessing(**child)
        for category in "abcde":
            asked = {"category": category, "provider": "Adviser", "requestedOn": ASSESSED}
            self.do("request-advice", ASSESSED, adviceId=f"advice-{category}", **asked)
        for category in "abcde":
            self.do("receive-advice", ADVISED, adviceId=f"advice-{category}", answer="advice", receivedOn=ADVISED)
        self.do("decide-assessment", ISSUED, decision="ISSUE", notifiedOn=ISSUED)
        return self

    def served(self, **child: Any) -> Life:
        self.drafting(**child)
        self.do("serve-draft", SERVED, **self.serving_body(plan=text(self.reference)))
        return self

    def serving_body(self, **source: Any) -> dict[str, Any]:
        """What is said when both parents are served the first draft."""
        body = {
            "purpose": "INITIAL",
            "servedOn": {"contact-1": SERVED, "contact-2": SERVED},
            "serviceMethods": {"contact-1": "EMAIL", "contact-2": "POST"},
            "representationsUntil": UNTIL,
        }
        return {**body, **source}

    def consulted(self, **child: Any) -> Life:
        self.served(**child)
        asked = {"organisation": SCHOOL, "settingName": "Elm Tree School", "consultedOn": CONSULTED}
        self.do("consult-setting", CONSULTED, consultationId="consultation-1", **asked)
        return self

    def agreed(self, **child: Any) -> Life:
        self.consulted(**child)
        self.do("agree-health-provision", AGREED, **self.agreement())
        return self

    def agreement(self) -> dict[str, Any]:
        """What the ICB agrees to."""
        return {
            "itemId": "provision-2",
            "textHash": text_hash(PHYSIOTHERAPY),
            "bodyType": "ICB",
            "odsCode": "QJK",
            "body": "Example Integrated Care Board",
            "agreedBy": "Pat Example",
            "role": "Designated clinical officer",
            "agreedOn": AGREED,
        }

    def finalising_body(self, **source: Any) -> dict[str, Any]:
        """What is said when the first plan is made final and sent."""
        body = {
            "purpose": "INITIAL",
            "sentOn": SENT,
            "basis": "COUNCIL",
            "recipients": ["contact-1", "contact-2"],
            "sentTo": [SCHOOL, ICB],
            "rightsExplained": True,
        }
        return {**body, **source}

    def finalised(self, **child: Any) -> Life:
        self.agreed(**child)
        self.do("finalise", SENT, **self.finalising_body(plan=text(self.reference, section_i=NAMED)))
        return self

    def imported(self, made_on: str = "2025-10-01", **personal: Any) -> Life:
        """A final plan that the council made before the platform."""
        self.serving.clock.day = "2026-01-05"
        document = merge_patch(text(self.reference, section_i=NAMED), {"personalDetails": personal})
        said = {"council": self.council, "sourceFile": {"sha256": f"{next(_numbers):064x}", "line": 1}}
        answer = self.officer.open(
            "import-baseline",
            mode="RECORD",
            effectiveOn=made_on,
            plan=document,
            localReference=self.reference,
            planMadeOn=made_on,
            finalSentOn=made_on,
            **said,
        )
        assert answer.status_code == 201, answer.json()
        self.plan_id = answer.json()["planId"]
        return self
