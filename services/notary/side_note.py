"""The newest checkpoint of each log in a file apart from every database: it outlives one that is brought back older.

It is beside the keys, which are backed up apart from the record. Whoever cannot write there still compares with it.
"""

import logging
import os
from pathlib import Path
from uuid import uuid4

from services.notary.notes import Checkpoint, MalformedNote, parsed
from services.store.files import private_folder, sync_folder

_log = logging.getLogger(__name__)


class SideNotes:
    """The files."""

    def __init__(self, folder: Path) -> None:
        """One for each log, in this folder."""
        self._folder = folder

    def read(self, log: str) -> Checkpoint | None:
        """The checkpoint in the file, None when there is none. Raises MalformedNote for a file that holds none."""
        try:
            return parsed(self._path(log).read_text())
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise MalformedNote("not text") from None

    def keep(self, log: str, note: str) -> None:
        """Put a note into the file, unless that has one of a larger log."""
        before = self.read(log)
        if before is not None and before.size >= parsed(note).size:
            return
        try:
            self._write(self._path(log), note)
        except OSError as error:
            _log.warning("the newest checkpoint can't be kept beside the keys: %s", type(error).__name__)

    def _path(self, log: str) -> Path:
        return self._folder / f"checkpoint.{log}.note"

    def _write(self, path: Path, note: str) -> None:
        private_folder(self._folder)
        unfinished = path.with_suffix(f".{uuid4().hex}.new")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_folder(self._folder)
