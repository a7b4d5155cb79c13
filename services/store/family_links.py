"""Which contact of which plan somebody is who proves at a provider only who they are: by an invitation, used once.

Kept are keyed hashes of the invitation and of the person, and the ids of plan and contact, which are opaque. Beside a
link the person is kept sealed under the child's key: so that the hash can be made anew when the index key is exchanged.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct

from services.store.blind_index import HASH_LENGTH, BlindIndex, marked
from services.store.key_store import KeyStore
from services.store.sql import Aside, Connection, Database, placeholders

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
    (
        "CREATE TABLE IF NOT EXISTS family_link_person (person BLOB NOT NULL, plan BLOB NOT NULL, sealed BLOB NOT NULL,"
        " PRIMARY KEY (person, plan)) STRICT, WITHOUT ROWID"
    ),
    "CREATE INDEX IF NOT EXISTS family_link_person_plan ON family_link_person (plan)",
)
"""What creates the tables."""

_INVITATION: Final = "family-invitation"
_PERSON: Final = "family-person"
_SEALED: Final = b"ehcp family person 1\x00"
_TABLES: Final = ("family_link", "family_link_person")


class FamilyLink(Struct, frozen=True, kw_only=True):
    """One plan that a person may read as one of its contacts."""

    plan: UUID
    contact: str


class FamilyLinks:
    """Invitations and what became of them."""

    def __init__(self, database: Database, aside: Aside, index: BlindIndex, keys: KeyStore) -> None:
        """`database` is the one that holds the logs."""
        self._database = database
        self._keys = keys
        self._aside = aside
        self._index = index

    def invite(self, code: str, link: FamilyLink, *, now: int, until: int) -> None:
        """Keep an invitation until `until` (seconds since the epoch); an earlier one of the contact ends."""
        row = (self._index.blind(_INVITATION, code), link.plan.bytes, link.contact, until)

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
        if found is None:
            return None
        self._keep_person(UUID(bytes=found[0]), person)
        return FamilyLink(plan=UUID(bytes=found[0]), contact=found[1])

    def of(self, person: str) -> tuple[FamilyLink, ...]:
        """The plans that the person may read, in the order in which they were linked."""
        forms = self._index.blinds(_PERSON, person)
        query = (
            f"SELECT plan, contact, person FROM family_link WHERE person IN ({placeholders(forms)})"  # noqa: S608 — placeholders
            " ORDER BY linked, plan"
        )
        with self._database.reader() as connection:
            rows = connection.execute(query, forms).fetchall()
        # What an older index key made is made anew when the person comes: those it was not kept sealed of, too.
        for plan, _, form in rows:
            if form != forms[0]:
                self._rename(form, plan, forms[0])
        links = {plan: FamilyLink(plan=UUID(bytes=plan), contact=contact) for plan, contact, _ in rows}
        return tuple(links.values())

    def write_anew(self, limit: int = 200) -> int:
        """Make hashes anew that an older index key made, some at a time; how many. 0 when none is left that can be."""
        done = 0
        for form, plan, sealed in self._made_with_an_older_key(limit):
            child = self._keys.children((UUID(bytes=plan),)).get(UUID(bytes=plan))
            if child is not None:
                person = child.unwrap(sealed, _SEALED + plan).decode()
                done += self._rename(form, plan, self._index.blind(_PERSON, person))
        return done

    def count_made_with(self, number: int) -> int:
        """How many links are found by an index key of that number alone."""
        query = f"SELECT count(*) FROM family_link WHERE substr(person, {HASH_LENGTH + 1}) = ?"  # noqa: S608 (ours)
        with self._database.reader() as connection:
            count: int = connection.execute(query, (marked(number),)).fetchone()[0]
        return count

    def forget(self, plan: UUID, contact: str | None = None) -> int:
        """End every link and invitation of the plan, or of one contact of it; how many links there were."""
        more, values = (" AND contact = ?", (plan.bytes, contact)) if contact else ("", (plan.bytes,))

        def write(connection: Connection) -> int:
            connection.execute(f"DELETE FROM family_invitation WHERE plan = ?{more}", values)  # noqa: S608 (ours)
            gone = connection.execute(f"DELETE FROM family_link WHERE plan = ?{more}", values).rowcount  # noqa: S608 (ours)
            connection.execute(
                "DELETE FROM family_link_person WHERE plan = ? AND NOT EXISTS (SELECT 1 FROM family_link l"
                " WHERE l.plan = family_link_person.plan AND l.person = family_link_person.person)",
                values[:1],
            )
            return gone

        return self._aside(write)

    def _redeemed(self, connection: Connection, code: str, person: str, now: int) -> tuple[bytes, str] | None:
        forms = self._index.blinds(_INVITATION, code)
        found: tuple[bytes, str] | None = connection.execute(
            f"DELETE FROM family_invitation WHERE invitation IN ({placeholders(forms)}) AND valid_until > ?"  # noqa: S608 — placeholders
            " RETURNING plan, contact",
            (*forms, now),
        ).fetchone()
        if found is not None:
            connection.execute(
                "INSERT INTO family_link (person, plan, contact, linked) VALUES (?,?,?,?)"
                " ON CONFLICT (person, plan) DO UPDATE SET contact = excluded.contact, linked = excluded.linked",
                (self._index.blind(_PERSON, person), *found, now),
            )
        return found

    def _keep_person(self, plan: UUID, person: str) -> None:
        """Beside the link, for the next exchange of the index key; nothing where the record was erased just now."""
        child = self._keys.children((plan,)).get(plan)
        if child is None:
            return
        row = (self._index.blind(_PERSON, person), plan.bytes, child.wrap(person.encode(), _SEALED + plan.bytes))
        self._aside(
            lambda connection: connection.execute(
                "INSERT INTO family_link_person (person, plan, sealed) VALUES (?,?,?) ON CONFLICT DO NOTHING", row
            )
        )

    def _made_with_an_older_key(self, limit: int) -> Sequence[tuple[bytes, bytes, bytes]]:
        query = (
            "SELECT person, plan, sealed FROM family_link_person JOIN family_link USING (person, plan)"  # noqa: S608 (ours)
            f" WHERE substr(person, {HASH_LENGTH + 1}) <> ? LIMIT ?"
        )
        with self._database.reader() as connection:
            return connection.execute(query, (marked(self._index.accepted[0]), limit)).fetchall()

    def _rename(self, form: bytes, plan: bytes, newest: bytes) -> int:
        """Exchange the hash of a person; a link that was made under the newest meanwhile takes its place."""

        def write(connection: Connection) -> int:
            for table in _TABLES:
                connection.execute(
                    f"UPDATE {table} SET person = ? WHERE person = ? AND plan = ?"  # noqa: S608 (ours)
                    f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.person = ? AND t.plan = ?)",
                    (newest, form, plan, newest, plan),
                )
                connection.execute(f"DELETE FROM {table} WHERE person = ? AND plan = ?", (form, plan))  # noqa: S608 (ours)
            return 1

        return self._aside(write)
