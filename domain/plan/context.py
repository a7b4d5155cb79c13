"""What a guard or an outcome looks at: the state, the act, its entry in the catalogue, the day and the rules."""

from datetime import date, datetime

from msgspec import Struct

from domain.calendar import london_date
from domain.errors import Breach
from domain.plan.acts import PERFORM, Act
from domain.plan.catalogue import ActSpec
from domain.plan.events import JsonObject
from domain.plan.rules import RuleBook
from domain.plan.state import ENDED, Case, PlanState


class Context(Struct, frozen=True, kw_only=True):
    """One act about to be decided."""

    state: PlanState
    act: Act
    spec: ActSpec
    now: datetime
    rules: RuleBook

    @property
    def today(self) -> date:
        """The civil date in London now."""
        return london_date(self.now)

    @property
    def on(self) -> date:
        """The legal date of the act."""
        return self.act.effective_on

    @property
    def data(self) -> JsonObject:
        """The act's own data."""
        return self.act.data

    @property
    def performed(self) -> bool:
        """Whether the platform does this now (PERFORM) rather than writes down what happened (RECORD)."""
        return self.act.mode == PERFORM

    @property
    def case_id(self) -> str:
        """The id of the matter that the act opens or moves on ("" when it has none)."""
        rule = self.spec.case
        if rule is None:
            return ""
        return str(self.data.get(rule.id_field, "")) if rule.id_field else rule.kind

    @property
    def case(self) -> Case | None:
        """The matter that the act names, if it is known."""
        return self.state.case(self.spec.case.kind, self.case_id) if self.spec.case else None

    def reached(self, phase: str) -> str:
        """The phase to which the act moves the record, "" where it stays as it is.

        An act that is written down late doesn't set the record back, and one that doesn't belong to an ended record
        doesn't revive it.
        """
        state = self.state
        late = bool(state.phases) and self.on.isoformat() < state.phases[-1].since
        if phase == state.phase or (late and not self.performed and phase not in ENDED):
            return ""
        return "" if state.phase in ENDED and state.phase not in self.spec.from_ else phase

    def breach(self, rule: str, text: str, *, law: str = "", pointer: str = "") -> Breach:
        """A breach of this act's law, or of another when `law` says so."""
        return Breach(rule=rule, law=law or "; ".join(self.spec.law), text=text, pointer=pointer)
