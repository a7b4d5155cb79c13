"""Taking an extract into the directory: events for what is new, and for nothing else, a few hundred rows a commit.

Running the same file again records nothing. Should the process end in the middle, the rows up to the last commit are on
record, and the next run takes in the rest.
"""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.directory.decide import OlderStatement, decide, decide_succession
from domain.directory.events import Happening
from domain.directory.evolve import evolve
from domain.directory.organisation import Organisation, organisation_id
from services.directory.service import DirectoryService, Entry
from services.directory.statements import Rejected, Said, Skipped, Statement, Succeeds
from services.store.errors import SequenceConflict

ROWS_PER_COMMIT: Final = 500
_ATTEMPTS: Final = 5


class ImportOutcome(Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of the rows of a file. `events` is how many were recorded for them."""

    rows: int = 0
    registered: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    events: int = 0
    rejected: tuple[Rejected, ...] = ()

    def plus(self, other: "ImportOutcome") -> "ImportOutcome":
        """Both together."""
        return ImportOutcome(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})


class DirectoryImporter:
    """Takes in what extracts say."""

    def __init__(self, directory: DirectoryService, actor: str) -> None:
        """`actor` is the opaque id of whoever imports."""
        self._directory = directory
        self._actor = actor

    def take(
        self, statements: Iterable[Statement], progress: Callable[[int], None] = lambda _line: None
    ) -> ImportOutcome:
        """Take in the statements; `progress` is told the line that was reached. Raises StoreError."""
        outcome, waiting = ImportOutcome(), iter(statements)
        while rows := list(islice(waiting, ROWS_PER_COMMIT)):
            outcome = outcome.plus(self._taken(rows))
            progress(rows[-1].line)
        return outcome

    def _taken(self, rows: list[Statement]) -> ImportOutcome:
        for _ in range(_ATTEMPTS):
            piece = _Slice(self._directory)
            for row in rows:
                piece.take(row)
            try:
                if piece.entries:
                    self._directory.record(piece.entries, actor=self._actor)
            except SequenceConflict:
                self._directory.look_again()
                continue
            return piece.outcome()
        raise SequenceConflict(UUID(int=0), 0, 0)


class _Slice:
    """Decides on some rows, each in view of those before it."""

    def __init__(self, directory: DirectoryService) -> None:
        self._register = directory.organisations()
        self._pending: dict[UUID, Organisation] = {}
        self.entries: list[Entry] = []
        self._rejected: list[Rejected] = []
        self._counts = {"rows": 0, "registered": 0, "changed": 0, "unchanged": 0, "skipped": 0}

    def take(self, row: Statement) -> None:
        self._counts["rows"] += 1
        match row:
            case Skipped():
                self._counts["skipped"] += 1
            case Rejected():
                self._rejected.append(row)
            case Said():
                self._said(row)
            case Succeeds():
                self._succeeds(row)

    def outcome(self) -> ImportOutcome:
        return ImportOutcome(**self._counts, events=len(self.entries), rejected=tuple(self._rejected))

    def _said(self, row: Said) -> None:
        known = self._known(row.identifier)
        if known is not None and known.kind != row.stated.kind:
            self._reject(row, "another-kind", f"{row.identifier} is on record as a {known.kind}.")
            return
        try:
            happenings = decide(known, row.stated)
        except OlderStatement as older:
            self._reject(row, "older-than-record", str(older))
            return
        self._note(known.id if known else organisation_id(row.identifier), known, happenings)

    def _succeeds(self, row: Succeeds) -> None:
        before, after = self._known(row.predecessor), self._known(row.successor)
        if before is None or after is None:
            missing = row.predecessor if before is None else row.successor
            self._reject(row, "not-in-directory", f"{missing} isn't in the directory: import the organisations first.")
            return
        try:
            happenings = decide_succession(before, after.id, row.on, row.how, row.source)
        except ValueError as error:
            self._reject(row, "succeeds-itself", f"{error}.")
            return
        self._note(before.id, before, happenings)

    def _known(self, identifier: str) -> Organisation | None:
        held = self._register.ever_held(identifier)
        stream = held[0].id if len(held) == 1 else organisation_id(identifier)
        return self._pending.get(stream) or self._register.get(stream)

    def _note(self, stream: UUID, known: Organisation | None, happenings: Iterable[Happening]) -> None:
        after = known
        for happening in happenings:
            after = evolve(stream, after, happening)
            self.entries.append(Entry(stream=stream, sequence=after.sequence, happening=happening))
        if after is None or after is known:
            self._counts["unchanged"] += 1
            return
        self._pending[stream] = after
        self._counts["registered" if known is None else "changed"] += 1

    def _reject(self, row: Said | Succeeds, rule: str, reason: str) -> None:
        self._rejected.append(Rejected(line=row.line, column="", rule=rule, reason=reason))
