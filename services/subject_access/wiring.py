"""Wires how requests for what is held are answered."""

from collections.abc import Callable
from datetime import datetime

from domain.access import Access
from services.disclosures.listing import DisclosureLists
from services.numbers import Numbers
from services.plans import Plans
from services.rules.in_force import RulesInForce
from services.store.record_store import RecordStore
from services.subject_access.collecting import Collector
from services.subject_access.marks import Marks
from services.subject_access.packages import Packages
from services.subject_access.resolving import Requested
from services.subject_access.service import SubjectAccess


def open_subject_access(
    store: RecordStore,
    plans: Plans,
    rules: RulesInForce,
    access: Access,
    lists: DisclosureLists,
    now: Callable[[], datetime],
) -> tuple[Requested, SubjectAccess]:
    """What acts on requests are completed with, and what answers them."""
    marks = Marks(Collector(store, plans, rules, access), rules)
    packages = Packages(rules, access, lists, marks, now)
    requested = Requested(marks, packages, Numbers(plans, rules, access, now))
    return requested, SubjectAccess(plans, access, packages, now)
