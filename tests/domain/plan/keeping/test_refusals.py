"""Every rule of keeping a plan that refuses an act, with the law that it cites."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.plan.keeping.history import GUARDIAN, MANAGER, OFFICER, PLAN_ID, maintained
from tests.domain.plan.keeping.places import (
    APPEAL,
    ASKED,
    CEASE_BODY,
    CONSENT,
    CONTACT,
    HELD,
    MOVED,
    NEW_IDENTITY,
    NOTICE,
    ON,
    PLACES,
    PROPOSED,
    REVIEW,
    Place,
    Step,
)

PHASE = {"phaseTransferId": "z1", "transferOn": ON, "transferKind": "primary-to-secondary"}
REQUIRED = {"reviewId": "r1", "setting": "urn:199101", "sentOn": ON}
SERVED = NOTICE[1] | {"noticeOn": ON, "servedOn": {"contact-1": ON}, "representationsUntil": "2026-06-29"}
REFUSE = {"reassessmentId": "a1", "decision": "N", "origin": "REQUEST", "decidedOn": ON, "reasons": "Seen lately"}
PROPOSE = CEASE_BODY | {"sentOn": ON}
SIXTEEN, TWENTY = "2009-12-04", "2006-03-04"
UPN = "Q801200005002"
SEAL = {"reason": "ADOPTION", "sealedOn": ON, "person": NEW_IDENTITY}
SHOW = {"recipient": "A college", "sections": ["B"]}
LEFT = {"ground": "LEFT_EDUCATION"}

REFUSALS: list[tuple[str, dict[str, Any], tuple[Step, ...], str, str, dict[str, Any]]] = [
    ("schedule-review", REVIEW[1] | {"meetingOn": "2026-06-14"}, (), "meeting-has-passed", "CFA s.44", {}),
    ("plan-phase-transfer", PHASE, (), "transfer-has-passed", "reg 18", {}),
    ("require-setting-review", REQUIRED | {"settingKind": "COLLEGE"}, (), "setting-can-only-be-asked", "reg 20", {}),
    ("require-setting-review", REQUIRED | {"settingKind": "SECTION_41"}, (), "setting-can-only-be-asked", "reg 20", {}),
    (
        "require-setting-review",
        REQUIRED
        | {"settingKind": "SECTION_41", "section41ApprovedFrom": "2015-01-01", "section41ApprovedTo": "2025-12-31"},
        (),
        "setting-can-only-be-asked",
        "reg 20",
        {},
    ),
    (
        "invite-to-review",
        {"reviewId": "r1", "meetingOn": "2026-06-28", "sentOn": ON},
        (REVIEW,),
        "notice-too-short",
        "reg 20(3)",
        {},
    ),
    (
        "invite-to-review",
        {"reviewId": "r1", "meetingOn": "2026-07-28", "sentOn": ON},
        (REVIEW,),
        "another-day-is-booked",
        "reg 20(3)",
        {},
    ),
    (
        "circulate-review-advice",
        {"reviewId": "r1", "sentOn": ON, "recipients": ["contact-9"]},
        (REVIEW,),
        "unknown-contact",
        "reg 20(4)",
        {},
    ),
    ("hold-review", {"reviewId": "r1", "meetingOn": "2026-06-16"}, (REVIEW,), "not-yet", "reg 20(2)", {}),
    ("issue-review-report", {"reviewId": "r1", "sentOn": ON}, (REVIEW,), "matter-out-of-order", "reg 20(7)", {}),
    (
        "serve-amendment-notice",
        SERVED | {"representationsUntil": "2026-06-28"},
        (),
        "window-too-short",
        "reg 22(2)(c)",
        {},
    ),
    (
        "serve-amendment-notice",
        {key: value for key, value in SERVED.items() if key != "evidenceNote"},
        (),
        "evidence-missing",
        "reg 22(2)(b)",
        {},
    ),
    ("amend", PLACES["amend"].data, (), "amendment-notice-missing", "reg 22(2)", {}),
    (
        "amend",
        PLACES["amend"].data | {"basis": "TRIBUNAL_ORDER"},
        (NOTICE, APPEAL),
        "order-not-on-record",
        "reg 44",
        {},
    ),
    (
        "amend",
        PLACES["amend"].data,
        ((NOTICE[0], NOTICE[1] | {"representationsUntil": ON}),),
        "representations-still-open",
        "reg 22(2)(c)",
        {},
    ),
    ("decide-reassessment", REFUSE | {"origin": "OWN_DECISION"}, (), "nothing-to-refuse", "reg 25(1)", {}),
    ("decide-reassessment", REFUSE | {"origin": "OWN_DECISION"}, (ASKED,), "somebody-asked", "reg 25(1)", {}),
    ("decide-reassessment", REFUSE, (), "no-request-waiting", "CFA s.44(2)", {}),
    ("decide-reassessment", REFUSE, (ASKED,), "ground-missing", "reg 24", {}),
    (
        "decide-reassessment",
        {key: value for key, value in REFUSE.items() if key != "reasons"} | {"ground": "NOT_NECESSARY"},
        (ASKED,),
        "reasons-missing",
        "reg 25(1)",
        {},
    ),
    (
        "decide-reassessment",
        REFUSE | {"ground": "WITHIN_6_MONTHS"},
        (ASKED,),
        "last-assessment-unknown",
        "reg 24",
        {},
    ),
    (
        "decide-reassessment",
        REFUSE | {"ground": "WITHIN_6_MONTHS", "lastAssessedOn": "2025-12-01"},
        (ASKED,),
        "six-months-have-passed",
        "reg 24",
        {},
    ),
    ("propose-cease", PROPOSE | LEFT, (), "under-18-not-in-education", "reg 29", {"born": SIXTEEN}),
    ("propose-cease", PROPOSE | {"inEducation": False}, (), "review-first", "reg 29", {"born": SIXTEEN}),
    ("propose-cease", PROPOSE | LEFT, (), "review-first", "reg 30", {"born": TWENTY}),
    ("propose-cease", PROPOSE | LEFT, (REVIEW, HELD), "return-not-considered", "reg 30", {"born": TWENTY}),
    ("propose-cease", PROPOSE | {"ground": "AGED_25"}, (), "not-yet-25", "CFA s.46", {"born": TWENTY}),
    (
        "propose-cease",
        PROPOSE | {"ground": "NO_LONGER_NECESSARY"},
        (),
        "outcomes-not-considered",
        "CFA s.45(3)",
        {"born": TWENTY},
    ),
    (
        "decide-cease",
        CEASE_BODY | {"notifiedOn": ON},
        (PROPOSED,),
        "matter-out-of-order",
        "reg 31(2)",
        {"born": TWENTY},
    ),
    (
        "decide-cease",
        CEASE_BODY | {"notifiedOn": ON},
        (PROPOSED, ("consult-on-cease", {"ceaseId": "c1", "settingConsultedOn": ON})),
        "family-not-consulted",
        "reg 31(1)",
        {"born": TWENTY},
    ),
    (
        "decide-cease",
        CEASE_BODY | {"notifiedOn": ON},
        (PROPOSED, ("consult-on-cease", {"ceaseId": "c1", "familyConsultedOn": ON})),
        "setting-not-consulted",
        "reg 31(1)",
        {"born": TWENTY},
    ),
    (
        "extend-past-25",
        {"until": "2026-08-31", "education": "FURTHER_EDUCATION"},
        (),
        "no-extension-needed",
        "CFA s.46",
        {"born": "2001-09-05"},
    ),
    ("transfer-plan", MOVED | {"toLa": "855"}, (), "same-council", "reg 15(1)", {}),
    (
        "change-commissioner",
        PLACES["change-commissioner"].data | {"toOds": "QJK"},
        (),
        "same-body",
        "reg 16",
        {},
    ),
    (
        "record-responsible-body",
        {"provisionId": "provision-1", "status": "RESOLVED", "odsCode": "QJK"},
        (),
        "body-incomplete",
        "CFA s.42(3)",
        {},
    ),
    ("change-looked-after", {"lookedAfter": True, "since": ON}, (), "corporate-parent-missing", "s.22", {}),
    (
        "exchange-working-document",
        {"appealId": "p9", "exchangedOn": ON, "from": "COUNCIL"},
        (),
        "unknown-appeal",
        "HESC",
        {},
    ),
    (
        "respond-to-recommendation",
        {"recommendationId": "w1", "sentOn": ON, "follows": "no"},
        PLACES["respond-to-recommendation"].before,
        "reasons-missing",
        "SI 2017/1306",
        {},
    ),
    (
        "change-right-holder",
        {"holder": "ALTERNATIVE_PERSON", "since": ON},
        (),
        "alternative-kind-missing",
        "reg 64",
        {"born": "2009-08-31"},
    ),
    ("add-contact", {"contactId": "contact-1", "contact": CONTACT}, (), "contact-known", "CFA s.83", {}),
    ("restrict-contact", {"contactId": "contact-9", "reason": "x"}, (), "unknown-contact", "Children Act", {}),
    (
        "add-contact",
        {"contactId": "contact-3", "contact": CONTACT | {"mayReceive": "no"}},
        (),
        "restriction-reason-missing",
        "reg 17",
        {},
    ),
    ("change-person-identifier", {"since": ON, "reason": "ISSUED"}, (), "nothing-changes", "GDPR", {}),
    (
        "change-person-identifier",
        {"since": ON, "reason": "ISSUED", "upn": UPN, "ended": ["upn"]},
        (),
        "number-given-and-ended",
        "GDPR",
        {},
    ),
    (
        "change-person-identifier",
        {"since": ON, "reason": "ISSUED", "nhsNumber": "9990000050"},
        (),
        "same-number",
        "GDPR",
        {},
    ),
    ("seal-identity", SEAL, (), "sealed-already", "Adoption", {"start": "sealed", "by": GUARDIAN}),
    ("unseal-identity", {"reason": "x"}, (), "not-sealed", "Adoption", {"by": GUARDIAN}),
    (
        "propose-merge",
        PLACES["propose-merge"].data | {"retired": PLAN_ID},
        (),
        "same-record",
        "GDPR",
        {},
    ),
    ("correct-entry", {"corrects": 9, "reason": "x"}, (), "unknown-entry", "GDPR", {}),
    ("correct-entry", {"corrects": 1, "reason": "x"}, (), "named-officer-needed", "GDPR", {"start": "dead"}),
    (
        "void-record",
        {"reason": "x"},
        (("set-legal-hold", {"holdId": "h1", "reason": "x"}),),
        "legal-hold",
        "DPA",
        {"start": "requested", "by": MANAGER},
    ),
    (
        "disclose",
        SHOW | {"gateway": "S39_S40_CONSULTATION", "sections": ["B", "I"]},
        (),
        "section-masked",
        "ss.39, 40",
        {},
    ),
    ("disclose", SHOW | {"gateway": "NO_SUCH_BASIS"}, (), "gateway-not-in-use", "reg 17", {}),
    ("disclose", SHOW | {"gateway": "CONSENT_PARENT"}, (), "no-consent", "reg 17(1)", {}),
    (
        "disclose",
        SHOW | {"gateway": "CONSENT_PARENT", "consentId": "k1"},
        ((CONSENT[0], CONSENT[1] | {"until": "2026-06-14"}),),
        "no-consent",
        "reg 17(1)",
        {},
    ),
    (
        "disclose",
        SHOW | {"gateway": "CONSENT_PARENT", "consentId": "k1"},
        ((CONSENT[0], CONSENT[1] | {"sections": ["A"]}),),
        "beyond-consent",
        "reg 17(1)",
        {},
    ),
]


@pytest.mark.parametrize(
    ("act", "data", "before", "rule", "law", "place"),
    REFUSALS,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_breach_refuses_the_act_and_cites_the_law(  # noqa: PLR0913 - one column each
    act: str, data: dict[str, Any], before: tuple[Step, ...], rule: str, law: str, place: dict[str, Any]
) -> None:
    settings = {"by": OFFICER} | place
    history = Place(data, before, **settings).history()
    refused = history.refused(act, ON, settings["by"], **dict(data))
    assert rule in refused
    assert law in refused[rule].law
    assert refused[rule].text.endswith(".")


@pytest.mark.parametrize(
    ("act", "data", "before", "rule", "law", "place"),
    REFUSALS,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_same_breach_is_a_finding_of_what_has_happened(  # noqa: PLR0913 - one column each
    act: str, data: dict[str, Any], before: tuple[Step, ...], rule: str, law: str, place: dict[str, Any]
) -> None:
    settings = {"by": OFFICER} | place
    history = Place(data, before, **settings).history()
    history.record(act, ON, settings["by"], **dict(data))
    assert rule in history.findings()
    assert any(law in finding.law for finding in history.state.findings if finding.rule == rule)


def test_section_41_is_a_dated_flag() -> None:
    approved = REQUIRED | {"settingKind": "SECTION_41", "section41ApprovedFrom": "2015-01-01"}
    assert maintained().refused("require-setting-review", ON, **approved) == {}


def test_a_reassessment_within_six_months_may_be_refused() -> None:
    history = maintained().record("request-reassessment", ON, **ASKED[1])
    recent = REFUSE | {"ground": "WITHIN_6_MONTHS", "lastAssessedOn": "2025-12-02"}
    history.perform("decide-reassessment", ON, **recent)
    assert history.status("reassessment", "a1") == "REFUSED"


def test_the_family_may_say_that_nothing_more_will_come() -> None:
    open_until = NOTICE[1] | {"representationsUntil": "2026-06-29"}
    history = maintained().record("serve-amendment-notice", "2026-06-01", **open_until)
    assert "representations-still-open" in history.refused("amend", ON, **dict(PLACES["amend"].data))
    history.record(
        "make-amendment-representation",
        "2026-06-10",
        amendmentNoticeId="n1",
        receivedOn="2026-06-10",
        nothingFurther=True,
    )
    history.perform("amend", ON, **dict(PLACES["amend"].data))
    assert history.status("amendment", "n1") == "AMENDED"


def test_a_text_that_the_tribunal_ordered_needs_no_notice() -> None:
    history = maintained().record("register-appeal", "2026-05-01", appealId="p1", about=["c-ii"])
    history.record(
        "record-tribunal-order", "2026-06-01", appealId="p1", orderOn="2026-06-01", orders=["AMEND_CONTENTS"]
    )
    assert history.due("D35") == "2026-07-06"
    ordered = PLACES["amend"].data | {"basis": "TRIBUNAL_ORDER", "amendmentNoticeId": "order-p1", "appealId": "p1"}
    history.perform("amend", ON, **ordered)
    assert history.due("D35") == "not running"
