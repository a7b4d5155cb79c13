"""Where trees and checkpoints are: a SQLite file of their own beside the record, or the record's PostgreSQL.

What was signed must not be forgotten, so a commit here waits for the disk.
"""

from pathlib import Path
from typing import Final

from services.notary.tables import metadata
from services.side_database import SideDatabase, make_tables

CHECKPOINTS_FILE: Final = "checkpoints.sqlite"
"""The file of trees and checkpoints, beside the record's: a copy of the record that is brought back leaves it alone."""

FORM: Final = 1
"""The form of the file's tables. A later release changes an older form; it never empties it."""


class CheckpointDatabase(SideDatabase):
    """Connections to trees and checkpoints."""

    def __init__(self, where: Path | str) -> None:
        """`where` is the path of a SQLite file, or the address of a database: postgresql://...

        Raises UnknownStoreVersion for a file that another release has made.
        """
        super().__init__(where, durable=True)
        make_tables(self, metadata, FORM)
