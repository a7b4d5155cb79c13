"""What leads to a child's record from elsewhere: identifiers, a person's links and invitations, snapshots.

None of it can be read without the child's key, or says anything; but a keyed hash of a number still finds the record,
and a link still says that somebody had to do with it. So they go with the key. Whoever follows the register of erasures
removes them too: the process that destroyed the key may not have come so far, and an act under way at that moment may
have written one anew.
"""

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from services.store.erasures import Erasure
from services.store.sql import Connection, placeholders

TABLES: Final = ("plan_match", "family_link", "family_link_person", "family_invitation", "snapshot")
"""Each has the record in its column `plan`."""

_PLANS_PER_STATEMENT: Final = 500


def children_of(erasures: Iterable[Erasure]) -> list[UUID]:
    """The records that were destroyed as a whole."""
    return list(dict.fromkeys(entry.plan for entry in erasures if entry.sequence is None))


def forget_leads(connection: Connection, plans: Collection[UUID]) -> None:
    """Remove what leads to these records."""
    places = [plan.bytes for plan in plans]
    for start in range(0, len(places), _PLANS_PER_STATEMENT):
        some = places[start : start + _PLANS_PER_STATEMENT]
        for table in TABLES:
            connection.execute(f"DELETE FROM {table} WHERE plan IN ({placeholders(some)})", some)  # noqa: S608 — named above
