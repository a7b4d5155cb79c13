"""Which editions of the rules count: adopted by event, each from a civil date on, and old ones for ever loadable.

`Adoptions` is what the adoption log says, folded; its `in_force` answers what counted on a day, and what was known to
count at a position of that log. `Timeline` is the same for one kind of rules, made for asking often.
"""

from domain.rules.adoptions import Adoption, AdoptionRefused, Adoptions
from domain.rules.events import EVENTS, AdoptedBy, AdoptionWithdrawn, RulesAdopted
from domain.rules.kinds import COLLECTED, EVERY_COUNCIL, KINDS, OF_COUNCILS
from domain.rules.timeline import Timeline

__all__ = [
    "COLLECTED",
    "EVENTS",
    "EVERY_COUNCIL",
    "KINDS",
    "OF_COUNCILS",
    "AdoptedBy",
    "Adoption",
    "AdoptionRefused",
    "AdoptionWithdrawn",
    "Adoptions",
    "RulesAdopted",
    "Timeline",
]
