"""Which statutory duties an act starts, meets, excuses or ends: the clock table applied to a plan.

Due dates are computed once, when the event is decided, with the bank holidays of that day, and stored in it with both
editions. An exception excuses a council from a limit;
it never moves the due date (SEND Regulations 2014 regs 5(4), 10(4)).
"""

from collections.abc import Iterator
from datetime import date

from domain.calendar import CalendarError
from domain.clocks import Clock as ClockRule
from domain.clocks import (
    ClockDoesNotApply,
    ClockError,
    Due,
    Fact,
    MissingFact,
    RuleSet,
    Started,
    due,
    started_by,
)
from domain.clocks.facts import day_of
from domain.plan.asserted import Told, asserted_by_baseline
from domain.plan.context import Context
from domain.plan.effects import ClockStart, ClockStop, Effects
from domain.plan.events import JsonObject
from domain.plan.state import ENDED, Clock, PlanState, full_type

BASELINE_IMPORTED = "ehcp.plan.baseline-imported.v1"
FAMILY = "family"
EXCEPTION_RECORDED = "ehcp.plan.time-limit-exception-recorded.v1"
#: Events that say when the case began, which decides the rule set that governs it.
REQUESTS = tuple(
    map(full_type, ("further-request-received", "request-received", "health-notified", "baseline-imported"))
)

#: What happens to a record in one of these phases starts no duty towards anybody any more.
OVER = frozenset({"ENDED_DEATH", "VOIDED", "MERGED"})
#: Matters of the data about somebody: they are answered whatever became of the plan.
OWED_WHATEVER_HAPPENED = frozenset({"subject-access", "rectification"})


def clock_effects(context: Context, effects: Effects) -> tuple[tuple[ClockStart, ...], tuple[ClockStop, ...]]:
    """The clocks that the act starts, and those that it stops, under the rules that govern the case."""
    rule_set = _rule_set(context)
    if rule_set is None or _is_over(context):
        return (), ()
    data = _data(context, effects)
    if rule_set.closes_everything(context.spec.event, data):
        ended = (clock for clock in _running(context.state) if not _outlives(clock, rule_set, context.spec.event))
        return (), tuple(ClockStop(key=clock.key, closed=context.spec.title) for clock in ended)
    starts = tuple(_starts(context, rule_set, data, _born(context, effects)))
    told = {stop.key for stop in effects.clock_stops}
    stops = _stops(context, rule_set, data, starts)
    return starts, tuple(stop for stop in stops if stop.key not in told)


def _is_over(context: Context) -> bool:
    """Whether nothing is owed any more: what is written down late of an ended record starts no clock again."""
    phase = context.state.phase
    if context.spec.case and context.spec.case.kind in OWED_WHATEVER_HAPPENED:
        return False
    return phase in OVER or (phase in ENDED and phase not in context.spec.from_)


def _rule_set(context: Context) -> RuleSet | None:
    try:
        began = requested_on(context.state) or context.act.on("requestReceivedOn") or context.on
        return context.rules.rule_set_for(began)
    except ClockError:
        return None


def requested_on(state: PlanState) -> date | None:
    """The day on which the case began: the request, or what a council asserted when the plan was imported."""
    for name in REQUESTS:
        if fact := state.facts.get(name):
            stated = fact.last.get("requestReceivedOn") or fact.last.get("receivedOn") or fact.first_on
            return date.fromisoformat(stated)
    return None


def _data(context: Context, effects: Effects) -> JsonObject:
    """What the table's tests look at: the act's own data, the phase reached, kind and basis of a text made law."""
    reached: JsonObject = {"phase": effects.phase or context.state.phase}
    if effects.version is None:
        return {**reached, **context.data}
    return {**reached, "basis": effects.version.basis, "textKind": effects.version.kind, **context.data}


def _born(context: Context, effects: Effects) -> date | None:
    """The child's date of birth: as on record, or as the act that opens the record tells it."""
    told = effects.person.get("dateOfBirth")
    return context.state.date_of_birth() or (date.fromisoformat(told) if told else None)


def _starts(context: Context, rule_set: RuleSet, data: JsonObject, born: date | None) -> Iterator[ClockStart]:
    if context.spec.event == BASELINE_IMPORTED:
        for told in asserted_by_baseline(context):
            yield from _owed_still(context, rule_set, told, born)
    else:
        yield from _started(context, rule_set, Told(event=context.spec.event, on=context.on, data=data), born)


