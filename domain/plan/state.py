"""What is true of a plan after its history so far.

The state holds what decisions and reads need, not the texts of old versions: a version names the event that carries
its text. Every value is immutable; `domain.plan.evolve` makes the next state from the last one and an event.
"""

from datetime import date
from typing import Any

from msgspec import Struct, field

from domain.plan.events import JsonObject

#: Phases in which a plan is a legal text that binds somebody (CFA 2014 ss.42, 43).
MAINTAINED = "MAINTAINED"
#: Phases that end the record: nothing may be performed on it any more, but facts can still be recorded.
ENDED = frozenset({"CEASED", "ENDED_DEATH", "VOIDED", "MERGED", "WITHDRAWN"})


class Fact(Struct, frozen=True, kw_only=True):
    """The first and the latest time that a kind of event happened on this plan."""

    count: int
    first_sequence: int
    first_on: str
    last_sequence: int
    last_on: str
    last: JsonObject


class Version(Struct, frozen=True, kw_only=True):
    """One legal text: a served draft or a final plan. `sequence` is the event that carries the text.

    Two entries may share a number: a clerical correction or a change of a setting's identifier is a later text of the
    same version. `superseded_on` is the day on which the next final took its place.
    """

    number: int
    kind: str
    sequence: int
    effective_on: str
    basis: str = ""
    event_type: str = ""


class Clock(Struct, frozen=True, kw_only=True):
    """A statutory duty with its due date, as computed when the event that started it was stored.

    Dates are ISO civil dates. `calendar` and `rule_set` name the holiday list and the rules used, so that a replay
    gives the same answer whatever has been adopted since.
    """

    id: str
    key: str
    title: str
    law: str
    owed_by: str
    started_on: str
    started_by: int
    due_on: str
    headline_on: str | None = None
    safe_on: str | None = None
    calendar: str = ""
    rule_set: str = ""
    kind: str = "deadline"
    matter: str = ""
    met_on: str | None = None
    met_by: int | None = None
    closed: str | None = None
    excuses: tuple[str, ...] = ()


class Move(Struct, frozen=True):
    """From which civil date a matter has had a status, and the event that says so."""

    status: str
    on: str
    by: int


class Case(Struct, frozen=True, kw_only=True):
    """A matter with an identity of its own inside the plan: a consultation, an appeal, a request for advice, a hold.

    `moves` are its statuses in their order, each once it changed: who could see what depends on when a matter ended.
    `opened_org` is the organisation whose act opened it.
    """

    kind: str
    id: str
    status: str
    opened_on: str
    opened_by: int
    changed_on: str
    changed_by: int
    data: JsonObject
    moves: tuple[Move, ...] = ()
    opened_org: str = ""


class Finding(Struct, frozen=True, kw_only=True):
    """A breach of law in something that was recorded as having happened (it is never refused, it is shown)."""

    sequence: int
    rule: str
    law: str
    text: str


class Party(Struct, frozen=True, kw_only=True):
    """Who held a role in the plan, from and until which civil date (None: until now), and by which events."""

    role: str
    organisation: str
    since: str
    until: str | None = None
    by: int = 0
    ended_by: int = 0


class PhaseChange(Struct, frozen=True, kw_only=True):
    """From which civil date the record has been in a phase, and the event that says so."""

    phase: str
    since: str
    sequence: int


