"""Guards of ending the plan: grounds, review and consultation (CFA s.45; regs 29 to 31, 46)."""

from collections.abc import Iterator

from domain.calendar import age_on, birthday, plan_may_run_to
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.guards.reviewed import reviewed_for_ceasing

ADULT = 18
OUTCOMES_FROM = 19
MAXIMUM = 25


def age(context: Context) -> int | None:
    """The age on the legal date of the act, None when the date of birth isn't known."""
    born = context.state.date_of_birth()
    return age_on(born, context.on) if born else None


@guard("cease-ground-for-age")
def cease_ground_for_age(context: Context) -> Iterator[Breach]:
    """Leaving education is a ground from 18, the maximum age one from 25."""
    ground, years = context.data.get("ground"), age(context)
    if years is None:
        return
    if ground == "LEFT_EDUCATION" and years < ADULT:
        yield context.breach(
            "under-18-not-in-education",
            f"The child is {years}: under 18 a plan can't end merely because the child isn't in education.",
            law="CFA s.45; reg 29",
            pointer="/ground",
        )
    if ground == "AGED_25" and years < MAXIMUM:
        yield context.breach(
            "not-yet-25",
            f"The young person is {years}, not 25.",
            law="CFA s.46; CFA s.83(2)",
            pointer="/ground",
        )


@guard("cease-after-review")
def cease_after_review(context: Context) -> Iterator[Breach]:
    """Where somebody has left education, a review comes first; from 18 it must have found that for good."""
    years = age(context)
    if not _out_of_education(context) or years is None:
        return
    if not reviewed_for_ceasing(context):
        yield context.breach(
            "review-first",
            "The plan must be reviewed before it can end because of somebody who has left education; a review that "
            "ended in keeping or amending the plan was not about that.",
            law="reg 29" if years < ADULT else "reg 30",
            pointer="/ground",
        )
    if years >= ADULT and not any(context.data.get(name) for name in ("doesNotWishToReturn", "returnNotAppropriate")):
        yield context.breach(
            "return-not-considered",
            "The review must have found that the young person doesn't wish to return to education, "
            "or that a return isn't appropriate.",
            law="reg 30",
            pointer="/doesNotWishToReturn",
        )


def _out_of_education(context: Context) -> bool:
    return context.data.get("ground") == "LEFT_EDUCATION" or context.data.get("inEducation") is False


@guard("outcomes-considered")
def outcomes_considered(context: Context) -> Iterator[Breach]:
    """From 19 the council has regard to whether the outcomes are achieved."""
    years = age(context)
    if context.data.get("ground") != "NO_LONGER_NECESSARY" or years is None or years < OUTCOMES_FROM:
        return
    if not context.data.get("outcomesConsidered"):
        yield context.breach(
            "outcomes-not-considered",
            "The young person is over 18: whether the outcomes have been achieved must be considered.",
            law="CFA s.45(3)",
            pointer="/outcomesConsidered",
        )


@guard("apprenticeship-is-education")
def apprenticeship_is_education(context: Context) -> Iterator[Breach]:
    """An apprenticeship is not paid employment in the sense of section 45: the plan goes on."""
    employed = context.data.get("ground") == "PAID_EMPLOYMENT" or context.data.get("reason") == "4"
    if employed and context.data.get("apprenticeship"):
        yield context.breach(
            "apprenticeship",
            "An apprenticeship isn't a reason to end the plan, nor SEN2 reason 4.",
            law="CFA s.45(1)",
            pointer="/apprenticeship",
        )


@guard("cease-consultation-whole")
def cease_consultation_whole(context: Context) -> Iterator[Breach]:
    """The family, and the setting that the plan names, were consulted before the decision."""
    known = context.case.data if context.case else {}
    if not known.get("familyConsultedOn"):
        yield context.breach(
            "family-not-consulted", "The parent or young person must be consulted first.", law="reg 31(1)"
        )
    if names_setting(context) and not known.get("settingConsultedOn"):
        yield context.breach(
            "setting-not-consulted",
            "The setting that the plan names must be consulted first.",
            law="reg 31(1)",
        )


def names_setting(context: Context) -> bool:
    """Whether section I of the plan in force names a school or institution."""
    placements = context.state.document.get("sections", {}).get("I", {}).get("placements", {}).values()
    return any(placement.get(key) for placement in placements for key in ("urn", "ukprn", "name"))


@guard("extension-within-academic-year")
def extension_within_academic_year(context: Context) -> Iterator[Breach]:
    """The power to go on past 25 ends with the academic year or course, before the 26th birthday."""
    born, until = context.state.date_of_birth(), context.act.on("until")
    if born is None or until is None:
        return
    further = context.data.get("education") == "FURTHER_EDUCATION"
    last = plan_may_run_to(born, None if further else context.act.on("courseEndsOn"))
    if until > last:
        yield context.breach(
            "beyond-the-academic-year",
            f"The plan can run to {last.isoformat()} at the latest, not to {until.isoformat()}.",
            law="CFA s.46; reg 46; JL v Somerset [2021] UKUT 324 (AAC)",
            pointer="/until",
        )
    if until < birthday(born, MAXIMUM):
        yield context.breach(
            "no-extension-needed",
            f"The young person is under 25 on {until.isoformat()}: the plan goes on without an extension.",
            law="CFA s.46",
            pointer="/until",
        )
