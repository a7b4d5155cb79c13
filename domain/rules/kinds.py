"""What is adopted: whatever decides something legal and is data. Codes alone (schools' types, ethnicity) aren't.

The act catalogue isn't either: an act's guards and outcomes are code, so it changes with a release, and every event
carries what came of it (docs/decisions/0001).
"""

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "access-matrix": "Who may see and do what",
    "clock-table": "The statutory duties with their limits",
    "clock-relaxation": "A time in which limits were relaxed by law",
    "bank-holidays": "Bank holidays, for working days",
    "retention-schedule": "How long records are kept",
    "gateways": "Lawful bases for showing a plan, and what the family sees of each",
    "exceptions": "Circumstances in which a limit need not be met",
    "appealable-decisions": "Decisions that can be appealed",
    "access-exemptions": "Why a part isn't given in answer to a subject access request",
}
"""The kinds by their names, in words."""

CODE_SETS: Final = frozenset({"gateways", "exceptions", "appealable-decisions", "access-exemptions"})
"""The kinds that are code sets."""

COLLECTED: Final = frozenset({"clock-relaxation"})
"""The kinds of which every adopted edition counts beside the others: each says itself when it held."""

OF_COUNCILS: Final = frozenset({"retention-schedule"})
"""The kinds that a council can have of its own: they then come before those of every council."""

EVERY_COUNCIL: Final = "all"
