"""Traps of texts that somebody else has ordered: they issue as ordered, once, and nothing else is spared."""

from collections.abc import Callable

import pytest

from tests.domain.plan.journey import Journey
from tests.domain.plan.keeping.history import MANAGER
from tests.domain.plan.making.stages import (
    SENT,
    consulted,
    drafting,
    final_text,
    finalised,
    finalising,
    serving,
    warnings,
)


def _without_provision(**changes: object) -> dict[str, object]:
    text = final_text()
    return finalising(plan=text | {"sections": text["sections"] | {"F": {}}}, **changes)


def test_trap_58_a_need_without_provision_stops_an_ordinary_final_plan() -> None:
    breach = consulted().refused("finalise", SENT, **_without_provision())["need-without-provision"]
    assert "reg 12(1)(f)" in breach.law
    assert breach.pointer == "/plan/sections/B/needs/need-1"


def _ordered(history: Journey, **order: object) -> Journey:
    history.record("register-appeal", "2026-06-22", appealId="o1", about=["b"], sentToCouncilOn="2026-06-22")
    return history.record(
        "record-tribunal-order", "2026-07-01", appealId="o1", orderOn="2026-07-01", orders=["MAKE_PLAN"], **order
    )


def _agreed_in_mediation(history: Journey) -> Journey:
    asked = {"mediationId": "m1", "requestedOn": "2026-06-22", "issues": ["education"]}
    agreed = {"mediationId": "m1", "agreedOn": "2026-07-01", "issues": ["appealable"], "orders": ["MAKE_PLAN"]}
    history.perform("request-mediation", "2026-06-22", **asked)
    return history.perform("agree-in-mediation", "2026-07-01", **agreed)


@pytest.mark.parametrize(
    ("basis", "settle"),
    [
        ("TRIBUNAL_ORDER", _ordered),
        ("CONSENT_ORDER", lambda history: _ordered(history, byConsent=True)),
        ("MEDIATION_AGREEMENT", _agreed_in_mediation),
    ],
    ids=["order", "consent", "mediation"],
)
def test_trap_58_a_text_that_was_ordered_issues_as_ordered_with_a_warning(
    basis: str, settle: Callable[[Journey], Journey]
) -> None:
    body = _without_provision(basis=basis)
    assert set(consulted().refused("finalise", SENT, **body)) == {"order-not-on-record"}
    history = settle(consulted()).perform("finalise", SENT, **body)
    assert "need-without-provision" in warnings(history)
    assert history.findings() == set()


def _ordered_amendment(history: Journey, *orders: str) -> Journey:
    history.record("register-appeal", "2026-09-01", appealId="o1", about=["c-ii"], sentToCouncilOn="2026-09-01")
    return history.record(
        "record-tribunal-order", "2026-10-01", appealId="o1", orderOn="2026-10-01", orders=list(orders)
    )


def _amending(**changes: object) -> dict[str, object]:
    body = _without_provision(purpose="TRIBUNAL_ORDER", basis="TRIBUNAL_ORDER", sentOn="2026-10-20", appealId="o1")
    return body | {"amendmentNoticeId": "order-o1"} | changes


def test_trap_58_a_text_ordered_on_appeal_issues_without_notice_and_with_a_warning() -> None:
    history = _ordered_amendment(finalised(), "AMEND_CONTENTS")
    history.perform("amend", "2026-10-20", **_amending())
    assert "need-without-provision" in warnings(history)
    assert history.findings() == set()


def test_trap_58_an_order_that_orders_no_text_is_no_basis_for_one() -> None:
    for order in ("MAINTAIN", "ASSESS", "DISMISSED", "MAKE_PLAN"):
        history = _ordered_amendment(finalised(), order)
        assert set(history.refused("amend", "2026-10-20", **_amending())) == {"order-not-on-record"}, order


def test_trap_58_the_order_of_another_appeal_is_no_basis_either() -> None:
    history = _ordered_amendment(finalised(), "AMEND_CONTENTS")
    assert set(history.refused("amend", "2026-10-20", **_amending(appealId="o2"))) == {"order-not-on-record"}


def test_trap_58_an_order_issues_once_and_a_second_text_needs_its_notice() -> None:
    history = _ordered_amendment(finalised(), "AMEND_CONTENTS").perform("amend", "2026-10-20", **_amending())
    again = _amending(sentOn="2027-05-03", amendmentNoticeId="order-o1-again")
    assert set(history.refused("amend", "2027-05-03", **again)) == {"order-carried-out"}


def test_trap_58_an_order_to_make_a_plan_spares_nobody_the_draft_and_the_fifteen_days() -> None:
    history = _ordered(drafting()).perform("serve-draft", "2026-07-03", **_draft_of("2026-07-03", "2026-07-17"))
    body = finalising(basis="TRIBUNAL_ORDER", sentOn="2026-07-10")
    assert set(history.refused("finalise", "2026-07-10", **body)) == {
        "representations-still-open",
        "setting-not-consulted",
    }


def _draft_of(day: str, until: str) -> dict[str, object]:
    return serving(servedOn={"contact-1": day, "contact-2": day}, representationsUntil=until)


def test_trap_58_only_a_manager_overrides_and_says_why() -> None:
    body = _without_provision(overrideReason="Provision is agreed to be met by ordinary teaching")
    assert consulted().refused("finalise", SENT, **body)
    history = consulted().perform("finalise", SENT, actor=MANAGER, **body)
    assert "need-without-provision" in warnings(history)
