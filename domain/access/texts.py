"""Which state a legal text is in, as seen from a relation on a day: a draft, in force, past, from before its time."""

from datetime import date

from domain.access.relation import Relation
from domain.plan.state import PlanState, Version

_OPEN_END = "9999-12-31"


def text_state(state: PlanState, version: Version, relation: Relation, on: date, *, ahead: bool = False) -> str:
    """The state of a text in the words of the matrix; "" for one that this relation never opens.

    A text that takes effect on a later day is nobody's yet, except where `ahead` says that the party makes the texts. A
    former party is opened no text of an entry after its time, not even a correction of one that was its own.
    """
    if version.effective_on > on.isoformat() and not ahead:
        return ""
    if version.sequence < state.sealed_from:
        return "sealed"
    finals = _finals(state, on, ahead=ahead)
    if version.kind == "draft":
        return "draft" if version.sequence > max((final.sequence for final in finals), default=0) else "pastDraft"
    if relation.held is not None:
        ended = relation.before and version.sequence >= relation.before
        kept = not ended and _overlaps(finals, version, *relation.held)
        return "past" if kept else ""
    if version == finals[-1]:
        return "final"
    return "past" if _overlaps(finals, version, relation.since, _OPEN_END) else "earlier"


def _finals(state: PlanState, on: date, *, ahead: bool) -> list[Version]:
    """The finals that have taken effect by a day, in the order in which they came to be in force."""
    finals = (v for v in state.versions if v.kind == "final" and (ahead or v.effective_on <= on.isoformat()))
    return sorted(finals, key=lambda v: (v.effective_on, v.sequence))


def _overlaps(finals: list[Version], version: Version, first: str, last: str) -> bool:
    """Whether the text was in force on a day of a period; one that was replaced on its own day counts on that day."""
    following = finals.index(version) + 1
    replaced = finals[following].effective_on if following < len(finals) else ""
    begins = version.effective_on
    return begins <= last and (not replaced or replaced > first or (replaced == begins and begins >= first))
