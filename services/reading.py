"""Reading a plan's history: current or historical text, versions, differences in words, clocks, events.

Two times: `known_at` chooses the prefix of the log that was known then, `as_at` chooses, from what that prefix says,
the text in force on a civil date. Every read is checked against what the caller may see.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
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
from domain.document.placements import placements_in_force
from domain.plan.acts import Actor
from domain.plan.events import Erased, HistoryEntry, JsonObject
from domain.plan.evolve import annulments
from domain.plan.rules import RuleBook
from domain.plan.state import Clock, PlanState, Version
from services.disclosures.values import Showing, Withheld, runs
from services.errors import NotYours, TextUnknown
from services.plans import Known, Plans
from services.redactions import Hidden, hidden_in, is_hidden, without_hidden
from services.statements import SUBJECT_ACCESS, Statement, Statements, each_once, is_own_request
from services.views import DiffView, HistoryItem, InForce, PlanView, VersionView

#: The question of somebody who wants whatever may be read.
ANYTHING = Question()


class Seen(Struct, frozen=True, kw_only=True):
    """What one read rests on: the plan now, as it was asked about, what the caller may see and what nobody may."""

    current: PlanState
    state: PlanState
    allowed: Entitlement
    hidden: Hidden
    contact: str = ""

    def statements(self) -> Statements:
        """What the family disputes: with whatever is read now, also of the past."""
        since = 0 if self.allowed.before_sealing else self.current.sealed_from
        only_of = self.contact if self.allowed.hides_location else None
        return Statements(self.current, self.hidden, only_of=only_of, since=since)


class PlanReader:
    """What a caller may read of a plan, and nothing else. Everything is withheld until its showing is recorded."""

    def __init__(self, plans: Plans, rules: RuleBook, access: Access, now: Callable[[], datetime]) -> None:
        """Read from these plans what `access` allows on the day of `now`; the rules give titles of events."""
        self._plans = plans
        self._access = access
        self._now = now
        self._councils = rules.code_sets["local-authorities"]
        self._catalogue = rules.catalogue
        self._gateways = rules.code_sets["gateways"].codes

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
        return Seen(current=current, state=state, allowed=allowed, hidden=hidden, contact=actor.contact_id)

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
        chosen = _chosen(seen, as_at=as_at, version=version, draft=draft)
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
        return self._view(seen, _chosen(seen, as_at=None, version=None, draft=None))

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
            **self._place(seen, chosen),
            **_standing(seen, as_at),
            baseline=state.baseline,
            version=replace(_version_view(chosen, allowed), recorded=recorded) if chosen else UNSET,
            plan=text,
            as_at=as_at.isoformat() if as_at else UNSET,
            in_force=_in_force(state, allowed, text or {}, as_at) if as_at else UNSET,
            merged_into=state.survivor or UNSET,
            absorbed=state.absorbed,
            statements=seen.statements().with_text(chosen.sequence, text) if chosen and text else (),
        )
        return Withheld(view, _showing(seen, "plan", *((chosen, text),) if chosen and text else ()))

    def _place(self, seen: Seen, chosen: Version | None) -> dict[str, Any]:
        """How far the history has come: as a number only where all of it is shown."""
        state, allowed = seen.state, seen.allowed
        sequence = (chosen.sequence if chosen else 1) if allowed.told_until else state.sequence
        if allowed.details:
            return {"sequence": sequence, "entity_tag": str(sequence)}
        return {"entity_tag": self._plans.opaque_tag(UUID(state.plan_id), sequence)}

    def versions(self, plan_id: UUID, actor: Actor, known: Known | None = None) -> Withheld[tuple[VersionView, ...]]:
        """The legal texts that the caller may read, in the order in which they were made."""
        seen = self._seen(plan_id, actor, known=known)
        views = tuple(_version_view(version, seen.allowed) for version in _readable(seen))
        return Withheld(views, _showing(seen, "versions"))

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
            from_=_version_view(before, seen.allowed),
            to=_version_view(after, seen.allowed),
            changes=changes,
            patch=diff_patch(old, new),
            statements=tuple(
                each_once(*(seen.statements().with_text(v.sequence, t) for v, t in ((before, old), (after, new))))
            ),
        )
        return Withheld(view, _showing(seen, "diff", (before, old), (after, new)))

    def clocks(self, plan_id: UUID, actor: Actor, known: Known | None = None) -> Withheld[tuple[Clock, ...]]:
        """The statutory duties of the plan, the running ones first, then by due date."""
        seen = self._seen(plan_id, actor, Question(part=DUTIES), known)
        shown = (c for c in seen.state.clocks.values() if seen.allowed.details or _is_their_clock(c, seen.state, actor))
        running_first = sorted(shown, key=lambda c: (bool(c.met_on or c.closed), c.due_on, c.key))
        told = running_first if seen.allowed.details else map(without_places, running_first)
        return Withheld(tuple(told), _showing(seen, "clocks"))

    def history(
        self, plan_id: UUID, actor: Actor, *, known: Known | None = None, after: int = 0, limit: int = 100
    ) -> Withheld[tuple[HistoryItem, ...]]:
        """The events after a number, at most `limit` of them, each marked when it no longer counts."""
        seen = self._seen(plan_id, actor, Question(part=HISTORY), known)
        state, allowed, redacted = seen.state, seen.allowed, seen.hidden
        entries = [e for e in self._plans.history(plan_id) if known is None or known.includes(e)]
        annulled, statements = annulments(entries), seen.statements()
        hidden = state.sealed_from if not allowed.before_sealing else 0
        page = [*enumerate(self._shown_of(entries, allowed, actor), 1)][after : after + limit]
        items = tuple(
            replace(
                self._item(
                    entry,
                    corrected=entry.sequence in annulled,
                    hidden=entry.sequence < hidden,
                    details=allowed.details,
                    redacted=redacted,
                    statements=statements.with_entry(entry.sequence),
                ),
                number=number,
            )
            for number, entry in page
        )
        told = runs(e.sequence for (_, e), item in zip(page, items, strict=True) if item.data is not UNSET)
        return Withheld(items, replace(_showing(seen, "history"), entries=told))

    def _shown_of(self, entries: list[HistoryEntry], allowed: Entitlement, actor: Actor) -> list[HistoryEntry]:
        return [entry for entry in entries if allowed.details or self._is_shown(entry, actor)]

    def _named(self, seen: Seen, name: str, actor: Actor) -> Version | None:
        """The text of that name among those that the reader is shown; an entry counts as in the reader's history."""
        kind, _, number = name.rpartition("-")
        if kind != "event" or seen.allowed.details:
            return _named(_readable(seen), name)
        entries = self._shown_of(self._plans.history(UUID(seen.state.plan_id)), seen.allowed, actor)
        meant = entries[int(number) - 1 : int(number)]
        return _named(_readable(seen), f"event-{meant[0].sequence}") if meant else None

    def _is_shown(self, entry: HistoryEntry, actor: Actor) -> bool:
        """Whether the family is shown an entry: not where its gateway keeps that for a review, or for ever.

        What somebody asked for in their own name they are shown whatever its gateway says.
        """
        if isinstance(entry, Erased) or entry.metadata.gateway is None or is_own_request(entry.data, actor):
            return True
        known = self._gateways.get(entry.metadata.gateway)
        return known is not None and known.text("familyView") == "shown"

    def _item(
        self,
        entry: HistoryEntry,
        *,
        corrected: bool,
        hidden: bool,
        details: bool,
        redacted: Hidden,
        statements: tuple[Statement, ...],
    ) -> HistoryItem:
        spec = self._catalogue.events.get(entry.type)
        item = HistoryItem(
            number=0,
            sequence=entry.sequence if details else UNSET,
            position=entry.position if details else UNSET,
            time=entry.time,
            type=entry.type,
            title=spec.title if spec else entry.type,
            id=str(entry.id),
            status="superseded" if corrected else "counted",
        )
        if isinstance(entry, Erased) or hidden:
            return replace(item, status="erased" if isinstance(entry, Erased) else "sealed")
        done = replace(
            item,
            effective_on=entry.metadata.effectiveon,
            mode=entry.metadata.mode,
            actor={"organisation": entry.metadata.actororg, "role": entry.metadata.actorrole},
            law=spec.law if spec else (),
        )
        if is_hidden(redacted, entry.sequence):
            return replace(done, status="redacted")
        if not details:
            return done
        effects = entry.data.get("effects", {})
        return replace(
            done,
            findings=tuple(effects.get("findings", ())),
            warnings=tuple(effects.get("warnings", ())),
            statements=statements or UNSET,
            data=without_hidden(redacted, entry.sequence, _said(entry.data)),
        )

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


