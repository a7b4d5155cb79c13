"""A plan of whose every relation somebody is there, with texts in which each section of each version has its own word.

Whoever reads a word of a section has been shown that section of that text: what leaks can be seen in any answer.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from domain.document import text_hash
from tests.support.life import Life, person
from tests.support.serving import Caller, Serving

SCHOOL, NEXT, ASKED, PROVIDER, AGREED_TO = "urn:199101", "urn:199102", "urn:199103", "urn:199104", "urn:199105"
#: Asked as the others were, and nobody's caller: whose matters are another's.
ELSEWHERE, OTHER_BODY = "urn:199106", "ods:QA2"
BODY, NEXT_BODY, ASKED_BODY, ADVISER, OPENED = "ods:QJK", "ods:QT1", "ods:QA1", "ods:RX1", "ods:RX9"
#: The texts of the plan, by the state that they are in at the end.
TEXTS = ("pastDraft", "past", "final", "draft")
ITEMS: dict[str, tuple[str, str]] = {
    "B": ("needs", "description"), "C": ("needs", "description"), "D": ("needs", "description"),
    "E": ("outcomes", "text"), "F": ("provisions", "what"), "G": ("provisions", "what"),
    "H1": ("provisions", "what"), "H2": ("provisions", "what"), "I": ("placements", "name"), "K": ("advice", "kind"),
}  # fmt: skip
TODAY, MOVED = "2026-11-02", "2026-10-20"


def word(section: str, label: str, kind: str = "") -> str:
    """The word that stands in a section of a text, and nowhere else. `kind`: "own" items, or the "file" of advice."""
    return f"Zz{section}x{label}{kind}zz"


def marked(reference: str, label: str, school: str = "", body: str = "") -> dict[str, Any]:
    """A text with its words: the first item of a section is somebody's own, the second nobody's."""
    sections: dict[str, Any] = {
        "A": {"history": word("A", label)},
        "J": {"directPayments": "none", "details": word("J", label)},
    }
    for section, (items, field) in ITEMS.items():
        first, second = f"{section.lower()}-own", f"{section.lower()}-other"
        sections[section] = {
            items: {
                first: {"order": 1, field: word(section, label, "own")},
                second: {"order": 2, field: word(section, label)},
            }
        }
    for need in sections["B"]["needs"].values():
        need["area"] = "cognitionAndLearning"
    for item in sections["E"]["outcomes"].values():
        item["needIds"] = ["b-own"]
    for section, need in (("F", "b"), ("G", "c"), ("H1", "d"), ("H2", "d")):
        for item in sections[section]["provisions"].values():
            item |= {"needIds": [f"{need}-own", f"{need}-other"], "unquantifiedReason": "As needed"}
    sections["E"]["outcomes"]["e-other"]["needIds"] = ["b-other"]
    delivered = {"organisation": {"name": "A provider", "urn": PROVIDER.removeprefix("urn:")}}
    for section in ("F", "H1", "H2"):
        sections[section]["provisions"][f"{section.lower()}-own"]["deliveredBy"] = delivered
    if body:
        sections["G"]["provisions"]["g-own"]["commissioner"] = {"type": "ICB", "odsCode": body.removeprefix("ods:")}
    own, other = sections["K"]["advice"].values()
    own |= {"odsCode": ADVISER.removeprefix("ods:"), "registration": word("K", label, "file")}
    other |= {"registration": word("K", label, "file")}
    placements = sections["I"]["placements"]
    placements["i-own"] |= {"rank": 1, "urn": school.removeprefix("urn:")}
    placements["i-other"] |= {"rank": 2}
    sections["I"] = {"placementBasis": "NAMED", "placements": placements} if school else {}
    return {
        "planType": "EHCP",
        "schemaVersion": "1.0",
        "localReference": reference,
        "personalDetails": person(),
        "sections": sections,
    }


class WholeLife(Life):
    """Recorded as it happened elsewhere: two drafts, a final, an amended final, and the notice of the next one."""

    def lived(self, **child: Any) -> WholeLife:
        """Bring the plan to where every relation is held by somebody."""
        self.assessing(**child)
        self._texts()
        self._matters()
        self.serving.clock.day = TODAY
        return self

    def _texts(self) -> None:
        for number, on in enumerate(("2026-06-12", "2026-06-20")):
            served = {"servedOn": {"contact-1": on}, "serviceMethods": {"contact-1": "POST"}}
            plan = marked(self.reference, "pastDraft") | ({} if number else {"signOff": {"role": "First draft"}})
            until = {"representationsUntil": "2026-07-05", "purpose": "INITIAL"}
            self.record("serve-draft", on, effectiveOn=on, plan=plan, **served, **until)
        past = marked(self.reference, "past", SCHOOL, BODY)
        self.record("finalise", "2026-07-10", **self.finalising_body(plan=past, sentTo=[SCHOOL, BODY]))
        change = {"changeId": "c1", "fromOds": "QJK", "toOds": "QT1", "since": "2026-08-01", "awareOn": "2026-08-01"}
        self.record("change-commissioner", "2026-08-01", **change, reason="BOUNDARY_CHANGE")
        final = marked(self.reference, "final", NEXT, NEXT_BODY)
        made = {"purpose": "AMENDMENT_WITHOUT_REVIEW", "basis": "COUNCIL", "sentOn": "2026-09-01"}
        self.record("amend", "2026-09-01", amendmentNoticeId="notice-1", plan=final, **made)
        self._moved()
        draft = marked(self.reference, "draft", NEXT, NEXT_BODY)
        notice = {"amendmentNoticeId": "notice-2", "noticeOn": "2026-10-25", "purpose": "ANNUAL_REVIEW"}
        until = {"representationsUntil": "2026-11-20", "servedOn": {"contact-1": "2026-10-25"}}
        self.record("serve-amendment-notice", "2026-10-25", plan=draft, **notice, **until)

    def _moved(self) -> None:
        move = {"transferId": "move-1", "toLa": "936", "transferOn": MOVED, "movedOn": MOVED}
        self.record("transfer-plan", MOVED, **move, lastReviewOn="2026-09-01")
        self.officer, self.manager = self.serving.officer("936"), self.serving.manager("936")

    def _matters(self) -> None:
        on = "2026-10-26"
        for consultation, setting in (("c-asked", ASKED), ("c-other", ELSEWHERE)):
            asked = {"consultationId": consultation, "organisation": setting, "consultedOn": on}
            self.record("consult-setting", on, **asked)
        provisions = marked(self.reference, "draft", NEXT, NEXT_BODY)["sections"]["G"]["provisions"]
        for item, body in (("g-own", ASKED_BODY), ("g-other", OTHER_BODY)):
            whose = {"bodyType": "ICB", "odsCode": body.removeprefix("ods:"), "askedOn": on}
            self.record("ask-health-agreement", on, itemId=item, textHash=text_hash(provisions[item]), **whose)
        advice = {"provider": "Adviser", "requestedOn": on}
        self.record("request-advice", on, adviceId="of-trust", category="c", organisation=ADVISER, **advice)
        self.record("request-advice", on, adviceId="of-care", category="e", **advice)
        self.record("change-looked-after", on, lookedAfter=True, corporateParentLa="850", since=on)
        self.record("register-appeal", on, appealId="appeal-1", about=["c-iii"])
        self.record("record-ombudsman-enquiry", on, enquiryId="enquiry-1", receivedOn=on)
        consent = {"consentId": "consent-1", "by": "PARENT", "recipient": "A club", "givenOn": on}
        self.record("record-consent", on, organisation=AGREED_TO, sections=["B", "F"], **consent)
        opened = {"disclosedOn": on, "until": "2026-12-31", "recipient": "Opened to"}
        inspection = {"organisation": "regulator:ofsted", "gateway": "R17_INSPECTION"}
        self.record("disclose", on, **opened, **inspection, sections=["B", "E", "F"])
        self.record("disclose", on, **opened, organisation=OPENED, gateway="R17_INTERESTS", sections=["C", "G"])
        hidden = {"order": 3, "kind": "representative", "name": "Ash Example", "mayReceive": "yes"}
        self.record("add-contact", on, contactId="contact-3", contact=hidden)

    def callers(self) -> dict[str, Caller]:
        """Somebody in each relation that this plan has, by the relation's name in the matrix."""
        by, who = self.serving, self.family
        return {
            "identity-guardian": by.as_("identity-guardian", "la:936"),
            "maintaining-council": by.officer("936"),
            "records-management": by.as_("records-manager", "la:936"),
            "auditor": by.as_("auditor", "audit"),
            "parent": who("contact-1"),
            "representative": who("contact-3"),
            "named-setting": by.as_("school", NEXT),
            "responsible-health-body": by.as_("health", NEXT_BODY),
            "consulted-setting": by.as_("school", ASKED),
            "asked-health-body": by.as_("health", ASKED_BODY),
            "designated-clinical-officer": by.as_("designated-clinical-officer", NEXT_BODY),
            "advice-author": by.as_("health", ADVISER),
            "delivering-provider": by.as_("school", PROVIDER),
            "social-care": by.as_("social-care", "la:936"),
            "corporate-parent": by.officer("850"),
            "tribunal": by.as_("regulator", "regulator:send-tribunal"),
            "ombudsman": by.as_("regulator", "regulator:lgsco"),
            "inspectorate": by.as_("regulator", "regulator:ofsted"),
            "consented-recipient": by.as_("school", AGREED_TO),
            "recorded-recipient": by.as_("health", OPENED),
            "former-council": by.officer("855"),
            "former-named-setting": by.as_("school", SCHOOL),
            "former-health-body": by.as_("health", BODY),
        }


def whole_life(serving: Serving, **child: Any) -> WholeLife:
    """A plan that has lived."""
    return WholeLife(serving).lived(**deepcopy(child))
