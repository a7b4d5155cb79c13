"""Traps of ending a plan, of appeals and of what the Tribunal orders, on a plan's own history."""

from datetime import date

import pytest

from domain.calendar import plan_may_run_to
from tests.domain.plan.journey import Journey
from tests.domain.plan.keeping.history import History, maintained, refused_to_assess

ADULT = "2006-03-04"


def _deciding_to_cease(notified: str = "2026-07-01", ground: str = "HIGHER_EDUCATION", born: str = ADULT) -> History:
    history = maintained("2020-10-01", dateOfBirth=born)
    body = {"ceaseId": "c1", "ground": ground, "reasons": "A place at a university"}
    history.record("propose-cease", "2026-05-01", **body, sentOn="2026-05-01")
    history.record(
        "consult-on-cease",
        "2026-05-01",
        ceaseId="c1",
        familyConsultedOn="2026-05-01",
        settingConsultedOn="2026-05-01",
    )
    return history.record("decide-cease", notified, **body, notifiedOn=notified)


def _appealed(about: list[str], on: str = "2026-07-20", **more: str) -> History:
    return _deciding_to_cease().record("register-appeal", on, appealId="p1", about=about, **more)


def test_trap_16_the_plan_stays_maintained_after_the_decision_to_cease() -> None:
    history = _deciding_to_cease("2026-07-01")
    assert history.state.phase == "MAINTAINED"
    cease = {"ceaseId": "c1", "reason": "3"}
    refused = history.refused("cease", "2026-07-01", **cease)
    assert "CFA s.45(4)" in refused["appeal-window-open"].law
    assert "appeal-window-open" in history.refused("cease", "2026-09-01", **cease)
    history.perform("cease", "2026-09-02", **cease)
    assert history.state.phase == "CEASED"
    assert history.state.fact("ceased").last_on == "2026-09-02"  # type: ignore[union-attr]


def test_trap_16_a_later_certificate_keeps_the_window_open() -> None:
    history = _deciding_to_cease("2026-07-01")
    history.record("decline-mediation", "2026-08-28", mediationId="m1", informedOn="2026-08-28")
    history.record("issue-mediation-certificate", "2026-08-31", mediationId="m1", certificateOn="2026-08-31")
    assert "appeal-window-open" in history.refused("cease", "2026-09-02", ceaseId="c1", reason="3")
    history.perform("cease", "2026-10-01", ceaseId="c1", reason="3")


def test_trap_16_an_open_appeal_keeps_the_plan_maintained() -> None:
    history = _appealed(["f"])
    refused = history.refused("cease", "2027-01-10", ceaseId="c1", reason="3")
    assert set(refused) == {"appeal-open"}


def test_trap_15_a_dismissed_appeal_ends_the_plan_at_once() -> None:
    history = _appealed(["f"])
    history.record(
        "record-tribunal-order", "2026-08-03", appealId="p1", orderOn="2026-08-03", orders=["CEASE_APPEAL_DISMISSED"]
    )
    assert history.due("D37") == "2026-08-03"
    history.perform("cease", "2026-08-03", ceaseId="c1", reason="3")
    assert history.state.phase == "CEASED"


def test_trap_15_an_order_to_maintain_ends_the_decision_to_cease() -> None:
    history = _appealed(["f"])
    history.record(
        "record-tribunal-order", "2026-11-02", appealId="p1", orderOn="2026-11-02", orders=["MAINTAIN_AND_AMEND"]
    )
    assert history.status("cease", "c1") == "OVERTURNED"
    assert "matter-out-of-order" in history.refused("cease", "2027-01-10", ceaseId="c1", reason="3")
    assert history.due("D38") == "2026-12-07"


def test_a_conceded_appeal_ends_the_decision_to_cease() -> None:
    history = _appealed(["f"])
    history.perform("concede-appeal", "2026-08-03", appealId="p1", concededOn="2026-08-03", orders=["MAINTAIN"])
    assert history.status("cease", "c1") == "OVERTURNED"


