"""Statutory clocks: the duties of the law as a table, and the dates that follow from it.

`RuleSets.rule_set_for` picks the edition by the date of the request, `RuleSet.clock` a duty by its id, `due`
computes its date from the facts of the case, and `started_by` says which duties an event starts.
"""

from domain.clocks.due import Due, Started, applies, clocks_of_orders, due, started_by
from domain.clocks.errors import ClockDoesNotApply, ClockError, MissingFact
from domain.clocks.facts import Fact, Facts
from domain.clocks.reading import assemble, laid_over, parse_relaxation, parse_rule_set
from domain.clocks.table import Clock, Excuse, Relaxation, RuleSet, RuleSets, Start, When
from domain.clocks.timeliness import Count, Timeliness, timeliness
from domain.clocks.windows import (
    ExceptionWindow,
    RepresentationWindow,
    exception_window,
    representation_window,
)

__all__ = [
    "Clock",
    "ClockDoesNotApply",
    "ClockError",
    "Count",
    "Due",
    "ExceptionWindow",
    "Excuse",
    "Fact",
    "Facts",
    "MissingFact",
    "Relaxation",
    "RepresentationWindow",
    "RuleSet",
    "RuleSets",
    "Start",
    "Started",
    "Timeliness",
    "When",
    "applies",
    "assemble",
    "clocks_of_orders",
    "due",
    "exception_window",
    "laid_over",
    "parse_relaxation",
    "parse_rule_set",
    "representation_window",
    "started_by",
    "timeliness",
]
