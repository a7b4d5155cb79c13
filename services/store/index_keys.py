"""Which index keys count, and exchanging one for another while everything goes on.

A new key is *adopted*: from then on rows are written under it and the old one, and looked for under either. Rows from
before are written anew, some plans at a time. Once none is missing the old key is *retired*: nothing is written or
looked for under it any more, its rows are deleted, and it can be destroyed. Every step is safe to repeat.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct

from services.store.blind_index import HASH_LENGTH, BlindIndex, key_name, marked, number_behind
from services.store.errors import KeyInUse, UnknownKey
from services.store.keyring import FIRST_INDEX, KeyCustody
from services.store.sql import Aside, Connection, Database
from services.store.values import PlanMatch

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS index_key (number INTEGER PRIMARY KEY, adopted INTEGER NOT NULL, retired INTEGER)"
        " STRICT"
    ),
    "INSERT INTO index_key SELECT 1, 0, NULL WHERE NOT EXISTS (SELECT 1 FROM index_key)",
)
"""What creates the table of keys that count; times are seconds since the epoch, UTC."""

PAGE: Final = 200
"""How many plans are looked at, or rows deleted, at a time."""

IDENTIFIERS: Final = "identifiers"


class _Hashed(Struct, frozen=True):
    """A table with hashes: the column that holds them, and the indexed one by which its rows are gone through."""

    table: str
    column: str
    by: str


_HASHED: Final[Mapping[str, _Hashed]] = {
    IDENTIFIERS: _Hashed("plan_match", "blinded", "plan"),
    "requests": _Hashed("request", "request", "request"),
    "uses": _Hashed("single_use", "used", "used"),
    "sessions": _Hashed("web_session", "session", "session"),
    "provider sessions": _Hashed("provider_session", "at_provider", "at_provider"),
    "provider sign-outs": _Hashed("provider_sign_out", "at_provider", "at_provider"),
    "invitations": _Hashed("family_invitation", "invitation", "invitation"),
    "family links": _Hashed("family_link", "person", "person"),
    "family persons": _Hashed("family_link_person", "person", "person"),
}
"""What is kept as hashes in the record's database."""

_MARK: Final = HASH_LENGTH + 1


class IndexKey(Struct, frozen=True, kw_only=True):
    """An index key that was adopted, and when; `retired` is None while it counts. In seconds since the epoch."""

    number: int
    adopted: int
    retired: int | None


class Identified(Struct, frozen=True):
    """What a plan is found by as of its event `sequence`: nothing is written if another event has followed."""

    plan: UUID
    sequence: int
    matches: tuple[PlanMatch, ...]


AddIdentifiers = Callable[[Sequence[Identified]], None]
"""Adds hashes beside those that are there, in the order of appends."""


class IndexKeys:
    """The index keys of the installation. Several processes may do this work at once."""

    def __init__(self, database: Database, aside: Aside, index: BlindIndex, add: AddIdentifiers) -> None:
        """`database` is the one that holds the logs; `index` learns at once what is changed here."""
        self._database = database
        self._aside = aside
        self._index = index
        self.add = add

    def all(self) -> tuple[IndexKey, ...]:
        """Every key that was ever adopted, the oldest first."""
        with self._database.reader() as connection:
            return adopted_keys(connection)

    def adopt(self, number: int, now: int) -> None:
        """From now on rows are written under this key too."""
        statement = "INSERT INTO index_key VALUES (?, ?, NULL) ON CONFLICT DO NOTHING"
        self._aside(lambda connection: connection.execute(statement, (number, now)))
        self._index.look()

    def plans_to_write_anew(self, after: UUID | None = None) -> list[UUID]:
        """Some plans behind one, in order of their ids, that no identifier under the newest key leads to."""
        with self._database.reader() as connection:
            return _lacking(connection, self._index.accepted[0], after.bytes if after else b"", PAGE)

    def retire(self, number: int, now: int) -> None:
        """Nothing is written or looked for under this key any more.

        Raises KeyInUse while it is the only one or a plan is not found under the newest yet.
        """

        def write(connection: Connection) -> None:
            counting = [key.number for key in adopted_keys(connection) if key.retired is None]
            if number not in counting:
                return
            if number == max(counting):
                raise KeyInUse(f"{key_name(number)} is the key that makes blind indexes now: rotate it first.")
            if _lacking(connection, max(counting), b"", 1):
                raise KeyInUse(f"Not every plan is found without {key_name(number)} yet.")
            connection.execute("UPDATE index_key SET retired = ? WHERE number = ?", (now, number))

        self._aside(write)
        self._index.look()

    def require_held(self, keyring: KeyCustody) -> None:
        """The same as `require_index_keys` of this module, of this record."""
        with self._database.reader() as connection:
            require_index_keys(connection, keyring)

    def rows(self) -> dict[int, dict[str, int]]:
        """How many rows of each kind each key has made."""
        with self._database.reader() as connection:
            return rows_by_key(connection)

    def delete_rows(self, number: int) -> None:
        """Delete what a retired key has made, some rows in a transaction."""
        for hashed in _HASHED.values():
            after = b""
            while page := self._page(hashed, number, after):
                self._delete(hashed, number, page)
                after = page[-1]

    def _page(self, hashed: _Hashed, number: int, after: bytes) -> list[bytes]:
        query = (
            f"SELECT DISTINCT {hashed.by} FROM {hashed.table}"  # noqa: S608 (ours)
            f" WHERE {hashed.by} > ? AND substr({hashed.column}, {_MARK}) = ? ORDER BY {hashed.by} LIMIT {PAGE}"
        )
        with self._database.reader() as connection:
            return [bytes(value) for (value,) in connection.execute(query, (after, marked(number))).fetchall()]

    def _delete(self, hashed: _Hashed, number: int, page: Sequence[bytes]) -> None:
        statement = (
            f"DELETE FROM {hashed.table} WHERE {hashed.by} IN ({','.join('?' * len(page))})"  # noqa: S608 (ours)
            f" AND substr({hashed.column}, {_MARK}) = ?"
        )
        self._aside(lambda connection: connection.execute(statement, (*page, marked(number))))


