"""What an event changes, written into the event itself by `decide` and read back by `evolve`.

The fold applies these values and nothing else: it needs no catalogue, no clock table and no holiday list, so an old
history means the same under every later release.
"""

from msgspec import Struct, field

from domain.plan.events import JsonObject


class VersionEffect(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The event carries a legal text (in `data.plan`): its number, its kind (draft or final) and what it rests on."""

    number: int
    kind: str
    basis: str = ""
    effective_on: str = ""


class CaseEffect(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A matter inside the plan is opened or moves on; `data` is merged into what is known of it."""

    kind: str
    id: str
    status: str
    data: JsonObject = field(default_factory=dict)


class PartyEffect(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An organisation or person takes on (`since`) or gives up (`until`) a role in the plan."""

    role: str
    organisation: str
    since: str = ""
    until: str = ""


class ClockStart(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A duty starts to run, with its due date as computed now and the list and rules it was computed with."""

    id: str
    key: str
    title: str
    law: str
    owed_by: str
    started_on: str
    due_on: str
    headline_on: str = ""
    safe_on: str = ""
    calendar: str = ""
    rule_set: str = ""
    kind: str = "deadline"
    matter: str = ""


class ClockStop(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A duty was met (`met_on`), or it no longer exists (`closed` says why), or it is excused (`excuse` code)."""

    key: str
    met_on: str = ""
    closed: str = ""
    excuse: str = ""


class FindingEffect(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A rule of law that what is recorded here broke."""

    rule: str
    law: str
    text: str


class Annulment(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """From this event on, the event with this sequence doesn't count, or counts as `replacement` says."""

    sequence: int
    replacement: JsonObject = field(default_factory=dict)
    effective_on: str = ""


class Effects(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """All that one event changes. Empty parts are left out of the stored form.

    `phase_since` is given where the phase began before the event: an imported plan was maintained since it was made.
    """

    phase: str = ""
    phase_since: str = ""
    version: VersionEffect | None = None
    cases: tuple[CaseEffect, ...] = ()
    parties: tuple[PartyEffect, ...] = ()
    clock_starts: tuple[ClockStart, ...] = ()
    clock_stops: tuple[ClockStop, ...] = ()
    findings: tuple[FindingEffect, ...] = ()
    warnings: tuple[FindingEffect, ...] = ()
    health_agreements: dict[str, JsonObject] = field(default_factory=dict)
    person: JsonObject = field(default_factory=dict)
    local_reference: str = ""
    maintaining_la: str = ""
    annuls: Annulment | None = None
    sealed: bool = False
    unsealed: bool = False
    survivor: str = ""
    absorbed: str = ""
    released: str = ""
