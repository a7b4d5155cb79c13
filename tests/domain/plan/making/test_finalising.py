"""Making the plan final: what must go before, what the text must be, who gets it, and what follows."""

from datetime import date

import pytest

from domain.document import merge_patch
from tests.domain.plan.journey import FILE, Journey
from tests.domain.plan.keeping.history import document
from tests.domain.plan.making.stages import (
    AGREED,
    SECTION_G,
    SENT,
    SETTING,
    THERAPY,
    consulted,
    draft_text,
    drafting,
    final_text,
    finalised,
    finalising,
    served,
    serving,
)
from tests.support.access import entitled

AFTER = "2026-07-13"


def test_the_final_plan_is_version_1_from_the_day_on_which_it_was_sent() -> None:
    history = finalised()
    version = history.state.current_version()
    assert version is not None
    assert (version.number, version.kind, version.effective_on, version.basis) == (1, "final", SENT, "COUNCIL")
    assert history.state.phase == "MAINTAINED"
    assert history.state.document == final_text()
    assert history.due("D26") == "2026-09-10"
    assert history.due("D7") == "2027-07-09"


def test_a_plan_is_not_final_without_a_draft_that_was_served() -> None:
    recorded = drafting().record("finalise", SENT, **finalising())
    assert {"out-of-order", "draft-not-served"} <= recorded.findings()
    assert recorded.state.phase == "MAINTAINED"


def test_a_draft_that_was_served_before_the_import_counts() -> None:
    history = Journey()
    asserted = {"council": "855", "sourceFile": FILE, "status": "DRAFT_ISSUED", "textKind": "draft"}
    history.record("import-baseline", "2026-06-20", plan=draft_text(), **asserted)
    consultation = {"consultationId": "c1", "organisation": SETTING, "consultedOn": "2026-06-22"}
    history.perform("consult-setting", "2026-06-22", **consultation)
    history.perform("finalise", SENT, **finalising())
    assert history.state.phase == "MAINTAINED"


def test_the_text_must_be_this_childs() -> None:
    other = final_text()
    other["personalDetails"] = other["personalDetails"] | {"identifiers": {"nhsNumber": "9990000034"}}
    assert set(consulted().refused("finalise", SENT, **finalising(plan=other))) == {"another-child"}


@pytest.mark.parametrize(
    ("section", "rule"),
    [
        ({}, "placement-open"),
        ({"placementBasis": "NAMED"}, "no-setting-named"),
        (
            {"placementBasis": "TYPE_ONLY", "placements": {"placement-1": {"order": 1, "rank": 1, "name": "Elm"}}},
            "type-only",
        ),
        ({"placementBasis": "EHE_S42_5", "note": "At home"}, "home-education-type"),
        (
            {"placementBasis": "EHE_S42_5", "placements": {"placement-1": {"order": 1, "rank": 1, "type": "Primary"}}},
            "home-education-note",
        ),
        ({"placementBasis": "EOTAS", "familyConsultedOn": "2026-06-20"}, "otherwise-unfounded"),
    ],
)
def test_section_i_says_one_of_four_things_in_full(section: dict[str, object], rule: str) -> None:
    text = draft_text(I=section)
    refused = consulted().refused("finalise", SENT, **finalising(plan=text))
    assert rule in refused
    assert refused[rule].pointer.startswith("/plan/sections/I")


def test_a_type_alone_is_a_placement() -> None:
    typed = {"placementBasis": "TYPE_ONLY", "placements": {"placement-1": {"order": 1, "rank": 1, "type": "Special"}}}
    history = served().perform("finalise", SENT, **finalising(plan=draft_text(I=typed)))
    assert [party for party in history.state.parties if party.role == "namedSetting"] == []


def test_copies_go_to_the_family_the_setting_and_the_commissioning_body() -> None:
    history = consulted().perform("agree-health-provision", AGREED["agreedOn"], **AGREED)
    body = finalising(plan=final_text(**SECTION_G))
    del body["sentTo"], body["recipients"]
    refused = history.refused("finalise", SENT, **body)
    assert set(refused) == {"family-not-sent", "copy-owed"}
    assert refused["copy-owed"].law == "reg 13(2)(b), (c)"
    owed = history.record("finalise", SENT, **body).state.findings
    assert {f.text for f in owed if f.rule == "copy-owed"} == {
        "A copy must be sent to ods:QJK.",
        "A copy must be sent to urn:199101.",
    }


def test_the_body_that_agreed_gets_its_copy_where_the_text_does_not_say_who_commissions() -> None:
    silent = {key: value for key, value in THERAPY.items() if key != "commissioner"}
    history = consulted().perform("agree-health-provision", AGREED["agreedOn"], **AGREED)
    text = final_text(**SECTION_G)
    text["sections"]["G"]["provisions"]["provision-2"] = silent
    assert set(history.refused("finalise", SENT, **finalising(plan=text))) == {"copy-owed"}


def test_an_ordered_text_does_not_make_health_provision_agreed() -> None:
    history = consulted()
    history.record("register-appeal", "2026-06-22", appealId="o1", about=["b"], sentToCouncilOn="2026-06-22")
    order = {"appealId": "o1", "orderOn": "2026-07-01", "orders": ["MAKE_PLAN"]}
    history.record("record-tribunal-order", "2026-07-01", **order)
    body = finalising(plan=final_text(**SECTION_G), basis="TRIBUNAL_ORDER", sentTo=[SETTING, "ods:QJK"])
    assert set(history.refused("finalise", SENT, **body)) == {"health-not-agreed"}


