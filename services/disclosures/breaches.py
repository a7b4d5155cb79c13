"""Who saw what it should not have: readers of what was redacted or misfiled, and reads while two records were merged.

UK GDPR Art 33: what was hidden later was still shown, and that evidence stays. An entry names the events whose content
it showed, so that the list is exact; drafts that were read meanwhile may repeat such a text, and are marked so. Of a
wrong merge everybody counts who was told anything of the record meanwhile: also by its signals, a list or a search.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from domain.plan.acts import Actor
from domain.plan.events import HistoryEntry, JsonObject, PlanEvent
from domain.plan.evolve import effects_of
from domain.plan.redactions import ALSO_IN
from services.disclosures.ledger import Entry, opened
from services.disclosures.listing import DisclosureLists, showing_of
from services.disclosures.values import EXPORTED, SHOWN, Withheld
from services.errors import NotYours
from services.plans import Plans
from services.store.record_store import RecordStore
from services.store.values import DISCLOSURE_LOG

REDACTED: Final = "ehcp.plan.redaction-applied.v1"
MISFILED: Final = "ehcp.plan.event-misfiled.v1"
DESTROYED: Final = "ehcp.plan.entry-erased.v1"
KINDS: Final = {REDACTED: "redacted", MISFILED: "misfiled", DESTROYED: "destroyed"}
MERGES: Final = {
    "ehcp.plan.record-absorbed.v1": "ehcp.plan.record-released.v1",
    "ehcp.plan.records-merged.v1": "ehcp.plan.records-unmerged.v1",
}
"""What merges two records, on the surviving and on the retired one, and what undoes it."""


class PossibleBreach(Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that turned out to be wrong, from when until when it could be read, and who was shown it.

    `entry` is the event that was redacted, misfiled or destroyed, `other_plan` the record that was merged. `may_repeat`
    are reads of drafts, whose text may hold the same. `told` are the signals, lists and searches that named the record
    while it was merged.
    """

    kind: str
    since: datetime
    until: datetime
    entry: int | UnsetType = UNSET
    other_plan: str | UnsetType = UNSET
    readers: tuple[Entry, ...]
    may_repeat: tuple[Entry, ...] = ()
    told: tuple[Entry, ...] = ()


class PossibleBreaches(Struct, frozen=True, kw_only=True, rename="camel"):
    """Every possible breach of one plan, in the order in which each came to an end."""

    breaches: tuple[PossibleBreach, ...]


class BreachFinder:
    """Compares the history of a plan with the log of who was shown it."""

    def __init__(self, store: RecordStore, plans: Plans, lists: DisclosureLists) -> None:
        """Read histories from `plans`, readers from `lists`, and who was told of a record from the log in `store`."""
        self._store = store
        self._plans = plans
        self._lists = lists

    def of_plan(self, plan_id: UUID, actor: Actor) -> Withheld[PossibleBreaches]:
        """The possible breaches, for the maintaining council and auditors. Raises PlanUnknown, NotYours."""
        state, allowed = self._lists.seen(plan_id, actor)
        if not allowed.details:
            raise NotYours("Possible breaches are for the council, which tells the family, and for auditors.")
        shown = [e for e in self._lists.entries(state, actor, allowed) if e.outcome in (SHOWN, EXPORTED)]
        history = self._plans.history(plan_id)
        merges = [replace(one, told=self._told(plan_id, one)) for one in _wrong_merges(history, shown)]
        found = sorted([*_wrong_entries(history, shown), *merges], key=lambda b: b.until)
        return Withheld(PossibleBreaches(breaches=tuple(found)), showing_of("possible-breaches", state, allowed))

    def _told(self, plan_id: UUID, merge: PossibleBreach) -> tuple[Entry, ...]:
        """Answers of the platform's own record that named the plan meanwhile; what else they named is left out."""
        plan, after = str(plan_id), self._store.position_at(merge.since, DISCLOSURE_LOG)
        upto = self._store.position_at(merge.until, DISCLOSURE_LOG)
        found = opened(list(self._store.replay(after, DISCLOSURE_LOG, upto=upto)))
        return tuple(replace(entry, plan_ids=(plan,)) for entry in found if plan in entry.plan_ids)


def _wrong_entries(history: list[HistoryEntry], shown: list[Entry]) -> Iterator[PossibleBreach]:
    recorded = {event.sequence: event.time for event in history}
    hidden: set[int] = set()
    for event in history:
        for entry in _hidden_by(event):
            if entry not in recorded or (event.type == DESTROYED and entry in hidden):
                continue
            hidden.add(entry)
            since, until = recorded[entry], event.time
            meanwhile = [reader for reader in shown if since <= reader.time < until]
            yield PossibleBreach(
                kind=KINDS[event.type],
                since=since,
                until=until,
                entry=entry,
                readers=tuple(r for r in meanwhile if any(first <= entry <= last for first, last in r.entries)),
                may_repeat=tuple(r for r in meanwhile if r.draft_id),
            )


def _hidden_by(event: HistoryEntry) -> Iterator[int]:
    """The entry that an event hides, and those that carry the same words."""
    if isinstance(event, PlanEvent) and event.type in KINDS:
        yield int(event.data.get("entry", 0))
        for case in effects_of(event).cases:
            yield from case.data.get(ALSO_IN, ())


def _wrong_merges(history: list[HistoryEntry], shown: list[Entry]) -> Iterator[PossibleBreach]:
    merged: dict[tuple[str, str], datetime] = {}
    for event in history:
        if not isinstance(event, PlanEvent):
            continue
        other = _other_plan(event.data)
        if event.type in MERGES:
            merged[MERGES[event.type], other] = event.time
        since = merged.pop((event.type, other), None)
        if since is not None:
            readers = tuple(reader for reader in shown if since <= reader.time < event.time)
            yield PossibleBreach(kind="wrong-merge", since=since, until=event.time, other_plan=other, readers=readers)


def _other_plan(data: JsonObject) -> str:
    return str(data.get("retired") or data.get("survivor") or "")
