"""Ids are never used twice: an imported text that would bring back an old item's id gets new ids for those items."""

from collections.abc import Collection, Mapping
from typing import Any

from domain.document import item_ids, reused_ids
from domain.document.json_values import segments
from domain.plan.events import JsonObject


def with_fresh_ids(document: JsonObject, ever_used: Collection[str], current: JsonObject) -> JsonObject:
    """The document, with a new id wherever it reuses the id of an item that the record has dropped; links follow."""
    taken = {*ever_used, *item_ids(document)}
    renamed: dict[str, str] = {}
    for place in reused_ids(ever_used, current, document):
        old = segments(place)[-1]
        renamed[old] = _free_id(old, taken)
        taken.add(renamed[old])
    fresh: JsonObject = _renamed(document, renamed) if renamed else document
    return fresh


def _free_id(old: str, taken: Collection[str]) -> str:
    stem = old[:55]
    return next(name for name in (f"{stem}-again-{n}" for n in range(2, len(taken) + 3)) if name not in taken)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Keys of items and the links to them; texts are left alone."""
    if isinstance(value, dict):
        return {
            names.get(key, key) if isinstance(member, dict) else key: _renamed(member, names)
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [names.get(member, member) if isinstance(member, str) else member for member in value]
    return value