def _showing(seen: Seen, what: str, *texts: tuple[Version, JsonObject]) -> Showing:
    """What is recorded of showing these texts of the plan, or, without any, of something else about it.

    The first text's grant gives relation and gateway: each text is shown under a grant of its own.
    """
    grant = seen.allowed.showing(texts[0][0]) if texts else None
    basis = grant or seen.allowed
    sections = {letter for _, text in texts for letter in text.get("sections", {})}
    return Showing(
        what=what,
        plan=UUID(seen.state.plan_id),
        relation=basis.relation,
        gateway=basis.gateway or None,
        sections=tuple(sorted(sections)),
        text=" ".join(f"{version.kind}-{version.number}" for version, _ in texts),
        entries=runs(sorted({version.sequence for version, _ in texts})),
    )


def _is_their_clock(clock: Clock, state: PlanState, actor: Actor) -> bool:
    """Whether somebody without the details is shown a duty: that another asked what is held is nobody's business."""
    kind, _, matter = clock.matter.partition("/")
    case = state.case(kind, matter) if kind == SUBJECT_ACCESS else None
    return case is None or is_own_request(case.data, actor)


def _said(data: JsonObject) -> JsonObject:
    return {name: value for name, value in data.items() if name not in {"plan", "effects"}}


def _readable(seen: Seen) -> tuple[Version, ...]:
    """The texts that the caller may read and that no redaction hides as a whole."""
    entitled = (version for version in seen.state.versions if seen.allowed.versions(version))
    return tuple(version for version in entitled if not is_hidden(seen.hidden, version.sequence, "/plan"))