def test_a_draft_that_started_from_an_older_version_is_stale() -> None:
    history = finalised()
    own = {"reassessmentId": "a1", "decision": "REASSESS", "origin": "OWN_DECISION", "decidedOn": "2026-07-20"}
    history.perform("decide-reassessment", "2026-07-20", **own)
    body = {key: value for key, value in finalising(purpose="REASSESSMENT").items() if key != "plan"}
    facts = {"draftId": "d1", "purpose": "REASSESSMENT", "baseVersion": 0, "open": True}
    refused = history.refused(
        "finalise", "2026-07-20", **body | {"sentOn": "2026-07-20", "draftId": "d1", "draftRevision": 1},
        resolved={"plan": final_text(), "draft": facts},
    )  # fmt: skip
    assert "draft-stale" in refused


def test_a_reassessment_ends_with_its_final_plan_which_is_the_next_version() -> None:
    history = finalised()
    own = {"reassessmentId": "a1", "decision": "REASSESS", "origin": "OWN_DECISION", "decidedOn": "2026-07-20"}
    history.perform("decide-reassessment", "2026-07-20", **own)
    day = {"servedOn": {"contact-1": "2026-07-27"}, "serviceMethods": {"contact-1": "EMAIL"}}
    body = serving(purpose="REASSESSMENT", representationsUntil="2026-08-10", **day)
    history.perform("serve-draft", "2026-07-27", **body)
    consultation = {"consultationId": "c2", "organisation": SETTING, "consultedOn": "2026-07-27"}
    history.perform("consult-setting", "2026-07-27", **consultation)
    assert history.state.document == final_text(), "the plan in force stands until the new one is final"
    history.perform("finalise", "2026-08-20", **finalising(purpose="REASSESSMENT", sentOn="2026-08-20"))
    assert [v.number for v in history.state.versions if v.kind == "final"] == [1, 2]
    assert history.status("reassessment", "a1") == "CONCLUDED"


def test_an_agreement_carries_over_while_the_words_stay() -> None:
    history = consulted().perform("agree-health-provision", AGREED["agreedOn"], **AGREED)
    renumbered = THERAPY | {"order": 2, "funding": {"funding-1": {"order": 1, "source": "nhs"}}}
    text = final_text(**SECTION_G | {"G": {"provisions": {"provision-2": renumbered}}})
    history.perform("finalise", SENT, **finalising(plan=text, sentTo=[SETTING, "ods:QJK"]))
    kept = history.effects.health_agreements["provision-2"]
    assert (kept["status"], kept["textHash"]) == ("agreed", AGREED["textHash"])


def test_the_named_setting_and_the_health_body_are_parties_from_the_day_of_the_plan() -> None:
    history = consulted().perform("agree-health-provision", AGREED["agreedOn"], **AGREED)
    text = final_text(**SECTION_G)
    history.perform("finalise", SENT, **finalising(plan=text, sentTo=[SETTING, "ods:QJK"]))
    held = {(party.role, party.organisation): party.since for party in history.state.parties if party.until is None}
    assert held["namedSetting", SETTING] == held["healthBody", "ods:QJK"] == SENT
    assert entitled(history.state, "school", SETTING, SENT).finals


def test_a_setting_that_is_no_longer_named_was_a_party_until_the_day_before() -> None:
    history = finalised()
    change = {"placementId": "placement-1", "scheme": "urn", "formerValue": "199101", "newValue": "199202"}
    history.perform("change-placement-identifier", AFTER, **change, since=AFTER, reason="ACADEMY_CONVERSION")
    held = {p.organisation: (p.since, p.until) for p in history.state.parties if p.role == "namedSetting"}
    assert held == {SETTING: (SENT, "2026-07-12"), "urn:199202": (AFTER, None)}


def test_the_text_fills_gaps_of_the_person_and_changes_nothing_that_is_held() -> None:
    text = final_text()
    told = {
        "ncYear": 6,
        "name": "Robin E. Example",
        "contacts": {"contact-2": {"mayReceive": "yes", "email": "s@example.org"}},
    }
    text["personalDetails"] = merge_patch(text["personalDetails"], told)
    history = consulted().perform("restrict-contact", "2026-06-30", contactId="contact-2", reason="A court order")
    history.perform("finalise", SENT, **finalising(plan=text, recipients=["contact-1"]))
    person = history.state.person
    assert (person["ncYear"], person["name"]) == (6, document()["personalDetails"]["name"])
    assert person["contacts"]["contact-2"]["mayReceive"] == "no"
    assert person["contacts"]["contact-2"]["email"] == "s@example.org"


def test_a_copy_goes_to_somebody() -> None:
    body = {"copiesId": "k1", "sentOn": AFTER, "version": 1, "gateway": "R13_2_RECIPIENT"}
    assert set(finalised().refused("send-copies", AFTER, **body)) == {"nobody-named"}


def test_receipt_is_evidence_and_moves_no_clock() -> None:
    history = finalised()
    before = history.running()
    history.perform("deliver-copy", AFTER, deliveredOn=AFTER, recipients=["contact-1"], channel="POST", proof="Signed")
    assert history.running() == before
    assert history.state.version_in_force(date(2026, 7, 12)) == history.state.current_version()
