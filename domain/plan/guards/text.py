"""Guards of every legal text: whose it is, what section I may hold, that its ids were never another item's."""

from collections.abc import Iterator

from domain.document import reused_ids
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.events import JsonObject
from domain.plan.guards.registry import guard
from domain.plan.texts import text_of

#: What tells children apart; a name can be spelt in two ways.
SAME_CHILD = (("dateOfBirth",), ("identifiers", "nhsNumber"), ("identifiers", "upn"))
AMENDMENT = "AMENDMENT"


@guard("text-of-this-child")
def text_of_this_child(context: Context) -> Iterator[Breach]:
    """The text names the child of this record, as far as date of birth and numbers tell."""
    details = (text_of(context) or {}).get("personalDetails", {})
    for path in SAME_CHILD:
        written, held = _at(details, path), _at(context.state.person, path)
        if written is not None and held is not None and written != held:
            yield context.breach(
                "another-child",
                f"The text has another {path[-1]} than this record: is it about somebody else?",
                law="UK GDPR Art 5(1)(d)",
                pointer=f"/plan/personalDetails/{'/'.join(path)}",
            )


def _at(details: JsonObject, path: tuple[str, ...]) -> object:
    value: object = details
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


@guard("ids-not-reused")
def ids_not_reused(context: Context) -> Iterator[Breach]:
    """An id names one item for the life of the plan: history, agreements and signals refer to it."""
    text = text_of(context)
    for pointer in reused_ids(context.state.used_item_ids, context.state.document, text) if text else ():
        yield context.breach(
            "id-used-again",
            "This id named another item of the plan once; ids are never used again.",
            law="Digital plan 1.0",
            pointer=f"/plan{pointer}",
        )


@guard("section-i-of-draft")
def section_i_of_draft(context: Context) -> Iterator[Breach]:
    """A first draft, or one after a re-assessment, leaves section I empty; in an amendment it stays as in force."""
    text = text_of(context)
    if text is None:
        return
    section = text["sections"]["I"]
    if draft_kind(context) == AMENDMENT:
        in_force = context.state.document.get("sections", {}).get("I", {})
        if section != in_force:
            yield context.breach(
                "section-i-changed",
                "Until the amended plan is final, section I stays as in force: propose the setting apart from it.",
                law="reg 22(2); CFA s.38(5)",
                pointer="/plan/sections/I",
            )
    elif section:
        yield context.breach(
            "draft-names-setting",
            "A draft plan names no school or other institution, and no type of one: section I must be empty.",
            law="CFA s.38(5); reg 27(1)",
            pointer="/plan/sections/I",
        )


def draft_kind(context: Context) -> str:
    """INITIAL, REASSESSMENT or AMENDMENT, as the purpose of the draft has it."""
    purpose = str(context.data.get("purpose", ""))
    purposes = context.rules.code_sets["draft-purposes"]
    return purposes.get(purpose).text("kind") if purpose in purposes else AMENDMENT


@guard("draft-of-this-purpose")
def draft_of_this_purpose(context: Context) -> Iterator[Breach]:
    """The working draft was opened for what it is now used for, and hasn't been closed."""
    draft = context.act.resolved.get("draft")
    if draft is None:
        return
    if draft.get("purpose", context.data.get("purpose")) != context.data.get("purpose"):
        yield context.breach(
            "draft-of-another-purpose",
            "The working draft was opened for another purpose.",
            pointer="/draftId",
        )
    if not draft.get("open", True):
        yield context.breach("draft-closed", "The working draft is closed: open a new one.", pointer="/draftId")


@guard("draft-base-current")
def draft_base_current(context: Context) -> Iterator[Breach]:
    """A draft that started from an older text is stale once another became final: its changes are looked at again."""
    draft, current = context.act.resolved.get("draft"), context.state.current_version()
    if draft and current and draft.get("baseVersion", current.number) < current.number:
        yield context.breach(
            "draft-stale",
            f"The draft started from version {draft['baseVersion']}; version {current.number} is in force since "
            f"{current.effective_on}. Bring the draft up to date.",
            law="CFA s.42; reg 22(3)",
            pointer="/draftId",
        )
