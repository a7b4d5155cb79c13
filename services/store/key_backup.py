"""Backups of the wrapped keys: one file, good for 30 days, and restored only past the register of erasures.

The wrapped keys are small and change with every new child; the log needs no key to be backed up. A backup of a child's
key opens the events that were written after it, too, until an entry of the record is destroyed. A backup holds what was
destroyed since it was made, so it is kept for 30 days at most: an older one is refused, and removed where a new one is
made beside it. What the register of erasures says is destroyed doesn't come back; at the next start the certificates of
the retention log say the same before anything is served.
"""

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from services.store.errors import StoreError
from services.store.files import sync_folder
from services.store.key_rows import STATEMENTS
from services.store.key_store import KeyStore
from services.store.sql import Connection

KEPT: Final = timedelta(days=30)
"""How long a backup can be restored."""

SUFFIX: Final = ".keys"
"""How the name of a backup ends."""

TABLES: Final = {
    "child_key": (("plan",), ("council", "key_id", "wrapped", "root", "rows_upto")),
    "event_key": (("stream", "sequence", "event_id"), ("plan", "wrapped")),
}
"""The tables of a backup: the columns that name a row, and the others. Snapshots are folded anew: they need no key.

A child's key comes before the keys of events: should its root be replaced in between, those that this wrote down are
there, and none is missed.
"""

_PAGE: Final = 1_000
_STAMP: Final = "%Y%m%dT%H%M%SZ"


class BackupRefused(StoreError):
    """A backup that can't be made or restored; the text says why."""


def back_up(keys: KeyStore, folder: Path, now: datetime, progress: Callable[[int], None] = lambda _rows: None) -> Path:
    """Write a backup into `folder`, remove those that are too old there; the new file. Raises BackupRefused.

    The file appears whole or not at all; it is as private as the keys themselves.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"ehcp-{now.astimezone(UTC):{_STAMP}}{SUFFIX}"
    if path.exists():
        raise BackupRefused(f"{path} is there already")
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as target:
        _fill(keys, target, now, progress)
    descriptor = os.open(unfinished, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    unfinished.rename(path)
    sync_folder(folder)
    remove_old(folder, now)
    return path


def restore(keys: KeyStore, path: Path, now: datetime, progress: Callable[[int], None] = lambda _rows: None) -> int:
    """Bring back the keys that are missing; returns how many rows. What was destroyed since stays destroyed.

    Raises BackupRefused for a file that is no backup, or one that is older than 30 days.
    """
    with closing(_opened(path)) as source:
        made = datetime.fromisoformat(source.execute("SELECT made FROM backup").fetchone()[0])
        if now - made > KEPT:
            raise BackupRefused(f"{path.name} was made on {made:%Y-%m-%d}: a backup is good for {KEPT.days} days")
        done, gone = 0, _Gone(keys)
        columns = {table: _columns(source, table) for table in TABLES}
        for table in TABLES:
            for rows in _pages(source, table, columns[table]):
                wanted = gone.left_of(table, rows)
                if not wanted:
                    continue
                with keys.writing, keys.database.transaction() as connection:
                    done += connection.executemany(_put(table), wanted).rowcount
                progress(done)
                if table == "child_key":
                    gone.destroy_again(keys, [row[0] for row in wanted])
    keys.destroy_again()
    return done


def remove_old(folder: Path, now: datetime) -> list[Path]:
    """Remove the backups of a folder that can't be restored any more; which those were."""
    old = [path for path in sorted(folder.glob(f"ehcp-*{SUFFIX}")) if now - _made(path, now) > KEPT]
    for path in old:
        path.write_bytes(b"\0" * path.stat().st_size)
        path.unlink()
    return old


def _fill(keys: KeyStore, target: sqlite3.Connection, now: datetime, progress: Callable[[int], None]) -> None:
    for statement in (*STATEMENTS, "CREATE TABLE backup (made TEXT NOT NULL) STRICT"):
        target.execute(statement)
    target.execute("INSERT INTO backup VALUES (?)", (now.isoformat(),))
    done = 0
    with keys.database.reader() as connection:
        for table, (named_by, others) in TABLES.items():
            marks = ",".join("?" * (len(named_by) + len(others)))
            for page in _pages(connection, table):
                target.execute("BEGIN")
                target.executemany(f"INSERT INTO {table} VALUES ({marks})", page)  # noqa: S608 — named above
                target.execute("COMMIT")
                done += len(page)
                progress(done)


def _put(table: str) -> str:
    """Puts a row that is missing."""
    columns = [*TABLES[table][0], *TABLES[table][1]]
    marks = ",".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 — names of ours


class _Gone:
    """What isn't brought back: what was destroyed, and children's keys that a destroyed council key wraps."""

    def __init__(self, keys: KeyStore) -> None:
        """As the register of erasures and the list of retired keys have it now."""
        erasures = tuple(keys.erasures)
        self._plans = {entry.plan.bytes for entry in erasures if entry.sequence is None}
        self._events = {(entry.stream.bytes, entry.sequence): entry for entry in erasures if entry.stream}
        with keys.database.reader() as connection:
            self._retired = {key_id for (key_id,) in connection.execute("SELECT key_id FROM retired_key").fetchall()}

    def left_of(self, table: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The rows of a page that are brought back."""
        if table == "child_key":
            return [row for row in rows if row[0] not in self._plans and row[2] not in self._retired]
        return [row for row in rows if row[3] not in self._plans and (row[0], row[1]) not in self._events]

    def destroy_again(self, keys: KeyStore, plans: Collection[bytes]) -> None:
        """Destroy the entries of these plans that were: their roots came back, and with them the entries' keys.

        They are registered again: another process may have read such a root in between, and forgets it by that.
        """
        for entry in self._events.values():
            if entry.stream and entry.sequence is not None and entry.plan.bytes in plans:
                keys.destroy_event(entry.plan, entry.stream, entry.sequence)


def _opened(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise BackupRefused(f"{path} is no file")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("SELECT made FROM backup").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise BackupRefused(f"{path.name} is no backup of keys") from None
    return connection


def _columns(source: sqlite3.Connection, table: str) -> list[str]:
    """The columns of a table, null in the place of those that a backup of an earlier release doesn't have."""
    there = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
    return [name if name in there else "NULL" for columns in TABLES[table] for name in columns]


def _pages(connection: Connection, table: str, columns: Sequence[str] = ()) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table in the order of what names them, a page at a time: none is kept open for long."""
    named_by, others = TABLES[table]
    names = ", ".join(named_by)
    behind = f"WHERE ({names}) > ({','.join('?' * len(named_by))})"
    select = f"SELECT {', '.join(columns or [*named_by, *others])} FROM {table} {{}} ORDER BY {names} LIMIT {_PAGE}"  # noqa: S608 — ours
    rows = connection.execute(select.format("")).fetchall()
    while rows:
        yield rows
        rows = connection.execute(select.format(behind), rows[-1][: len(named_by)]).fetchall()


def _made(path: Path, now: datetime) -> datetime:
    """When a backup was made, by its name; one with another name is left alone."""
    try:
        return datetime.strptime(path.stem.removeprefix("ehcp-"), _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return now
