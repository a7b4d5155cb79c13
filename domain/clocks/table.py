"""The clock table of ``schemas/clocks``: each statutory duty, what starts it, its period and what meets it.

Nothing about a duty is written in code. A rule set is one edition of the table; which edition governs a case
depends on the date of the request, never on today.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from msgspec import Struct

from domain.clocks.conditions import Condition
from domain.clocks.errors import ClockError
from domain.clocks.facts import Fact
from domain.clocks.periods import Period, YearlyDays


class Says(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What a field of an event must say: one of `has`, none of `has_not`. A set says all its members.

    With `given` the field must be there at all, so that no date is made up for a past that was not stated.
    """

    field: str
    has: tuple[str, ...] = ()
    has_not: tuple[str, ...] = ()
    given: bool = False

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Tell whether an event's data pass the test."""
        said = data.get(self.field)
        if said is None:
            return not self.has and not (self.given and self.field not in data)
        if isinstance(said, str):
            return (not self.has or said in self.has) and said not in self.has_not
        members = _members(said)
        return (not self.has or not members.isdisjoint(self.has)) and members.isdisjoint(self.has_not)


class When(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """An event that meets or ends a duty: its type, tests on its data, and the same in words."""

    event: str
    where: tuple[Says, ...] = ()
    words: str = ""

    def is_by(self, event_type: str, data: Mapping[str, Any]) -> bool:
        """Tell whether an event is of this type and passes every test."""
        return event_type == self.event and self.fits(data)

    def fits(self, data: Mapping[str, Any]) -> bool:
        """Tell whether the data of an event of this type pass every test."""
        for test in self.where:  # noqa: SIM110 — asked for every clock of the table, and a generator costs more
            if not test.holds(data):
                return False
        return True


class Start(When, frozen=True, kw_only=True):
    """An event that starts a duty: it dates the `fact`, from the `field` of its data.

    The field may hold one date, several, or a date for each person. Where the event does not carry it, the
    legal date of the act (`effectiveon`) is the date.
    """

    fact: str
    field: str = ""

    def dated(self, data: Mapping[str, Any], effective_on: date) -> Fact:
        """Return the day or days from which the duty runs."""
        said = _as_fact(data.get(self.field or self.fact))
        return effective_on if said is None or isinstance(said, str) else said


class Excuse(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Circumstances (codes of the set `exceptions`) in which a limit need not be met, and their law.

    They relieve from the limit; they never move the due date.
    """

    codes: tuple[str, ...]
    law: str


class Replacement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A date that takes the place of the computed one: directed by the Tribunal, or agreed in writing."""

    fact: str
    law: str


class Clock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One duty. `law` cites the provisions, `confidence` says how the rule was verified (H, M or L).

    `kind`: a ``deadline`` (last day), a ``window`` (may be longer, never shorter) or ``advice`` (guidance,
    not law). `non_working_day_end` says what happens when the period ends on a day that is not a working day;
    by default the rule set decides. `never_ends_in` are days of the year on which it cannot end either. `outlives` are
    events that end every other duty of a plan and not this one: it is owed whatever becomes of the plan.
    `rule_set` and `extends` are filled in when the table is read.
    """

    id: str
    title: str
    duty: str
    owed_by: str
    law: tuple[str, ...]
    confidence: Literal["H", "M", "L"]
    kind: Literal["deadline", "window", "advice"] = "deadline"
    facts: dict[str, str]
    starts: tuple[Start, ...]
    applies_if: Condition | None = None
    period: Period
    headline: Period | None = None
    safe: Period | None = None
    replaced_by: tuple[Replacement, ...] = ()
    non_working_day_end: Literal["as-rule-set", "stays", "next-working-day"] = "as-rule-set"
    never_ends_in: tuple[YearlyDays, ...] = ()
    met_by: tuple[When, ...] = ()
    closed_by: tuple[When, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    outlives: tuple[str, ...] = ()
    note: str = ""
    rule_set: str = ""
    extends: bool = False

    @property
    def cited(self) -> str:
        """The law in one line."""
        return "; ".join(self.law)

    @property
    def excuse_codes(self) -> frozenset[str]:
        """Every circumstance that excuses lateness for this duty."""
        return frozenset(code for excuse in self.excuses for code in excuse.codes)

    def started_by(self, event_type: str, data: Mapping[str, Any]) -> Start | None:
        """Return the entry by which an event starts this duty, None when it does not."""
        for start in self.starts:
            if start.is_by(event_type, data):
                return start
        return None

    def is_met_by(self, event_type: str, data: Mapping[str, Any]) -> bool:
        """Tell whether an event performs this duty."""
        return any(met.is_by(event_type, data) for met in self.met_by)

    def is_closed_by(self, event_type: str, data: Mapping[str, Any]) -> bool:
        """Tell whether an event ends this duty without its being performed."""
        return any(closed.is_by(event_type, data) for closed in self.closed_by)

    def facts_in(self, start: Start, data: Mapping[str, Any], effective_on: date) -> dict[str, Fact]:
        """Return the facts that a starting event gives: its date, and every other fact that its data name."""
        given = {name: fact for name in self.facts if (fact := _as_fact(data.get(name))) is not None}
        return given | {start.fact: start.dated(data, effective_on)}


class Relaxation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A time in which limits were relaxed by law for a recorded reason (SI 2020/471): laid over a rule set.

    A limit that fell from `valid_from` to `valid_to` did not bind a body that could not meet it for `reason`
    (a code of the set `exceptions`) and acted by the last day of that time.
    """

    id: str
    title: str
    over: str
    law: tuple[str, ...]
    confidence: Literal["H", "M", "L"]
    source: str
    source_date: str
    licence: str
    valid_from: date
    valid_to: date
    reason: str
    instead: str
    clocks: tuple[str, ...]
    note: str = ""
    sha256: str = ""

    def covers(self, clock_id: str, due_on: date, met_on: date) -> bool:
        """Tell whether an act done after its limit falls under the relaxation, the reason being recorded."""
        return clock_id in self.clocks and self.valid_from <= due_on and met_on <= self.valid_to


class RuleSet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One edition of the clock table.

    `period_moves_to_working_day` is the switch for what the Regulations leave open: whether a period that
    ends on a non-working day runs to the next working day. `closing_events` end every clock of a plan.
    `starting` finds the clocks that an event type can start, with the entries for it; it is filled in when the table is
    read.
    """

    id: str
    title: str
    source: str
    source_date: str
    licence: str
    valid_from: date
    valid_to: date | None = None
    period_moves_to_working_day: bool = False
    closing_events: tuple[When, ...] = ()
    clocks: tuple[Clock, ...]
    relaxations: tuple[Relaxation, ...] = ()
    note: str = ""
    sha256: str = ""
    starting: dict[str, tuple[tuple[Clock, tuple[Start, ...]], ...]] = {}

    def clock(self, clock_id: str) -> Clock:
        """Return a clock by its id (``D1``, ``D32b``).

        Raises:
            ClockError: there is none; the message names the parts where a duty is kept in parts.
        """
        for clock in self.clocks:
            if clock.id == clock_id:
                return clock
        parts = ", ".join(clock.id for clock in self.parts(clock_id))
        raise ClockError(f"{clock_id} is kept in parts: {parts}" if parts else f"no clock {clock_id} in {self.id}")

    def parts(self, duty: str) -> tuple[Clock, ...]:
        """Return the clocks of a duty: D32 is three (D32a, D32b, D32c), D1 is itself."""
        return tuple(clock for clock in self.clocks if clock.id.rstrip("abcdefgh") == duty)

    def closes_everything(self, event_type: str, data: Mapping[str, Any]) -> bool:
        """Tell whether an event ends every clock of the plan, as a death does."""
        return any(closing.event == event_type and closing.fits(data) for closing in self.closing_events)

    def governs(self, requested_on: date) -> bool:
        """Tell whether this edition governs a case requested on a day."""
        return self.valid_from <= requested_on and (self.valid_to is None or requested_on <= self.valid_to)


class RuleSets(Struct, frozen=True):
    """Every edition of the clock table."""

    editions: tuple[RuleSet, ...]

    def get(self, rule_set_id: str) -> RuleSet:
        """Return an edition by its id.

        Raises:
            ClockError: there is none.
        """
        for edition in self.editions:
            if edition.id == rule_set_id:
                return edition
        raise ClockError(f"no rule set {rule_set_id}")

    def rule_set_for(self, requested_on: date) -> RuleSet:
        """Return the edition that governs a case requested on a day, whatever the date of the act.

        Raises:
            ClockError: none does (before 1 September 2014 there were statements, not plans).
        """
        for edition in self.editions:
            if edition.governs(requested_on):
                return edition
        raise ClockError(f"no rule set governs a request of {requested_on}")


def _members(value: object) -> set[str]:
    return {str(member) for member in value} if isinstance(value, list | tuple) else set()


def _as_date(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _as_fact(value: object) -> Fact | None:
    if isinstance(value, dict):
        return _as_fact(tuple(value.values()))
    if isinstance(value, list | tuple):
        days = tuple(day for member in value if (day := _as_date(member)) is not None)
        return days or None
    return _as_date(value) or (value if isinstance(value, str) else None)
