"""The golden thread: each thing missing or out of place is found, with the law and the right weight."""

from datetime import date

import pytest

from domain.document import JsonObject, ThreadFinding, golden_thread, merge_patch
from tests.domain.document.plans import example, need, outcome, plan, provision, threaded

ON = date(2026, 6, 19)


def rules(document: JsonObject, *, finalising: bool = False, on: date | None = ON) -> list[tuple[str, str]]:
    """(rule, severity) of what is found."""
    return [(finding.rule, finding.severity) for finding in golden_thread(document, finalising=finalising, on=on)]


def the(rule: str, document: JsonObject, *, finalising: bool = True, on: date | None = ON) -> ThreadFinding:
    """The one finding of that rule."""
    (found,) = (f for f in golden_thread(document, finalising=finalising, on=on) if f.rule == rule)
    return found


@pytest.mark.parametrize("name", ["full", "minimal", "education-otherwise"])
def test_the_published_examples_hang_together(name: str) -> None:
    assert rules(example(name), finalising=True) == []


def test_a_whole_thread_has_no_findings() -> None:
    assert rules(threaded(), finalising=True) == []


def test_a_need_of_b_without_provision_in_f_warns_on_a_draft_and_is_an_error_at_finalise() -> None:
    document = plan(B={"needs": {"need-1": need()}})
    assert rules(document) == [("need-without-provision", "warning")]
    found = the("need-without-provision", document)
    assert (found.severity, found.pointer) == ("error", "/sections/B/needs/need-1")
    assert "s.42(2)" in found.law


def test_provision_in_g_does_not_answer_a_need_of_b() -> None:
    document = plan(
        B={"needs": {"need-1": need()}},
        G={"provisions": {"provision-1": provision(needIds=["need-1"], trains=False)}},
    )
    assert ("need-without-provision", "error") in rules(document, finalising=True)


@pytest.mark.parametrize("status", ["resolved", "withdrawn"])
def test_a_need_that_is_no_longer_active_calls_for_no_provision(status: str) -> None:
    assert rules(plan(B={"needs": {"need-1": need(status=status)}}), finalising=True) == []


@pytest.mark.parametrize(
    ("section", "rule"), [("C", "health-need-without-provision"), ("D", "care-need-without-provision")]
)
def test_health_and_care_needs_without_provision_are_a_warning_even_at_finalise(section: str, rule: str) -> None:
    document = plan(**{section: {"needs": {"need-1": {"order": 1, "description": "As assessed"}}}})
    assert rules(document, finalising=True) == [(rule, "warning")]


@pytest.mark.parametrize(("needs", "answers"), [("C", "G"), ("D", "H1"), ("D", "H2")])
def test_health_and_care_needs_are_answered_in_g_and_h(needs: str, answers: str) -> None:
    document = plan(
        **{
            needs: {"needs": {"need-1": {"order": 1, "description": "As assessed"}}},
            answers: {"provisions": {"provision-1": provision(needIds=["need-1"], trains=False)}},
        }
    )
    assert rules(document) == []


def test_provision_that_names_no_need_is_a_warning() -> None:
    document = plan(F={"provisions": {"provision-1": provision()}})
    assert rules(document, finalising=True) == [("provision-without-need", "warning")]


def test_an_outcome_that_no_provision_serves_is_a_warning() -> None:
    document = merge_patch(threaded(), {"sections": {"E": {"outcomes": {"outcome-2": outcome(2)}}}})
    assert the("outcome-without-provision", document).pointer == "/sections/E/outcomes/outcome-2"


def test_an_outcome_is_served_by_provision_for_the_same_need() -> None:
    provisions = {"provision-1": {"outcomeIds": None}}
    assert rules(merge_patch(threaded(), {"sections": {"F": {"provisions": provisions}}})) == []


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        (
            {"E": {"outcomes": {"outcome-1": {"needIds": ["need-9"]}}}},
            "/sections/E/outcomes/outcome-1/needIds/0",
        ),
        (
            {"F": {"provisions": {"provision-1": {"outcomeIds": ["outcome-1", "need-1"]}}}},
            "/sections/F/provisions/provision-1/outcomeIds/1",
        ),
        ({"B": {"needs": {"need-1": {"evidence": ["advice-1"]}}}}, "/sections/B/needs/need-1/evidence/0"),
        ({"J": {"provisionIds": ["provision-2"]}}, "/sections/J/provisionIds/0"),
    ],
)
def test_a_link_that_names_nothing_of_its_kind_is_always_an_error(patch: JsonObject, pointer: str) -> None:
    found = the("dangling-link", merge_patch(threaded(), {"sections": patch}), finalising=False)
    assert (found.severity, found.pointer) == ("error", pointer)


