"""A working draft as its council is shown it."""

from datetime import date

from msgspec import UNSET, Struct, UnsetType, to_builtins

from domain.document import golden_thread
from domain.draft import Draft
from domain.plan.events import JsonObject
from domain.plan.redactions import hidden_in
from domain.plan.state import PlanState
from services.statements import Statement, Statements

NO_ENTRY = 0
"""The entry of a text that is on no record yet: what is disputed of a whole entry does not go with it."""


class DraftView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A working draft as its council sees it.

    `warnings` are what the golden thread says of its text today, `statements` what the family disputes of the parts
    that still stand in it: whoever writes the next text reads them with the part.
    """

    draft_id: str
    plan_id: str
    purpose: str
    kind: str
    base_version: int
    revision: int
    status: str
    stale: bool
    plan: JsonObject | UnsetType = UNSET
    warnings: tuple[JsonObject, ...] | UnsetType = UNSET
    statements: tuple[Statement, ...] | UnsetType = UNSET


def draft_view(state: PlanState, draft: Draft, on: date, *, with_text: bool = True) -> DraftView:
    """The draft on a civil date, of the plan as it is now."""
    current = state.current_version()
    findings = golden_thread(draft.document, on=on) if with_text and draft.document else ()
    disputed = Statements(state, hidden_in(state), since=state.sealed_from)
    return DraftView(
        draft_id=draft.draft_id,
        plan_id=draft.plan_id,
        purpose=draft.purpose,
        kind=draft.kind,
        base_version=draft.base_version,
        revision=draft.revision,
        status=draft.status,
        stale=draft.is_stale(current.number if current else 0),
        plan=draft.document if with_text else UNSET,
        warnings=tuple(to_builtins(finding) for finding in findings) if with_text else UNSET,
        statements=disputed.with_text(NO_ENTRY, draft.document) if with_text else UNSET,
    )
