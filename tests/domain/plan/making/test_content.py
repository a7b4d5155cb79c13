"""The plan in daily life: slips of the pen, provision, personal budgets and direct payments."""

import pytest

from domain.plan.events import JsonObject
from tests.domain.plan.journey import Journey
from tests.domain.plan.making.places import BUDGET, GAP, ON, PAYMENT, REFUSED
from tests.domain.plan.making.stages import SENT, SETTING, final_text, finalised

SLIP = {"correctedOn": ON, "what": "The town was misspelt"}


def _corrected(**sections: JsonObject) -> Journey:
    return finalised().perform("correct-clerical-error", ON, **SLIP, patch={"sections": sections})


def test_a_correction_is_given_as_a_change_and_stored_as_the_whole_text() -> None:
    history = _corrected(A={"history": "Robin lives by the sea."})
    assert history.events[-1].data["plan"] == final_text(A={"history": "Robin lives by the sea."})
    assert history.state.document == history.events[-1].data["plan"]


def test_a_corrected_text_has_the_number_and_the_day_of_its_version() -> None:
    history = _corrected(A={"history": "Robin lives by the sea."})
    before, after = history.state.versions[-2:]
    assert (after.number, after.effective_on, after.basis) == (1, SENT, "COUNCIL")
    assert (before.number, before.effective_on) == (1, SENT)
    assert history.state.current_version() == after


def test_a_correction_gives_no_new_time_to_appeal() -> None:
    assert _corrected(A={"history": "By the sea"}).running() == finalised().running()


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("B", {"needs": {"need-1": {"description": "Reading and spelling"}}}),
        ("F", {"provisions": {"provision-1": {"what": "Reading lessons"}}}),
        ("I", {"placements": {"placement-1": {"name": "Elm School"}}}),
    ],
)
def test_needs_provision_and_placement_are_never_a_slip_of_the_pen(section: str, change: JsonObject) -> None:
    history = finalised()
    breach = history.refused("correct-clerical-error", ON, **SLIP, patch={"sections": {section: change}})[
        "not-clerical"
    ]
    assert "reg 22" in breach.law
    assert breach.pointer == f"/plan/sections/{section}"
    history.record("correct-clerical-error", ON, **SLIP, patch={"sections": {section: change}})
    assert history.findings() == {"not-clerical"}


def test_a_correction_says_what_the_text_reads_now() -> None:
    assert set(finalised().refused("correct-clerical-error", ON, **SLIP)) == {"nothing-corrected"}


def test_a_number_changes_only_where_the_plan_has_it() -> None:
    change = {"placementId": "placement-1", "scheme": "urn", "formerValue": "199999", "newValue": "199202"}
    body = {**change, "since": ON, "reason": "ACADEMY_CONVERSION"}
    assert set(finalised().refused("change-placement-identifier", ON, **body)) == {"another-number"}


def test_a_setting_may_change_its_name_with_its_number() -> None:
    change = {"placementId": "placement-1", "scheme": "urn", "formerValue": "199101", "newValue": "199202"}
    body = {**change, "newName": "Elm Tree Academy", "since": ON, "reason": "ACADEMY_CONVERSION"}
    placement = finalised().perform("change-placement-identifier", ON, **body).state.document["sections"]["I"]
    assert placement["placements"]["placement-1"] == {
        "order": 1,
        "rank": 1,
        "name": "Elm Tree Academy",
        "urn": "199202",
    }


def test_provision_that_starts_or_is_missing_is_in_the_plan() -> None:
    started = {"itemId": "provision-9", "startedOn": ON}
    assert set(finalised().refused("start-provision", ON, **started)) == {"unknown-provision"}
    assert set(finalised().refused(GAP[0], ON, **GAP[1] | {"itemId": "need-1"})) == {"unknown-provision"}


def test_a_gap_is_closed_once() -> None:
    history = finalised().perform(GAP[0], ON, **GAP[1])
    closing = {"gapId": "g1", "remediedOn": ON, "madeUpBy": "Two extra sessions a week until Christmas"}
    history.perform("remedy-provision-gap", ON, **closing)
    assert set(history.refused("remedy-provision-gap", ON, **closing)) == {"matter-out-of-order"}


def test_a_refused_budget_has_reasons_and_a_way_to_ask_again() -> None:
    history = finalised().perform(BUDGET[0], ON, **BUDGET[1])
    bare = {"budgetId": "b1", "notifiedOn": ON}
    assert set(history.refused(REFUSED[0], ON, **bare)) == {"reasons-missing", "review-not-explained"}
    history.perform(REFUSED[0], ON, **REFUSED[1], reviewRightExplained=True)
    history.perform("ask-budget-review", ON, budgetId="b1", receivedOn=ON)
    history.perform("offer-personal-budget", ON, budgetId="b1", offeredOn=ON, amountPence=250_000)
    assert history.status("personal-budget", "b1") == "OFFERED"


def test_a_direct_payment_is_agreed_in_writing() -> None:
    body = PAYMENT[1] | {"writtenAgreement": False}
    breach = finalised().refused(PAYMENT[0], ON, **body)["no-written-agreement"]
    assert breach.law == "SI 2014/1652 reg 8"


def test_a_direct_payment_for_provision_at_school_needs_the_heads_consent() -> None:
    body = PAYMENT[1] | {"onPremises": True, "headConsentId": "h1"}
    assert set(finalised().refused(PAYMENT[0], ON, **body)) == {"head-has-not-consented"}
    history = finalised().perform(
        "consent-to-direct-payment", ON, headConsentId="h1", organisation=SETTING, consentedOn=ON
    )
    history.perform(PAYMENT[0], ON, **body)
    assert history.status("direct-payment", "d1") == "AGREED"


def test_a_suspended_payment_goes_on_after_its_review_and_a_stopped_one_does_not() -> None:
    history = finalised().perform(PAYMENT[0], ON, **PAYMENT[1])
    history.perform("suspend-direct-payment", ON, directPaymentId="d1", since=ON, reasons="No receipts")
    reviewed = {"directPaymentId": "d1", "reviewedOn": ON, "outcome": "CONTINUES"}
    assert history.perform("review-direct-payment", ON, **reviewed).status("direct-payment", "d1") == "AGREED"
    history.perform("stop-direct-payment", ON, directPaymentId="d1", stoppedOn=ON, reasons="The family asked")
    assert set(history.refused("review-direct-payment", ON, **reviewed)) == {"matter-out-of-order"}


def test_a_file_is_sent_after_a_child_has_left_the_roll() -> None:
    sent = {"sentOn": ON, "from": SETTING, "to": "urn:199202"}
    assert set(finalised().refused("send-pupil-file", ON, **sent)) == {"out-of-order"}


def test_a_broken_placement_leaves_the_duty_as_it_was() -> None:
    history = finalised().perform("report-placement-breakdown", ON, breakdownId="x1", kind="EXCLUSION", since=ON)
    assert history.state.phase == "MAINTAINED"
    assert history.state.document == final_text()
