"""When a clock applies at all: the conditions that the table may state beside a period."""

from msgspec import Struct

from domain.calendar import HolidayList, add_months, working_days_before
from domain.clocks.facts import Facts, choice_of, day_of


class KnownInTime(Struct, frozen=True, tag_field="test", tag="known-working-days-before", forbid_unknown_fields=True):
    """A body knew of something (`known`) at least `n` working days before the day it happens (`of`).

    False where that day is not known: nobody was told beforehand (reg 15(2), reg 16).
    """

    n: int
    known: str
    of: str

    @property
    def needs(self) -> frozenset[str]:
        """The facts that decide it."""
        return frozenset({self.known, self.of})

    def holds(self, facts: Facts, holidays: HolidayList) -> bool:
        """Tell whether it was known in time."""
        if self.of not in facts:
            return False
        return day_of(facts, self.known) <= working_days_before(day_of(facts, self.of), self.n, holidays)


class OneOf(Struct, frozen=True, tag_field="test", tag="one-of", forbid_unknown_fields=True):
    """A coded choice (`fact`) is one of `codes`."""

    fact: str
    codes: tuple[str, ...]

    @property
    def needs(self) -> frozenset[str]:
        """The facts that decide it."""
        return frozenset({self.fact})

    def holds(self, facts: Facts, holidays: HolidayList) -> bool:  # noqa: ARG002 - one signature for all conditions
        """Tell whether the choice is one of the codes."""
        return choice_of(facts, self.fact) in self.codes


class Not(Struct, frozen=True, tag_field="test", tag="not", forbid_unknown_fields=True):
    """The opposite of another condition."""

    of: "Condition"

    @property
    def needs(self) -> frozenset[str]:
        """The facts that decide it."""
        return self.of.needs

    def holds(self, facts: Facts, holidays: HolidayList) -> bool:
        """Tell whether the other condition does not hold."""
        return not self.of.holds(facts, holidays)


class YoungerThan(Struct, frozen=True, tag_field="test", tag="younger-than", forbid_unknown_fields=True):
    """The person born on a day (`born`) is younger than `years` on another (`on`)."""

    years: int
    born: str
    on: str

    @property
    def needs(self) -> frozenset[str]:
        """The facts that decide it."""
        return frozenset({self.born, self.on})

    def holds(self, facts: Facts, holidays: HolidayList) -> bool:  # noqa: ARG002 - one signature for all conditions
        """Tell whether the birthday is still to come."""
        return day_of(facts, self.on) < add_months(day_of(facts, self.born), 12 * self.years)


Condition = KnownInTime | OneOf | Not | YoungerThan
"""Any condition of the table, told apart by its ``test``."""
