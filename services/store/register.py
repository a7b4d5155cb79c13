"""The register of plans: which plans there are, whose they are, and how a plan is found by an identifier.

It is written with the events that change it, and can be rebuilt from them. Identifiers are blinded (HMAC-
SHA256), so that the table can answer "is this NHS number known?" and not "which NHS numbers are known?".
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from services.store.blind_index import BlindIndex
from services.store.errors import DuplicateLocalReference
from services.store.sql import Connection, Database, insert_rows, placeholders
from services.store.values import PLAN_LOG, Appended, PlanMatch, RegisterChange, RegisterRow, SealedEvent

LOCAL_REFERENCE: Final = "localReference"
"""The council's own case number: unique within the council."""

NHS_NUMBER: Final = "nhsNumber"
"""Ten digits; several records may carry the same one until they are merged."""

UPN: Final = "upn"
"""The unique pupil number."""

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS plan_register (plan BLOB PRIMARY KEY, council TEXT NOT NULL,"
        " phase TEXT NOT NULL, version INTEGER NOT NULL, opened_position INTEGER NOT NULL,"
        " updated_position INTEGER NOT NULL, retired_into BLOB) STRICT"
    ),
    "CREATE UNIQUE INDEX IF NOT EXISTS plan_register_opened ON plan_register (opened_position)",
    "CREATE INDEX IF NOT EXISTS plan_register_council ON plan_register (council, phase, opened_position)",
    (
        "CREATE TABLE IF NOT EXISTS plan_match (kind TEXT NOT NULL, council TEXT NOT NULL,"
        " blinded BLOB NOT NULL, plan BLOB NOT NULL,"
        " PRIMARY KEY (kind, council, blinded, plan)) STRICT, WITHOUT ROWID"
    ),
    (
        "CREATE UNIQUE INDEX IF NOT EXISTS plan_match_reference ON plan_match (council, blinded)"
        f" WHERE kind = '{LOCAL_REFERENCE}'"
    ),
    "CREATE INDEX IF NOT EXISTS plan_match_plan ON plan_match (plan)",
    (
        "CREATE TABLE IF NOT EXISTS plan_stream (plan BLOB NOT NULL, log TEXT NOT NULL,"
        " opened_position INTEGER NOT NULL, stream BLOB NOT NULL UNIQUE,"
        " PRIMARY KEY (plan, log, opened_position)) STRICT, WITHOUT ROWID"
    ),
)
"""What creates the register's tables."""

_COLUMNS: Final = (
    "SELECT plan, council, phase, version, (SELECT max(sequence) FROM plan_event WHERE stream = plan),"
    " opened_position, updated_position, retired_into FROM plan_register "
)

_MATCHES_PER_QUERY: Final = 500


def plan_matches(index: BlindIndex, kind: str, value: str, council: str = "") -> tuple[PlanMatch, ...]:
    """The blinded forms of an identifier under every index key that counts, the newest first.

    They are equal for spellings that differ only in case, width or spacing.
    """
    words = unicodedata.normalize("NFKC", value).casefold().split()
    plain = (" " if kind == LOCAL_REFERENCE else "").join(words)
    return tuple(PlanMatch(kind, council, form) for form in index.blinds(f"{kind}/{council}", plain))


