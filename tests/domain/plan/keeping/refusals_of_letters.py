"""What refuses a letter that tells the family or others of a decision, a meeting without notice, a lone merge."""

from __future__ import annotations

from typing import Any

from tests.domain.plan.keeping.history import MANAGER, OTHER_ID
from tests.domain.plan.keeping.places import PLACES
from tests.domain.plan.keeping.steps import (
    CEASING,
    CIRCULATED,
    CONSULTED,
    HELD,
    INVITED,
    MEDIATION,
    NOTICE,
    ON,
    OWN,
    PROPOSED,
    REVIEW,
    Step,
)

TWENTY = "2006-03-04"

LETTERS: list[tuple[str, dict[str, Any], tuple[Step, ...], str, str, dict[str, Any]]] = [
    (
        "decide-cease",
        CEASING[1] | {"notifiedOn": ON, "recipients": []},
        (PROPOSED, CONSULTED),
        "family-not-notified",
        "reg 31(2)",
        {"born": TWENTY},
    ),
    (
        "decide-cease",
        CEASING[1] | {"notifiedOn": ON, "notifiedOrganisations": []},
        (PROPOSED, CONSULTED),
        "notice-owed",
        "reg 31(2)",
        {"born": TWENTY},
    ),
    (
        "decide-cease",
        CEASING[1] | {"notifiedOn": ON, "rightsExplained": False},
        (PROPOSED, CONSULTED),
        "rights-not-explained",
        "reg 31(2)",
        {"born": TWENTY},
    ),
    (
        "decide-review",
        PLACES["decide-review"].data | {"rightsExplained": False},
        (REVIEW, HELD),
        "rights-not-explained",
        "reg 20(11)",
        {},
    ),
    ("amend", PLACES["amend"].data | {"rightsExplained": False}, (NOTICE,), "rights-not-explained", "reg 22(5)", {}),
    (
        "abandon-amendment",
        PLACES["abandon-amendment"].data | {"rightsExplained": False},
        (NOTICE,),
        "rights-not-explained",
        "reg 22(5)",
        {},
    ),
    (
        "conclude-reassessment",
        PLACES["conclude-reassessment"].data | {"rightsExplained": False},
        (OWN,),
        "rights-not-explained",
        "reg 32",
        {},
    ),
    (
        "agree-in-mediation",
        {"mediationId": "m1", "agreedOn": ON, "issues": ["appealable"]},
        (MEDIATION,),
        "orders-missing",
        "reg 42(2)",
        {},
    ),
    ("retire-record", {"survivor": OTHER_ID}, (), "second-person-needed", "GDPR", {"by": MANAGER}),
    ("hold-review", {"reviewId": "r1", "meetingOn": ON}, (REVIEW, CIRCULATED), "notice-not-given", "reg 20(3)", {}),
    ("hold-review", {"reviewId": "r1", "meetingOn": ON}, (REVIEW, INVITED), "advice-not-circulated", "reg 20(4)", {}),
]