def test_a_restriction_about_nobody_is_a_dangling_link() -> None:
    restriction = {
        "order": 1,
        "kind": "other",
        "subject": "contact-1",
        "reason": "As told",
        "status": "undecided",
    }
    document = merge_patch(threaded(), {"restrictions": {"restriction-1": restriction}})
    assert the("dangling-link", document).pointer == "/restrictions/restriction-1/subject"


def test_provision_linked_to_a_need_of_another_section_is_a_warning() -> None:
    document = merge_patch(
        threaded(), {"sections": {"H2": {"provisions": {"provision-2": provision(needIds=["need-1"])}}}}
    )
    assert the("link-into-wrong-section", document).pointer == "/sections/H2/provisions/provision-2/needIds/0"


def test_health_provision_treated_as_education_may_answer_a_health_need_in_f() -> None:
    treated = provision(needIds=["need-2"], healthOrCareTreatedAsEducation=True)
    health_need = {"order": 1, "description": "As assessed"}
    patch = {"C": {"needs": {"need-2": health_need}}, "F": {"provisions": {"provision-2": treated}}}
    assert rules(merge_patch(threaded(), {"sections": patch}), finalising=True) == []


def test_an_id_that_names_two_items_is_an_error() -> None:
    document = merge_patch(
        threaded(), {"sections": {"G": {"provisions": {"provision-1": provision(needIds=[], trains=False)}}}}
    )
    assert rules(document).count(("id-used-twice", "error")) == 2


@pytest.mark.parametrize("field", ["quantity", "equipment", "unquantifiedReason"])
def test_provision_is_quantified_by_time_or_thing_or_says_why_not(field: str) -> None:
    stated = {
        "quantity": {"sessions": 1},
        "equipment": {"item": "hoist", "count": 1},
        "unquantifiedReason": "So",
    }
    bare = merge_patch(threaded(), {"sections": {"F": {"provisions": {"provision-1": {"quantity": None}}}}})
    assert rules(bare, finalising=True) == [("unquantified-provision", "warning")]
    patch = {"sections": {"F": {"provisions": {"provision-1": {field: stated[field]}}}}}
    assert rules(merge_patch(bare, patch)) == []


@pytest.mark.parametrize(
    "more",
    [
        {"trains": True, "deliveredBy": {"role": "occupational therapist"}},
        {"what": "Speech and language therapy, once a week", "deliveredBy": {}},
        {"what": "Blocks of direct work", "deliveredBy": {"role": "Speech & language therapist"}},
        {"what": "SALT review each term", "deliveredBy": {}},
    ],
)
def test_trap_25_speech_therapy_that_educates_saved_under_g_warns_that_it_belongs_in_f(
    more: JsonObject,
) -> None:
    document = plan(G={"provisions": {"provision-1": provision(**more)}})
    found = the("educates-or-trains-outside-f", document)
    assert (found.severity, found.pointer) == ("warning", "/sections/G/provisions/provision-1")
    assert "section F" in found.text
    assert "s.21(5)" in found.law


def test_trap_25_speech_therapy_that_the_officer_says_does_not_educate_may_stay_in_g() -> None:
    document = plan(G={"provisions": {"provision-1": provision(what="Dysphagia review", trains=False)}})
    assert "educates-or-trains-outside-f" not in [rule for rule, _ in rules(document)]


def test_trap_27_an_empty_section_j_without_a_direct_payment_is_complete() -> None:
    assert rules(threaded(), finalising=True) == []
    assert rules(merge_patch(threaded(), {"sections": {"J": {"directPayments": "none"}}}), finalising=True) == []


def test_trap_27_a_direct_payment_must_say_which_needs_and_outcomes_it_meets() -> None:
    made = merge_patch(threaded(), {"sections": {"J": {"directPayments": "made"}}})
    missing = ("direct-payment-without-needs-or-outcomes", "error")
    assert rules(made, finalising=True) == [missing, missing]
    whole = merge_patch(made, {"sections": {"J": {"needIds": ["need-1"], "outcomeIds": ["outcome-1"]}}})
    assert rules(whole, finalising=True) == []


def test_provision_by_direct_payment_needs_section_j() -> None:
    document = merge_patch(threaded(), {"sections": {"F": {"provisions": {"provision-1": {"directPayment": True}}}}})
    assert rules(document) == [("direct-payment-not-in-j", "warning")]


@pytest.mark.parametrize("basis", ["EOTAS", "NAMED", "TYPE_ONLY"])
def test_trap_39_ehe_stands_only_for_elective_home_education(basis: str) -> None:
    placements = {"placement-1": {"order": 1, "rank": 1, "senSetting": "EHE"}}
    document = plan(I={"placementBasis": basis, "inappropriateBecause": "So", "placements": placements})
    assert rules(document, finalising=True) == [("ehe-only-for-elective-home-education", "error")]
    placements["placement-1"]["senSetting"] = "OLA"
    assert rules(plan(I={"placementBasis": "EOTAS", "inappropriateBecause": "So", "placements": placements})) == []


