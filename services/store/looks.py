"""What loading a plan asks of the database, asked again for nothing: so that a refusal tells nobody what was there.

How much a load asks depends on what is in memory of the plan, and on whether there is such a plan at all. Whoever is
refused must not find that out: what the load left out is asked afterwards.
"""

from enum import Enum
from typing import Final
from uuid import UUID, uuid4

from services.store.key_store import KeyStore
from services.store.replaying import Replay
from services.store.snapshots import SnapshotStore
from services.store.values import PLAN_LOG

_CHILDS_KEY: Final = 2
"""How often a load asks for the key of a child that has none: with the snapshot, and with the events."""

_NO_STATE: Final = 0
"""A state version that no snapshot has."""


class Look(Enum):
    """What a load has asked already."""

    TAIL = "the tail of a plan whose state is in memory"
    ALL_BUT_CHILD = "all but the key of a child that is in memory"
    ALL = "all"
    LATER = "nothing: a refusal is decided again, on what the log says"


class Looks:
    """Asks what is missing."""

    def __init__(self, replay: Replay, keys: KeyStore, snapshots: SnapshotStore) -> None:
        """Ask what `replay`, keys and snapshots are asked by a load."""
        self._replay = replay
        self._keys = keys
        self._snapshots = snapshots

    def complete(self, plan: UUID, done: Look) -> None:
        """Ask what a load that has asked `done` left out; nothing of it is opened or kept.

        It is asked of nobody: what is there of the plan would take as long to come as there is much of it.
        """
        if done is Look.LATER:
            return
        nobody = uuid4()
        if done is Look.TAIL:
            self._keys.erasures_of(nobody)
            self._snapshots.newest(nobody, _NO_STATE)  # asks for the key once
            self._replay.stream(PLAN_LOG, nobody, 0, None)
            self._keys.follow()
        if done is Look.TAIL or self._keys.remembers(plan):
            asked = 0 if done is Look.ALL_BUT_CHILD else 1
            for _ in range(_CHILDS_KEY - asked):
                self._keys.look_for_child(nobody)
