"""Sealing and opening: nothing is lost, nothing can be moved or altered unseen, a part can be shown alone."""

import os
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.plan.events import EventMetadata
from services.store import sealing
from services.store.canonical import MAX_INTEGER
from services.store.errors import (
    CommitmentMismatch,
    ContentTooLarge,
    MalformedState,
    NotCanonical,
    Unopenable,
)
from services.store.framing import Envelope, event_id, frame, leaf_hash, unframe
from services.store.parts import split, verify_part
from services.store.sealing import (
    associated_data,
    check_commitment,
    encrypt,
    open_content,
    seal,
    show_part,
)
from tests.services.store.conftest import METADATA

KEY = bytes(range(32))
STREAM = UUID(int=7)
TYPE = "ehcp.plan.amended.v1"
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
PLANS = st.fixed_dictionaries(
    {},
    optional={
        "personalDetails": JSON,
        "sections": st.dictionaries(st.sampled_from(["A", "B", "H1", "K"]), JSON) | JSON,
        "planType": TEXT,
    },
)
DATA = st.dictionaries(TEXT, JSON, max_size=4) | st.fixed_dictionaries(
    {}, optional={"plan": PLANS, "patch": PLANS | JSON, "reason": TEXT}
)


def sealed(data: dict[str, Any], sequence: int = 3, metadata: EventMetadata = METADATA) -> bytes:
    return seal(Envelope(uuid4(), TYPE, "urn:test:plan", STREAM, sequence), metadata, data, KEY)


def opened(state: bytes, stream: UUID = STREAM, sequence: int = 3, type_: str = TYPE) -> sealing.Content:
    return open_content(unframe(state).ciphertext, stream, sequence, type_, KEY)


@given(DATA)
def test_what_was_sealed_is_opened_again_and_keeps_its_commitment(data: dict[str, Any]) -> None:
    state = sealed(data)
    assert opened(state) == sealing.Content(METADATA, data)
    assert check_commitment(state, STREAM, 3, TYPE, KEY).data == data


@given(DATA)
def test_every_part_can_be_shown_without_the_key(data: dict[str, Any]) -> None:
    state = sealed(data)
    for name in split({}, data):
        assert verify_part(show_part(name, state, STREAM, 3, TYPE, KEY), unframe(state).commitment)


