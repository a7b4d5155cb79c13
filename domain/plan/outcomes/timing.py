"""Duties that two acts perform together, and windows that a later fact moves: what no single row of the table can say.

A decision to amend is complete only with its amendment notice (reg 22(2)(a); the Devon case); a mediation certificate
gives a month from its date to appeal (HESC r.20(1)).
"""

from datetime import date

from msgspec.structs import replace

from domain.clocks import Fact
from domain.plan.context import Context
from domain.plan.effects import ClockStart, ClockStop, Effects
from domain.plan.guards.dates import last_day
from domain.plan.outcomes.registry import outcome
from domain.plan.state import Clock

DECISION, APPEAL = "D12", "D30"
AMENDMENT, REVIEW = "amendment", "review"


@outcome("decided-with-notice")
def decided_with_notice(context: Context, effects: Effects) -> Effects:
    """A decision to amend is notified when its notice is: where they went on two days, on the later one."""
    notice = context.state.case(AMENDMENT, str(context.data.get("amendmentNoticeId", "")))
    if context.data.get("decision") != "AMEND" or notice is None:
        return effects
    sent = date.fromisoformat(notice.data.get("noticeOn", notice.opened_on))
    return _stopped(context, effects, context.case_id, max(sent, context.on))


@outcome("notice-completes-decision")
def notice_completes_decision(context: Context, effects: Effects) -> Effects:
    """The notice that a decision to amend had lacked is sent: only now is the family told what will change."""
    review = context.state.case(REVIEW, str(context.data.get("reviewId", "")))
    waiting = review is not None and review.status == "DECIDED" and review.data.get("decision") == "AMEND"
    if review is None or not waiting:
        return effects
    return _stopped(context, effects, review.id, context.on)


def _stopped(context: Context, effects: Effects, review_id: str, on: date) -> Effects:
    stops = tuple(
        ClockStop(key=clock.key, met_on=on.isoformat())
        for clock in _running(context, DECISION)
        if clock.matter == f"{REVIEW}/{review_id}"
    )
    return replace(effects, clock_stops=(*effects.clock_stops, *stops))


@outcome("appeal-window-moved")
def appeal_window_moved(context: Context, effects: Effects) -> Effects:
    """The time to appeal against the decision that the certificate is about runs for a month from it, if that is later.

    The decision is the one of the letter that the mediation names, else the latest that can still be appealed.
    """
    windows = sorted(_running(context, APPEAL), key=lambda clock: clock.started_on)
    letter = context.case.data.get("decisionLetterOn") if context.case else None
    about = [clock for clock in windows if clock.started_on == letter] or windows[-1:]
    starts = tuple(start for clock in about if (start := _moved(context, clock)))
    return replace(effects, clock_starts=(*effects.clock_starts, *starts))


def _moved(context: Context, clock: Clock) -> ClockStart | None:
    certificate = context.act.on("certificateOn") or context.on
    facts: dict[str, Fact] = {"letterOn": date.fromisoformat(clock.started_on), "certificateOn": certificate}
    last = last_day(context, APPEAL, facts)
    if last is None or last.isoformat() <= clock.due_on:
        return None
    return ClockStart(
        id=clock.id,
        key=clock.key,
        title=clock.title,
        law=clock.law,
        owed_by=clock.owed_by,
        started_on=clock.started_on,
        due_on=last.isoformat(),
        calendar=context.rules.holidays_on(context.today).version,
        rule_set=clock.rule_set,
        kind=clock.kind,
        matter=clock.matter,
    )


def _running(context: Context, clock_id: str) -> tuple[Clock, ...]:
    clocks = context.state.clocks.values()
    return tuple(clock for clock in clocks if clock.id == clock_id and not clock.met_on and not clock.closed)
