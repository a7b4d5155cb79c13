"""What a redaction hides of working drafts: the part of a text, where it stands in them with the same words.

A draft goes on from a text, and would bring back what was hidden in it. What was changed in the draft since stays: it
is somebody's own words.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from domain.document.json_values import segments, value_at
from domain.draft import Draft
from domain.plan.events import HistoryEntry, JsonObject, PlanEvent
from domain.plan.redactions import TEXT, WHOLE, with_all_sections, without_same
from domain.plan.state import PlanState
from services.errors import PlanUnknown

#: Stands in no text.
NOTHING: Final = object()
#: One entry of the plan's history, by its number.
Entries = Callable[[int], HistoryEntry]


class _Hidden(NamedTuple):
    """Where in a text something is hidden, and what; None when the words themselves were destroyed."""

    path: tuple[str, ...]
    said: Any


def without_redacted(state: PlanState, draft: Draft, begun: datetime, entry: Entries) -> JsonObject:
    """A draft's text without what redactions hide of the texts that it may go on from; `entry` gives one by its number.

    Words that were destroyed can't be compared: of a draft that was begun before they were hidden all of that part is
    hidden. Raises PlanUnknown when that is the whole text, and the draft began with it.
    """
    document, finals = draft.document, {v.number for v in state.versions if v.kind == "final"}
    for hidden in _hidden(state, begun, entry):
        if hidden.path:
            document = with_all_sections(without_same(document, hidden.path, hidden.said) or {})
        elif draft.base_version and draft.base_version not in finals:
            raise PlanUnknown
    return document


def _hidden(state: PlanState, begun: datetime, entry: Entries) -> Iterator[_Hidden]:
    for case in state.open_cases("redaction", "APPLIED"):
        pointer = str(case.data.get("pointer", WHOLE))
        if pointer != WHOLE and not f"{pointer}/".startswith(f"{TEXT}/"):
            continue
        number = int(case.data.get("entry", 0))
        if not 1 <= number <= state.sequence:  # written down of an entry that this record doesn't have
            continue
        path = segments(pointer)[1:]
        carrier = entry(number)
        if isinstance(carrier, PlanEvent):
            path = path or ("sections",)
            yield _Hidden(path, value_at(carrier.data.get("plan", {}), path) or NOTHING)
        elif begun < entry(case.opened_by).time:
            yield _Hidden(path, None)
