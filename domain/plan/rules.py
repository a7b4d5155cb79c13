"""Everything that the law and the council's data say, as one value that decisions are given."""

from collections.abc import Mapping

from msgspec import Struct

from domain.calendar import HolidayList
from domain.clocks import RuleSets
from domain.codesets import CodeSet
from domain.plan.catalogue import Catalogue
from domain.retention.schedule import Schedules


class RuleBook(Struct, frozen=True, kw_only=True):
    """The act catalogue, the clock tables by date, the bank holidays, the code sets and the retention schedules."""

    catalogue: Catalogue
    rule_sets: RuleSets
    holidays: HolidayList
    code_sets: Mapping[str, CodeSet]
    retention: Schedules
