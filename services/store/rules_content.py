"""What adopted rules say, by the SHA-256 of their canonical JSON: written once, never changed, loadable for ever."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from services.store.errors import MalformedState
from services.store.sql import Aside, Connection, Database

_TABLE: Final = "rules_content"

STATEMENTS: Final = (
    f"CREATE TABLE IF NOT EXISTS {_TABLE} (sha256 BLOB PRIMARY KEY, content BLOB NOT NULL) STRICT",
    *(
        f"CREATE TRIGGER IF NOT EXISTS {_TABLE}_no_{change} BEFORE {change} ON {_TABLE} "
        "BEGIN SELECT RAISE(ABORT, 'adopted rules are never changed'); END"
        for change in ("UPDATE", "DELETE")
    ),
)
"""What creates the table and the triggers that refuse to change it."""


class RulesContent:
    """Contents by their hash."""

    def __init__(self, database: Database, aside: Aside) -> None:
        """`database` is the one that holds the logs."""
        self._database = database
        self._aside = aside

    def keep(self, contents: Iterable[bytes]) -> None:
        """Put contents on disk, each under its own hash; what is there already stays."""
        rows = [(sha256(content).digest(), content) for content in contents]

        def write(connection: Connection) -> None:
            for row in rows:
                connection.execute(
                    "INSERT INTO rules_content (sha256, content) VALUES (?,?) ON CONFLICT (sha256) DO NOTHING", row
                )

        self._aside(write)

    def read(self, digest: str) -> bytes | None:
        """The content of that SHA-256 (hexadecimal), None where there is none.

        Raises MalformedState when what is kept there has another hash.
        """
        with self._database.reader() as connection:
            row = connection.execute(
                "SELECT content FROM rules_content WHERE sha256 = ?", (bytes.fromhex(digest),)
            ).fetchone()
        if row is None:
            return None
        content = bytes(row[0])
        if sha256(content).hexdigest() != digest:
            raise MalformedState(f"the rules kept under SHA-256 {digest} have been altered")
        return content
