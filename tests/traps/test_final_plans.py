"""Traps of making a plan final: health provision, section I, needs without provision, recipients, and afterwards."""

from datetime import date

import pytest

from domain.document import text_hash
from tests.domain.plan.journey import Journey
from tests.domain.plan.making.stages import (
    AGREED,
    SECTION_G,
    SENT,
    SETTING,
    THERAPY,
    consulted,
    draft_text,
    final_text,
    finalised,
    finalising,
    served,
    warnings,
)

RECIPIENTS = [SETTING, "ods:QJK"]


def _with_health(therapy: dict[str, object] = THERAPY) -> dict[str, object]:
    text = final_text(**SECTION_G | {"G": {"provisions": {"provision-2": therapy}}})
    return finalising(plan=text, sentTo=RECIPIENTS)


def test_trap_24_health_provision_without_agreement_stops_the_final_plan() -> None:
    breach = consulted().refused("finalise", SENT, **_with_health())["health-not-agreed"]
    assert "reg 12(2)" in breach.law
    assert breach.pointer == "/plan/sections/G/provisions/provision-2"


def test_trap_24_recorded_it_is_a_finding() -> None:
    history = consulted().record("finalise", SENT, **_with_health())
    assert history.findings() == {"health-not-agreed"}
    assert history.state.phase == "MAINTAINED"


def test_trap_24_each_agreed_item_issues_and_a_changed_text_is_not_agreed() -> None:
    history = consulted().perform("agree-health-provision", AGREED["agreedOn"], **AGREED)
    changed = THERAPY | {"what": "Physiotherapy as needed"}
    assert set(history.refused("finalise", SENT, **_with_health(changed))) == {"health-not-agreed"}
    history.perform("finalise", SENT, **_with_health())
    assert history.state.health_agreements["provision-2"]["textHash"] == text_hash(THERAPY)


def test_trap_59_a_silent_health_body_does_not_hold_up_the_plan() -> None:
    history = consulted()
    asked = {"itemId": "provision-2", "textHash": text_hash(THERAPY), "bodyType": "ICB", "odsCode": "QJK"}
    history.perform("ask-health-agreement", "2026-06-20", **asked, askedOn="2026-06-20")
    history.perform("note-health-silence", "2026-07-09", itemId="provision-2", notedOn="2026-07-09")
    assert history.state.health_agreements["provision-2"]["status"] == "unknown", "silence is no agreement"
    assert set(history.refused("finalise", SENT, **_with_health())) == {"health-not-agreed"}
    apart = {
        "provision-2": {
            "order": 1,
            "what": THERAPY["what"],
            "sought": "45 minutes a fortnight",
            "askedOn": "2026-06-20",
        }
    }
    text = final_text(C=SECTION_G["C"]) | {"healthProvisionNotAgreed": apart}
    history.perform("finalise", SENT, **finalising(plan=text))
    assert history.state.phase == "MAINTAINED"


def test_trap_76_agreement_to_a_school_nurse_item_is_asked_of_public_health() -> None:
    nurse = {key: value for key, value in THERAPY.items() if key != "commissioner"}
    nurse |= {"what": "The school nurse reviews the care plan each term"}
    history = served(plan=draft_text(**SECTION_G | {"G": {"provisions": {"provision-2": nurse}}}))
    asked = {"itemId": "provision-2", "textHash": text_hash(nurse), "askedOn": "2026-06-20"}
    refused = history.refused("ask-health-agreement", "2026-06-20", **asked, bodyType="ICB", odsCode="QJK")
    assert set(refused) == {"another-body-is-responsible"}
    history.perform("ask-health-agreement", "2026-06-20", **asked, bodyType="PUBLIC_HEALTH")
    assert history.status("health-agreement", "provision-2") == "ASKED"


def test_trap_25_speech_therapy_in_g_is_warned_about() -> None:
    speech = THERAPY | {"what": "Speech and language therapy", "deliveredBy": {"role": "Speech and language therapist"}}
    history = consulted().perform(
        "agree-health-provision", AGREED["agreedOn"], **AGREED | {"textHash": text_hash(speech)}
    )
    history.perform("finalise", SENT, **_with_health(speech))
    assert "educates-or-trains-outside-f" in warnings(history)


def _placed(section: dict[str, object], sent_to: list[str] | None = None) -> dict[str, object]:
    text = final_text()
    body = finalising(plan=text | {"sections": text["sections"] | {"I": section}})
    return body | ({"sentTo": sent_to} if sent_to else {})


