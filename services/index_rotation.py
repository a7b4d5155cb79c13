"""Exchanging the index key: a new one, everything that was made with the old one made anew, the old one destroyed.

What is kept as hashes can't be turned from one key to the other: identifiers are read from each plan again, names by
building the worklist anew, families from what is sealed beside their links, webhooks' secrets by opening them. What
can't be read again (requests, sessions, invitations) runs out by itself, after 30 days at most. Nothing stands still
meanwhile, and whenever it is stopped, the next run goes on (docs/decisions/0014).
"""

import threading
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

from msgspec import Struct

from services.errors import PlanErased, PlanUnknown
from services.keeper.registering import identifiers
from services.plans import Plans
from services.projection.name_keys import NameKeys
from services.projection.wiring import Projection
from services.signals.secret_keys import SecretKeys
from services.signals.wiring import Signals
from services.store.blind_index import key_name
from services.store.errors import KeyInUse, UnknownKey
from services.store.idempotency import RETENTION
from services.store.index_keys import IDENTIFIERS, Identified, IndexKey
from services.store.keyring import INDEX, KeyCustody, name_of, number_of
from services.store.record_store import RecordStore
from services.store.register import plan_matches

HEARD_SECONDS: Final = 60
"""After so long every process has heard of a new key: each looks every second."""

SETTLED_SECONDS: Final = 3
"""What other processes read or write by themselves waits until they have looked."""

KEPT_SECONDS: Final = int(RETENTION.total_seconds()) + HEARD_SECONDS
"""How long an old key is kept for what can't be written anew: a repeated request is recognised for 30 days."""

NAMES: Final = "names"
SECRETS: Final = "webhook secrets"


class IndexKeyUse(Struct, frozen=True, kw_only=True, rename="camel"):
    """An index key: how many rows each kind has of it, and whether new rows are made with it, in seconds since 1970."""

    key_id: str
    rows: dict[str, int]
    held: bool
    adopted: int
    retired: int | None


