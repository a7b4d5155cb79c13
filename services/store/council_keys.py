"""The councils' keys in use: which wraps how many children's keys, wrapping them anew, and destroying old ones.

Wrapping anew goes by pages, each in a transaction of its own, and finds its work by the key that a row names:
whenever it is stopped, the next run goes on. A row that was rewrapped, handed over or destroyed meanwhile is left as
it is.
"""

import threading
from collections.abc import Callable
from typing import Final
from uuid import UUID

from msgspec import Struct

from services.store.child_keys import child_context
from services.store.errors import KeyInUse, UnknownKey, Unopenable
from services.store.key_store import KeyStore
from services.store.keyring import HASHING, KeyCustody, KeyInfo, KeyWrapper, name_of
from services.store.sql import Connection
from services.store.values import ChildKeyRow

PAGE: Final = 200
"""How many children's keys are wrapped anew in one transaction."""

_ONE_OF_EACH_KEY: Final = (
    "SELECT plan, council, key_id, wrapped FROM (SELECT plan, council, key_id, wrapped,"
    " row_number() OVER (PARTITION BY key_id ORDER BY plan) AS number FROM child_key) AS numbered WHERE number = 1"
)
_BEFORE_FIRST: Final = b""


class KeyUse(Struct, frozen=True, kw_only=True, rename="camel"):
    """A key and how many children's keys are wrapped with it; `held` is false when the keyring doesn't have it.

    Of an index key, `rows` are what it has made, by kind.
    """

    key_id: str
    children: int
    held: bool
    info: KeyInfo | None = None
    rows: dict[str, int] | None = None


class CouncilKeys:
    """What wraps the children's keys. Safe beside appends, transfers and erasures, and in several processes at once."""

    def __init__(self, keys: KeyStore) -> None:
        """Over the store of children's keys."""
        self._keys = keys
        self._database = keys.database

    def usage(self, keyring: KeyCustody) -> tuple[KeyUse, ...]:
        """Every key of the keyring, and any other that a child's key is wrapped with."""
        return usage_of(self.children_by_key(), keyring)

    def require_held(self, keyring: KeyCustody) -> None:
        """The same as `require_held` of this module, of this store."""
        with self._database.reader() as connection:
            require_held(connection, keyring)

    def children_by_key(self) -> dict[str, int]:
        """How many children's keys each council key wraps."""
        with self._database.reader() as connection:
            return children_by_key(connection)

    def stale(self, wrapper: KeyWrapper) -> int:
        """How many children's keys are wrapped with another key than their council's newest."""
        with self._database.reader() as connection:
            rows = connection.execute(
                "SELECT council, key_id, count(*) FROM child_key GROUP BY council, key_id"
            ).fetchall()
        return sum(count for council, key_id, count in rows if key_id != wrapper.current_key(council))

    def rewrap(
        self,
        wrapper: KeyWrapper,
        council: str | None = None,
        *,
        progress: Callable[[int], None] = lambda _done: None,
        stopping: threading.Event | None = None,
    ) -> int:
        """Wrap every child's key with its council's newest key. Returns how many were; `progress` is told by the page.

        Raises UnknownKey when the keyring has lost a key, Unopenable when a wrapped key was altered.
        """
        done, after = 0, _BEFORE_FIRST
        while (page := self._page(after)) and not (stopping and stopping.is_set()):
            old = [row for row in page if council in (None, row.council)]
            old = [row for row in old if row.key_id != wrapper.current_key(row.council)]
            if old:
                done += self._rewrapped(wrapper, old)
            after = page[-1].plan.bytes
            progress(done)
        if done:
            with self._keys.writing:
                self._keys.tables.scrub()
        return done

    def destroy(self, keyring: KeyCustody, key_id: str) -> None:
        """Destroy a council's key that wraps nothing any more.

        From the moment that this begins nothing more is wrapped with it: an append that was about to is refused, and
        made anew with the newest key. Safe to repeat. Raises UnknownKey, KeyInUse.
        """
        found = {info.key_id: info for info in keyring.all_keys()}
        if key_id not in found:
            raise UnknownKey(f"the keyring does not hold the key {key_id}")
        if name_of(key_id) in HASHING:
            raise KeyInUse(f"{key_id} makes hashes and wraps nothing: it isn't a council's key.")
        if found[key_id].current:
            raise KeyInUse(f"{key_id} is the key that wraps for its council now: rotate first.")
        with self._keys.writing, self._database.transaction() as connection:
            connection.execute("INSERT INTO retired_key VALUES (?) ON CONFLICT DO NOTHING", (key_id,))
            children = children_by_key(connection).get(key_id, 0)
            if children:
                raise KeyInUse(f"{children:,} children's keys are still wrapped with {key_id}: rewrap first.")
        keyring.remove(key_id)

    def _page(self, after: bytes) -> list[ChildKeyRow]:
        statement = "SELECT plan, council, key_id, wrapped FROM child_key WHERE plan > ? ORDER BY plan LIMIT ?"
        with self._database.reader() as connection:
            rows = connection.execute(statement, (after, PAGE)).fetchall()
        return [ChildKeyRow(UUID(bytes=plan), *rest) for plan, *rest in rows]

    def _rewrapped(self, wrapper: KeyWrapper, rows: list[ChildKeyRow]) -> int:
        changes = [(*_wrapped_anew(wrapper, row), row.plan.bytes, row.key_id, row.wrapped) for row in rows]
        update = "UPDATE child_key SET key_id = ?, wrapped = ? WHERE plan = ? AND key_id = ? AND wrapped = ?"
        with self._keys.writing, self._database.transaction() as connection:
            return connection.executemany(update, changes).rowcount


def usage_of(children: dict[str, int], keyring: KeyCustody) -> tuple[KeyUse, ...]:
    """Every key of the keyring, and any other that wraps children's keys."""
    infos = {info.key_id: info for info in keyring.all_keys()}
    lost = sorted(children.keys() - infos.keys())
    return tuple(
        KeyUse(key_id=key_id, children=children.get(key_id, 0), held=key_id in infos, info=infos.get(key_id))
        for key_id in (*infos, *lost)
    )


def require_held(connection: Connection, keyring: KeyCustody) -> None:
    """See that every key that wraps a child's key is in the keyring, and is the one that did: before it is missed.

    Else a council's first key would be made anew under the old one's name, and what that wraps would stand in the way
    of the old one's return. Raises UnknownKey.
    """
    held = {info.key_id for info in keyring.all_keys()}
    for plan, council, key_id, wrapped in connection.execute(_ONE_OF_EACH_KEY).fetchall():
        if key_id not in held:
            raise UnknownKey(f"the keyring does not hold the key {key_id}: bring it back from its backup")
        try:
            keyring.unwrap(key_id, wrapped, child_context(UUID(bytes=plan), council))
        except Unopenable:
            text = f"{key_id} in the keyring isn't the key of that name that wrapped children's keys"
            raise UnknownKey(f"{text}: bring that back from its backup") from None


def children_by_key(connection: Connection) -> dict[str, int]:
    """How many children's keys each council key wraps, over any connection to the keys."""
    rows = connection.execute("SELECT key_id, count(*) FROM child_key GROUP BY key_id").fetchall()
    return dict(rows)


def _wrapped_anew(wrapper: KeyWrapper, row: ChildKeyRow) -> tuple[str, bytes]:
    context = child_context(row.plan, row.council)
    newest = wrapper.current_key(row.council)
    return newest, wrapper.wrap(newest, wrapper.unwrap(row.key_id, row.wrapped, context), context)
