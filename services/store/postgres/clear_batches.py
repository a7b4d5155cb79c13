"""Appending to a log in the clear on PostgreSQL: with a procedure and a lock of its own, an import holds up no act."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from typing_extensions import override

from services.store.errors import StoreError
from services.store.postgres.arrays import bigint_array, bytea_array, text_array
from services.store.postgres.batch_arrays import stream_of
from services.store.postgres.batches import PostgresBatches, placed, refusal
from services.store.values import AppendGroup, Outcome

_CALL: Final = "CALL ehcp.append_{log}($1, $2, $3, $4, $5, $6, $7, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"


class ClearBatches(PostgresBatches):
    """Writes batches to one log in the clear, on a connection of its own."""

    def __init__(self, conninfo: str, log: str, clock: Callable[[], int | None] = lambda: None) -> None:
        """`log` is written by the procedure `ehcp.append_<log>`."""
        super().__init__(conninfo, None, clock)
        self._log = log

    @override
    def _asked(self, groups: Sequence[AppendGroup]) -> tuple[str, list[Any]]:
        rows = [(number, event) for number, group in enumerate(groups, 1) for event in group.events[self._log]]
        columns = [
            bigint_array([number for number, _ in rows]),
            bytea_array([stream_of(event) for _, event in rows]),
            bigint_array([event.originator_version for _, event in rows]),
            text_array([event.topic for _, event in rows]),
            bytea_array([event.state for _, event in rows]),
        ]
        return _CALL.format(log=self._log), [len(groups), *columns, self._clock()]

    @override
    def _answered(self, groups: Sequence[AppendGroup], row: Sequence[Any]) -> list[Outcome]:
        head, moment, *refused = row
        numbers, *reasons = (column or () for column in refused)
        refusals = {number: refusal(*reason) for number, *reason in zip(numbers, *reasons, strict=True)}
        accepted = (len(group.events[self._log]) for number, group in enumerate(groups, 1) if number not in refusals)
        return placed(groups, {self._log: ((head or 0) - sum(accepted), moment or 0)}, refusals)


class BatchesByLog:
    """Hands the groups of each log in the clear to a writer of batches of its own, all others to that of the record."""

    def __init__(self, record: PostgresBatches, clear: Mapping[str, PostgresBatches]) -> None:
        """`clear` by log. All are closed with this."""
        self._record = record
        self._clear = clear

    def write(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        """Each group whole or not at all; never raises."""
        asked = {group.clear_log for group in groups}
        if asked == {None}:
            return self._record.write(groups)
        outcomes: list[Outcome] = [StoreError("not written")] * len(groups)
        for log in asked:
            chosen = [place for place, group in enumerate(groups) if group.clear_log == log]
            batches = self._record if log is None else self._clear[log]
            written = batches.write([groups[place] for place in chosen])
            for place, outcome in zip(chosen, written, strict=True):
                outcomes[place] = outcome
        return outcomes

    def close(self) -> None:
        """End every conversation."""
        for batches in (self._record, *self._clear.values()):
            batches.close()
