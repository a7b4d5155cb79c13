"""Working drafts: text that somebody is writing, not law. Each is a stream of its own, beside the plan's.

Several drafts of one plan may run together (an annual review, a tribunal's working document, a phase transfer): each
has a purpose and the version that it started from. A draft is never published and never signalled; serving or
finalising names the draft and its revision, and copies the text into the plan's own history.
"""

from collections.abc import Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from domain.document.merge import merge_patch
from domain.errors import Breach, Refusal
from domain.plan.events import DecidedEvent, Erased, HistoryEntry, JsonObject

OPENED = "ehcp.draft.opened.v1"
CHANGED = "ehcp.draft.changed.v1"
CLOSED = "ehcp.draft.closed.v1"


class Draft(Struct, frozen=True, kw_only=True):
    """One working draft. `revision` counts its changes from 1; `base_version` is the final it began with (0: none)."""

    draft_id: str
    plan_id: str = ""
    purpose: str = ""
    kind: str = ""
    base_version: int = 0
    source: str = ""
    document: JsonObject = field(default_factory=dict)
    revision: int = 0
    status: str = ""

    @property
    def entity_tag(self) -> str:
        """The draft's ETag, quoted as HTTP has it."""
        return f'"d{self.revision}"'

    def is_stale(self, current_version: int) -> bool:
        """Whether another text has become final since this draft was started."""
        return current_version > self.base_version


def fold_draft(draft_id: str, history: Iterable[HistoryEntry]) -> Draft:
    """The draft after its history."""
    draft = Draft(draft_id=draft_id)
    for entry in history:
        draft = _next(draft, entry)
    return draft


def _next(draft: Draft, entry: HistoryEntry) -> Draft:
    if isinstance(entry, Erased):
        return replace(draft, revision=entry.sequence, status="ERASED", document={})
    data = entry.data
    if entry.type == OPENED:
        return Draft(
            draft_id=draft.draft_id,
            plan_id=data["planId"],
            purpose=data["purpose"],
            kind=data["kind"],
            base_version=data["baseVersion"],
            source=data.get("source", ""),
            document=data["plan"],
            revision=entry.sequence,
            status="OPEN",
        )
    if entry.type == CHANGED:
        return replace(draft, document=merge_patch(draft.document, data["patch"]), revision=entry.sequence)
    return replace(draft, revision=entry.sequence, status="CLOSED")


def open_draft(
    plan_id: str, *, purpose: str, kind: str, base_version: int, document: JsonObject, source: str = ""
) -> DecidedEvent:
    """The first event of a draft: which plan, for which purpose, from which version, with which text."""
    data: JsonObject = {
        "planId": plan_id,
        "purpose": purpose,
        "kind": kind,
        "baseVersion": base_version,
        "plan": document,
    }
    return DecidedEvent(type=OPENED, data={**data, "source": source} if source else data)


def change_draft(draft: Draft, patch: JsonObject) -> DecidedEvent:
    """The event of a change (RFC 7396 merge patch). Raises Refusal when the draft is closed."""
    _require_open(draft)
    return DecidedEvent(type=CHANGED, data={"patch": patch})


def close_draft(draft: Draft, reason: str) -> DecidedEvent:
    """The event that ends a draft (it was finalised, or discarded). Raises Refusal when it is closed already."""
    _require_open(draft)
    return DecidedEvent(type=CLOSED, data={"reason": reason})


def _require_open(draft: Draft) -> None:
    if draft.status != "OPEN":
        text = "This draft is closed: open a new one."
        raise Refusal((Breach(rule="draft-closed", law="", text=text),))
