"""Sessions of people who have signed in, as rows that say nothing to whoever reads them.

The browser holds a random id; the row is found by a keyed hash of it and sealed under a key that is derived from it. So
the table, even together with the keyring, opens no session: it takes the browser's cookie.
"""

from typing import Final

from msgspec import Struct

from services.store.errors import Unopenable
from services.store.keyring import BlindIndex
from services.store.sealing import decrypt, encrypt
from services.store.sql import Aside, Connection, Database

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS web_session (session BLOB PRIMARY KEY, person BLOB NOT NULL, sealed BLOB NOT NULL,"
        " begun INTEGER NOT NULL, seen INTEGER NOT NULL, ends INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    ),
    "CREATE INDEX IF NOT EXISTS web_session_person ON web_session (person)",
    "CREATE INDEX IF NOT EXISTS web_session_ends ON web_session (ends)",
)
"""What creates the table."""


class SessionRow(Struct, frozen=True, kw_only=True):
    """A session that was found: its content, and when it began, was last used and ends (seconds since the epoch)."""

    content: bytes
    begun: int
    seen: int
    ends: int


class SessionTable:
    """The sessions of every process of the installation."""

    def __init__(self, database: Database, aside: Aside, index: BlindIndex) -> None:
        """`database` is the one that holds the logs."""
        self._database = database
        self._aside = aside
        self._index = index

    def put(self, session_id: str, person: str, content: bytes, *, now: int, ends: int) -> None:
        """Keep a new session of a person, named by issuer and subject."""
        session = self._session(session_id)
        sealed = encrypt(self._key(session_id), content, session)
        row = (session, self._person(person), sealed, now, now, ends)
        self._aside(
            lambda connection: connection.execute(
                "INSERT INTO web_session (session, person, sealed, begun, seen, ends) VALUES (?,?,?,?,?,?)", row
            )
        )

    def find(self, session_id: str) -> SessionRow | None:
        """The session of that id, None when there is none."""
        session = self._session(session_id)
        with self._database.reader() as connection:
            row = connection.execute(
                "SELECT sealed, begun, seen, ends FROM web_session WHERE session = ?", (session,)
            ).fetchone()
        if row is None:
            return None
        sealed, begun, seen, ends = row
        try:
            content = decrypt(self._key(session_id), sealed, session)
        except Unopenable:
            return None
        return SessionRow(content=content, begun=begun, seen=seen, ends=ends)

    def touch(self, session_id: str, now: int) -> None:
        """Note that it was used."""
        values = (now, self._session(session_id))
        self._aside(lambda connection: connection.execute("UPDATE web_session SET seen = ? WHERE session = ?", values))

    def end(self, session_id: str) -> None:
        """End one session."""
        values = (self._session(session_id),)
        self._aside(lambda connection: connection.execute("DELETE FROM web_session WHERE session = ?", values))

    def end_all_of(self, person: str) -> int:
        """End every session of a person; how many there were."""
        values = (self._person(person),)
        return self._aside(
            lambda connection: connection.execute("DELETE FROM web_session WHERE person = ?", values).rowcount
        )

    def count_of(self, person: str) -> int:
        """How many sessions a person has."""
        with self._database.reader() as connection:
            found = connection.execute("SELECT count(*) FROM web_session WHERE person = ?", (self._person(person),))
            count: int = found.fetchone()[0]
        return count

    def purge(self, now: int, idle_since: int) -> int:
        """Forget sessions that have ended, or weren't used since `idle_since`; how many."""

        def forget(connection: Connection) -> int:
            values = (now, idle_since)
            return connection.execute("DELETE FROM web_session WHERE ends <= ? OR seen <= ?", values).rowcount

        return self._aside(forget)

    def _session(self, session_id: str) -> bytes:
        return self._index.blind("web-session", session_id)

    def _key(self, session_id: str) -> bytes:
        return self._index.blind("web-session-key", session_id)

    def _person(self, person: str) -> bytes:
        return self._index.blind("web-session-person", person)
