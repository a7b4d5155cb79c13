"""Reading a plan's history: current or historical text, versions, differences in words, clocks, events.

Two times: `known_at` chooses the prefix of the log that was known then, `as_at` chooses, from what that prefix says,
the text in force on a civil date. Every read is checked against what the caller may see.
"""

from datetime import date
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from domain.access import NOTHING, Reading, reading
from domain.document.diff import differences, in_words
from domain.document.masking import mask_section_i, mask_withheld
from domain.document.merge import diff_patch
from domain.document.placements import placements_in_force
from domain.plan.acts import Actor
from domain.plan.events import Erased, HistoryEntry, JsonObject
from domain.plan.evolve import annulments
from domain.plan.rules import RuleBook
from domain.plan.state import Clock, PlanState, Version
from services.errors import PlanUnknown, TextUnknown
from services.plans import Known, Plans
from services.redactions import Hidden, hidden_in, is_hidden, without_hidden
from services.views import DiffView, HistoryItem, InForce, PlanView, VersionView


class PlanReader:
    """What a caller may read of a plan, and nothing else."""

    def __init__(self, plans: Plans, rules: RuleBook) -> None:
        """Read from these plans; the rules give titles of events, and what families are shown."""
        self._plans = plans
        self._catalogue = rules.catalogue
        self._gateways = rules.code_sets["gateways"].codes

    def state(self, plan_id: UUID, actor: Actor, known: Known | None = None) -> tuple[PlanState, Reading]:
        """The state, now or as known then, and what the caller may read of it. Raises PlanUnknown for a stranger.

        Who may read is decided by the plan as it stands now: a body that lost its role has lost its window too.
        """
        state, allowed, _ = self._seen(plan_id, actor, known)
        return state, allowed

    def _seen(self, plan_id: UUID, actor: Actor, known: Known | None = None) -> tuple[PlanState, Reading, Hidden]:
        """The state, what the caller may read of it, and what is redacted of it for everybody by now."""
        current = self._plans.current(plan_id)
        allowed = reading(current, actor)
        if allowed == NOTHING:
            raise PlanUnknown
        hidden = hidden_in(current)
        if known is None:
            return current, allowed, hidden
        then = self._plans.as_known(plan_id, known)
        return (then if not current.sealed_from else _sealed_like(then, current)), allowed, hidden

    def view(
        self,
        plan_id: UUID,
        actor: Actor,
        *,
        known: Known | None = None,
        as_at: date | None = None,
        version: int | None = None,
        draft: int | None = None,
    ) -> PlanView:
        """The plan with one of its texts: the version or draft asked for, else the one in force (`as_at`, or now).

        A record without a text that the caller may read answers without one. Raises TextUnknown when the version that
        was asked for doesn't exist for this caller.
        """
        state, allowed, redacted = self._seen(plan_id, actor, known)
        shown = _readable(state, allowed, redacted)
        chosen = _chosen(shown, state, finals=allowed.finals, as_at=as_at, version=version, draft=draft)
        if chosen is None and (version is not None or draft is not None):
            raise TextUnknown
        text = self._text(chosen, state, allowed, redacted) if chosen else UNSET
        hidden = _past_is_hidden(state, allowed)
        return PlanView(
            plan_id=state.plan_id,
            phase=state.phase_on(as_at) if as_at else state.phase,
            maintaining_la=state.maintaining_la_on(as_at) if as_at and not hidden else state.maintaining_la,
            sequence=state.sequence,
            local_reference=state.local_reference or UNSET,
            baseline=state.baseline,
            version=_version_view(chosen) if chosen else UNSET,
            plan=text,
            as_at=as_at.isoformat() if as_at else UNSET,
            in_force=_in_force(state, allowed, text or {}, as_at) if as_at else UNSET,
            merged_into=state.survivor or UNSET,
            absorbed=state.absorbed,
        )

    def versions(self, plan_id: UUID, actor: Actor, known: Known | None = None) -> tuple[VersionView, ...]:
        """The legal texts that the caller may read, in the order in which they were made."""
        state, allowed, redacted = self._seen(plan_id, actor, known)
        return tuple(_version_view(version) for version in _readable(state, allowed, redacted))

    def diff(self, plan_id: UUID, actor: Actor, older: str, newer: str) -> DiffView:
        """What changed between two legal texts, field by field and in words. Raises TextUnknown for a missing one.

        A text is named "2" (a final), "draft-1" (the draft of that number that was served last) or "event-14" (the text
        that this entry of the history carries).
        """
        state, allowed, redacted = self._seen(plan_id, actor)
        shown = _readable(state, allowed, redacted)
        before, after = (_named(shown, name) for name in (older, newer))
        if before is None or after is None:
            raise TextUnknown
        old, new = (self._text(version, state, allowed, redacted) for version in (before, after))
        changes = tuple(
            {
                "text": in_words(change),
                "pointer": change.pointer,
                "section": change.section,
                "kind": change.kind,
            }
            for change in differences(old, new)
        )
        return DiffView(
            from_=_version_view(before), to=_version_view(after), changes=changes, patch=diff_patch(old, new)
        )

    def clocks(self, plan_id: UUID, actor: Actor, known: Known | None = None) -> tuple[Clock, ...]:
        """The statutory duties of the plan, the running ones first, then by due date."""
        state, allowed = self.state(plan_id, actor, known)
        if not allowed.history:
            raise PlanUnknown
        running_first = sorted(state.clocks.values(), key=lambda c: (bool(c.met_on or c.closed), c.due_on, c.key))
        return tuple(running_first)

    def history(
        self, plan_id: UUID, actor: Actor, *, known: Known | None = None, after: int = 0, limit: int = 100
    ) -> tuple[HistoryItem, ...]:
        """The events after a sequence, at most `limit` of them, each marked when it no longer counts."""
        state, allowed, redacted = self._seen(plan_id, actor, known)
        if not allowed.history:
            raise PlanUnknown
        entries = [e for e in self._plans.history(plan_id) if known is None or known.includes(e)]
        annulled = annulments(entries)
        hidden = state.sealed_from if not allowed.before_sealing else 0
        page = [e for e in entries if e.sequence > after and (allowed.details or self._is_shown(e))][:limit]
        return tuple(
            self._item(
                entry,
                corrected=entry.sequence in annulled,
                hidden=entry.sequence < hidden,
                details=allowed.details,
                redacted=redacted,
            )
            for entry in page
        )

    def _is_shown(self, entry: HistoryEntry) -> bool:
        """Whether the family is shown an entry: not where its gateway keeps that for a review, or for ever."""
        if isinstance(entry, Erased) or entry.metadata.gateway is None:
            return True
        known = self._gateways.get(entry.metadata.gateway)
        return known is not None and known.text("familyView") == "shown"

    def _item(
        self, entry: HistoryEntry, *, corrected: bool, hidden: bool, details: bool, redacted: Hidden
    ) -> HistoryItem:
        spec = self._catalogue.events.get(entry.type)
        item = HistoryItem(
            sequence=entry.sequence,
            position=entry.position,
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
            data=without_hidden(redacted, entry.sequence, _said(entry.data)),
        )

    def _text(self, version: Version, state: PlanState, allowed: Reading, redacted: Hidden) -> JsonObject:
        whole = {"plan": self._plans.text(state, version)}
        text: JsonObject = without_hidden(redacted, version.sequence, whole).get("plan", {})
        if not allowed.details:
            text = mask_withheld(text, _address_restricted(state))
        return mask_section_i(text) if allowed.masked else text


