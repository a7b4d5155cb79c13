"""What another process erases is forgotten here too, within a second, also where nobody reads."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from services.repeating import Repeating
from services.store.errors import StoreClosed, StoreUnavailable
from services.store.key_store import KeyStore
from services.store.leads import children_of, forget_leads
from services.store.sql import Aside

SECONDS: Final = 1.0
"""How often the register of erasures is looked at."""


class ErasureWatch:
    """Follows the register, and carries out what whoever registered it may not have come to."""

    def __init__(
        self, keys: KeyStore, aside: Aside, seconds: float = SECONDS, *, beside: Callable[[], None] = lambda: None
    ) -> None:
        """What was registered before `keys` was opened, that has carried out; `aside` writes in the same database.

        `beside`: what else of other processes' doing is looked at as often.
        """
        self._beside = beside
        self._keys = keys
        self._aside = aside
        self._followed = keys.erasures.head()
        self._repeating = Repeating("store-erasures", self._look, seconds)
        self._repeating.start()

    def stop(self) -> None:
        """End the thread."""
        self._repeating.stop()

    def _look(self) -> None:
        with suppress(StoreUnavailable, StoreClosed):
            self._beside()
            self._follow()

    def _follow(self) -> None:
        self._keys.follow()
        head = self._keys.erasures.head()
        if head != self._followed:
            children = children_of(self._keys.erasures.behind(self._followed))
            self._aside(lambda connection: forget_leads(connection, children))
            self._followed = head