@given(DATA, DATA)
def test_different_content_never_splits_into_the_same_parts(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (split({}, one) == split({}, other)) == (one == other)


def test_a_part_that_was_altered_or_is_another_event_s_does_not_verify() -> None:
    state, other = (
        sealed({"patch": {"sections": {"F": {"a": 1}}}}),
        sealed({"patch": {"sections": {"F": {"a": 1}}}}),
    )
    shown = show_part("section/F", state, STREAM, 3, TYPE, KEY)
    assert shown.part == b'{"name":"section/F","value":{"a":1}}'
    assert not verify_part(shown._replace(part=shown.part.replace(b"1", b"2")), unframe(state).commitment)
    assert not verify_part(shown, unframe(other).commitment)


def test_parts_are_one_for_each_section_and_the_rest() -> None:
    data = {
        "reason": "r",
        "plan": {"planType": "EHCP", "personalDetails": {"name": "x"}, "sections": {"A": {}, "H1": {"p": 1}}},
    }
    assert split({"actor": "a"}, data) == {
        "metadata": {"actor": "a"},
        "data": {"reason": "r", "plan": {}},
        "plan": {"planType": "EHCP", "sections": {}},
        "personalDetails": {"name": "x"},
        "section/A": {},
        "section/H1": {"p": 1},
    }


def test_an_unknown_part_cannot_be_shown() -> None:
    with pytest.raises(KeyError):
        show_part("section/F", sealed({}), STREAM, 3, TYPE, KEY)


@pytest.mark.parametrize(
    "place",
    [{"stream": UUID(int=8)}, {"sequence": 4}, {"type_": "ehcp.plan.ceased.v1"}],
    ids=lambda p: next(iter(p)),
)
def test_ciphertext_moved_to_another_plan_row_or_type_is_refused(place: dict[str, Any]) -> None:
    with pytest.raises(Unopenable):
        opened(sealed({"a": 1}), **place)


@given(st.integers(0, 10_000))
def test_any_altered_byte_of_the_ciphertext_is_refused(anywhere: int) -> None:
    header, commitment, ciphertext = unframe(sealed({"a": 1}))
    place = anywhere % len(ciphertext)
    altered = ciphertext[:place] + bytes([ciphertext[place] ^ 1]) + ciphertext[place + 1 :]
    with pytest.raises(Unopenable):
        opened(frame(header, commitment, altered))


def test_a_commitment_to_something_else_is_found_out() -> None:
    header, _, ciphertext = unframe(sealed({"a": 1}))
    with pytest.raises(CommitmentMismatch):
        check_commitment(frame(header, os.urandom(32), ciphertext), STREAM, 3, TYPE, KEY)


def test_equal_content_is_never_sealed_into_equal_bytes() -> None:
    one, other = unframe(sealed({"a": 1})), unframe(sealed({"a": 1}))
    assert one.ciphertext != other.ciphertext
    assert one.commitment != other.commitment


def test_content_of_the_shape_that_the_library_s_transcoder_would_change_stays_what_it_is() -> None:
    data = {"note": {"_type_": "decimal_str", "_data_": "1.5"}}
    assert opened(sealed(data)).data == data


def test_content_that_json_cannot_hold_is_not_sealed() -> None:
    with pytest.raises(NotCanonical):
        sealed({"a": 0.1})


def test_content_beyond_the_limit_is_refused_on_the_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MAX_CONTENT", 1_000)
    with pytest.raises(ContentTooLarge):
        sealed({"a": "x" * 1_000})


def test_content_that_unfolds_beyond_the_limit_is_refused_on_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = sealed({"a": "x" * 1_000})
    monkeypatch.setattr(sealing, "MAX_CONTENT", 1_000)
    with pytest.raises(Unopenable):
        opened(state)


@pytest.mark.parametrize("state", [b"", b"\x01", b"\x02\x00\x00" + bytes(40), b"\x01\xff\xff" + bytes(100)])
def test_bytes_that_are_no_stored_event_are_refused(state: bytes) -> None:
    with pytest.raises(MalformedState):
        unframe(state)


def test_a_header_that_does_not_fit_its_length_field_is_refused() -> None:
    with pytest.raises(MalformedState):
        frame(b"x" * 0x10000, bytes(32), b"")
    with pytest.raises(MalformedState):
        frame(b"x", bytes(31), b"")


def test_an_error_of_opening_says_nothing_of_the_content() -> None:
    state = sealed({"name": "Fictional Child"})
    with pytest.raises(Unopenable) as refusal:
        opened(state, sequence=9)
    assert refusal.value.__cause__ is None
    assert "Fictional" not in str(refusal.value)


@pytest.mark.parametrize("header", [b"", b"[]", b"{", b'{"type":"x"}', b'{"id":"no uuid"}'])
def test_a_header_without_an_event_id_is_refused(header: bytes) -> None:
    with pytest.raises(MalformedState):
        event_id(header)


@pytest.mark.parametrize("header", [b"{", b"[]", b"7"])
def test_a_header_that_is_no_object_has_no_leaf(header: bytes) -> None:
    with pytest.raises(MalformedState):
        leaf_hash(frame(header, bytes(32), b""), 0)


@pytest.mark.parametrize(
    "plaintext",
    [
        b"not json",
        b'{"data":{},"metadata":{"actor":"a"},"salts":{}}',
        b'{"data":[],"metadata":{},"salts":{}}',
        b'{"data":{},"metadata":{},"salts":{"data":"a","metadata":"b"}}',
    ],
)
def test_content_that_is_no_event_s_is_refused(plaintext: bytes) -> None:
    sealed_anyway = encrypt(KEY, plaintext, associated_data(STREAM.bytes, 3, TYPE))
    state = frame(b"{}", bytes(32), sealed_anyway)
    with pytest.raises(MalformedState):
        opened(state)
    with pytest.raises((MalformedState, CommitmentMismatch)):
        check_commitment(state, STREAM, 3, TYPE, KEY)
