"""How long a record is kept, what keeps it from being destroyed, and what a certificate of its destruction says."""

from domain.retention.due import HeldBack, Standing, held_back, standing
from domain.retention.schedule import Rule, Schedule, Schedules

__all__ = ["HeldBack", "Rule", "Schedule", "Schedules", "Standing", "held_back", "standing"]