def _said(data: JsonObject) -> JsonObject:
    return {name: value for name, value in data.items() if name not in {"plan", "effects"}}


def _address_restricted(state: PlanState) -> frozenset[str]:
    contacts = state.person.get("contacts", {}).items()
    return frozenset(contact_id for contact_id, contact in contacts if contact.get("addressRestricted"))


def _readable(state: PlanState, allowed: Reading, redacted: Hidden) -> tuple[Version, ...]:
    """The texts that the caller may read and that no redaction hides as a whole."""
    shown = (version for version in state.versions if allowed.allows(version, state.sealed_from))
    return tuple(version for version in shown if not is_hidden(redacted, version.sequence, "/plan"))


def _chosen(
    shown: tuple[Version, ...],
    state: PlanState,
    *,
    finals: bool,
    as_at: date | None,
    version: int | None,
    draft: int | None,
) -> Version | None:
    """The text that was asked for; one that isn't shown gives way to no other, which isn't in force."""
    if version is not None:
        return _final(shown, version)
    if draft is not None:
        return _latest([v for v in shown if v.kind == "draft" and v.number == draft])
    if as_at is not None:
        in_force = state.version_in_force(as_at)
        return in_force if in_force in shown else None
    final = state.current_version() if finals else None
    if final:
        return final if final in shown else None
    return _latest(list(shown))


def _named(shown: tuple[Version, ...], name: str) -> Version | None:
    kind, _, number = name.rpartition("-")
    if kind == "event":
        return next((v for v in shown if v.sequence == int(number)), None)
    if kind == "draft":
        return _latest([v for v in shown if v.kind == "draft" and v.number == int(number)])
    return _final(shown, int(number))


def _past_is_hidden(state: PlanState, allowed: Reading) -> bool:
    """Whether who was responsible before would tell of an identity that is sealed."""
    return bool(state.sealed_from) and not allowed.before_sealing


def _in_force(state: PlanState, allowed: Reading, text: JsonObject, on: date) -> InForce:
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


def _version_view(version: Version) -> VersionView:
    return VersionView(
        number=version.number,
        kind=version.kind,
        effective_on=version.effective_on,
        sequence=version.sequence,
        basis=version.basis,
    )


def _sealed_like(then: PlanState, current: PlanState) -> PlanState:
    """An earlier state never shows what was sealed later (adoption, protected identity)."""
    return replace(then, sealed_from=current.sealed_from, person=current.person, local_reference="")