class IndexRotation:
    """Exchanges index keys. Safe beside everything else, and in several processes at once."""

    def __init__(
        self,
        store: RecordStore,
        plans: Plans,
        names: NameKeys,
        secrets: SecretKeys,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` gives seconds since the epoch."""
        self._store = store
        self._keys = store.index_keys
        self._plans = plans
        self._names = names
        self._secrets = secrets
        self._clock = clock
        self._finished = 0

    def follow(self, keyring: KeyCustody, stopping: threading.Event) -> None:
        """What a server does now and then: adopt a key that a command has made, and write anew what lacks it."""
        self.adopt_waiting(keyring)
        newest, *older = self._store.index.accepted
        if older and self._finished != newest:
            self.write_anew(stopping=stopping)
            # Nothing is written any more that lacks the newest key: what was whole once stays whole.
            self._finished = newest if self.is_whole() else 0

    def begin(self, keyring: KeyCustody) -> str:
        """Adopt a new key, or the one of a rotation that is under way; its id."""
        if len(self._store.index.accepted) == 1:
            while not self.adopt_waiting(keyring):
                keyring.new_index_key()
        return key_name(self._store.index.accepted[0])

    def adopt_waiting(self, keyring: KeyCustody) -> bool:
        """Adopt a key of the keyring that came after those that count: a command made it beside this process."""
        held = [number_of(info.key_id) for info in keyring.all_keys() if name_of(info.key_id) == INDEX]
        newest = max(held, default=0)
        known = max(key.number for key in self._keys.all())
        if newest <= known:
            return False
        self._keys.adopt(newest, int(self._clock()))
        return True

    def write_anew(
        self, *, progress: Callable[[int], None] = lambda _done: None, stopping: threading.Event | None = None
    ) -> int:
        """Make what can be made anew under the newest key. Returns how many plans were; `progress` is told by the page.

        Names follow when the projectors have built the worklist anew.
        """
        done, after = 0, None
        while (page := self._keys.plans_to_write_anew(after)) and not (stopping and stopping.is_set()):
            self._keys.add([found for plan in page if (found := self._found(plan))])
            done, after = done + len(page), page[-1]
            progress(done)
        while self._store.family_links.write_anew() and not (stopping and stopping.is_set()):
            pass
        if self._heard():
            self._secrets.write_anew()
            self._names.write_anew()
        return done

    def is_whole(self) -> bool:
        """Whether everything that can be made anew is there under the newest key."""
        return not (self._keys.plans_to_write_anew() or self._names.lack() or self._secrets.lack())

    def usage(self, keyring: KeyCustody) -> tuple[IndexKeyUse, ...]:
        """Every index key that counts, is held, or has rows."""
        held = {info.key_id for info in keyring.all_keys()}
        rows, names, secrets = self._keys.rows(), self._names.rows(), self._secrets.rows()
        return tuple(
            IndexKeyUse(
                key_id=key_name(key.number),
                rows=_counted(rows.get(key.number, {}), names.get(key.number), secrets.get(key.number)),
                held=key_name(key.number) in held,
                adopted=key.adopted,
                retired=key.retired,
            )
            for key in self._keys.all()
            if key.retired is None or key_name(key.number) in held or key.number in rows
        )

    def destroy(self, keyring: KeyCustody, key_id: str, *, at_once: bool = False) -> None:
        """Destroy an index key that nothing depends on any more. Safe to repeat.

        `at_once`: what can't be made anew is forgotten: repeated requests of before aren't recognised, sessions of
        before end, invitations and links of families that were not made anew are void. Raises UnknownKey, KeyInUse.
        """
        if key_id not in {info.key_id for info in keyring.all_keys()}:
            raise UnknownKey(f"the keyring does not hold the key {key_id}")
        number = number_of(key_id)
        found = next((key for key in self._keys.all() if key.number == number), None)
        if found is not None:
            self._retire(found, at_once=at_once)
            self._keys.delete_rows(number)
            self._names.delete_rows(number)
        keyring.remove(key_id)

    def _retire(self, key: IndexKey, *, at_once: bool) -> None:
        if key.retired is not None:
            return
        following = [other for other in self._keys.all() if other.number > key.number]
        if not following:
            raise KeyInUse(f"{key_name(key.number)} is the key that makes blind indexes now: rotate it first.")
        since = int(self._clock()) - following[0].adopted
        if since < HEARD_SECONDS:
            raise KeyInUse(f"The new key is {since} seconds old: try again when it is {HEARD_SECONDS}.")
        if not self.is_whole():
            raise KeyInUse(f"Not everything is found without {key_name(key.number)} yet: `ehcp keys rotate-index`.")
        left = self._store.family_links.count_made_with(key.number)
        if not at_once and (since < KEPT_SECONDS or left):
            days = max(0, -(-(KEPT_SECONDS - since) // 86_400))
            raise KeyInUse(
                f"{key_name(key.number)} still serves requests, sessions and invitations of before, for {days} days,"
                f" and {left} families who haven't signed in since. --at-once forgets them."
            )
        self._keys.retire(key.number, int(self._clock()))

    def _found(self, plan: UUID) -> Identified | None:
        try:
            state = self._plans.current(plan)
        except PlanErased:
            # Erased, and the process that did it has ended before it came to the identifiers.
            self._store.forget_identifiers(plan)
            return None
        except PlanUnknown:
            return None
        index = self._store.index
        return Identified(
            plan, state.sequence, tuple(f for found in identifiers(state) for f in plan_matches(index, *found))
        )

    def _heard(self) -> bool:
        newest = max(self._keys.all(), key=lambda key: key.number)
        return self._clock() - newest.adopted >= SETTLED_SECONDS


def open_index_rotation(
    store: RecordStore,
    plans: Plans,
    projection: Projection,
    signals: Signals,
    clock: Callable[[], float] = time.time,
) -> IndexRotation:
    """The rotation over everything that an index key has made; names are built anew by this process if it projects."""
    database = projection.database
    hurry = projection.running.hurry if database.is_embedded else lambda: None
    names = NameKeys(store, database, store.index, hurry)
    return IndexRotation(store, plans, names, SecretKeys(signals.database, store.index), clock)


def _counted(rows: dict[str, int], names: int | None, secrets: int | None) -> dict[str, int]:
    beside = {NAMES: names, SECRETS: secrets}
    return {IDENTIFIERS: 0} | rows | {kind: count for kind, count in beside.items() if count}
