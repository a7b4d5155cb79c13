"""Guards of the review (CFA s.44; regs 18 to 21)."""

from collections.abc import Iterator
from datetime import date

from domain.calendar import add_weeks
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard

#: Settings that can be required, not only asked, to run the review (reg 20(1)); section 41 by its dates.
REQUIRABLE = frozenset({
    "MAINTAINED_SCHOOL", "MAINTAINED_NURSERY", "ACADEMY",
    "ALTERNATIVE_PROVISION_ACADEMY", "PUPIL_REFERRAL_UNIT",
})  # fmt: skip
NOTICE_WEEKS = 2
#: The clocks of a booked meeting that must have been met before it is held, and what is wrong while they run.
PREPARED = {
    "D9": ("notice-not-given", "Nobody has been given notice of this meeting.", "reg 20(3); reg 21(3)"),
    "D10": ("advice-not-circulated", "No advice was sent round before this meeting.", "reg 20(4); reg 21(4)"),
}


@guard("review-meeting-ahead")
def review_meeting_ahead(context: Context) -> Iterator[Breach]:
    """A meeting is booked for a day that hasn't passed when it is booked."""
    meeting = context.act.on("meetingOn")
    if meeting and meeting < context.on:
        yield context.breach(
            "meeting-has-passed",
            f"The meeting is booked for {meeting.isoformat()}, which is before the day of booking: "
            "record that it was held.",
            pointer="/meetingOn",
        )


@guard("phase-transfer-ahead")
def phase_transfer_ahead(context: Context) -> Iterator[Breach]:
    """A phase transfer is planned before it happens."""
    transfer = context.act.on("transferOn")
    if transfer and transfer <= context.on:
        yield context.breach(
            "transfer-has-passed",
            f"The move to the next phase on {transfer.isoformat()} has passed.",
            pointer="/transferOn",
        )


@guard("setting-can-be-required")
def setting_can_be_required(context: Context) -> Iterator[Breach]:
    """Colleges, early years providers and independent settings outside section 41 can only be asked."""
    kind = context.data.get("settingKind")
    if kind in REQUIRABLE or (kind == "SECTION_41" and _approved(context)):
        return
    yield context.breach(
        "setting-can-only-be-asked",
        "A setting of this kind can only be asked to run the review; the duty stays the council's.",
        pointer="/settingKind",
    )


def _approved(context: Context) -> bool:
    first = context.act.on("section41ApprovedFrom")
    last = context.act.on("section41ApprovedTo") or date.max
    return first is not None and first <= context.on <= last


@guard("two-weeks-notice")
def two_weeks_notice(context: Context) -> Iterator[Breach]:
    """Notice of the meeting is given at least two weeks before it, for the day on which it is booked."""
    sent, meeting = context.act.on("sentOn"), context.act.on("meetingOn")
    if sent and meeting and sent > add_weeks(meeting, -NOTICE_WEEKS):
        yield context.breach(
            "notice-too-short",
            f"Notice of the meeting on {meeting.isoformat()} was due by "
            f"{add_weeks(meeting, -NOTICE_WEEKS).isoformat()}: postpone the meeting or give notice earlier.",
            pointer="/sentOn",
        )
    booked = context.case.data.get("meetingOn") if context.case else None
    if meeting and booked and booked != meeting.isoformat():
        yield context.breach("another-day-is-booked", f"The meeting is booked for {booked}.", pointer="/meetingOn")


@guard("review-prepared")
def review_prepared(context: Context) -> Iterator[Breach]:
    """A meeting is held after two weeks' notice of it, and after the advice was sent round two weeks before."""
    matter = f"review/{context.case_id}"
    open_still = {c.id for c in context.state.clocks.values() if c.matter == matter and not c.met_on and not c.closed}
    for clock, (rule, text, law) in PREPARED.items():
        if clock in open_still:
            yield context.breach(rule, text, law=law, pointer="/reviewId")


@guard("amendment-notice-with-decision")
def amendment_notice_with_decision(context: Context) -> Iterator[Breach]:
    """A decision to amend goes out with the proposed amendments (reg 22(2)(a); the Devon case of 2022)."""
    if context.data.get("decision") != "AMEND":
        return
    notice = context.state.case("amendment", str(context.data.get("amendmentNoticeId", "")))
    if notice is None:
        yield context.breach(
            "amendment-notice-missing",
            "A decision to amend must be sent with the amendment notice and the proposed amendments; "
            "a letter alone doesn't meet the four weeks. Send the notice and name it here.",
            law="reg 20(10); reg 22(2)(a); R (L, M, P) v Devon [2022] EWHC 493 (Admin)",
            pointer="/amendmentNoticeId",
        )
    elif str(notice.data.get("noticeOn", notice.opened_on)) > str(context.data.get("notifiedOn", "")):
        yield context.breach(
            "amendment-notice-later",
            "The amendment notice was sent after the decision; both go at the same time.",
            pointer="/amendmentNoticeId",
        )
