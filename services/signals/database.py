"""Where signals are: a SQLite file of their own beside the record, or the record's PostgreSQL.

A number that was delivered must never be given again, so a commit here waits for the disk.
"""

from pathlib import Path
from typing import Final

from services.side_database import SideDatabase, make_tables
from services.signals.tables import metadata

SIGNALS_FILE: Final = "signals.sqlite"
"""The file of the signals, beside the record's."""

FORM: Final = 4
"""The form of the file's tables. A later release changes an older form; it never empties it.

1: with the plan's own sequence beside each signal. 2: no lane knew of editions of the access matrix.
3: no subscription told the issuer of whoever asked for it.
"""

_TURNS: Final = (
    "ALTER TABLE signal_lane ADD COLUMN turn BIGINT DEFAULT 0 NOT NULL",
    "ALTER TABLE signal_lane ADD COLUMN turned CHAR(32)",
)

_ISSUER: Final = ("ALTER TABLE subscription ADD COLUMN issuer VARCHAR(2000) DEFAULT '' NOT NULL",)

_OLDER: Final = {
    1: ("ALTER TABLE signal DROP COLUMN sequence", *_TURNS, *_ISSUER),
    2: (*_TURNS, *_ISSUER),
    3: _ISSUER,
}


class SignalDatabase(SideDatabase):
    """Connections to the signals."""

    def __init__(self, where: Path | str) -> None:
        """`where` is the path of a SQLite file, or the address of a database: postgresql://...

        Raises UnknownStoreVersion for a file that another release has made.
        """
        super().__init__(where, durable=True)
        make_tables(self, metadata, FORM, _OLDER)
