"""The notary of one log: lets its Merkle tree grow, and signs how large it is and which root it has."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError

from services.notary import figures, keeping
from services.notary.database import CheckpointDatabase
from services.notary.notes import Checkpoint, NamedKey, signed_note
from services.notary.side_note import SideNotes
from services.notary.signing_keys import CheckpointKeys
from services.notary.standing import SealedLogs, known_of, leaves_of, require_as_long, require_same
from services.notary.tree import Edge, Tile
from services.publishing.durable import Durable
from services.store.framing import microseconds

MOST: Final = 10_000
"""How many leaves are added in one transaction at most."""


class Notary:
    """Signs checkpoints of one log. Not for several threads."""

    def __init__(
        self,
        log: str,
        origin: str,
        logs: SealedLogs,
        durable: Durable,
        database: CheckpointDatabase,
        keys: CheckpointKeys,
        side: SideNotes,
        now: Callable[[], datetime],
    ) -> None:
        """Nothing is touched before the first step; `origin` is the log's name in its checkpoints."""
        self.log = log
        self._origin = origin
        self._logs = logs
        self._durable = durable
        self._database = database
        self._keys = keys
        self._side = side
        self._now = now
        self._checked = False

    def step(self) -> bool:
        """Add what is new to the tree, and sign it when that is all; false when nothing was new.

        Raises LogDiffers, MalformedState, GrownElsewhere, KeyringPermissions, StoreUnavailable.
        """
        self._check()
        upto = self._durable.position()
        with self._database.reading() as connection:
            edge, last = keeping.edge_of(connection, self.log), keeping.newest(connection, self.log)
        before, signed = edge.size, last.size if last else 0
        figures.lag(self.log, upto, signed)
        require_as_long(self._logs, self.log, max(before, signed))
        if upto <= min(before, signed):
            return False
        filled = edge.grow(leaves_of(self._logs, self.log, before, min(upto, before + MOST)))
        if upto <= edge.size and signed < edge.size:
            self._sign(before, edge, filled, last.number if last else 0)
            figures.lag(self.log, upto, edge.size)
        else:
            self._keep(before, edge, filled, None)
        return True

    def close(self) -> None:
        """A later step looks again whether the log is still the one that was signed."""
        self._checked = False

    def _check(self) -> None:
        """Before anything is added: the log must be the one of which the newest checkpoints are known."""
        if self._checked:
            return
        with self._database.reading() as connection:
            for known in known_of(connection, self._side, self.log):
                require_same(connection, self._logs, self.log, known)
        self._checked = True

    def _sign(self, before: int, edge: Edge, filled: list[Tile], number: int) -> None:
        stated, key = Checkpoint(self._origin, edge.size, edge.root), self._keys.current()
        note = signed_note(stated, key)
        signed = keeping.Signed(
            log=self.log,
            number=number + 1,
            size=stated.size,
            root=stated.root,
            time=microseconds(self._now()),
            note=note,
        )
        self._keep(before, edge, filled, signed, NamedKey(self._origin, key.public_key().public_bytes_raw()).text)
        self._side.keep(self.log, note)
        figures.signed(self.log)

    def _keep(self, before: int, edge: Edge, filled: list[Tile], signed: keeping.Signed | None, key: str = "") -> None:
        try:
            with self._database.writing() as connection:
                keeping.keep_grown(connection, self.log, before, edge, filled)
                if signed is not None:
                    keeping.keep_signed(connection, signed, key)
        except IntegrityError:
            raise keeping.GrownElsewhere from None
        figures.grown(self.log, edge.size - before)
