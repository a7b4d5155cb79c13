"""Guards of appeals. An appeal is only ever recorded: what they yield is a finding, never a refusal."""

from collections.abc import Iterator

from domain.clocks import Fact
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.dates import last_day
from domain.plan.guards.registry import guard
from domain.plan.rights import right_holder_on

DECISIONS = "appealable-decisions"


@guard("appeal-in-time")
def appeal_in_time(context: Context) -> Iterator[Breach]:
    """Two months from the letter or one from the certificate, whichever is later."""
    facts: dict[str, Fact] = {}
    for field, fact in (("decisionLetterOn", "letterOn"), ("certificateOn", "certificateOn")):
        if stated := context.act.on(field):
            facts[fact] = stated
    last = last_day(context, "D30", facts)
    if last and context.on > last:
        yield context.breach(
            "appeal-late",
            f"The appeal was due by {last.isoformat()}; it was registered on {context.on.isoformat()}, "
            "which the Tribunal can allow.",
            law="HESC r.20(1)",
            pointer="/effectiveOn",
        )


@guard("certificate-where-needed")
def certificate_where_needed(context: Context) -> Iterator[Breach]:
    """A certificate is needed for every appeal but one about section I alone."""
    decisions = context.rules.codes_on(DECISIONS, context.on)
    about = context.data.get("about", ())
    if context.data.get("certificateOn"):
        return
    if any(code in decisions and decisions.get(code).text("mediationCertificate") == "needed" for code in about):
        yield context.breach(
            "certificate-missing",
            "No mediation certificate is on record; the Tribunal can give leave without one.",
            law="CFA s.55",
            pointer="/certificateOn",
        )


@guard("appellant-holds-right")
def appellant_holds_right(context: Context) -> Iterator[Breach]:
    """The appeal is brought by whoever held the right on the day it was signed."""
    signed_by, signed_on = context.data.get("signedBy"), context.act.on("signedOn") or context.on
    holder = right_holder_on(context.state, signed_on)
    if signed_by is None or not holder or signed_by == holder:
        return
    if {signed_by, holder} == {"YOUNG_PERSON", "ALTERNATIVE_PERSON"} and not context.state.open_cases("right-holder"):
        return
    yield context.breach(
        "not-the-right-holder",
        f"On {signed_on.isoformat()} the right to appeal was held by the {_in_words(holder)}.",
        law="CFA s.51(1); CFA s.80; reg 64",
        pointer="/signedBy",
    )


def _in_words(holder: str) -> str:
    return holder.replace("_", " ").lower()


@guard("appeal-known")
def appeal_known(context: Context) -> Iterator[Breach]:
    """What is recorded belongs to an appeal that is on record."""
    if context.state.case("appeal", str(context.data.get("appealId", ""))) is None:
        yield context.breach("unknown-appeal", "There is no appeal of that name on record.", pointer="/appealId")


@guard("reasons-when-not-followed")
def reasons_when_not_followed(context: Context) -> Iterator[Breach]:
    """A body that doesn't follow a recommendation in full says why."""
    if context.data.get("follows") != "yes" and not context.data.get("reasons"):
        yield context.breach("reasons-missing", "Say why the recommendation isn't followed.", pointer="/reasons")
