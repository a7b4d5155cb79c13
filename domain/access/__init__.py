"""Who may see and do what: one function answers every such question, with its relation, lawful basis and reason.

The rules are data (`schemas/access/matrix.json`); the relations that they speak of follow from the plan's own log.
"""

from domain.access.decision import Access, Verdict
from domain.access.directory import AS_WRITTEN, AsWritten, Directory
from domain.access.emergency import EMERGENCY, EMERGENCY_GATEWAY
from domain.access.entitlement import (
    DUTIES,
    EXISTENCE,
    HISTORY,
    SECTIONS,
    TEXT,
    WORKSHOP,
    Entitlement,
    Grant,
    Question,
)
from domain.access.parties import health_bodies, named_settings
from domain.access.policy import Policies, Policy, PolicySource, RelationRule, parse_policy
from domain.access.relation import Relation
from domain.access.relations import organisations_of
from domain.access.shown import shown_text

__all__ = [
    "AS_WRITTEN",
    "DUTIES",
    "EMERGENCY",
    "EMERGENCY_GATEWAY",
    "EXISTENCE",
    "HISTORY",
    "SECTIONS",
    "TEXT",
    "WORKSHOP",
    "Access",
    "AsWritten",
    "Directory",
    "Entitlement",
    "Grant",
    "Policies",
    "Policy",
    "PolicySource",
    "Question",
    "Relation",
    "RelationRule",
    "Verdict",
    "health_bodies",
    "named_settings",
    "organisations_of",
    "parse_policy",
    "shown_text",
]  # fmt: skip
