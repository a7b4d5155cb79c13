"""What keeping a plan changes: re-assessment, detention, directions, remedies and holds."""

from msgspec.structs import replace

from domain.plan.context import Context
from domain.plan.effects import CaseEffect, ClockStart, ClockStop, Effects
from domain.plan.events import JsonObject
from domain.plan.outcomes.registry import Outcome, outcome
from domain.plan.state import Clock

#: Duties to review that stand still while somebody is detained.
REVIEW_CLOCKS = frozenset({"D7", "D8", "D22"})
KEPT_WHILE_DETAINED = "KEPT_WHILE_DETAINED"


def with_case(effects: Effects, case: CaseEffect) -> Effects:
    """The effects with one matter more."""
    return replace(effects, cases=(*effects.cases, case))


@outcome("reassessment-decided")
def reassessment_decided(context: Context, effects: Effects) -> Effects:
    """The re-assessment begins, or is refused."""
    status = "REASSESSING" if context.data.get("decision") == "REASSESS" else "REFUSED"
    data = {key: value for key, value in context.data.items() if key != "reassessmentId"}
    return with_case(
        effects,
        CaseEffect(kind="reassessment", id=str(context.data.get("reassessmentId", "")), status=status, data=data),
    )


@outcome("review-clock-off")
def review_clock_off(context: Context, effects: Effects) -> Effects:
    """While the child is detained the council keeps the plan and no review is due (CFA s.74)."""
    stops = tuple(ClockStop(key=clock.key, closed=KEPT_WHILE_DETAINED) for clock in _reviews(context) if _runs(clock))
    return replace(effects, clock_stops=(*effects.clock_stops, *stops))


@outcome("review-promptly")
def review_promptly(context: Context, effects: Effects) -> Effects:
    """On release the review runs again, due at once where its day has passed, and a task is left."""
    stood_still = {clock.id: clock for clock in _reviews(context) if clock.closed == KEPT_WHILE_DETAINED}
    starts = tuple(_resumed(context, clock) for clock in stood_still.values())
    task = CaseEffect(
        kind="task",
        id=f"review-after-{context.case_id}",
        status="OPEN",
        data={"what": "Review the plan promptly after release"},
    )
    return with_case(replace(effects, clock_starts=(*effects.clock_starts, *starts)), task)


def _reviews(context: Context) -> list[Clock]:
    return sorted((c for c in context.state.clocks.values() if c.id in REVIEW_CLOCKS), key=lambda c: c.started_by)


def _runs(clock: Clock) -> bool:
    return not clock.met_on and not clock.closed


def _resumed(context: Context, clock: Clock) -> ClockStart:
    released = context.on.isoformat()
    return ClockStart(
        id=clock.id,
        key=f"{clock.id}@{context.state.sequence + 1}",
        title=clock.title,
        law=clock.law,
        owed_by=clock.owed_by,
        started_on=released,
        due_on=max(clock.due_on, released),
        calendar=clock.calendar,
        rule_set=clock.rule_set,
        kind=clock.kind,
        matter=clock.matter,
    )


@outcome("directed-clock")
def directed_clock(context: Context, effects: Effects) -> Effects:
    """The Tribunal's day stands: in place of the computed one, or as a duty of its own (HESC rr.5, 12(4))."""
    due_on = str(context.data.get("dueOn", ""))
    replaced = context.state.open_clock(str(context.data.get("replacesClock", "")))
    start = _moved(replaced, due_on) if replaced else _directed(context, due_on)
    return replace(effects, clock_starts=(*effects.clock_starts, start))


def _moved(clock: Clock, due_on: str) -> ClockStart:
    return ClockStart(
        id=clock.id,
        key=clock.key,
        title=clock.title,
        law="HESC r.12(4)",
        owed_by=clock.owed_by,
        started_on=clock.started_on,
        due_on=due_on,
        calendar=clock.calendar,
        rule_set=clock.rule_set,
        kind=clock.kind,
        matter=clock.matter,
    )


def _directed(context: Context, due_on: str) -> ClockStart:
    return ClockStart(
        id="DIRECTION",
        key=f"direction/{context.case_id}",
        title="Comply with a direction of the Tribunal",
        law="HESC r.5",
        owed_by="council" if context.data.get("onCouncil", True) else "other-party",
        started_on=context.on.isoformat(),
        due_on=due_on,
        matter=f"direction/{context.case_id}",
    )


@outcome("direction-clock-met")
def direction_clock_met(context: Context, effects: Effects) -> Effects:
    """What was directed is done."""
    return _met(context, effects, f"direction/{context.case_id}")


@outcome("remedy-clock")
def remedy_clock(context: Context, effects: Effects) -> Effects:
    """A remedy that the council has agreed with the Ombudsman is due by its day."""
    start = ClockStart(
        id="REMEDY",
        key=f"remedy/{context.case_id}",
        title="Carry out a remedy agreed with the Ombudsman",
        law="LGA 1974 s.31",
        owed_by="council",
        started_on=context.on.isoformat(),
        due_on=str(context.data.get("dueOn", "")),
        matter=f"remedy/{context.case_id}",
    )
    return replace(effects, clock_starts=(*effects.clock_starts, start))


@outcome("remedy-clock-met")
def remedy_clock_met(context: Context, effects: Effects) -> Effects:
    """The remedy is carried out."""
    return _met(context, effects, f"remedy/{context.case_id}")


def _met(context: Context, effects: Effects, key: str) -> Effects:
    done = str(context.data.get("doneOn", context.on.isoformat()))
    return replace(effects, clock_stops=(*effects.clock_stops, ClockStop(key=key, met_on=done)))


def _hold_for(kind: str) -> Outcome:
    def hold(context: Context, effects: Effects) -> Effects:
        data: JsonObject = {"because": kind, "of": context.case_id, "reason": context.spec.title}
        return with_case(effects, CaseEffect(kind="hold", id=f"{kind}-{context.case_id}", status="ON", data=data))

    return hold


outcome("legal-hold-for-appeal")(_hold_for("appeal"))
outcome("legal-hold-for-onward-appeal")(_hold_for("onward-appeal"))
outcome("legal-hold-for-ombudsman")(_hold_for("ombudsman"))
outcome("legal-hold-for-claim")(_hold_for("claim"))
