"""Where the acts on the rights over the data belong."""

from tests.domain.plan.keeping.history import MANAGER
from tests.domain.plan.keeping.steps import BEFORE, ON, Place, Step

ASKED: Step = (
    "request-subject-access",
    {"accessId": "s1", "receivedOn": BEFORE, "requester": "contact-1", "standing": "PARENT_FOR_CHILD"},
)
READY: Step = ("prepare-subject-access", {"accessId": "s1", "upTo": 2, "decisions": {}})
SEEN: Step = ("review-subject-access", {"accessId": "s1"})
PACKAGE = "ab" * 32
RELEASED: Step = (
    "release-subject-access",
    {"accessId": "s1", "releasedOn": BEFORE, "packageSha256": PACKAGE, "rightsExplained": True},
)
WRONG: Step = (
    "request-rectification",
    {"rectificationId": "t1", "receivedOn": BEFORE, "requester": "contact-1", "entry": 1, "wrong": "We never said so"},
)
DISPUTED: Step = (
    "attach-statement",
    {"disputeId": "d1", "statedOn": BEFORE, "requester": "contact-1", "entry": 1, "statement": "We never said so"},
)
COMPLAIN = {"rightsExplained": True}
PLACES_OF_RIGHTS: dict[str, Place] = {
    "request-subject-access": Place(ASKED[1] | {"receivedOn": ON}),
    "clarify-subject-access": Place(
        {"accessId": "s1", "askedOn": ON, "answeredOn": ON, "countsFrom": BEFORE}, (ASKED,)
    ),
    "extend-subject-access": Place(
        {"accessId": "s1", "countsFrom": BEFORE, "toldOn": ON, "reasons": "Two thousand pages"}, (ASKED,)
    ),
    "prepare-subject-access": Place(READY[1], (ASKED,)),
    "review-subject-access": Place(SEEN[1], (ASKED, READY), MANAGER),
    "release-subject-access": Place(
        {**RELEASED[1], "releasedOn": ON}, (ASKED, READY, SEEN), resolved={"package": PACKAGE}
    ),
    "reopen-subject-access": Place(
        {
            "accessId": "s1",
            "reopenedOn": ON,
            "why": "HIDDEN_SINCE",
            "countsFrom": ON,
            "reasons": "Something was redacted",
        },
        (ASKED, READY, SEEN, RELEASED),
    ),
    "refuse-subject-access": Place(
        {"accessId": "s1", "notifiedOn": ON, "ground": "NO_STANDING", "reasons": "Not a parent", **COMPLAIN}, (ASKED,)
    ),
    "withdraw-subject-access": Place({"accessId": "s1", "withdrawnOn": ON}, (ASKED,)),
    "request-rectification": Place(WRONG[1] | {"receivedOn": ON}),
    "decide-rectification": Place(
        {"rectificationId": "t1", "notifiedOn": ON, "decision": "REFUSED", "reasons": "The minutes say so", **COMPLAIN},
        (WRONG,),
    ),
    "attach-statement": Place(DISPUTED[1] | {"statedOn": ON}),
    "withdraw-statement": Place({"disputeId": "d1", "withdrawnOn": ON}, (DISPUTED,)),
}
