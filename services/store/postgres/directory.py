"""Appending to the directory's log on PostgreSQL: with a procedure and a lock of its own, an import holds up no act."""

from collections.abc import Sequence
from typing import Any, Final

from typing_extensions import override

from services.store.errors import StoreError
from services.store.postgres.arrays import bigint_array, bytea_array, text_array
from services.store.postgres.batch_arrays import stream_of
from services.store.postgres.batches import PostgresBatches, placed, refusal
from services.store.values import DIRECTORY_LOG, AppendGroup, Outcome

_CALL: Final = "CALL ehcp.append_directory($1, $2, $3, $4, $5, $6, $7, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"


class DirectoryBatches(PostgresBatches):
    """Writes batches to the directory's log, on a connection of its own."""

    @override
    def _asked(self, groups: Sequence[AppendGroup]) -> tuple[str, list[Any]]:
        rows = [(number, event) for number, group in enumerate(groups, 1) for event in group.events[DIRECTORY_LOG]]
        columns = [
            bigint_array([number for number, _ in rows]),
            bytea_array([stream_of(event) for _, event in rows]),
            bigint_array([event.originator_version for _, event in rows]),
            text_array([event.topic for _, event in rows]),
            bytea_array([event.state for _, event in rows]),
        ]
        return _CALL, [len(groups), *columns, self._clock()]

    @override
    def _answered(self, groups: Sequence[AppendGroup], row: Sequence[Any]) -> list[Outcome]:
        head, moment, *refused = row
        numbers, *reasons = (column or () for column in refused)
        refusals = {number: refusal(*reason) for number, *reason in zip(numbers, *reasons, strict=True)}
        accepted = (
            len(group.events[DIRECTORY_LOG]) for number, group in enumerate(groups, 1) if number not in refusals
        )
        return placed(groups, {DIRECTORY_LOG: ((head or 0) - sum(accepted), moment or 0)}, refusals)


class BatchesByLog:
    """Hands the groups of the directory to one writer of batches, those of the record to the other."""

    def __init__(self, record: PostgresBatches, directory: PostgresBatches) -> None:
        """Both are closed with this."""
        self._record = record
        self._directory = directory

    def write(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        """Each group whole or not at all; never raises."""
        if not any(group.is_of_directory for group in groups):
            return self._record.write(groups)
        outcomes: list[Outcome] = [StoreError("not written")] * len(groups)
        for batches, wanted in ((self._record, False), (self._directory, True)):
            chosen = [place for place, group in enumerate(groups) if group.is_of_directory is wanted]
            if chosen:
                written = batches.write([groups[place] for place in chosen])
                for place, outcome in zip(chosen, written, strict=True):
                    outcomes[place] = outcome
        return outcomes

    def close(self) -> None:
        """End both conversations."""
        self._record.close()
        self._directory.close()
