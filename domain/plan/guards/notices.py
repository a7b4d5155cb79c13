"""Guards of letters that tell of a decision: to whom they go, and which rights they explain (regs 14, 20, 22, 31)."""

from collections.abc import Iterator

from domain.access import health_bodies
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.finalise import entitled_to
from domain.plan.guards.registry import guard

#: Answers after which there is nothing to appeal against yet: what follows them has a notice of its own.
NOT_APPEALABLE = frozenset({"AMEND", "CEASE", "AMEND_OR_REPLACE"})
ANSWERS = ("decision", "conclusion")


@guard("rights-explained")
def rights_explained(context: Context) -> Iterator[Breach]:
    """Whoever can appeal against a decision is told so, with mediation and where advice can be had."""
    answers = {context.data.get(name) for name in ANSWERS}
    if not context.data.get("rightsExplained") and answers.isdisjoint(NOT_APPEALABLE):
        yield context.breach(
            "rights-not-explained",
            "The notice tells of the right of appeal, mediation, and advice and information.",
            law="reg 14(1); reg 20(11); reg 22(5); reg 31(2); reg 32",
            pointer="/rightsExplained",
        )


@guard("cease-notice-to-all")
def cease_notice_to_all(context: Context) -> Iterator[Breach]:
    """The family, the setting that the plan names and the commissioning bodies are told that it will end."""
    if not context.data.get("recipients"):
        yield context.breach(
            "family-not-notified", "Say which contacts were told.", law="reg 31(2)", pointer="/recipients"
        )
    owed = entitled_to(context.state, context.state.document) | health_bodies(context.state)
    for organisation in sorted(owed - set(context.data.get("notifiedOrganisations", ()))):
        yield context.breach(
            "notice-owed",
            f"{organisation} must be told that the plan will end.",
            law="reg 31(2)",
            pointer="/notifiedOrganisations",
        )