def _owed_still(context: Context, rule_set: RuleSet, told: Told, born: date | None) -> Iterator[ClockStart]:
    """The clocks of an imported plan: what the family could do until a day that has passed isn't started again."""
    for start in _started(context, rule_set, told, born):
        if start.owed_by != FAMILY or start.due_on >= context.on.isoformat():
            yield start


def _started(context: Context, rule_set: RuleSet, told: Told, born: date | None) -> Iterator[ClockStart]:
    holidays = context.rules.holidays_on(context.today)
    for started in started_by(rule_set, told.event, told.data, told.on):
        facts = _known_facts(context, started, born) | started.facts
        try:
            computed = due(started.clock, facts, holidays)
        except (ClockDoesNotApply, MissingFact, CalendarError):
            # The last: the days lie outside the bank holidays that are known. What has happened is stored all the same.
            continue
        yield _clock_start(context, started, computed)


def _known_facts(context: Context, started: Started, born: date | None) -> dict[str, Fact]:
    """The facts of the clock that earlier events stated; the latest statement counts."""
    state, known = context.state, dict[str, Fact]()
    for fact in sorted(state.facts.values(), key=lambda f: f.last_sequence):
        for name in started.clock.facts:
            if (value := _as_fact(fact.last.get(name))) is not None:
                known[name] = value
    if "dateOfBirth" in started.clock.facts and born:
        known["dateOfBirth"] = born
    return known


def _as_fact(value: object) -> Fact | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def _clock_start(context: Context, started: Started, computed: Due) -> ClockStart:
    clock = started.clock
    first = next(day_of(started.facts, start.fact) for start in clock.starts if start.fact in started.facts)
    return ClockStart(
        id=clock.id,
        key=f"{started.key}@{context.state.sequence + 1}",
        title=clock.title,
        law=computed.law,
        owed_by=clock.owed_by,
        started_on=first.isoformat(),
        due_on=computed.due_on.isoformat(),
        headline_on=_iso(computed.headline_on),
        safe_on=_iso(computed.safe_on),
        calendar=computed.calendar_version,
        rule_set=computed.rule_set,
        kind=clock.kind,
        matter=_matter(context),
    )


def _stops(
    context: Context, rule_set: RuleSet, data: JsonObject, starts: tuple[ClockStart, ...]
) -> Iterator[ClockStop]:
    again = {start.id for start in starts if start.kind == "window"}
    for clock in _running(context.state):
        rule = _rule_of(clock, rule_set)
        if rule is None or not _same_matter(context, clock):
            continue
        if rule.is_met_by(context.spec.event, data):
            yield ClockStop(key=clock.key, met_on=context.on.isoformat())
        elif rule.is_closed_by(context.spec.event, data):
            yield ClockStop(key=clock.key, closed=context.spec.title)
        elif clock.id in again:
            yield ClockStop(key=clock.key, closed="served again")
        elif context.spec.event == EXCEPTION_RECORDED and data.get("code") in _excuses(rule_set, clock):
            yield ClockStop(key=clock.key, excuse=str(data["code"]))


def _rule_of(clock: Clock, rule_set: RuleSet) -> ClockRule | None:
    """The entry of the table that says what meets a clock; of a concession or an agreement, that of the order.

    The key of such a clock names both: D39/D32c is the final plan that a conceded refusal to assess leads to.
    """
    name = clock.key.partition("@")[0].rpartition("/")[2]
    return next((rule for rule in rule_set.clocks if rule.id == name), None)


def _outlives(clock: Clock, rule_set: RuleSet, event: str) -> bool:
    rule = _rule_of(clock, rule_set)
    return rule is not None and event in rule.outlives


def _excuses(rule_set: RuleSet, clock: Clock) -> frozenset[str]:
    """The circumstances that excuse lateness for this duty, with the reasons for which limits were relaxed in 2020."""
    relaxed = {relaxation.reason for relaxation in rule_set.relaxations if clock.id in relaxation.clocks}
    return rule_set.clock(clock.id).excuse_codes | relaxed


def _running(state: PlanState) -> tuple[Clock, ...]:
    return tuple(clock for clock in state.clocks.values() if not clock.met_on and not clock.closed)


def _matter(context: Context) -> str:
    rule = context.spec.case
    return f"{rule.kind}/{context.case_id}" if rule and rule.id_field else ""


def _same_matter(context: Context, clock: Clock) -> bool:
    """Whether the act can concern this clock: advice about one request doesn't answer another."""
    mine = _matter(context)
    if not clock.matter or not mine or clock.matter.partition("/")[0] != mine.partition("/")[0]:
        return True
    return clock.matter == mine


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
