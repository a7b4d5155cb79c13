"""What the law forbids is refused over HTTP with the provision, its place in the body, and nothing changed."""

from tests.support.life import NAMED, PHYSIOTHERAPY, SENT, SERVED, Life, text


def test_an_item_of_section_g_that_nobody_agreed_to_stops_the_final_plan(life: Life) -> None:
    life.consulted()
    body = life.finalising_body(plan=text(life.reference, section_i=NAMED))
    breach = life.refused("finalise", SENT, **body)["health-not-agreed"]
    assert breach["pointer"] == "/plan/sections/G/provisions/provision-2"
    assert "reg 12(2)" in breach["law"]


def test_an_item_of_section_g_that_was_reworded_is_not_the_one_that_was_agreed(life: Life) -> None:
    life.agreed()
    reworded = {"provisions": {"provision-2": {**PHYSIOTHERAPY, "what": "Physiotherapy when staff allow"}}}
    body = life.finalising_body(plan=text(life.reference, section_i=NAMED, G=reworded))
    assert "health-not-agreed" in life.refused("finalise", SENT, **body)


def test_an_initial_draft_names_no_school_and_no_type(life: Life) -> None:
    life.drafting()
    for placement in (NAMED, {"placements": {"placement-1": {"order": 1, "rank": 1, "type": "Special school"}}}):
        body = life.serving_body(plan=text(life.reference, section_i=placement))
        breaches = life.refused("serve-draft", SERVED, **body)
        assert any("s.38(5)" in breach["law"] for breach in breaches.values())
        assert all(breach["pointer"].startswith("/plan/sections/I") for breach in breaches.values())


def test_an_act_out_of_order_says_what_comes_first(life: Life) -> None:
    life.requested()
    breaches = life.refused("decide-assessment", "2026-03-09", decision="ISSUE", notifiedOn="2026-03-09")
    assert all(breach["text"] and breach["law"] for breach in breaches.values())