def adopted_keys(connection: Connection) -> tuple[IndexKey, ...]:
    """Every key that was ever adopted, over any connection to the record's database."""
    rows = connection.execute("SELECT number, adopted, retired FROM index_key ORDER BY number").fetchall()
    return tuple(IndexKey(number=number, adopted=adopted, retired=retired) for number, adopted, retired in rows)


def require_index_keys(connection: Connection, keyring: KeyCustody) -> None:
    """See that every index key that counts is in the keyring, but the first while nothing was made with it.

    Else the first would be made anew: nothing on record would be found any more, and a child would be recorded twice.
    Raises UnknownKey.
    """
    held = {info.key_id for info in keyring.all_keys()}
    for key in adopted_keys(connection):
        key_id = key_name(key.number)
        if key.retired is None and key_id not in held and (key_id != FIRST_INDEX or _has_rows(connection)):
            text = f"the keyring does not hold the key {key_id}, without which nothing is found"
            raise UnknownKey(f"{text}: bring it back from its backup")


def _has_rows(connection: Connection) -> bool:
    return any(
        connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608 (ours)
        for table in {hashed.table for hashed in _HASHED.values()}
    )


def accepted_keys(database: Database) -> tuple[int, ...]:
    """The numbers of the keys that count now."""
    with database.reader() as connection:
        return tuple(key.number for key in adopted_keys(connection) if key.retired is None)


def rows_by_key(connection: Connection) -> dict[int, dict[str, int]]:
    """How many rows of each kind each key has made, over any connection to the record's database."""
    found: dict[int, dict[str, int]] = {}
    for kind, hashed in _HASHED.items():
        mark = f"substr({hashed.column}, {_MARK})"
        query = f"SELECT {mark}, count(*) FROM {hashed.table} GROUP BY {mark}"  # noqa: S608 (ours)
        for behind, count in connection.execute(query).fetchall():
            found.setdefault(number_behind(bytes(behind)), {})[kind] = count
    return found


def add_identifiers(connection: Connection, found: Sequence[Identified]) -> None:
    """AddIdentifiers in a transaction in which nobody appends."""
    for one in found:
        (last,) = connection.execute(
            "SELECT max(sequence) FROM plan_event WHERE stream = ?", (one.plan.bytes,)
        ).fetchone()
        if last == one.sequence:
            connection.executemany(
                "INSERT INTO plan_match VALUES (?,?,?,?) ON CONFLICT DO NOTHING",
                [(match.kind, match.council, match.index, one.plan.bytes) for match in one.matches],
            )


def _lacking(connection: Connection, newest: int, after: bytes, limit: int) -> list[UUID]:
    rows = connection.execute(
        "SELECT plan FROM plan_match WHERE plan > ? GROUP BY plan"  # noqa: S608 (ours)
        f" HAVING count(CASE WHEN substr(blinded, {_MARK}) = ? THEN 1 END) = 0 ORDER BY plan LIMIT ?",
        (after, marked(newest), limit),
    ).fetchall()
    return [UUID(bytes=bytes(plan)) for (plan,) in rows]