@pytest.mark.parametrize(
    ("reason", "more", "rule"),
    [
        ("5", {"movedTo": "Cardiff"}, "reason-does-not-fit"),
        ("5", {"toLa": "660"}, "reason-does-not-fit"),
        ("5", {"toLa": "936"}, "transfer-not-cease"),
        ("4", {"apprenticeship": True}, "apprenticeship"),
        ("1", {}, "reason-does-not-fit"),
        ("8", {}, "reason-does-not-fit"),
    ],
)
def test_trap_38_the_reason_fits_what_happened(reason: str, more: dict[str, object], rule: str) -> None:
    history = _deciding_to_cease("2026-01-05")
    assert rule in history.refused("cease", "2026-06-01", ceaseId="c1", reason=reason, **more)


def test_trap_38_wales_is_reason_7() -> None:
    history = _deciding_to_cease("2026-01-05", ground="LEFT_ENGLAND")
    assert "reason-does-not-fit" in history.refused("cease", "2026-06-01", ceaseId="c1", reason="7", toLa="936")
    history.perform("cease", "2026-06-01", ceaseId="c1", reason="7", movedTo="Wales")
    assert history.state.phase == "CEASED"


def test_trap_38_an_apprenticeship_is_no_ground_either() -> None:
    body = {"ceaseId": "c1", "ground": "PAID_EMPLOYMENT", "reasons": "Work", "sentOn": "2026-05-01"}
    history = maintained(dateOfBirth=ADULT)
    assert "apprenticeship" in history.refused("propose-cease", "2026-05-01", **body, apprenticeship=True)
    assert history.refused("propose-cease", "2026-05-01", **body, apprenticeship=False) == {}


def test_trap_21_the_plan_may_run_to_the_end_of_the_academic_year_and_never_by_itself() -> None:
    history = maintained("2020-10-01", dateOfBirth="2001-09-05")
    assert plan_may_run_to(date(2001, 9, 5)) == date(2027, 7, 31)
    too_long = history.refused("extend-past-25", "2026-08-01", until="2027-08-01", education="FURTHER_EDUCATION")
    assert "reg 46" in too_long["beyond-the-academic-year"].law
    beyond_26 = history.refused(
        "extend-past-25", "2026-08-01", until="2027-09-05", education="APPRENTICESHIP", courseEndsOn="2027-12-31"
    )
    assert "beyond-the-academic-year" in beyond_26
    assert history.status("extension", "extension") == "unknown"
    history.perform("extend-past-25", "2026-08-01", until="2027-07-31", education="FURTHER_EDUCATION")
    assert history.status("extension", "extension") == "EXTENDED"


def test_trap_12_an_appeal_about_section_i_alone_needs_no_certificate() -> None:
    history = maintained()
    about_i = {"appealId": "p1", "about": ["c-iii"], "decisionLetterOn": "2026-06-01"}
    history.record("register-appeal", "2026-06-10", **about_i)
    assert history.findings() == set()
    history.record("register-appeal", "2026-06-10", **about_i | {"appealId": "p2", "about": ["c-ii", "c-iii"]})
    assert history.findings() == {"certificate-missing"}


def test_trap_46_a_certificate_in_july_gives_until_september() -> None:
    history = Journey.maintained("2026-05-01").record(
        "decline-mediation", "2026-07-06", mediationId="m1", informedOn="2026-07-06"
    )
    assert history.due("D30") == "2026-07-01"
    history.record("issue-mediation-certificate", "2026-07-10", mediationId="m1", certificateOn="2026-07-10")
    assert history.due("D30") == "2026-09-01"


def test_trap_47_the_day_that_the_tribunal_fixed_takes_the_place_of_the_thirty_days() -> None:
    history = maintained().record(
        "register-appeal", "2026-07-20", appealId="p1", about=["c-iii"], sentToCouncilOn="2026-07-20"
    )
    assert history.due("D31") == "2026-09-29"
    directed = {"directionId": "q1", "appealId": "p1", "what": "Respond to the appeal", "dueOn": "2026-08-14"}
    history.record("record-tribunal-direction", "2026-07-22", **directed, replacesClock="D31")
    assert history.due("D31") == "2026-08-14"
    assert [clock.law for clock in history.state.clocks.values() if clock.id == "D31"] == ["HESC r.12(4)"]


