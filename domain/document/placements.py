"""Placements of section I by their own dates: a plan may name the school until July and the next one from September."""

from collections.abc import Iterator, Mapping
from datetime import date

from domain.document.json_values import JsonObject


def placements_in_force(placements: Mapping[str, JsonObject], on: date) -> dict[str, JsonObject]:
    """The placements that hold on a civil date, by id; one without dates holds as long as the text does."""
    day = on.isoformat()
    return {
        placement_id: placement
        for placement_id, placement in placements.items()
        if placement.get("from", day) <= day <= placement.get("to", day)
    }


def days_of_change(placements: Mapping[str, JsonObject]) -> Iterator[date]:
    """The first day, and every later one, on which another set of placements comes to hold."""
    starts = {str(placement["from"]) for placement in placements.values() if "from" in placement}
    undated = any("from" not in placement for placement in placements.values())
    yield from ([date.min] if undated else [])
    yield from (date.fromisoformat(start) for start in sorted(starts))
