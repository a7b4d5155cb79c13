"""The one function that answers who may see what."""

from datetime import date

from domain.access.directory import AS_WRITTEN, Directory
from domain.access.entitlement import SECTIONS, Entitlement, Grant, Question
from domain.access.standing import NOTHING, reading, relations
from domain.plan.acts import Actor
from domain.plan.state import PlanState


class Access:
    """Answers by the policy of the day and a directory of organisations."""

    def __init__(self, directory: Directory = AS_WRITTEN) -> None:
        """Identifiers are compared by this directory."""
        self._directory = directory

    def decide_read(self, state: PlanState, actor: Actor, question: Question, on: date) -> Entitlement:  # noqa: ARG002
        """May this caller see what is asked about, on this civil date? Always with the reason."""
        read = reading(state, actor)
        if read == NOTHING:
            return Entitlement(allowed=False, policy="", reason="No relation to this plan.")
        held = ", ".join(sorted(relations(state, actor)))
        texts = frozenset(v.sequence for v in state.versions if read.allows(v, state.sealed_from))
        withholds = frozenset({"section-i", "advice"}) if read.masked else frozenset[str]()
        grant = Grant(
            relation=held, gateway="", reason=f"Stands to the plan as {held}.", texts=texts, withholds=withholds
        )
        return Entitlement(
            allowed=True,
            policy="",
            reason=grant.reason,
            relation=held,
            sections=SECTIONS - {"I"} if read.masked else SECTIONS,
            drafts=read.drafts,
            finals=read.finals,
            masked_i=read.masked,
            details=read.details,
            history=read.history,
            duties=read.history,
            workshop="maintaining-council" in held,
            before_sealing=read.before_sealing,
            grants=(grant,),
        )
