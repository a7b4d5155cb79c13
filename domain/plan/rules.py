"""Everything that the law and the council's data say, as one value that decisions are given."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from domain.calendar import HolidayList
from domain.clocks import ClockError, Relaxation, RuleSet
from domain.codesets import CodeSet
from domain.plan.catalogue import Catalogue
from domain.retention.schedule import Schedules
from domain.rules.kinds import EVERY_COUNCIL
from domain.rules.timeline import Timeline


class RuleBook(Struct, frozen=True, kw_only=True):
    """The act catalogue, the code sets, and the editions of what is adopted, by the day from which each counts.

    `legal_codes` are the code sets that decide something legal, by id; `retention` the schedules of every council
    ("all") and of those that have their own.
    """

    catalogue: Catalogue
    code_sets: Mapping[str, CodeSet]
    legal_codes: Mapping[str, Timeline[CodeSet]]
    clock_tables: Timeline[RuleSet]
    holidays: Timeline[HolidayList]
    retention: Mapping[str, Timeline[Schedules]]

    def rule_set_for(self, requested_on: date) -> RuleSet:
        """The clock table that governs a case requested on a day, whatever the date of the act.

        Raises ClockError when none does (before 1 September 2014 there were statements, not plans).
        """
        found = self.clock_tables.on(requested_on)
        if found is None or not found.governs(requested_on):
            raise ClockError(f"no rule set governs a request of {requested_on}")
        return found

    @property
    def relaxations(self) -> tuple[Relaxation, ...]:
        """Every relaxation of a limit, of any clock table."""
        return tuple(one for table in self.clock_tables.values for one in table.relaxations)

    def holidays_on(self, day: date) -> HolidayList:
        """The bank holidays with which a limit is computed on a day."""
        return self.holidays.at(day)

    def codes_on(self, name: str, day: date) -> CodeSet:
        """A code set that decides something legal, as it counts on a day. Raises KeyError when it is none."""
        return self.legal_codes[name].at(day)

    def schedules_of(self, council: str, day: date) -> Schedules:
        """The retention schedules by which a council (LA code) keeps its records on a day."""
        own = self.retention[council].on(day) if council in self.retention else None
        return own or self.retention[EVERY_COUNCIL].at(day)
