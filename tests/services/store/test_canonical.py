"""One value, one sequence of bytes; everything else is refused with a pointer."""

import enum
import uuid
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.store.canonical import MAX_INTEGER, Checked, canonical
from services.store.errors import NotCanonical

TEXT = st.text(st.characters(codec="utf-8"))
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20)


@given(JSON)
def test_what_was_written_is_read_again(value: object) -> None:
    assert orjson.loads(canonical(value)) == value


@given(st.dictionaries(TEXT, SCALARS))
def test_order_of_members_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(value) == canonical(dict(reversed(list(value.items()))))


def test_members_are_ordered_by_code_point_and_nothing_is_escaped_needlessly() -> None:
    assert canonical({"b": "é/\u2028", "A": "\n\x7f", "\U0001f600": 1, "\uffff": 2}) == (
        '{"A":"\\n\x7f","b":"é/\u2028","\uffff":2,"\U0001f600":1}'.encode()
    )


class Shade(str, enum.Enum):  # noqa: UP042 — the kind of enum that passes for a string
    RED = "red"


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"a": {"b/c~d": [1, 0.5]}}, "/a/b~1c~0d/1"),
        ({"a": float("nan")}, "/a"),
        ({"a": 1.0}, "/a"),
        ({"a": (1, 2)}, "/a"),
        ({"a": uuid.UUID(int=1)}, "/a"),
        ({"a": date(2026, 1, 1)}, "/a"),
        ({"a": Shade.RED}, "/a"),
        ({"a": MAX_INTEGER + 1}, "/a"),
        ({"a": -MAX_INTEGER - 1}, "/a"),
        ({"a": b"bytes"}, "/a"),
        ({"a": {1: "x"}}, "/a"),
        ({"a": "\ud800"}, ""),
    ],
)
def test_a_value_that_json_would_change_is_refused_where_it_stands(value: object, pointer: str) -> None:
    with pytest.raises(NotCanonical) as refusal:
        canonical(value)
    assert refusal.value.pointer == pointer


def test_nesting_too_deep_is_refused() -> None:
    value: list[Any] = []
    for _ in range(10_000):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(NotCanonical) as refusal:
        canonical({"name": ("Fictional Child",)})
    assert "Fictional" not in str(refusal.value)


def test_data_that_were_checked_are_written_as_any_others() -> None:
    plan = {"sections": {"A": {"order": 1, "history": "Ün"}}}
    data = {"plan": plan, "effects": {"phase": "MAINTAINED"}, "nothing": None}
    assert canonical(Checked(data, plan)) == canonical(Checked(data)) == canonical(data)


@pytest.mark.parametrize("beside", [1.5, (1, 2), uuid.UUID(int=1), {"deep": [2.0]}])
def test_only_the_text_of_checked_data_is_taken_as_it_is(beside: object) -> None:
    plan = {"planType": "ehcp"}
    with pytest.raises(NotCanonical) as refused:
        canonical(Checked({"plan": plan, "effects": beside}, plan))
    assert refused.value.pointer.startswith("/effects")
    with pytest.raises(NotCanonical):
        canonical(Checked({"plan": {"planType": beside}, "effects": {}}, plan))
