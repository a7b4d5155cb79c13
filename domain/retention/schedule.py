"""The retention rules as data: for each council which rule keeps which record for how many years.

`schemas/retention/schedules.json` is written for a records manager, each rule with its source. Where several rules
fit a record the one that keeps it longest counts.
"""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field, json
from msgspec.structs import replace

#: Facts of a record that a schedule can ask for (`domain.retention.due`).
CONDITIONS = frozenset({"always", "everLookedAfter", "adopted"})
#: Days from which a rule can count.
ANCHORS = frozenset({"dateOfBirth", "adoption"})


class Rule(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Keep for so many years from a day; `source` says where that comes from and how sure it is."""

    title: str
    years: int
    from_: str = field(name="from")
    law: tuple[str, ...]
    source: str


class Applies(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule, and the fact of a record under which it applies."""

    rule: str
    when: str


class Schedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of one council, or those of every council that has none of its own."""

    title: str
    applies: tuple[Applies, ...]
    source: str


class Schedules(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One edition of the rules of all councils, and how many days a proposal to destroy something stands.

    `sha256` is that of the file: proposals and certificates name it beside `version`.
    """

    version: str
    from_: date = field(name="from")
    title: str
    note: str
    proposal_days: int
    rules: Mapping[str, Rule]
    every_council: Schedule
    councils: Mapping[str, Schedule]
    schema: str = field(default="", name="$schema")
    sha256: str = ""

    def of(self, council: str) -> Schedule:
        """The schedule that a council (LA code) keeps its records by."""
        return self.councils.get(council, self.every_council)


def parse_schedules(document: bytes, sha256: str) -> Schedules:
    """Read an edition from JSON. Raises ValueError for a rule, fact or anchor that nothing explains."""
    edition = json.decode(document, type=Schedules)
    for schedule in (edition.every_council, *edition.councils.values()):
        named = {applies.rule for applies in schedule.applies}
        asked = {applies.when for applies in schedule.applies}
        strange = (named - edition.rules.keys()) | (asked - CONDITIONS)
        if strange or "always" not in asked:
            raise ValueError(f"{schedule.title}: unknown {sorted(strange)}, or no rule that always applies")
    if strange := {rule.from_ for rule in edition.rules.values()} - ANCHORS:
        raise ValueError(f"no rule can count from {sorted(strange)}")
    return replace(edition, sha256=sha256)