class PlanRegister:
    """Reading the register."""

    def __init__(self, database: Database) -> None:
        """`database` is the one that holds the logs."""
        self._database = database

    def get(self, plan: UUID) -> RegisterRow | None:
        """The plan's row, None for an unknown plan."""
        with self._database.reader() as connection:
            rows = connection.execute(f"{_COLUMNS} WHERE plan = ?", (plan.bytes,)).fetchall()
        return _row(rows[0]) if rows else None

    def find(self, forms: Sequence[PlanMatch]) -> list[UUID]:
        """The plans that carry this identifier, in order of opening; more than one is an ambiguous match.

        `forms` are those of one identifier: a plan is found by any of them.
        """
        first = forms[0]
        with self._database.reader() as connection:
            rows = connection.execute(
                "SELECT DISTINCT opened_position, plan FROM plan_match JOIN plan_register USING (plan)"  # noqa: S608 — placeholders
                f" WHERE kind = ? AND plan_match.council = ? AND blinded IN ({placeholders(forms)})"
                " ORDER BY opened_position",
                (first.kind, first.council, *(form.index for form in forms)),
            ).fetchall()
        return [UUID(bytes=plan) for _, plan in rows]

    def find_each(self, matches: Iterable[PlanMatch]) -> dict[PlanMatch, set[UUID]]:
        """The plans that carry any of these identifiers, by identifier, in one query; none for one that no plan has."""
        found: dict[PlanMatch, set[UUID]] = {}
        with self._database.reader() as connection:
            for match, plan in _carriers(connection, list(dict.fromkeys(matches))):
                found.setdefault(match, set()).add(plan)
        return found

    def worklist(
        self, *, council: str | None = None, phase: str | None = None, after: int = 0, limit: int = 50
    ) -> list[RegisterRow]:
        """At most `limit` plans opened after position `after` (the cursor.

        The last row's `opened_position`).
        """
        where = ["opened_position > ?"]
        values: list[str | int] = [after]
        for column, value in (("council", council), ("phase", phase)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        statement = f"{_COLUMNS} WHERE {' AND '.join(where)} ORDER BY opened_position LIMIT ?"
        with self._database.reader() as connection:
            return [_row(row) for row in connection.execute(statement, (*values, limit)).fetchall()]

    def streams(self, plan: UUID, log: str) -> list[UUID]:
        """The plan's streams in another log than its own (its drafts), in order of opening."""
        with self._database.reader() as connection:
            rows = connection.execute(
                "SELECT stream FROM plan_stream WHERE plan = ? AND log = ? ORDER BY opened_position",
                (plan.bytes, log),
            ).fetchall()
        return [UUID(bytes=stream) for (stream,) in rows]

    def plans_of(self, streams: Sequence[bytes]) -> dict[bytes, bytes]:
        """The plans that streams of another log belong to, all by the bytes of their ids: some hundreds a query."""
        found: dict[bytes, bytes] = {}
        with self._database.reader() as connection:
            for start in range(0, len(streams), _MATCHES_PER_QUERY):
                some = streams[start : start + _MATCHES_PER_QUERY]
                statement = f"SELECT stream, plan FROM plan_stream WHERE stream IN ({placeholders(some)})"  # noqa: S608 — placeholders
                found |= dict(connection.execute(statement, some).fetchall())
        return found


def refuse_duplicate_references(connection: Connection, changes: Sequence[RegisterChange]) -> None:
    """Raise DuplicateLocalReference when another plan of the council carries one of these references.

    A plan whose identifiers the same group says anew does not count: it may be handing its reference over.
    """
    changing = {change.plan for change in changes if change.matches is not None}
    for holder in reference_holders(connection, changes).values():
        if holder not in changing:
            raise DuplicateLocalReference(holder)


def reference_holders(connection: Connection, changes: Iterable[RegisterChange]) -> dict[PlanMatch, UUID]:
    """Which of the references in these changes some plan carries, and which plan that is: one question for all."""
    return dict(_carriers(connection, [r for change in changes for r in references(change)]))


def references(change: RegisterChange) -> list[PlanMatch]:
    """The references of its council by which a plan is found: one plan's alone."""
    return [match for match in change.matches or () if match.kind == LOCAL_REFERENCE]


def write_changes(connection: Connection, changes: Sequence[RegisterChange], written: Sequence[Appended]) -> None:
    """Apply the changes of one group; each stands at the position of its plan's last event in the group.

    Raises ValueError for a change of a plan that has no event in the group: nothing changes without an event.
    """
    positions = {item.event.originator_id: item.position for item in written if item.log == PLAN_LOG}
    for change in changes:
        if change.plan not in positions:
            raise ValueError("a register change without an event of its plan")
        if change.matches is not None:
            forget_identifiers(connection, change.plan)
    places = (positions[change.plan] for change in changes)
    write_rows(connection, [(change, place, place) for change, place in zip(changes, places, strict=True)])


def forget_identifiers(connection: Connection, plan: UUID) -> None:
    """The plan is no longer found by any identifier."""
    connection.execute("DELETE FROM plan_match WHERE plan = ?", (plan.bytes,))


def write_stream(connection: Connection, plan: UUID, log: str, position: int, stream: UUID) -> None:
    """Note that a stream of another log belongs to the plan."""
    connection.execute("INSERT INTO plan_stream VALUES (?,?,?,?)", (plan.bytes, log, position, stream.bytes))


def write_streams(connection: Connection, entries: Iterable[tuple[SealedEvent, int]], log: str) -> None:
    """As `write_stream`, for many events, each the first of a stream, with their positions."""
    connection.executemany(
        "INSERT INTO plan_stream VALUES (?,?,?,?)",
        [(event.plan.bytes, log, position, event.stream.bytes) for event, position in entries],
    )


def rebuild(connection: Connection, changes: Iterable[tuple[RegisterChange, int]]) -> None:
    """Make the register anew from what the log says: changes with their positions, in order of position."""
    opened: dict[UUID, int] = {}
    latest: dict[UUID, tuple[RegisterChange, int]] = {}
    for change, position in changes:
        opened.setdefault(change.plan, position)
        if change.matches is None and change.plan in latest:
            change = replace(change, matches=latest[change.plan][0].matches)  # noqa: PLW2901 — the row as a whole
        latest[change.plan] = change, position
    connection.execute("DELETE FROM plan_match")
    connection.execute("DELETE FROM plan_register")
    write_rows(connection, [(change, opened[change.plan], position) for change, position in latest.values()])


def write_rows(connection: Connection, rows: Sequence[tuple[RegisterChange, int, int]]) -> None:
    """Write plans' rows and identifiers, each with the positions at which it was opened and updated.

    A plan that has a row keeps the position at which it was opened.
    """
    insert_rows(
        connection,
        "INSERT INTO plan_register",
        [
            (each.plan.bytes, each.council, each.phase, each.version, opened, updated, _bytes(each.retired_into))
            for each, opened, updated in rows
        ],
        "ON CONFLICT (plan) DO UPDATE SET council = excluded.council, phase = excluded.phase,"
        " version = excluded.version, updated_position = excluded.updated_position,"
        " retired_into = excluded.retired_into",
    )
    insert_rows(
        connection,
        "INSERT INTO plan_match",
        [(m.kind, m.council, m.index, each.plan.bytes) for each, _, _ in rows for m in each.matches or ()],
    )


def _bytes(plan: UUID | None) -> bytes | None:
    return plan.bytes if plan else None


def _carriers(connection: Connection, wanted: Sequence[PlanMatch]) -> Iterator[tuple[PlanMatch, UUID]]:
    """The plans that carry any of these identifiers, some hundreds a query."""
    for start in range(0, len(wanted), _MATCHES_PER_QUERY):
        some = wanted[start : start + _MATCHES_PER_QUERY]
        values = [value for match in some for value in (match.kind, match.council, match.index)]
        for kind, council, index, plan in connection.execute(_carriers_query(len(some)), values).fetchall():
            yield PlanMatch(kind, council, index), UUID(bytes=plan)


def _carriers_query(matches: int) -> str:
    """The query for so many identifiers; the cross join makes SQLite look each one up instead of scanning."""
    return (
        f"WITH wanted (kind, council, blinded) AS (VALUES {','.join(['(?,?,?)'] * matches)})"  # noqa: S608 — placeholders
        " SELECT m.kind, m.council, m.blinded, m.plan FROM wanted w CROSS JOIN plan_match m"
        " WHERE m.kind = w.kind AND m.council = w.council AND m.blinded = w.blinded"
    )


def _row(row: tuple[bytes, str, str, int, int | None, int, int, bytes | None]) -> RegisterRow:
    plan, council, phase, version, last_sequence, opened, updated, retired = row
    return RegisterRow(
        plan=UUID(bytes=plan),
        council=council,
        phase=phase,
        version=version,
        last_sequence=last_sequence or 0,
        opened_position=opened,
        updated_position=updated,
        retired_into=UUID(bytes=retired) if retired else None,
    )
