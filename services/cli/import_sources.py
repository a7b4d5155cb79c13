"""Which files `ehcp import` takes in: those named, those in the folders named; what can't be one is told apart."""

from collections.abc import Iterator
from pathlib import Path

from services.cli.talk import MISUSE, stop
from services.importing.reading import MEDIA_TYPES
from services.importing.report import Reject

#: Word keeps such a file beside one that somebody has open; it holds that person's name and no plan.
LOCK_FILE = "~$"


def files_of(paths: list[Path]) -> list[Path | Reject]:
    """The files to import, in order, and those named that can't be one. Ends the command when one isn't there."""
    return [found for path in paths for found in _found(path)]


def content_of(file: Path) -> bytes | Reject:
    """What is in a file, or why it can't be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        reason = f"The file can't be read: {error.strerror or 'the disk refuses'}."
        return Reject(file=file.name, line=1, pointer="", rule="unreadable", reason=reason)


def _found(path: Path) -> Iterator[Path | Reject]:
    if path.is_dir():
        yield from sorted(each for each in path.iterdir() if _is_of_a_plan(each))
    elif not path.exists():
        stop(f"There is no file {path}.", MISUSE)
    elif path.suffix.lower() not in MEDIA_TYPES:
        reason = f"Only {', '.join(MEDIA_TYPES)} files can be imported."
        yield Reject(file=path.name, line=1, pointer="", rule="file-type", reason=reason)
    elif not path.name.startswith(LOCK_FILE):
        yield path


def _is_of_a_plan(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in MEDIA_TYPES and not path.name.startswith(LOCK_FILE)
