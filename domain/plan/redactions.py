"""What redactions hide: a whole entry of the history, or a part of it, from every reader and at every time asked about.

A part of a text that stands with the same words in other texts of the plan is hidden in all of them (`ALSO_IN`), and no
text goes on from it. That the entry was there, who made it and who was shown it stays (UK GDPR Art 33): only what it
says is hidden.
"""

from collections.abc import Mapping
from typing import Any, Final

from domain.document import SECTION_KEYS
from domain.document.merge import merge_patch
from domain.plan.events import JsonObject
from domain.plan.state import PlanState

#: The parts that are hidden of each entry, as JSON Pointers into its data; "" is the whole.
Hidden = Mapping[int, frozenset[str]]
WHOLE = ""
#: Where the matter of a redaction keeps the other entries that carry the same part.
ALSO_IN: Final = "alsoIn"
#: What of an entry's data is its text, as a JSON Pointer.
TEXT: Final = "/plan"
#: What an item of a text has and a section or a collection hasn't: its place among its like.
ITEM: Final = "order"


def hidden_in(state: PlanState) -> Hidden:
    """What the redactions that stand in this state hide. Pass the state as it is now: the past isn't shown either.

    One may be written down of an entry that the record doesn't have (a finding says so): it hides nothing.
    """
    found: dict[int, frozenset[str]] = {}
    for case in state.open_cases("redaction", "APPLIED"):
        stated = (int(case.data.get("entry", 0)), *case.data.get(ALSO_IN, ()))
        for entry in (one for one in stated if 1 <= one <= state.sequence):
            found[entry] = found.get(entry, frozenset()) | {str(case.data.get("pointer", WHOLE))}
    return found


def is_hidden(hidden: Hidden, sequence: int, pointer: str = WHOLE) -> bool:
    """Whether a part of an entry is hidden, by itself or with what it stands in."""
    parts = hidden.get(sequence, frozenset())
    return any(pointer == part or pointer.startswith(f"{part}/") or part == WHOLE for part in parts)


def without_hidden(hidden: Hidden, sequence: int, data: JsonObject) -> JsonObject:
    """A copy of an entry's data without what is hidden of it."""
    left: JsonObject = merge_patch({}, data)
    for pointer in hidden.get(sequence, frozenset()):
        _remove(left, [_unescaped(name) for name in pointer.split("/")[1:]])
    return left


def text_to_go_on_from(state: PlanState) -> JsonObject:
    """The text that stands, as the next one goes on from it: without what is hidden of it; empty where all of it is."""
    version, hidden = state.standing_version(), hidden_in(state)
    if version is None or version.sequence not in hidden:
        return state.document
    if is_hidden(hidden, version.sequence, TEXT):
        return {}
    return with_all_sections(without_hidden(hidden, version.sequence, {"plan": state.document})["plan"])


def with_all_sections(document: JsonObject) -> JsonObject:
    """A text in which no section is missing: one that was taken out is empty."""
    return {**document, "sections": {letter: {} for letter in SECTION_KEYS} | document.get("sections", {})}


def without_same(value: Any, path: tuple[str, ...], said: Any) -> Any:
    """The value without what was said at a path inside it, None for whatever it is; None when nothing is left of it.

    An item that says something else than the one that was said stays whole.
    """
    if path:
        if not isinstance(value, dict) or path[0] not in value:
            return value
        left = without_same(value[path[0]], path[1:], said)
        return {
            name: left if name == path[0] else v for name, v in value.items() if name != path[0] or left is not None
        }
    if said is None or value == said:
        return None
    if isinstance(value, dict) and isinstance(said, dict) and ITEM not in said:
        kept = {
            name: without_same(member, (), said[name]) if name in said else member for name, member in value.items()
        }
        return {name: member for name, member in kept.items() if member is not None}
    return value


def has_part(data: JsonObject, pointer: str) -> bool:
    """Whether an entry's data has such a part."""
    value: Any = data
    for name in (_unescaped(name) for name in pointer.split("/")[1:]):
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True


def _remove(data: JsonObject, path: list[str]) -> None:
    holder: Any = data
    for name in path[:-1]:
        holder = holder.get(name) if isinstance(holder, dict) else None
    if path and isinstance(holder, dict):
        holder.pop(path[-1], None)


def _unescaped(name: str) -> str:
    return name.replace("~1", "/").replace("~0", "~")
