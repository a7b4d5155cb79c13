"""The twelve sections, the words of a plan, copies for consulted settings, agreement of health, new plans."""

import copy

import pytest

from domain.document import (
    LEGAL_TEXT_FIELDS,
    SECTION_KEYS,
    SECTIONS,
    JsonObject,
    agreement_stands,
    empty_document,
    mask_section_i,
    plain_text,
    section_of,
    text_hash,
)
from domain.document.json_values import JsonValue
from tests.domain.document.plans import example, plan, provision


def test_there_are_twelve_sections_because_h1_and_h2_are_separate() -> None:
    assert SECTION_KEYS == ("A", "B", "C", "D", "E", "F", "G", "H1", "H2", "I", "J", "K")
    assert all(section.law.startswith("reg 12(") for section in SECTIONS)


@pytest.mark.parametrize(
    ("pointer", "section"),
    [
        ("/sections/F/provisions/provision-1/what", "F"),
        ("/sections/H1", "H1"),
        ("/sections", ""),
        ("", ""),
        ("/personalDetails/contacts/contact-1", "personalDetails"),
        ("/planType", "planType"),
    ],
)
def test_a_pointer_leads_into_a_part(pointer: str, section: str) -> None:
    assert section_of(pointer) == section


def test_a_new_plan_has_twelve_empty_sections() -> None:
    document = empty_document(name="Ada Finch", date_of_birth="2020-02-29", local_reference="L-1")
    assert document["sections"] == {key: {} for key in SECTION_KEYS}
    assert (document["localReference"], document["personalDetails"]["sex"]) == ("L-1", "notKnown")


def test_the_words_of_a_plan_come_with_their_places() -> None:
    words = dict(plain_text(example("full")))
    assert words["/sections/A/views/child"].startswith("Mari wrote")
    assert words["/sections/K/advice/advice-1/kind"] == "Parent or young person"
    assert words["/sections/B/strengths/sensoryAndPhysical"].startswith("She swims")


@pytest.mark.parametrize(
    "coded",
    [
        "/personalDetails/contacts/contact-1/kind",
        "/sections/I/placements/placement-1/from",
        "/sections/G/provisions/provision-15/commissioner/type",
        "/personalDetails/dateOfBirth",
        "/sections/F/provisions/provision-1/needIds/0",
    ],
)
def test_codes_dates_and_ids_are_not_words(coded: str) -> None:
    assert coded not in dict(plain_text(example("full")))


def test_a_consulted_setting_gets_no_section_i_and_k_as_a_list_only() -> None:
    document = example("full")
    before = copy.deepcopy(document)
    masked = mask_section_i(document)
    assert document == before
    assert masked["sections"]["I"] == {}
    assert masked["sections"]["K"]["advice"]["advice-4"] == {
        "order": 4,
        "kind": "Educational psychologist",
        "reg6Category": "d",
        "author": "Corin Abbate",
        "profession": "Educational psychologist",
        "dateReceived": "2026-03-13",
    }
    assert "Foxholes Park College" not in str(masked)
    assert "unplacedNotes" not in masked
    assert masked["sections"]["F"] == before["sections"]["F"]


def test_a_plan_without_advice_can_be_masked() -> None:
    assert mask_section_i(plan(I={"placementBasis": "NAMED"}))["sections"]["I"] == {}


@pytest.mark.parametrize("field", LEGAL_TEXT_FIELDS)
def test_another_legal_text_has_another_hash(field: str) -> None:
    item = provision()
    assert text_hash({**item, field: "something else"}) != text_hash(item)


@pytest.mark.parametrize("field", ["order", "needIds", "outcomeIds", "funding", "commissioner", "healthAgreement"])
def test_what_is_not_legal_text_leaves_the_hash_as_it_is(field: str) -> None:
    item = provision()
    assert text_hash({**item, field: "something else"}) == text_hash(item)


def test_the_hash_of_a_text_is_fixed_for_ever() -> None:
    item: JsonObject = {
        "order": 3,
        "what": "Physiotherapy, as shown",
        "quantity": {"sessions": 1, "per": "term"},
    }
    assert text_hash(item) == "31e7b2ad06108103f6f7f2cfd3cbb5ad04de04323b674bdb9d909c273c427833"


def agreed(**more: JsonValue) -> JsonObject:
    item = provision()
    return item | {"healthAgreement": {"status": "agreed", "textHash": text_hash(item)} | more}


def test_agreement_stands_for_the_text_that_was_agreed() -> None:
    assert agreement_stands(agreed())
    assert agreement_stands(agreed() | {"order": 7})


@pytest.mark.parametrize(
    "item",
    [
        agreed() | {"what": "Less than before"},
        agreed(status="unknown"),
        agreed(status="notAgreed"),
        {**provision(), "healthAgreement": {"status": "agreed"}},
        provision(),
    ],
)
def test_a_changed_text_or_another_answer_is_no_agreement(item: JsonObject) -> None:
    assert not agreement_stands(item)
