"""Sessions of people who have signed in, as rows that say nothing to whoever reads them.

The browser holds a random id; the row is found by a keyed hash of it and sealed under a key that is derived from it. So
the table, even together with the keyring, opens no session: it takes the browser's cookie.
"""

from hashlib import sha256
from typing import Final

from msgspec import Struct

from services.store.blind_index import HASH_LENGTH, BlindIndex, number_behind
from services.store.errors import Unopenable
from services.store.sealing import decrypt, encrypt
from services.store.sql import Aside, Connection, Database, placeholders

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS web_session (session BLOB PRIMARY KEY, person BLOB NOT NULL, sealed BLOB NOT NULL,"
        " begun INTEGER NOT NULL, seen INTEGER NOT NULL, ends INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    ),
    "CREATE INDEX IF NOT EXISTS web_session_person ON web_session (person)",
    "CREATE INDEX IF NOT EXISTS web_session_ends ON web_session (ends)",
)
"""What creates the table."""

SESSION: Final = "web-session"
"""What the ids of sessions are hashed for."""

_SESSION_KEY: Final = "web-session-key"
_PERSON: Final = "web-session-person"


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
        session = self._index.blind(SESSION, session_id)
        sealed = encrypt(self._key(session, session_id), content, session)
        row = (session, self._index.blind(_PERSON, person), sealed, now, now, ends)
        self._aside(
            lambda connection: connection.execute(
                "INSERT INTO web_session (session, person, sealed, begun, seen, ends) VALUES (?,?,?,?,?,?)", row
            )
        )

    def find(self, session_id: str) -> SessionRow | None:
        """The session of that id, None when there is none."""
        forms = self._index.blinds(SESSION, session_id)
        with self._database.reader() as connection:
            row = connection.execute(
                f"SELECT session, sealed, begun, seen, ends FROM web_session WHERE session IN ({placeholders(forms)})",  # noqa: S608 — placeholders
                forms,
            ).fetchone()
        if row is None:
            return None
        session, sealed, begun, seen, ends = row
        try:
            content = decrypt(self._key(session, session_id), sealed, session)
        except Unopenable:
            return None
        return SessionRow(content=content, begun=begun, seen=seen, ends=ends)

    def touch(self, session_id: str, now: int) -> None:
        """Note that it was used."""
        forms = self._index.blinds(SESSION, session_id)
        statement = f"UPDATE web_session SET seen = ? WHERE session IN ({placeholders(forms)})"  # noqa: S608 — placeholders
        self._aside(lambda connection: connection.execute(statement, (now, *forms)))

    def end(self, session_id: str) -> None:
        """End one session."""
        forms = self._index.blinds(SESSION, session_id)
        statement = f"DELETE FROM web_session WHERE session IN ({placeholders(forms)})"  # noqa: S608 — placeholders
        self._aside(lambda connection: connection.execute(statement, forms))

    def end_all_of(self, person: str) -> int:
        """End every session of a person; how many there were."""
        forms = self._index.blinds(_PERSON, person)
        statement = f"DELETE FROM web_session WHERE person IN ({placeholders(forms)})"  # noqa: S608 — placeholders
        return self._aside(lambda connection: connection.execute(statement, forms).rowcount)

    def open_of(self, person: str, now: int, idle_since: int) -> list[tuple[str, int, int]]:
        """Handle, beginning and last use of a person's sessions that haven't ended, the oldest first."""
        forms = self._index.blinds(_PERSON, person)
        statement = (
            f"SELECT session, begun, seen FROM web_session WHERE person IN ({placeholders(forms)})"  # noqa: S608 — placeholders
            " AND ends > ? AND seen > ? ORDER BY begun, session"
        )
        with self._database.reader() as connection:
            rows = connection.execute(statement, (*forms, now, idle_since)).fetchall()
        return [(_handle(session), begun, seen) for session, begun, seen in rows]

    def end_by_handle(self, person: str, handle: str) -> bool:
        """End the session of that handle if it is the person's."""
        forms = self._index.blinds(_PERSON, person)
        asked = f"SELECT session FROM web_session WHERE person IN ({placeholders(forms)})"  # noqa: S608 — placeholders

        def write(connection: Connection) -> bool:
            for (session,) in connection.execute(asked, forms).fetchall():
                if _handle(session) == handle:
                    return connection.execute("DELETE FROM web_session WHERE session = ?", (session,)).rowcount == 1
            return False

        return self._aside(write)

    def purge(self, now: int, idle_since: int) -> int:
        """Forget sessions that have ended, or weren't used since `idle_since`; how many."""

        def forget(connection: Connection) -> int:
            values = (now, idle_since)
            return connection.execute("DELETE FROM web_session WHERE ends <= ? OR seen <= ?", values).rowcount

        return self._aside(forget)

    def _key(self, session: bytes, session_id: str) -> bytes:
        """The key of a session, derived from the index key that its row was made with."""
        return self._index.secret(number_behind(session[HASH_LENGTH:]), _SESSION_KEY, session_id)


def _handle(session: bytes) -> str:
    """What names a session to its owner: a hash of its row's key, which is itself a keyed hash of its id."""
    return sha256(b"session handle" + session).hexdigest()[:16]
