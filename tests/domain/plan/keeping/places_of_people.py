"""Where the acts about people and records belong."""

from tests.domain.plan.keeping.history import GUARDIAN, MANAGER, OTHER_ID, document
from tests.domain.plan.keeping.steps import (
    CONSENT,
    CONTACT,
    DETAINED,
    ENTRY_ERASURE,
    ERASURE,
    HOLD,
    MERGE,
    MERGED,
    MISFILED,
    NEW_IDENTITY,
    ON,
    SUPPORTER,
    UNMERGE,
    Place,
)

PLACES_OF_PEOPLE_AND_RECORDS: dict[str, Place] = {
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
    "retire-record": Place({"survivor": OTHER_ID, "proposedBy": "officer-1"}, by=MANAGER),
    "propose-unmerge": Place(UNMERGE[1], (MERGE, MERGED)),
    "unmerge-records": Place(UNMERGE[1], (MERGE, MERGED, UNMERGE), MANAGER),
    "restore-record": Place(
        {"survivor": OTHER_ID, "reasons": "Two children", "proposedBy": "officer-1"}, by=MANAGER, start="retired"
    ),
    "void-record": Place({"reason": "Opened twice"}, by=MANAGER, start="requested"),
    "propose-move-entry": Place(MISFILED[1], (SUPPORTER,)),
    "move-entry": Place({"misfiledId": "f1", "entry": 2, "rightPlan": OTHER_ID}, (SUPPORTER, MISFILED), MANAGER),
    "receive-entry": Place({"misfiledId": "f1", "entry": 1}, by=MANAGER),
    "correct-entry": Place({"corrects": 2, "reason": "Nobody was appointed"}, (SUPPORTER,)),
    "redact": Place({"redactionId": "i1", "entry": 1, "reason": "Another child's report"}, by=MANAGER),
    "set-legal-hold": Place(HOLD[1]),
    "lift-legal-hold": Place({"holdId": "h1", "reason": "Inquiry ended"}, (HOLD,), MANAGER),
    "propose-erasure": Place(ERASURE[1], start="old", born="1995-05-04"),
    "withdraw-erasure": Place(
        {"erasureId": "e1", "reason": "Kept for research"}, (ERASURE,), start="old", born="1995-05-04"
    ),
    "expire-retention": Place({"erasureId": "e1"}, (ERASURE,), MANAGER, start="old", born="1995-05-04"),
    "propose-entry-erasure": Place(ENTRY_ERASURE[1], (SUPPORTER,)),
    "withdraw-entry-erasure": Place({"erasureId": "e1", "reason": "It is this child's"}, (SUPPORTER, ENTRY_ERASURE)),
    "erase-entry": Place({"erasureId": "e1", "entry": 2}, (SUPPORTER, ENTRY_ERASURE), MANAGER),
    "disclose": Place({"recipient": "A social worker", "gateway": "R17_INTERESTS", "sections": ["B", "F"]}),
    "decide-not-to-share": Place({"gateway": "CA04_16LA_SAFEGUARDING", "reasons": "More harmful than helpful"}),
    "note-access": Place({"reader": "Out-of-hours team", "gateway": "R17_INTERESTS", "emergency": True}),
}