class PlanState(Struct, frozen=True, kw_only=True, weakref=True):
    """Everything that a decision about a plan needs to know.

    `sealed_contacts` are the ids of contacts of a former identity: nobody's any more, whoever still holds them.
    """

    plan_id: str
    sequence: int = 0
    phase: str = ""
    phases: tuple[PhaseChange, ...] = ()
    maintaining_la: str = ""
    local_reference: str = ""
    plan_type: str = "EHCP"
    baseline: bool = False
    document: JsonObject = field(default_factory=dict)
    versions: tuple[Version, ...] = ()
    highest_final: int = 0
    facts: dict[str, Fact] = field(default_factory=dict)
    clocks: dict[str, Clock] = field(default_factory=dict)
    cases: dict[str, dict[str, Case]] = field(default_factory=dict)
    parties: tuple[Party, ...] = ()
    findings: tuple[Finding, ...] = ()
    health_agreements: dict[str, JsonObject] = field(default_factory=dict)
    person: JsonObject = field(default_factory=dict)
    used_item_ids: tuple[str, ...] = ()
    sealed_from: int = 0
    sealed_contacts: tuple[str, ...] = ()
    survivor: str = ""
    absorbed: tuple[str, ...] = ()
    annulled: tuple[int, ...] = ()
    corrected: tuple[int, ...] = ()

    def happened(self, event_type: str) -> bool:
        """Whether such an event is part of the history (short or full type name)."""
        return full_type(event_type) in self.facts

    def fact(self, event_type: str) -> Fact | None:
        """The fact kept of that kind of event, if it ever happened."""
        return self.facts.get(full_type(event_type))

    def last(self, event_type: str) -> JsonObject:
        """The small data of the latest such event; empty when there was none."""
        fact = self.fact(event_type)
        return fact.last if fact else {}

    def last_on(self, event_type: str) -> date | None:
        """The legal date of the latest such event."""
        fact = self.fact(event_type)
        return date.fromisoformat(fact.last_on) if fact else None

    def happened_after(self, event_type: str, other: str) -> bool:
        """Whether the latest `event_type` came after the latest `other` (or `other` never came)."""
        mine, theirs = self.fact(event_type), self.fact(other)
        if mine is None:
            return False
        return theirs is None or mine.last_sequence > theirs.last_sequence

    def case(self, kind: str, case_id: str) -> Case | None:
        """The matter of that kind and id."""
        return self.cases.get(kind, {}).get(case_id)

    def open_cases(self, kind: str, *statuses: str) -> tuple[Case, ...]:
        """The matters of a kind, in one of the statuses when any are named."""
        return tuple(c for c in self.cases.get(kind, {}).values() if not statuses or c.status in statuses)

    def current_version(self) -> Version | None:
        """The final text in force, or none before the first final plan."""
        finals = [v for v in self.versions if v.kind == "final"]
        return max(finals, key=lambda v: (v.effective_on, v.sequence)) if finals else None

    def standing_version(self) -> Version | None:
        """The text that stands: the latest final, or the latest draft before any final."""
        standing = [v for v in self.versions if v.kind == "final"] or self.versions
        return max(standing, key=lambda v: (v.effective_on, v.sequence), default=None)

    def version_in_force(self, on: date) -> Version | None:
        """The final text in force on a civil date: the latest to take effect by then, ties to the higher sequence."""
        finals = [v for v in self.versions if v.kind == "final" and v.effective_on <= on.isoformat()]
        return max(finals, key=lambda v: (v.effective_on, v.sequence)) if finals else None

    def phase_on(self, on: date) -> str:
        """The phase on a civil date, as known in this history ("" before the record's first event)."""
        reached = [p for p in self.phases if p.since <= on.isoformat()]
        return max(reached, key=lambda p: (p.since, p.sequence)).phase if reached else ""

    def parties_on(self, on: date) -> tuple[Party, ...]:
        """Who held a role on a civil date, as known in this history."""
        day = on.isoformat()
        return tuple(p for p in self.parties if p.since <= day <= (p.until or day))

    def maintaining_la_on(self, on: date) -> str:
        """The council responsible on a civil date (LA code), "" before there was one; ties to the higher sequence."""
        councils = [party for party in self.parties_on(on) if party.role == "maintainingCouncil"]
        latest = max(councils, key=lambda party: (party.since, party.by), default=None)
        return latest.organisation.removeprefix("la:") if latest else ""

    def latest_draft(self) -> Version | None:
        """The draft served last."""
        drafts = [v for v in self.versions if v.kind == "draft"]
        return max(drafts, key=lambda v: v.sequence) if drafts else None

    def open_clock(self, clock_id: str) -> Clock | None:
        """The running clock of that table id, the latest started first."""
        running = [c for c in self.clocks.values() if c.id == clock_id and not c.met_on and not c.closed]
        return max(running, key=lambda c: c.started_by) if running else None

    def last_clock(self, case: Case) -> Clock | None:
        """The duty of a matter that was started last, running or not."""
        own = (clock for clock in self.clocks.values() if clock.matter == f"{case.kind}/{case.id}")
        return max(own, key=lambda clock: clock.started_by, default=None)

    def is_final(self) -> bool:
        """Whether there is a final plan, whichever council finalised it."""
        return self.current_version() is not None

    def date_of_birth(self) -> date | None:
        """The child's date of birth as last stated, None when the record doesn't hold it."""
        stated: Any = self.person.get("dateOfBirth")
        return date.fromisoformat(stated) if stated else None


def full_type(name: str) -> str:
    """`finalised` -> `ehcp.plan.finalised.v1`; a full type name is returned as it is."""
    return name if name.startswith("ehcp.") else f"ehcp.plan.{name}.v1"
