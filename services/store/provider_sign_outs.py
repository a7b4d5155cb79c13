"""What a provider that ends sessions is answered with: which sessions here rest on whom there, and whom it signed out.

A provider names a person or a session of its own, never one of ours. The names are kept as keyed hashes, beside the
session's row; a sign-out is remembered for a while, so that a sign-in that is just being completed begins no session
after it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from services.store.blind_index import BlindIndex
from services.store.sql import Aside, Connection, Database, placeholders
from services.store.web_sessions import SESSION

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS provider_session (at_provider BLOB NOT NULL, session BLOB NOT NULL,"
        " ends INTEGER NOT NULL, PRIMARY KEY (at_provider, session)) STRICT, WITHOUT ROWID"
    ),
    "CREATE INDEX IF NOT EXISTS provider_session_session ON provider_session (session)",
    "CREATE INDEX IF NOT EXISTS provider_session_ends ON provider_session (ends)",
    (
        "CREATE TABLE IF NOT EXISTS provider_sign_out (at_provider BLOB PRIMARY KEY, at INTEGER NOT NULL,"
        " kept_until INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    ),
    "CREATE INDEX IF NOT EXISTS provider_sign_out_kept_until ON provider_sign_out (kept_until)",
)
"""What creates the tables."""

_NAME: Final = "at-provider"


class ProviderSignOuts:
    """Sessions by the provider's names for them. Times are in seconds since the epoch."""

    def __init__(self, database: Database, aside: Aside, index: BlindIndex) -> None:
        """`database` is the one that holds the logs."""
        self._database = database
        self._aside = aside
        self._index = index

    def put(self, session_id: str, names: Iterable[str], *, now: int, ends: int) -> None:
        """Keep under which names a provider may end this session."""
        session = self._index.blind(SESSION, session_id)
        rows = [(self._index.blind(_NAME, name), session, ends) for name in names]

        def write(connection: Connection) -> None:
            connection.execute("DELETE FROM provider_session WHERE ends <= ?", (now,))
            connection.executemany("INSERT INTO provider_session (at_provider, session, ends) VALUES (?,?,?)", rows)

        self._aside(write)

    def end(self, names: Sequence[str]) -> int:
        """End every session that has all of these names; how many there were."""
        forms = [self._index.blinds(_NAME, name) for name in names]

        def write(connection: Connection) -> int:
            named = [_sessions(connection, of_one) for of_one in forms]
            ended = 0
            for session in set.intersection(*named):
                ended += connection.execute("DELETE FROM web_session WHERE session = ?", (session,)).rowcount
                connection.execute("DELETE FROM provider_session WHERE session = ?", (session,))
            return ended

        return self._aside(write)

    def note(self, name: str, at: int, *, now: int, until: int) -> None:
        """Remember until then that the provider signed this name out, and when by its own clock."""
        rows = [(form, at, until) for form in self._index.blinds(_NAME, name)]

        def write(connection: Connection) -> None:
            connection.execute("DELETE FROM provider_sign_out WHERE kept_until < ?", (now,))
            connection.executemany(
                "INSERT INTO provider_sign_out (at_provider, at, kept_until) VALUES (?,?,?) ON CONFLICT (at_provider)"
                " DO UPDATE SET at = excluded.at, kept_until = excluded.kept_until"
                " WHERE excluded.at > provider_sign_out.at",
                rows,
            )

        self._aside(write)

    def has_signed_out(self, names: Iterable[str], since: int) -> bool:
        """Whether one of these names was signed out then or later, by the provider's clock, as far as is remembered."""
        forms = [form for name in names for form in self._index.blinds(_NAME, name)]
        query = f"SELECT 1 FROM provider_sign_out WHERE at_provider IN ({placeholders(forms)}) AND at >= ?"  # noqa: S608 — placeholders
        with self._database.reader() as connection:
            return connection.execute(query, (*forms, since)).fetchone() is not None


def _sessions(connection: Connection, forms: Sequence[bytes]) -> set[bytes]:
    rows = connection.execute(
        f"SELECT session FROM provider_session WHERE at_provider IN ({placeholders(forms)})",  # noqa: S608 — placeholders
        forms,
    )
    return {bytes(session) for (session,) in rows.fetchall()}