def test_trap_60_education_otherwise_leaves_section_i_blank_and_is_valid() -> None:
    blank = {"placementBasis": "EOTAS", "inappropriateBecause": "No school can meet the needs"}
    assert set(consulted().refused("finalise", SENT, **_placed(blank))) == {"otherwise-unfounded"}
    history = consulted().perform("finalise", SENT, **_placed(blank | {"familyConsultedOn": "2026-06-20"}))
    assert history.state.phase == "MAINTAINED"


def test_trap_60_no_school_stands_in_a_blank_section_i() -> None:
    eotas = {
        "placementBasis": "EOTAS",
        "inappropriateBecause": "No school can meet the needs",
        "familyConsultedOn": "2026-06-20",
    }
    named = final_text()["sections"]["I"] | eotas
    assert set(consulted().refused("finalise", SENT, **_placed(named))) == {"otherwise-than-at-school"}


def test_trap_39_ehe_is_elective_home_education_only() -> None:
    home = {"order": 1, "rank": 1, "type": "Mainstream primary school", "senSetting": "EHE"}
    elective = {
        "placementBasis": "EHE_S42_5",
        "note": "The parents educate at home",
        "placements": {"placement-1": home},
    }
    consulted().perform("finalise", SENT, **_placed(elective))
    arranged = {
        "placementBasis": "EOTAS",
        "inappropriateBecause": "No school can meet the needs",
        "familyConsultedOn": "2026-06-20",
        "placements": {"placement-1": {"order": 1, "rank": 1, "senSetting": "EHE"}},
    }
    assert "ehe-only-for-elective-home-education" in consulted().refused("finalise", SENT, **_placed(arranged))


@pytest.mark.parametrize("ranks", [(1, 1), (2, 3)])
def test_trap_40_exactly_one_placement_is_the_main_one(ranks: tuple[int, int]) -> None:
    both = {
        f"placement-{order}": {
            "order": order,
            "rank": rank,
            "name": "Elm Tree School",
            "urn": "199101",
            "type": "Academy",
        }
        for order, rank in enumerate(ranks, 1)
    }
    refused = consulted().refused("finalise", SENT, **_placed({"placementBasis": "NAMED", "placements": both}))
    assert "one-main-placement" in refused


def test_trap_22_the_final_plan_goes_to_an_explicit_list_without_the_barred_parent() -> None:
    history = consulted().perform("restrict-contact", "2026-06-30", contactId="contact-2", reason="A court order")
    assert set(history.refused("finalise", SENT, **finalising())) == {"barred-recipient"}
    history.perform("finalise", SENT, **finalising(recipients=["contact-1"]))
    assert history.state.phase == "MAINTAINED"


def test_trap_26_a_new_number_of_the_named_school_is_not_an_amendment() -> None:
    history = finalised()
    change = {"placementId": "placement-1", "scheme": "urn", "formerValue": "199101", "newValue": "199202"}
    history.perform(
        "change-placement-identifier", "2026-09-01", **change, since="2026-09-01", reason="ACADEMY_CONVERSION"
    )
    before, after = history.state.versions[-2:]
    assert (before.number, after.number) == (1, 1)
    assert _urn(history, before.sequence) == "199101"
    assert _urn(history, after.sequence) == _named(history) == "199202"
    assert history.state.version_in_force(date.fromisoformat("2026-08-31")) == before
    assert history.state.version_in_force(date.fromisoformat("2026-09-01")) == after
    assert history.due("D26") == "2026-09-10", "the time to appeal doesn't run again"


def _urn(history: Journey, sequence: int) -> str:
    return str(history.events[sequence - 1].data["plan"]["sections"]["I"]["placements"]["placement-1"]["urn"])


def _named(history: Journey) -> str:
    return str(history.state.document["sections"]["I"]["placements"]["placement-1"]["urn"])


def test_trap_27_an_empty_section_j_stops_nothing() -> None:
    assert finalised().state.document["sections"]["J"] == {}


def test_trap_64_a_named_school_that_declines_changes_nothing() -> None:
    history = finalised()
    history.perform(
        "decline-named-child",
        "2026-07-13",
        namingDisputeId="n1",
        organisation=SETTING,
        declinedOn="2026-07-13",
        reasons="We are full",
    )
    (warning,) = history.events[-1].data["effects"]["warnings"]
    assert "s.43" in warning["law"]
    assert history.state.phase == "MAINTAINED"
    assert _named(history) == "199101"


def test_trap_64_sending_meets_the_duty_whoever_declines() -> None:
    met = [clock for clock in finalised().state.clocks.values() if clock.id == "D4"]
    assert [clock.met_on for clock in met] == [SENT]