def _chosen(seen: Seen, *, as_at: date | None, version: int | None, draft: int | None) -> Version | None:
    """The text that was asked for; one that isn't shown gives way to no other, which isn't in force.

    Without a question it is the text in force, for a former party the last of its own, before any final the last draft.
    """
    shown, state = _readable(seen), seen.state
    if version is not None:
        return _final(shown, version)
    if draft is not None:
        return _latest([v for v in shown if v.kind == "draft" and v.number == draft])
    if as_at is not None:
        in_force = state.version_in_force(as_at)
        return in_force if in_force in shown else None
    final = state.current_version() if seen.allowed.finals else None
    if final and not seen.allowed.told_until:
        return final if final in shown else None
    return _latest(list(shown))


def _named(shown: tuple[Version, ...], name: str) -> Version | None:
    kind, _, number = name.rpartition("-")
    if kind == "event":
        return next((v for v in shown if v.sequence == int(number)), None)
    if kind == "draft":
        return _latest([v for v in shown if v.kind == "draft" and v.number == int(number)])
    return _final(shown, int(number))


def _standing(seen: Seen, as_at: date | None) -> dict[str, Any]:
    """Where the plan stands, as far as the caller is told: a former party up to its last day, and nobody a place."""
    state, allowed = seen.state, seen.allowed
    until = date.fromisoformat(allowed.told_until) if allowed.told_until else None
    day = min(filter(None, (as_at, until)), default=None)
    council = state.maintaining_la_on(day) if day and not _past_is_hidden(state, allowed) else state.maintaining_la
    return {
        "phase": state.phase_on(day) if day else state.phase,
        "maintaining_la": UNSET if allowed.hides_location else council,
        "local_reference": (UNSET if allowed.hides_location else state.local_reference) or UNSET,
    }


def _past_is_hidden(state: PlanState, allowed: Entitlement) -> bool:
    """Whether who was responsible before would tell of an identity that is sealed."""
    return bool(state.sealed_from) and not allowed.before_sealing


def _in_force(state: PlanState, allowed: Entitlement, text: JsonObject, on: date) -> InForce:
    """What has dates of its own: the placements of the text that was chosen, and, for the council, the parties."""
    placements = placements_in_force(text.get("sections", {}).get("I", {}).get("placements", {}), on)
    parties = tuple(
        {"role": party.role, "organisation": party.organisation, "since": party.since}
        | ({"until": party.until} if party.until else {})
        for party in state.parties_on(on)
    )
    told = allowed.details and not _past_is_hidden(state, allowed)
    return InForce(placements=placements or UNSET, parties=parties if told else UNSET)


def _final(shown: tuple[Version, ...], number: int) -> Version | None:
    return _latest([v for v in shown if v.kind == "final" and v.number == number])


def _latest(versions: list[Version]) -> Version | None:
    return max(versions, key=lambda v: (v.effective_on, v.sequence), default=None)


def _version_view(version: Version, allowed: Entitlement) -> VersionView:
    return VersionView(
        number=version.number,
        kind=version.kind,
        effective_on=version.effective_on,
        sequence=version.sequence if allowed.details else UNSET,
        basis="" if allowed.hides_location else version.basis,
    )


def without_places(clock: Clock) -> Clock:
    """A duty without the numbers of the events that started and met it."""
    return replace(clock, key=f"{clock.key.partition('@')[0]}@{clock.started_on}", started_by=0, met_by=None)


def sealed_like(then: PlanState, current: PlanState) -> PlanState:
    """An earlier state never shows what was sealed later (adoption, protected identity)."""
    return replace(then, sealed_from=current.sealed_from, person=current.person, local_reference="")