def test_trap_39_elective_home_education_is_ehe() -> None:
    placements = {"placement-1": {"order": 1, "rank": 1, "senSetting": "EHE"}}
    assert rules(plan(I={"placementBasis": "EHE_S42_5", "placements": placements}), finalising=True) == []


@pytest.mark.parametrize("ranks", [(1, 1), (2, 3), (None, None)])
def test_trap_40_two_placements_have_exactly_one_rank_1(ranks: tuple[int | None, int | None]) -> None:
    placements: JsonObject = {f"placement-{n}": {"order": n, "name": "School"} for n in (1, 2)}
    for placement, rank in zip(placements.values(), ranks, strict=True):
        placement.update({"rank": rank} if rank else {})
    document = plan(I={"placements": placements})
    assert rules(document) == [("one-main-placement", "warning")]
    assert rules(document, finalising=True) == [("one-main-placement", "error")]
    placements["placement-1"]["rank"], placements["placement-2"]["rank"] = 1, 2
    assert rules(plan(I={"placements": placements}), finalising=True) == []


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ({"to": "2027-08-31"}, {"from": "2027-09-01"}, []),
        ({"to": "2027-09-01"}, {"from": "2027-09-01"}, [("one-main-placement", "error")]),
        ({}, {"from": "2027-09-01"}, [("one-main-placement", "error")]),
    ],
    ids=["one-after-the-other", "a-day-together", "without-an-end"],
)
def test_trap_40_placements_of_a_phase_transfer_are_each_the_main_one_of_their_time(
    first: JsonObject, second: JsonObject, found: list[tuple[str, str]]
) -> None:
    placements: JsonObject = {
        "placement-1": {"order": 1, "rank": 1, "name": "Primary", **first},
        "placement-2": {"order": 2, "rank": 1, "name": "Secondary", **second},
    }
    assert rules(plan(I={"placements": placements}), finalising=True) == found


def test_education_otherwise_than_at_school_says_why() -> None:
    assert rules(plan(I={"placementBasis": "EOTAS"})) == [("eotas-without-reason", "warning")]


def test_trap_60_a_final_plan_for_education_otherwise_names_no_school_and_is_whole() -> None:
    document = plan(I={"placementBasis": "EOTAS", "inappropriateBecause": "As the advice says"})
    assert rules(document, finalising=True) == []


@pytest.mark.parametrize(
    ("year", "found"), [(8, []), (9, ["adulthood-not-prepared"]), (14, ["adulthood-not-prepared"])]
)
def test_from_year_9_preparation_for_adulthood_is_looked_for(year: int, found: list[str]) -> None:
    document = merge_patch(threaded(), {"personalDetails": {"ncYear": year}})
    assert [rule for rule, _ in rules(document)] == found


def test_provision_for_an_adulthood_outcome_prepares_for_adulthood() -> None:
    adult = {
        "personalDetails": {"ncYear": 10},
        "sections": {"E": {"outcomes": {"outcome-1": {"domain": "employment"}}}},
    }
    assert rules(merge_patch(threaded(), adult)) == []


@pytest.mark.parametrize(("born", "found"), [("2012-08-31", ["adulthood-not-prepared"]), ("2012-09-01", [])])
def test_the_usual_year_is_taken_when_none_is_stated(born: str, found: list[str]) -> None:
    """On 19 June 2026 a child born on 31 August 2012 is usually in year 9, one born a day later in year 8."""
    document = merge_patch(threaded(), {"personalDetails": {"dateOfBirth": born}})
    assert [rule for rule, _ in rules(document)] == found
    assert rules(document, on=None) == []


@pytest.mark.parametrize(("born", "found"), [("2008-06-19", True), ("2008-06-20", False)])
def test_h1_is_for_those_under_18(born: str, *, found: bool) -> None:
    document = merge_patch(
        plan(H1={"provisions": {"provision-1": provision(needIds=["need-1"])}}),
        {"personalDetails": {"dateOfBirth": born, "ncYear": 8}, "sections": {"D": {"needs": {}}}},
    )
    assert ("h1-for-an-adult" in [rule for rule, _ in rules(document)]) is found


def test_findings_quote_no_text_of_the_plan() -> None:
    document = plan(
        B={"needs": {"need-1": need(description="Confidential")}},
        G={"provisions": {"provision-1": provision(what="Confidential speech therapy", quantity={})}},
    )
    assert "Confidential" not in str(golden_thread(document, finalising=True, on=ON))
