"""A large file is cut into slices without changing a byte of a plan."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.importing import slices
from services.importing.slices import array_in_slices, elements, lines_in_slices

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values=st.lists(_json, max_size=6), indent=st.sampled_from([None, 1]))
def test_the_elements_of_an_array_are_its_elements(values: list[object], indent: int | None) -> None:
    found = elements(json.dumps(values, indent=indent).encode())
    if values and all(type(value) in (dict, list) for value in values):
        assert found is not None
    assert found is None or [json.loads(each) for each in found] == values


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"{}[{}]", b"[{}] {}", b"[{},]", b"[{}", b'[{"a":"', b'[{"a\nb":1}]', b"1", b'"[{}]"', b"[{}]]"],
)
def test_what_is_no_array_of_its_own_is_not_cut(content: bytes) -> None:
    assert elements(content) is None


def test_a_large_array_travels_in_slices_that_say_where_they_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "WHOLE_BELOW", 0)
    monkeypatch.setattr(slices, "SLICE_PLANS", 3)
    plans = [{"n": number, "text": 'a "],[{ b'} for number in range(8)]
    cut = list(array_in_slices(b"\xef\xbb\xbf" + json.dumps(plans, indent=2).encode()))
    assert [(part.first_line, part.lines) for part in cut] == [(1, 3), (4, 3), (7, 2)]
    assert [plan for part in cut for plan in orjson.loads(part.content)] == plans


def test_a_small_array_and_a_single_plan_travel_whole() -> None:
    for content in (b"[{}, {}]", b"{}"):
        assert [(part.content, part.first_line) for part in array_in_slices(content)] == [(content, 1)]


def test_lines_keep_their_numbers_over_blank_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE_PLANS", 2)
    cut = list(lines_in_slices(b"{1}\n\n\n\n{5}\n{6}\n"))
    assert [(part.first_line, part.content) for part in cut] == [(1, b"{1}\n"), (5, b"{5}\n{6}")]
