"""What changed between two versions, in words, as a reader of the plan would say it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.document import JsonObject, differences, in_words, merge_patch, same_json
from domain.document.json_values import JsonValue
from tests.domain.document.plans import example, need, outcome, plan, provision

THREE_OUTCOMES = plan(E={"outcomes": {f"outcome-{n}": outcome(n) for n in (1, 2, 3)}})
TWO_NEEDS = plan(B={"needs": {"need-1": need(1, "cognitionAndLearning"), "need-2": need(2)}})
FOUR_PROVISIONS = plan(F={"provisions": {f"provision-{n}": provision(n) for n in (1, 2, 3, 4)}})
ONE_PROVISION = plan(
    F={"provisions": {"provision-1": provision(quantity={"minutesPerSession": 60, "sessions": 2, "per": "week"})}}
)
PAYMENT = plan(J={"directPayments": "made", "amountPence": 127400, "needIds": ["need-1"]})
PLACED = plan(I={"placements": {"placement-1": {"order": 1, "rank": 1, "name": "Fernhill School", "urn": "199401"}}})


def sentences(old: JsonObject, patch: JsonObject) -> list[str]:
    """What a reader is told of a change."""
    return [in_words(difference) for difference in differences(old, merge_patch(old, patch))]


def in_section(section: str, **members: JsonValue) -> JsonObject:
    return {"sections": {section: members}}


@pytest.mark.parametrize(
    ("old", "patch", "words"),
    [
        (THREE_OUTCOMES, in_section("E", outcomes={"outcome-3": {"text": "Else"}}), ["Outcome 3 reworded"]),
        (
            ONE_PROVISION,
            in_section("F", provisions={"provision-1": {"quantity": {"sessions": 1}}}),
            ["Provision: 2 h -> 1 h a week, speech and language therapist"],
        ),
        (
            plan(B={"needs": {"need-1": need(1)}}),
            in_section("B", needs={"need-2": need(2)}),
            ["Need 2 (communication and interaction) added"],
        ),
        (
            PLACED,
            in_section("I", placements={"placement-1": {"name": "Marlowe College"}}),
            ["Placement changed from Fernhill School to Marlowe College"],
        ),
        (
            FOUR_PROVISIONS,
            in_section("F", provisions={"provision-4": {"quantity": None}}),
            ["Provision 4 no longer quantified"],
        ),
        (
            PAYMENT,
            in_section("J", amountPence=130000),
            ["Section J: amount changed from £1,274.00 to £1,300.00"],
        ),
        (PAYMENT, in_section("J", amountPence=None), ["Section J: amount removed"]),
        (FOUR_PROVISIONS, in_section("F", provisions={"provision-2": None}), ["Provision 2 removed"]),
        (
            THREE_OUTCOMES,
            in_section("E", outcomes={"outcome-2": {"reviewBy": "2026-07-01"}}),
            ["Outcome 2: review by added"],
        ),
        (
            plan(E={"outcomes": {"outcome-1": outcome(reviewBy="2026-07-01")}}),
            in_section("E", outcomes={"outcome-1": {"reviewBy": "2026-12-11"}}),
            ["Outcome: review by changed from 1 July 2026 to 11 December 2026"],
        ),
        (plan(A={"history": "Once"}), in_section("A", history="Twice"), ["Section A: history reworded"]),
        (
            plan(),
            {"personalDetails": {"name": "Ottoline Pryce"}},
            ["Personal details: name changed from Ottoline Brackenridge to Ottoline Pryce"],
        ),
        (plan(), {"localReference": "X-1"}, ["Plan: local reference added"]),
        (
            plan(I={"placementBasis": "TYPE_ONLY"}),
            in_section("I", placementBasis="NAMED"),
            ["Section I: placement basis changed from type only to named"],
        ),
        (
            plan(F={"provisions": {"provision-1": provision(trains=False)}}),
            in_section("F", provisions={"provision-1": {"trains": True}}),
            ["Provision: educates or trains changed from no to yes"],
        ),
        (
            plan(G={"provisions": {"provision-1": provision(healthAgreement={"status": "unknown"})}}),
            in_section("G", provisions={"provision-1": {"healthAgreement": {"status": "agreed"}}}),
            ["Provision (health): health agreement, status changed from unknown to agreed"],
        ),
    ],
)
def test_a_change_is_told_in_words(old: JsonObject, patch: JsonObject, words: list[str]) -> None:
    assert sentences(old, patch) == words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"minutesPerSession": 30}, {"minutesPerSession": 45}, "1 h -> 1 h 30 min a week"),
        ({"sessions": 2}, {"sessions": 1, "minutesPerSession": 60}, "2 x 30 min -> 1 x 1 h a week"),
        ({"per": "week"}, {"per": "fortnight"}, "1 h a week -> 1 h a fortnight"),
        (
            {"weeksPerYear": 38},
            {"weeksPerYear": 30},
            "1 h a week, 38 weeks a year -> 1 h a week, 30 weeks a year",
        ),
        (
            {"ratio": "1:1"},
            {"ratio": None, "groupSizeMax": 6},
            "1 h a week, 1:1 -> 1 h a week, in a group of up to 6",
        ),
    ],
)
def test_a_change_of_amount_says_what_it_was_and_what_it_is(before: JsonObject, after: JsonObject, words: str) -> None:
    quantity = {"minutesPerSession": 30, "sessions": 2, "per": "week", **before}
    old = plan(F={"provisions": {"provision-1": provision(quantity=quantity, deliveredBy={})}})
    assert sentences(old, in_section("F", provisions={"provision-1": {"quantity": after}})) == [f"Provision: {words}"]


def test_provision_that_becomes_quantified_says_how_much() -> None:
    old = plan(F={"provisions": {"provision-1": provision(quantity={})}})
    patch = in_section("F", provisions={"provision-1": {"equipment": {"item": "standing frame", "count": 1}}})
    assert sentences(old, patch) == ["Provision now quantified: 1 x standing frame"]


def test_items_are_numbered_as_a_reader_of_the_plan_sees_them() -> None:
    """Section B prints communication before cognition, whatever the order keys say."""
    assert sentences(TWO_NEEDS, in_section("B", needs={"need-1": {"description": "Else"}})) == [
        "Need 2 (cognition and learning) reworded"
    ]


def test_a_change_of_order_alone_is_a_move() -> None:
    patch = in_section("E", outcomes={"outcome-1": {"order": 3}, "outcome-3": {"order": 1}})
    moved = differences(THREE_OUTCOMES, merge_patch(THREE_OUTCOMES, patch))
    assert {difference.kind for difference in moved} == {"moved"}
    assert sentences(THREE_OUTCOMES, patch) == [
        "Outcome 1 moved (it was number 3)",
        "Outcome 3 moved (it was number 1)",
    ]


def test_a_new_order_that_leaves_the_place_says_so() -> None:
    patch = in_section("E", outcomes={"outcome-3": {"order": 9}})
    assert sentences(THREE_OUTCOMES, patch) == ["Outcome 3 keeps its number; its order changed from 3 to 9"]


def test_changed_links_name_the_items_that_they_lead_to() -> None:
    old = merge_patch(TWO_NEEDS, plan(F={"provisions": {"provision-1": provision(needIds=["need-1"])}}))
    assert sentences(old, in_section("F", provisions={"provision-1": {"needIds": ["need-2"]}})) == [
        (
            "Provision: now linked to need 1 (communication and interaction); "
            "no longer linked to need 2 (cognition and learning)"
        )
    ]


def test_links_of_section_j_are_told_like_those_of_an_item() -> None:
    old = merge_patch(TWO_NEEDS, in_section("J", needIds=["need-1"]))
    assert sentences(old, in_section("J", needIds=["need-1", "need-2"])) == [
        "Section J: now linked to need 1 (communication and interaction)"
    ]


def test_links_in_another_order_are_the_same_links() -> None:
    old = plan(F={"provisions": {"provision-1": provision(needIds=["need-1", "need-2"])}})
    assert sentences(old, in_section("F", provisions={"provision-1": {"needIds": ["need-2", "need-1"]}})) == []


def test_a_placement_under_a_new_id_replaces_the_one_of_its_rank() -> None:
    other = {"order": 1, "rank": 1, "name": "Marlowe College", "urn": "199402"}
    words = sentences(PLACED, in_section("I", placements={"placement-1": None, "placement-2": other}))
    assert words == [
        "Placement changed from Fernhill School to Marlowe College",
        "Placement: URN changed from 199401 to 199402",
    ]


def test_a_further_placement_is_added_and_replaces_none() -> None:
    second = {"order": 2, "rank": 2, "name": "Marlowe College"}
    assert sentences(PLACED, in_section("I", placements={"placement-2": second})) == ["Placement 2 added"]


def test_differences_come_in_the_order_of_the_plan() -> None:
    patch = {
        "signOff": {"officerName": "M. Quist"},
        "services": {"otherProfessionals": "Nobody"},
        "sections": {
            "K": {"advice": {"advice-1": {"order": 1, "kind": "Medical"}}},
            "A": {"history": "Long"},
        },
        "localReference": "7",
    }
    found = differences(plan(), merge_patch(plan(), patch))
    assert [difference.section for difference in found] == ["localReference", "services", "A", "K", "signOff"]


def test_pointers_lead_to_what_changed() -> None:
    new = merge_patch(THREE_OUTCOMES, in_section("E", outcomes={"outcome-3": {"text": "Else"}}))
    (difference,) = differences(THREE_OUTCOMES, new)
    assert (difference.pointer, difference.section) == ("/sections/E/outcomes/outcome-3/text", "E")
    assert (difference.before, difference.after) == (outcome(3)["text"], "Else")


def changed(seed: int) -> JsonObject:
    """The full example with some scalars changed and some members gone, but none that is required."""
    rng = random.Random(seed)

    def change(value: JsonValue) -> JsonValue:
        if isinstance(value, dict):
            kept = {key: member for key, member in value.items() if rng.random() < 0.97 or key in ("item", "count")}
            return {key: change(member) for key, member in kept.items()}
        if isinstance(value, list) or rng.random() < 0.97:
            return value
        return {str: "changed", bool: not value, int: 7}[type(value)]

    document: JsonObject = change(example("full"))
    return document


CHANGED = st.integers(0, 2**32).map(changed)


@settings(max_examples=40, deadline=None)
@given(CHANGED)
def test_two_texts_without_differences_are_the_same_text(new: JsonObject) -> None:
    old = example("full")
    assert bool(differences(old, new)) is not same_json(without_empties(old), without_empties(new))


@settings(max_examples=40, deadline=None)
@given(CHANGED)
def test_every_difference_has_a_sentence(new: JsonObject) -> None:
    for difference in differences(example("full"), new):
        assert in_words(difference).startswith(difference.subject)


def without_empties(value: JsonValue) -> JsonValue:
    """The value without containers that hold nothing, which say nothing to a reader."""
    if not isinstance(value, dict):
        return value
    kept = {key: without_empties(member) for key, member in value.items()}
    return {key: member for key, member in kept.items() if member not in ({}, [])}
