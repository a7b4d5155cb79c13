"""Reading a plan's history: current or historical text, versions, differences in words, clocks, events.

Two times: `known_at` chooses the prefix of the log that was known then, `as_at` chooses, from what that prefix says,
the text in force on a civil date. Every read is checked against what the caller may see.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from domain.access import (
    DUTIES,
    HISTORY,
    Access,
    Entitlement,
    Question,
    shown_text,
)
from domain.calendar import london_date
from domain.document.diff import differences, in_words
from domain.document.merge import diff_patch
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from domain.plan.redactions import hidden_in, without_hidden
from domain.plan.state import Clock, PlanState, Version
from services.disclosures.values import Withheld, runs
from services.entity_tags import EntityTags
from services.errors import NotYours, TextUnknown
from services.histories import Histories
from services.plans import Known, Plans
from services.rules.in_force import RulesInForce
from services.seen import (
    Seen,
    in_force,
    is_their_clock,
    merged,
    named,
    readable,
    sealed_like,
    showing,
    standing,
    text_asked_for,
    version_view,
    without_places,
)
from services.statements import each_once
from services.views import DiffView, HistoryItem, PlanView, VersionView

#: The question of somebody who wants whatever may be read.
ANYTHING = Question()


class PlanReader:
    """What a caller may read of a plan, and nothing else. Everything is withheld until its showing is recorded."""

    def __init__(
        self, plans: Plans, rules: RulesInForce, access: Access, tags: EntityTags, now: Callable[[], datetime]
    ) -> None:
        """Read from these plans what `access` allows on the day of `now`; the rules give titles of events."""
        self._plans = plans
        self._access = access
        self._now = now
        self._councils = rules.code_sets["local-authorities"]
        self._histories = Histories(rules)
        self._tags = tags

    def entitlement(self, plan_id: UUID, actor: Actor, question: Question = ANYTHING) -> Entitlement:
        """What the caller may see of the plan as it stands now, and why. Raises PlanUnknown for a stranger."""
        return self._seen(plan_id, actor, question).allowed

    def _seen(self, plan_id: UUID, actor: Actor, question: Question = ANYTHING, known: Known | None = None) -> Seen:
        """The state, now or as known then, and what the caller may read of it. Raises PlanUnknown for a stranger.

        Who may read is decided by the plan as it stands now: a body that lost its role has lost its window too.
        """
        current, today = self._plans.current(plan_id), london_date(self._now())
        allowed = self._access.decide_read(current, actor, question, today)
        if not allowed.allowed:
            raise self._plans.refusal(plan_id)
        state = current if known is None else self._then(current, known)
        if state is not current:
            allowed = self._access.decide_read(current, actor, question, today, state)
        hidden = hidden_in(current)
        return Seen(
            current=current,
            state=state,
            allowed=allowed,
            hidden=hidden,
            contact=actor.contact_id,
            names_actors=actor.role == "auditor",
        )

    def _then(self, current: PlanState, known: Known) -> PlanState:
        then = self._plans.as_known(UUID(current.plan_id), known)
        return then if not current.sealed_from else sealed_like(then, current)

    def view(
        self,
        plan_id: UUID,
        actor: Actor,
        *,
        known: Known | None = None,
        as_at: date | None = None,
        version: int | None = None,
        draft: int | None = None,
        as_document: bool = False,
    ) -> Withheld[PlanView]:
        """The plan with one of its texts: the version or draft asked for, else the one in force (`as_at`, or now).

        A record without a text that the caller may read answers without one. As a document the text comes with the
        moment at which it came on record. Raises TextUnknown when the version that was asked for doesn't exist for this
        caller, and when there is no text to make a document of.
        """
        seen = self._seen(plan_id, actor, known=known)
        chosen = text_asked_for(seen, as_at=as_at, version=version, draft=draft)
        if chosen is None and (version is not None or draft is not None or as_document):
            raise TextUnknown
        recorded = self._plans.recorded(seen.state, chosen) if chosen and as_document else UNSET
        return self._view(seen, chosen, as_at, recorded)

    def in_emergency(self, plan_id: UUID, actor: Actor) -> Withheld[PlanView]:
        """The plan with the text in force, or its latest draft, for a safeguarding lead without a relation to it.

        Raises PlanUnknown for anybody else, NotYours for who can read the plan anyway.
        """
        current, today = self._plans.current(plan_id), london_date(self._now())
        if self._access.decide_read(current, actor, ANYTHING, today).allowed:
            raise NotYours("You can read this plan as it is: state the gateway and your reason instead.")
        allowed = self._access.decide_emergency(current, actor, today)
        if not allowed.allowed:
            raise self._plans.refusal(plan_id)
        seen = Seen(current=current, state=current, allowed=allowed, hidden=hidden_in(current))
        return self._view(seen, text_asked_for(seen, as_at=None, version=None, draft=None))

    def _view(
        self,
        seen: Seen,
        chosen: Version | None,
        as_at: date | None = None,
        recorded: datetime | UnsetType = UNSET,
    ) -> Withheld[PlanView]:
        state, allowed = seen.state, seen.allowed
        text = self._text(chosen, seen) if chosen else UNSET
        view = PlanView(
            plan_id=state.plan_id,
            **self._place(seen),
            **standing(seen, as_at),
            baseline=state.baseline,
            version=replace(version_view(chosen, allowed), recorded=recorded) if chosen else UNSET,
            plan=text,
            as_at=as_at.isoformat() if as_at else UNSET,
            in_force=in_force(state, allowed, text or {}, as_at) if as_at else UNSET,
            **merged(seen),
            statements=seen.statements().with_text(chosen.sequence, text) if chosen and text else (),
        )
        return Withheld(view, showing(seen, "plan", *((chosen, text),) if chosen and text else ()))

    def _place(self, seen: Seen) -> dict[str, Any]:
        """How far the history has come: as a number only where all of it is shown.

        Others are given the tag of what stands now, whatever moment they ask about: else they could count by it what
        happened in between.
        """
        if seen.allowed.details:
            return {"sequence": seen.state.sequence, "entity_tag": str(seen.state.sequence)}
        return {"entity_tag": self._tags.digest(seen)}

    def versions(self, plan_id: UUID, actor: Actor, known: Known | None = None) -> Withheld[tuple[VersionView, ...]]:
        """The legal texts that the caller may read, in the order in which they were made."""
        seen = self._seen(plan_id, actor, known=known)
        views = tuple(version_view(version, seen.allowed) for version in readable(seen))
        return Withheld(views, showing(seen, "versions"))

    def diff(self, plan_id: UUID, actor: Actor, older: str, newer: str) -> Withheld[DiffView]:
        """What changed between two legal texts, field by field and in words. Raises TextUnknown for a missing one.

        A text is named "2" (a final), "draft-1" (the draft of that number that was served last) or "event-14" (the text
        that the entry of this number in the reader's history carries).
        """
        seen = self._seen(plan_id, actor)
        before, after = (self._named(seen, name, actor) for name in (older, newer))
        if before is None or after is None:
            raise TextUnknown
        old, new = (self._text(version, seen) for version in (before, after))
        changes = tuple(
            {
                "text": in_words(change),
                "pointer": change.pointer,
                "section": change.section,
                "kind": change.kind,
            }
            for change in differences(old, new)
        )
        view = DiffView(
            from_=version_view(before, seen.allowed),
            to=version_view(after, seen.allowed),
            changes=changes,
            patch=diff_patch(old, new),
            statements=tuple(
                each_once(*(seen.statements().with_text(v.sequence, t) for v, t in ((before, old), (after, new))))
            ),
        )
        return Withheld(view, showing(seen, "diff", (before, old), (after, new)))

    def clocks(self, plan_id: UUID, actor: Actor, known: Known | None = None) -> Withheld[tuple[Clock, ...]]:
        """The statutory duties of the plan, the running ones first, then by due date."""
        seen = self._seen(plan_id, actor, Question(part=DUTIES), known)
        shown = (c for c in seen.state.clocks.values() if seen.allowed.details or is_their_clock(c, seen.state, actor))
        running_first = sorted(shown, key=lambda c: (bool(c.met_on or c.closed), c.due_on, c.key))
        told = running_first if seen.allowed.details else map(without_places, running_first)
        return Withheld(tuple(told), showing(seen, "clocks"))

    def history(
        self, plan_id: UUID, actor: Actor, *, known: Known | None = None, after: int = 0, limit: int = 100
    ) -> Withheld[tuple[HistoryItem, ...]]:
        """The events after a number, at most `limit` of them, each marked when it no longer counts."""
        seen = self._seen(plan_id, actor, Question(part=HISTORY), known)
        entries = [e for e in self._plans.history(plan_id) if known is None or known.includes(e)]
        page = [*enumerate(self._histories.shown_of(entries, seen.allowed, actor), 1)][after : after + limit]
        items = self._histories.items(seen, entries, page)
        told = runs(e.sequence for (_, e), item in zip(page, items, strict=True) if item.data is not UNSET)
        return Withheld(items, replace(showing(seen, "history"), entries=told))

    def _named(self, seen: Seen, name: str, actor: Actor) -> Version | None:
        """The text of that name among those that the reader is shown; an entry counts as in the reader's history."""
        kind, _, number = name.rpartition("-")
        if kind != "event" or seen.allowed.details:
            return named(readable(seen), name)
        entries = self._histories.shown_of(self._plans.history(UUID(seen.state.plan_id)), seen.allowed, actor)
        meant = entries[int(number) - 1 : int(number)]
        return named(readable(seen), f"event-{meant[0].sequence}") if meant else None

    def _text(self, version: Version, seen: Seen) -> JsonObject:
        grant = seen.allowed.showing(version)
        if grant is None:
            raise TextUnknown
        whole = {"plan": self._plans.text(seen.state, version)}
        text: JsonObject = without_hidden(seen.hidden, version.sequence, whole).get("plan", {})
        return shown_text(text, grant, seen.current, self._council_names(seen))

    def _council_names(self, seen: Seen) -> tuple[str, ...]:
        """The names of the councils that have to do with the plan: they tell where the child is."""
        codes = {party.organisation.removeprefix("la:") for party in seen.current.parties}
        return tuple(self._councils.codes[code].title for code in sorted(codes & self._councils.codes.keys()))
