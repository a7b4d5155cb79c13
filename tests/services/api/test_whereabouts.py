"""Trap 67: for a parent who must not find the child, nothing names a setting, a council, a health body or a person."""

import pytest

from tests.support.life import ICB, NAMED, SCHOOL, Life, text

NAMES = ("Elm Tree School", "199101", "QJK", "Example Integrated", "855", "Spring Lane Clinic", "Dr Example", "LIFE-")


def hidden(life: Life, **about: str) -> Life:
    """A plan whose text says that the place is held back, and repeats names where anybody writes them."""
    life.agreed()
    final = text(life.reference, section_i=NAMED)
    final["sections"]["A"] = {"history": "Robin likes ELM TREE SCHOOL, and Dr Example of Spring Lane Clinic."}
    delivered = {"role": "Therapist", "organisation": {"name": "Spring Lane Clinic", "odsCode": "RX1"}}
    final["sections"]["F"]["provisions"]["provision-1"]["deliveredBy"] = delivered
    final["sections"]["K"] = {"advice": {"advice-1": {"order": 1, "kind": "Report", "author": "Dr Example"}}}
    kept = {"order": 1, "kind": "locationSensitive", "reason": "A court said so", "status": "undecided"}
    final["restrictions"] = {"restriction-1": kept | about}
    life.do("finalise", "2026-07-10", **life.finalising_body(plan=final))
    return life


def test_trap_67_a_restricted_parent_reads_the_plan_without_a_name_or_code_and_no_count_of_settings(life: Life) -> None:
    hidden(life, subject="contact-2")
    restricted = life.family("contact-2")
    for end in ("", "?version=1", "?asAt=2026-07-11", "/versions", "/diff?from=draft-1&to=1"):
        answer = restricted.get(life.path + end)
        assert answer.status_code == 200, end
        # the plan's own id and its entity tag are random: they may hold any three digits
        told = answer.text.replace(life.plan_id, "").replace(answer.json().get("entityTag", life.plan_id), "")
        assert [name for name in NAMES if name.lower() in told.lower()] == [], end
    assert "[withheld] of [withheld]" in restricted.get(life.path).json()["plan"]["sections"]["A"]["history"]
    for end in ("/history", "/clocks"):
        assert restricted.get(life.path + end).status_code == 404, "consultations could be counted there"


def test_the_other_parent_and_everybody_else_read_it_whole(life: Life) -> None:
    hidden(life, subject="contact-2")
    for reader in (
        life.family("contact-1"),
        life.serving.as_("school", SCHOOL),
        life.serving.as_("health", ICB),
        life.officer,
    ):
        assert "ELM TREE SCHOOL" in reader.get(life.path).text


def test_where_it_is_not_said_from_whom_it_is_held_back_from_the_whole_family(life: Life) -> None:
    hidden(life)
    for contact in ("contact-1", "contact-2"):
        assert "ELM TREE SCHOOL" not in life.family(contact).get(life.path).text


@pytest.mark.parametrize(("decision", "shown"), [("confirmed", False), ("lifted", True)])
def test_it_holds_until_an_officer_lifts_it(life: Life, decision: str, *, shown: bool) -> None:
    hidden(life, subject="contact-2")
    life.do("decide-restriction", "2026-07-12", restrictionId="restriction-1", decision=decision, reason="Looked into")
    assert ("ELM TREE SCHOOL" in life.family("contact-2").get(life.path).text) is shown