def test_trap_62_an_appeal_three_months_late_without_a_certificate_is_registered() -> None:
    history = maintained().record(
        "register-appeal", "2026-06-01", appealId="p1", about=["c-ii"], decisionLetterOn="2026-01-05"
    )
    assert history.status("appeal", "p1") == "REGISTERED"
    assert history.findings() == {"appeal-late", "certificate-missing"}
    assert history.status("hold", "appeal-p1") == "ON"


def test_trap_35_a_refusal_that_the_tribunal_reverses_stays_on_record() -> None:
    history = refused_to_assess("2026-02-01")
    history.record(
        "register-appeal",
        "2026-03-01",
        appealId="p1",
        about=["a"],
        decisionLetterOn="2026-02-01",
        certificateOn="2026-02-20",
    )
    history.record("record-tribunal-order", "2026-07-01", appealId="p1", orderOn="2026-07-01", orders=["ASSESS"])
    state = history.state
    assert state.phase == "REQUESTED"
    assert state.last("request-decided")["decision"] == "REFUSE"
    assert state.last("request-decided")["notifiedOn"] == "2026-02-01"
    assert (history.due("D32a"), history.due("D32b"), history.due("D32c")) == ("2026-07-15", "2026-09-09", "2026-10-07")
    refusal = {"decision": "REFUSE", "notifiedOn": "2026-07-10", "reasons": "No needs", "rightsExplained": True}
    assert "decided-by-order" in history.refused("decide-request", "2026-07-10", **refusal)
    history.record("decide-request", "2026-07-10", decision="ASSESS", notifiedOn="2026-07-10")
    assert history.state.phase == "ASSESSING"
    assert history.due("D32a") == "not running"
    assert history.state.fact("request-decided").first_on == "2026-02-01"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "clock", "due"),
    [
        ({"issues": ["appealable"], "orders": ["AMEND_CONTENTS"]}, "D41a", "2026-07-15"),
        ({"issues": ["notAppealable"]}, "D41b", "2026-06-24"),
        ({"issues": ["notAppealable"], "councilWasParty": "no"}, "D41c", "2026-06-17"),
    ],
)
def test_trap_51_a_mediation_agreement_has_the_time_of_its_kind(body: dict[str, object], clock: str, due: str) -> None:
    history = maintained()
    history.record("request-mediation", "2026-05-20", mediationId="m1", requestedOn="2026-05-20", issues=["health"])
    history.record("agree-in-mediation", "2026-06-10", mediationId="m1", agreedOn="2026-06-10", **body)
    assert history.due(clock) == due


def test_trap_55_the_parent_signs_on_the_leaving_date_and_the_young_person_from_the_day_after() -> None:
    appeal = {"appealId": "p1", "about": ["c-iii"]}
    parent = {"signedBy": "PARENT", "signedOn": "2026-06-26"}
    history = maintained(dateOfBirth="2010-08-31").record("register-appeal", "2026-07-01", **appeal, **parent)
    assert history.findings() == set()
    history.record("register-appeal", "2026-07-01", **appeal, **parent | {"signedOn": "2026-06-27"})
    assert history.findings() == {"not-the-right-holder"}
    history.record("register-appeal", "2026-07-01", **appeal, signedBy="YOUNG_PERSON", signedOn="2026-06-27")
    assert history.findings() == set()
    history.record("register-appeal", "2026-07-01", **appeal, signedBy="ALTERNATIVE_PERSON", signedOn="2026-06-27")
    assert history.findings() == set()


def test_trap_56_a_foster_carer_is_served_and_may_appeal() -> None:
    carer = {
        "order": 3,
        "kind": "parentOrCarer",
        "name": "Chris Carer",
        "relationship": "Foster carer",
        "parentalResponsibility": "no",
        "mayReceive": "yes",
    }
    history = maintained().perform("add-contact", "2026-06-01", contactId="contact-3", contact=carer)
    history.perform(
        "disclose", "2026-06-02", recipient="Carer", gateway="R13_2_RECIPIENT", sections=["B"], contactId="contact-3"
    )
    history.record(
        "register-appeal", "2026-06-10", appealId="p1", about=["c-iii"], signedBy="PARENT", appellant="contact-3"
    )
    assert history.findings() == set()
