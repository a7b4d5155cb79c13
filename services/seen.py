"""What one read rests on, and which of a plan's texts its reader is shown."""

from datetime import date
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct
from msgspec.structs import replace

from domain.access import Entitlement
from domain.document.placements import placements_in_force
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from domain.plan.redactions import Hidden, is_hidden
from domain.plan.state import Clock, PlanState, Version
from services.disclosures.values import Showing, runs
from services.statements import SUBJECT_ACCESS, Statements, is_own_request
from services.views import InForce, VersionView


class Seen(Struct, frozen=True, kw_only=True):
    """What one read rests on: the plan now, as it was asked about, what the caller may see and what nobody may.

    `names_actors`: whether the caller, an auditor, is told which person did something.
    """

    current: PlanState
    state: PlanState
    allowed: Entitlement
    hidden: Hidden
    contact: str = ""
    names_actors: bool = False

    def statements(self) -> Statements:
        """What the family disputes: with whatever is read now, also of the past."""
        since = 0 if self.allowed.before_sealing else self.current.sealed_from
        only_of = self.contact if self.allowed.hides_location else None
        return Statements(
            self.current, self.hidden, only_of=only_of, since=since, numbered=self.allowed.details
        )  # fmt: skip


def showing(seen: Seen, what: str, *texts: tuple[Version, JsonObject]) -> Showing:
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


def is_their_clock(clock: Clock, state: PlanState, actor: Actor) -> bool:
    """Whether somebody without the details is shown a duty: that another asked what is held is nobody's business."""
    kind, _, matter = clock.matter.partition("/")
    case = state.case(kind, matter) if kind == SUBJECT_ACCESS else None
    return case is None or (case.opened_by >= state.sealed_from and is_own_request(case.data, actor))


def readable(seen: Seen) -> tuple[Version, ...]:
    """The texts that the caller may read and that no redaction hides as a whole."""
    entitled = (version for version in seen.state.versions if seen.allowed.versions(version))
    return tuple(version for version in entitled if not is_hidden(seen.hidden, version.sequence, "/plan"))


def text_asked_for(seen: Seen, *, as_at: date | None, version: int | None, draft: int | None) -> Version | None:
    """The text that was asked for; one that isn't shown gives way to no other, which isn't in force.

    Without a question it is the text in force, for a former party the last of its own, before any final the last draft.
    """
    shown, state = readable(seen), seen.state
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


def named(shown: tuple[Version, ...], name: str) -> Version | None:
    """The text of that name: "2" (a final), "draft-1" (its latest), "event-14" (the text of that sequence)."""
    kind, _, number = name.rpartition("-")
    if kind == "event":
        return next((v for v in shown if v.sequence == int(number)), None)
    if kind == "draft":
        return _latest([v for v in shown if v.kind == "draft" and v.number == int(number)])
    return _final(shown, int(number))


def standing(seen: Seen, as_at: date | None) -> dict[str, Any]:
    """Where the plan stands, as far as the caller is told: a former party up to its last day, and nobody a place."""
    state, allowed = seen.state, seen.allowed
    until = date.fromisoformat(allowed.told_until) if allowed.told_until else None
    day = min(filter(None, (as_at, until)), default=None)
    council = state.maintaining_la_on(day) if day and not past_is_hidden(state, allowed) else state.maintaining_la
    return {
        "phase": state.phase_on(day) if day else state.phase,
        "maintaining_la": UNSET if allowed.hides_location else council,
        "local_reference": (UNSET if allowed.hides_location else state.local_reference) or UNSET,
    }


def merged(seen: Seen) -> dict[str, Any]:
    """With which records it is merged: all for the council and auditors, and where it goes on for its other readers.

    Records that were merged by mistake are of another child: nobody else is told of one that isn't merged any more, nor
    which one went into this, and a former party nothing of what became of the record.
    """
    state, survivor = seen.state, seen.state.survivor
    if seen.allowed.told_until:
        return {}
    if seen.allowed.details and not past_is_hidden(state, seen.allowed):
        return {"merged_into": survivor or UNSET, "absorbed": state.absorbed}
    return {"merged_into": survivor if survivor and survivor == seen.current.survivor else UNSET}


def past_is_hidden(state: PlanState, allowed: Entitlement) -> bool:
    """Whether who was responsible before would tell of an identity that is sealed."""
    return bool(state.sealed_from) and not allowed.before_sealing


def in_force(state: PlanState, allowed: Entitlement, text: JsonObject, on: date) -> InForce:
    """What has dates of its own: the placements of the text that was chosen, and, for the council, the parties."""
    placements = placements_in_force(text.get("sections", {}).get("I", {}).get("placements", {}), on)
    parties = tuple(
        {"role": party.role, "organisation": party.organisation, "since": party.since}
        | ({"until": party.until} if party.until else {})
        for party in state.parties_on(on)
    )
    told = allowed.details and not past_is_hidden(state, allowed)
    return InForce(placements=placements or UNSET, parties=parties if told else UNSET)


def _final(shown: tuple[Version, ...], number: int) -> Version | None:
    return _latest([v for v in shown if v.kind == "final" and v.number == number])


def _latest(versions: list[Version]) -> Version | None:
    return max(versions, key=lambda v: (v.effective_on, v.sequence), default=None)


def version_view(version: Version, allowed: Entitlement) -> VersionView:
    """A text in a list of texts, as far as the reader is told of it."""
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
