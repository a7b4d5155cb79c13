"""Merge patches: RFC 7396, and the difference that makes one text of another."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.document import MAX_DEPTH, JsonObject, TooDeep, diff_patch, merge_patch, same_json

SCALARS = st.one_of(st.booleans(), st.integers(-3, 3), st.sampled_from([0.0, 1.0, 2.5]), st.text(max_size=3))
KEYS = st.sampled_from(["a", "b", "c", "/", "~"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)
PATCHES = st.dictionaries(KEYS, st.one_of(st.none(), VALUES), max_size=5)

#: The test cases of RFC 7396 appendix A whose target and patch are objects.
RFC_7396 = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7396)
def test_merge_patch_follows_the_cases_of_rfc_7396(target: JsonObject, patch: JsonObject, result: JsonObject) -> None:
    assert same_json(merge_patch(target, patch), result)


@given(DOCUMENTS, DOCUMENTS)
def test_the_difference_of_two_documents_turns_the_one_into_the_other(old: JsonObject, new: JsonObject) -> None:
    assert same_json(merge_patch(old, diff_patch(old, new)), new)


@given(DOCUMENTS)
def test_a_document_does_not_differ_from_itself(document: JsonObject) -> None:
    assert diff_patch(document, copy.deepcopy(document)) == {}


@given(DOCUMENTS, PATCHES)
def test_merging_changes_neither_input_and_shares_nothing_with_them(target: JsonObject, patch: JsonObject) -> None:
    before = copy.deepcopy((target, patch))
    spoil(merge_patch(target, patch))
    assert (target, patch) == before


@given(DOCUMENTS, DOCUMENTS)
def test_a_difference_shares_nothing_with_the_texts(old: JsonObject, new: JsonObject) -> None:
    before = copy.deepcopy((old, new))
    spoil(diff_patch(old, new))
    assert (old, new) == before


@given(DOCUMENTS, PATCHES)
def test_merging_twice_is_merging_once(target: JsonObject, patch: JsonObject) -> None:
    once = merge_patch(target, patch)
    assert same_json(merge_patch(once, patch), once)


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), ([0], [False])])
def test_values_that_python_calls_equal_and_json_does_not_are_a_difference(old: object, new: object) -> None:
    assert same_json(diff_patch({"a": old}, {"a": new}), {"a": new})


@pytest.mark.parametrize("wrap", [lambda inner: {"a": inner}, lambda inner: [inner]])
def test_a_patch_that_nests_too_deeply_is_refused(wrap: object) -> None:
    assert callable(wrap)
    deep: object = 1
    for _ in range(MAX_DEPTH + 1):
        deep = wrap(deep)
    with pytest.raises(TooDeep):
        merge_patch({}, {"a": deep})


def spoil(value: object) -> None:
    """Empty every container of a value."""
    if isinstance(value, dict):
        for member in value.values():
            spoil(member)
        value.clear()
    elif isinstance(value, list):
        for member in value:
            spoil(member)
        value.clear()
