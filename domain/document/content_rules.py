"""Golden-thread rules on content: provision that educates, quantity, adulthood, placements, payments."""

import re

from domain.document.items import Item
from domain.document.json_values import value_at
from domain.document.placements import days_of_change, placements_in_force
from domain.document.thread import Findings, Thread, ThreadFinding
from domain.document.thread_rules import CODE, REG12

#: From this National Curriculum year on, F, G and H prepare for adulthood (reg 12(3)).
ADULTHOOD_YEAR = 9
#: Outcome domains that prepare for adulthood and independent living (reg 12(3)).
ADULTHOOD = frozenset({"employment", "independentLiving", "community", "adultHealth"})
#: Speech and language therapy in the words that plans use: it normally belongs in F (Code of Practice 9.74).
SPEECH_THERAPY = re.compile(r"\b(speech (and|&) language|speech[ -]language|speech) therap|\bSA?LT\b", re.IGNORECASE)
#: Adulthood begins here: section 2 of the 1970 Act applies to those under this age (CFA 2014 s.37(2)(e)).
ADULT = 18


def content_findings(thread: Thread) -> Findings:
    """Everything that is wrong with where things stand, in reading order of the rules."""
    yield from _education_under_health_or_care(thread)
    yield from _unquantified(thread)
    yield from _adulthood_not_prepared(thread)
    yield from _care_of_an_adult(thread)
    yield from _placements(thread)
    yield from _elective_home_education(thread)
    yield from _education_otherwise(thread)
    yield from _direct_payment(thread)


def _education_under_health_or_care(thread: Thread) -> Findings:
    for provision in thread.of_kind("provision", "G", "H1", "H2"):
        if _educates(provision):
            yield ThreadFinding(
                rule="educates-or-trains-outside-f",
                law="CFA 2014 s.21(5); SEND Code of Practice 2015 paragraphs 9.74 to 9.76",
                text=f"Provision {provision.number} of section {provision.section} seems to educate or "
                "train: then it "
                "is special educational provision, belongs in section F and must be secured by the council.",
                pointer=provision.pointer,
                severity="warning",
            )


def _educates(provision: Item) -> bool:
    """As stated by the officer; failing that, speech therapy under health is taken to educate."""
    stated = provision.value.get("trains")
    if isinstance(stated, bool):
        return stated
    role = value_at(provision.value, ("deliveredBy", "role")) or ""
    return provision.section == "G" and bool(SPEECH_THERAPY.search(f"{role}\n{provision.value.get('what', '')}"))


def _unquantified(thread: Thread) -> Findings:
    for provision in thread.of_kind("provision"):
        if not any(provision.value.get(field) for field in ("quantity", "equipment", "unquantifiedReason")):
            yield ThreadFinding(
                rule="unquantified-provision",
                law=CODE,
                text=f"Provision {provision.number} of section {provision.section} is not quantified and "
                "gives no "
                "reason: hours, frequency and expertise are normally stated.",
                pointer=provision.pointer,
                severity="warning",
            )


def _adulthood_not_prepared(thread: Thread) -> Findings:
    year = thread.school_year()
    if year is None or year < ADULTHOOD_YEAR or _prepares_for_adulthood(thread):
        return
    yield ThreadFinding(
        rule="adulthood-not-prepared",
        law="SEND Regulations 2014 reg 12(3)",
        text=f"From year 9 (this is year {year}) sections F, G and H must hold provision for preparation for "
        "adulthood "
        "and independent living; no provision serves such an outcome.",
        pointer="/sections/E",
        severity="warning",
    )


def _prepares_for_adulthood(thread: Thread) -> bool:
    adult = {outcome.id for outcome in thread.of_kind("outcome") if outcome.value.get("domain") in ADULTHOOD}
    return any(adult & set(provision.value.get("outcomeIds", ())) for provision in thread.of_kind("provision"))


def _care_of_an_adult(thread: Thread) -> Findings:
    age = thread.age()
    if age is None or age < ADULT:
        return
    for provision in thread.of_kind("provision", "H1"):
        yield ThreadFinding(
            rule="h1-for-an-adult",
            law="CFA 2014 s.37(2)(e); Chronically Sick and Disabled Persons Act 1970 s.2",
            text=f"Provision {provision.number} stands in H1, which is for those under 18 (the young person "
            f"is {age}): "
            "adult social care belongs in H2.",
            pointer=provision.pointer,
            severity="warning",
        )


def _placements(thread: Thread) -> Findings:
    placements = thread.of_kind("placement")
    by_id = {placement.id: placement.value for placement in placements}
    for day in days_of_change(by_id):
        held = placements_in_force(by_id, day).values()
        main = [placement for placement in held if placement.get("rank") == 1]
        if len(main) != 1:
            yield ThreadFinding(
                rule="one-main-placement",
                law=f"{REG12}(i); SEN2 item PlacementRank",
                text=f"Exactly one placement at a time has rank 1; here {len(main)} of {len(held)} have it.",
                pointer="/sections/I/placements",
                severity=thread.at_finalise(),
            )
            return


def _elective_home_education(thread: Thread) -> Findings:
    basis = value_at(thread.document, ("sections", "I", "placementBasis"))
    for placement in thread.of_kind("placement"):
        if placement.value.get("senSetting") == "EHE" and basis != "EHE_S42_5":
            yield ThreadFinding(
                rule="ehe-only-for-elective-home-education",
                law="CFA 2014 ss.42(5), 61",
                text="EHE stands for elective home education under section 42(5) only; education that the "
                "council "
                "arranges out of school (section 61) is OLA.",
                pointer=f"{placement.pointer}/senSetting",
                severity=thread.at_finalise(),
            )


def _education_otherwise(thread: Thread) -> Findings:
    placement = value_at(thread.document, ("sections", "I")) or {}
    if placement.get("placementBasis") == "EOTAS" and not placement.get("inappropriateBecause"):
        yield ThreadFinding(
            rule="eotas-without-reason",
            law="CFA 2014 s.61(3)",
            text="Education otherwise than at school may be arranged only where provision in any school or "
            "post-16 "
            "institution would be inappropriate: section I must say why.",
            pointer="/sections/I",
            severity="warning",
        )


def _direct_payment(thread: Thread) -> Findings:
    payment = value_at(thread.document, ("sections", "J")) or {}
    if payment.get("directPayments") == "made":
        yield from _needs_and_outcomes_of(payment, thread)
        return
    for provision in thread.of_kind("provision"):
        if provision.value.get("directPayment"):
            yield ThreadFinding(
                rule="direct-payment-not-in-j",
                law=f"{REG12}(j)",
                text=f"Provision {provision.number} of section {provision.section} is secured by a direct "
                "payment, but "
                "section J says that none is made.",
                pointer=provision.pointer,
                severity="warning",
            )


def _needs_and_outcomes_of(payment: dict[str, object], thread: Thread) -> Findings:
    for field, name in (("needIds", "special educational needs"), ("outcomeIds", "outcomes")):
        if not payment.get(field):
            yield ThreadFinding(
                rule="direct-payment-without-needs-or-outcomes",
                law=f"{REG12}(j)",
                text=f"A direct payment is made: section J must say which {name} it meets.",
                pointer="/sections/J",
                severity=thread.at_finalise(),
            )
