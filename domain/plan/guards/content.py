"""Guards of a plan's daily life: corrections, provision, direct payments (CFA ss.42, 49; SI 2014/1652)."""

from collections.abc import Iterator

from domain.document import items
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.texts import is_number_of, text_of

#: What an appeal can be about: changed by amendment or order only, never as a slip of the pen.
APPEALABLE = ("B", "F", "I")
SCHOOL_OWN = "head-consent"


@guard("nothing-substantial-changed")
def nothing_substantial_changed(context: Context) -> Iterator[Breach]:
    """A clerical correction leaves sections B, F and I as they are, to the letter."""
    text, in_force = text_of(context), context.state.document.get("sections", {})
    for section in APPEALABLE if text else ():
        if text and text["sections"][section] != in_force.get(section, {}):
            yield context.breach(
                "not-clerical",
                f"Section {section} would change: that is an amendment, with notice and the right of appeal.",
                law="reg 22; reg 28; CFA s.51(2)(c)",
                pointer=f"/plan/sections/{section}",
            )


@guard("correction-given")
def correction_given(context: Context) -> Iterator[Breach]:
    """A correction says what the text reads now: by a change of the text in force, a draft, or the whole text."""
    if text_of(context) is None:
        yield context.breach("nothing-corrected", "Say what the text reads now: give the change.", pointer="/patch")


@guard("placement-holds-number")
def placement_holds_number(context: Context) -> Iterator[Breach]:
    """The number that changes is the one that the plan in force has for this placement."""
    placements = context.state.document.get("sections", {}).get("I", {}).get("placements", {})
    placement = placements.get(context.data.get("placementId"), {})
    if placement.get(context.data.get("scheme")) != context.data.get("formerValue"):
        yield context.breach(
            "another-number", "The plan in force has another number there, or none.", pointer="/formerValue"
        )
    if not is_number_of(str(context.data.get("scheme", "")), str(context.data.get("newValue", ""))):
        yield context.breach("number-of-another-scheme", "A URN has six digits and a UKPRN eight.", pointer="/newValue")


@guard("provision-in-plan")
def provision_in_plan(context: Context) -> Iterator[Breach]:
    """What is started or missing is an item of the plan in force."""
    if not context.state.document:
        return
    held = {item.id for item in items(context.state.document, "provision")}
    if context.data.get("itemId") not in held:
        yield context.breach("unknown-provision", "The plan in force has no such provision.", pointer="/itemId")


@guard("somebody-named")
def somebody_named(context: Context) -> Iterator[Breach]:
    """A copy went to somebody: contacts, organisations, or both."""
    if not context.data.get("recipients") and not context.data.get("sentTo"):
        yield context.breach("nobody-named", "Say who it was sent to.", pointer="/recipients")


@guard("budget-refusal-explained")
def budget_refusal_explained(context: Context) -> Iterator[Breach]:
    """A refusal gives its reasons and says that a review can be asked for."""
    if not context.data.get("reasons"):
        yield context.breach("reasons-missing", "A refusal gives its reasons.", pointer="/reasons")
    if not context.data.get("reviewRightExplained"):
        yield context.breach(
            "review-not-explained", "The notice says that a review can be asked for.", pointer="/reviewRightExplained"
        )


@guard("consent-for-premises")
def consent_for_premises(context: Context) -> Iterator[Breach]:
    """Provision on the premises of a school or college needs its head's consent."""
    consent = context.state.case(SCHOOL_OWN, str(context.data.get("headConsentId", "")))
    if context.data.get("onPremises") and consent is None:
        yield context.breach(
            "head-has-not-consented",
            "Provision on the premises needs the written consent of the head or principal.",
            law="SI 2014/1652 reg 9",
            pointer="/headConsentId",
        )


@guard("agreed-in-writing")
def agreed_in_writing(context: Context) -> Iterator[Breach]:
    """A direct payment is made to somebody who has agreed in writing to receive it."""
    if not context.data.get("writtenAgreement"):
        yield context.breach(
            "no-written-agreement",
            "The recipient agrees in writing.",
            law="SI 2014/1652 reg 8",
            pointer="/writtenAgreement",
        )
