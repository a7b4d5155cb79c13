"""Which contact of which plan somebody is who proves at a provider only who they are: by an invitation, used once.

Kept are keyed hashes of the invitation and of the person, and the ids of plan and contact, which are opaque.
"""

from typing import Final
from uuid import UUID

from msgspec import Struct

from services.store.keyring import BlindIndex
from services.store.sql import Aside, Connection, Database

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS family_invitation (invitation BLOB PRIMARY KEY, plan BLOB NOT NULL,"
        " contact TEXT NOT NULL, valid_until INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    ),
    (
        "CREATE TABLE IF NOT EXISTS family_link (person BLOB NOT NULL, plan BLOB NOT NULL, contact TEXT NOT NULL,"
        " linked INTEGER NOT NULL, PRIMARY KEY (person, plan)) STRICT, WITHOUT ROWID"
    ),
    "CREATE INDEX IF NOT EXISTS family_link_plan ON family_link (plan)",
)
"""What creates the tables."""


class FamilyLink(Struct, frozen=True, kw_only=True):
    """One plan that a person may read as one of its contacts."""

    plan: UUID
    contact: str


class FamilyLinks:
    """Invitations and what became of them."""

    def __init__(self, database: Database, aside: Aside, index: BlindIndex) -> None:
        """`database` is the one that holds the logs."""
        self._database = database
        self._aside = aside
        self._index = index

    def invite(self, code: str, link: FamilyLink, *, now: int, until: int) -> None:
        """Keep an invitation until `until` (seconds since the epoch); an earlier one of the contact ends."""
        row = (self._code(code), link.plan.bytes, link.contact, until)

        def write(connection: Connection) -> None:
            connection.execute("DELETE FROM family_invitation WHERE valid_until <= ?", (now,))
            connection.execute("DELETE FROM family_invitation WHERE plan = ? AND contact = ?", row[1:3])
            connection.execute(
                "INSERT INTO family_invitation (invitation, plan, contact, valid_until) VALUES (?,?,?,?)", row
            )

        self._aside(write)

    def redeem(self, code: str, person: str, *, now: int) -> FamilyLink | None:
        """Use an invitation up and link the person, named by issuer and subject; None when it isn't valid."""
        found = self._aside(lambda connection: self._redeemed(connection, code, person, now))
        return FamilyLink(plan=UUID(bytes=found[0]), contact=found[1]) if found else None

    def of(self, person: str) -> tuple[FamilyLink, ...]:
        """The plans that the person may read, in the order in which they were linked."""
        with self._database.reader() as connection:
            rows = connection.execute(
                "SELECT plan, contact FROM family_link WHERE person = ? ORDER BY linked, plan", (self._person(person),)
            ).fetchall()
        return tuple(FamilyLink(plan=UUID(bytes=plan), contact=contact) for plan, contact in rows)

    def forget(self, plan: UUID, contact: str | None = None) -> int:
        """End every link and invitation of the plan, or of one contact of it; how many links there were."""
        more, values = (" AND contact = ?", (plan.bytes, contact)) if contact else ("", (plan.bytes,))

        def write(connection: Connection) -> int:
            connection.execute(f"DELETE FROM family_invitation WHERE plan = ?{more}", values)  # noqa: S608 (ours)
            return connection.execute(f"DELETE FROM family_link WHERE plan = ?{more}", values).rowcount  # noqa: S608 (ours)

        return self._aside(write)

    def _redeemed(self, connection: Connection, code: str, person: str, now: int) -> tuple[bytes, str] | None:
        found: tuple[bytes, str] | None = connection.execute(
            "DELETE FROM family_invitation WHERE invitation = ? AND valid_until > ? RETURNING plan, contact",
            (self._code(code), now),
        ).fetchone()
        if found is not None:
            connection.execute(
                "INSERT INTO family_link (person, plan, contact, linked) VALUES (?,?,?,?)"
                " ON CONFLICT (person, plan) DO UPDATE SET contact = excluded.contact, linked = excluded.linked",
                (self._person(person), *found, now),
            )
        return found

    def _code(self, code: str) -> bytes:
        return self._index.blind("family-invitation", code)

    def _person(self, person: str) -> bytes:
        return self._index.blind("family-person", person)
