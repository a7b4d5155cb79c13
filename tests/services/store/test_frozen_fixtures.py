"""Stored bytes of every event type, frozen once, open for ever and keep their leaf."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.store.clear import ClearEvent, check_clear, open_clear
from services.store.framing import event_id, leaf_hash, unframe
from services.store.log_table import Row
from services.store.sealing import Content, check_commitment
from tests.tools.clear_examples import read_again
from tests.tools.freeze_events import FIXTURES, SCHEMAS, event_schemas, freeze


def opened(fixture: dict[str, Any], state: bytes) -> Content | ClearEvent:
    """What the bytes say: sealed ones with their key, those of a log in the clear as they are."""
    subject, sequence, type_ = UUID(fixture["subject"]), fixture["sequence"], fixture["type"]
    if "dataKey" in fixture:
        return check_commitment(state, subject, sequence, type_, b64decode(fixture["dataKey"]))
    check_clear(state)
    event = open_clear(Row(1, subject.bytes, sequence, type_, fixture["time"], state))
    assert read_again(type_, event.data) == fixture["data"]
    return event


def check(fixture: dict[str, Any]) -> None:
    """The bytes open with their key, say what they said, and have the leaf that they had."""
    state = b64decode(fixture["state"])
    content = opened(fixture, state)
    assert content.data == fixture["data"]
    assert msgspec.to_builtins(content.metadata) == fixture["metadata"]
    assert leaf_hash(state, fixture["time"]).hex() == fixture["leaf"]
    assert event_id(unframe(state).header).version == 7


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_a_frozen_event_opens_and_its_leaf_is_as_recorded(path: Path) -> None:
    check(json.loads(path.read_text()))


def test_every_event_type_is_frozen() -> None:
    types = {type_ for type_, _ in event_schemas(SCHEMAS)}
    missing = types - {path.stem for path in FIXTURES.glob("*.json")}
    assert not missing, "run `python -m tests.tools.freeze_events`"


def test_freezing_writes_what_is_missing_and_never_overwrites(tmp_path: Path) -> None:
    written, failed = freeze(SCHEMAS, tmp_path)
    assert failed == []
    assert set(written) == {type_ for type_, _ in event_schemas(SCHEMAS)}
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for content in before.values():
        check(json.loads(content))
    first = min(before)
    first.unlink()
    assert freeze(SCHEMAS, tmp_path) == ([first.stem], [])
    unchanged = {path: path.read_bytes() for path in tmp_path.iterdir() if path != first}
    assert unchanged == {path: content for path, content in before.items() if path != first}


def test_a_frozen_event_that_was_altered_is_found(tmp_path: Path) -> None:
    freeze(SCHEMAS, tmp_path)
    fixture = json.loads(min(tmp_path.iterdir()).read_text())
    with pytest.raises(AssertionError):
        check(fixture | {"time": fixture["time"] + 1})
    with pytest.raises(AssertionError):
        check(fixture | {"data": {}})
