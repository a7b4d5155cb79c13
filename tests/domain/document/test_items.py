"""Items and links: numbering, deletion of what others name, ids that are never used again."""

import pytest

from domain.document import (
    JsonObject,
    deleted_but_linked,
    item_ids,
    items,
    linked_items,
    links,
    merge_patch,
    reused_ids,
)
from tests.domain.document.plans import example, need, plan, provision, threaded


def deletion(section: str, collection: str, item_id: str) -> JsonObject:
    return {"sections": {section: {collection: {item_id: None}}}}


def test_items_are_numbered_in_reading_order() -> None:
    needs = {"need-1": need(1, "sensoryAndPhysical"), "need-2": need(3), "need-3": need(2)}
    found = items(plan(B={"needs": needs}))
    assert [(item.id, item.number) for item in found] == [("need-3", 1), ("need-2", 2), ("need-1", 3)]


def test_items_of_some_kinds_can_be_asked_for() -> None:
    assert {item.kind for item in items(example("full"), "advice", "contact")} == {"advice", "contact"}


def test_every_kind_of_item_of_the_full_example_is_found() -> None:
    assert len(item_ids(example("full"))) == len(items(example("full"))) == 61


def test_links_to_an_item_are_found_wherever_they_stand() -> None:
    assert linked_items(threaded(), "need-1") == (
        "/sections/E/outcomes/outcome-1/needIds/0",
        "/sections/F/provisions/provision-1/needIds/0",
    )
    assert linked_items(threaded(), "provision-1") == ()


def test_links_of_section_j_and_of_restrictions_count() -> None:
    found = {(link.section, link.target) for link in links(example("full"))}
    assert {("J", "provision-14"), ("restrictions", "contact-2")} <= found


def test_deleting_a_linked_item_is_found_with_pointers_to_the_links() -> None:
    (found,) = deleted_but_linked(threaded(), deletion("E", "outcomes", "outcome-1"))
    assert (found.id, found.pointer) == ("outcome-1", "/sections/E/outcomes/outcome-1")
    assert found.links == ("/sections/F/provisions/provision-1/outcomeIds/0",)


def test_deleting_an_item_that_nothing_names_is_let_through() -> None:
    assert deleted_but_linked(threaded(), deletion("F", "provisions", "provision-1")) == ()


def test_deleting_an_item_together_with_its_links_is_let_through() -> None:
    patch = {"sections": {"E": {"outcomes": None}, "F": {"provisions": {"provision-1": {"outcomeIds": None}}}}}
    assert deleted_but_linked(threaded(), patch) == ()


def test_deleting_a_whole_section_deletes_its_items() -> None:
    (found,) = deleted_but_linked(threaded(), {"sections": {"B": None}})
    assert (found.id, len(found.links)) == ("need-1", 2)


def test_moving_an_item_to_another_section_under_its_id_deletes_nothing() -> None:
    document = merge_patch(threaded(), {"sections": {"J": {"provisionIds": ["provision-1"]}}})
    moved = {"F": {"provisions": None}, "G": {"provisions": {"provision-1": provision()}}}
    assert deleted_but_linked(document, {"sections": moved}) == ()


@pytest.mark.parametrize(
    ("ever_used", "new", "found"),
    [
        (["need-1", "need-2"], plan(B={"needs": {"need-2": need()}}), ("/sections/B/needs/need-2",)),
        (["need-1"], plan(B={"needs": {"need-1": need()}}), ()),
        (["need-1"], plan(B={"needs": {"need-3": need()}}), ()),
        (["need-1"], plan(F={"provisions": {"need-1": provision()}}), ("/sections/F/provisions/need-1",)),
    ],
)
def test_an_id_is_never_used_for_something_else(ever_used: list[str], new: JsonObject, found: tuple[str, ...]) -> None:
    current = plan(B={"needs": {"need-1": need()}})
    assert reused_ids(ever_used, current, new) == found
