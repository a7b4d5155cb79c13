"""Who may see and do what: one function answers every such question, with its relation, lawful basis and reason."""

from domain.access.directory import AS_WRITTEN, AsWritten, Directory
from domain.access.decision import Access
from domain.access.entitlement import (
    CHANNELS,
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
from domain.access.standing import (
    COUNCIL_ROLES,
    NOTHING,
    RELATIONS_OF,
    Reading,
    health_bodies,
    may_act,
    may_open,
    may_see,
    named_settings,
    reading,
    related_organisations,
    relations,
)

__all__ = [
    "AS_WRITTEN", "CHANNELS", "COUNCIL_ROLES", "DUTIES", "EXISTENCE", "HISTORY", "NOTHING", "RELATIONS_OF", "SECTIONS",
    "TEXT", "WORKSHOP", "Access", "AsWritten", "Directory", "Entitlement", "Grant", "Question", "Reading",
    "health_bodies", "may_act", "may_open", "may_see", "named_settings", "reading", "related_organisations",
    "relations",
]  # fmt: skip
