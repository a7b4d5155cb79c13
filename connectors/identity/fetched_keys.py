"""An issuer's keys, fetched from the address that the operator wrote down and held in memory.

Looking a key up never waits: whoever takes in requests calls `due` first and `refresh` when it says so, so that a
provider that answers slowly holds up nobody whose key is at hand. A set is fetched again when it is old, and at once
when a token names a key that isn't in it (the issuer has changed its keys), but seldom, so that made-up key ids can't
turn the platform against its issuer. Where nobody has called for long, the first to call waits for the set: they may
hold a key that was withdrawn meanwhile. While the issuer is down, what was known last stays in use, for a day at most.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from joserfc.jwk import Key

from connectors.identity.jws import Keys
from connectors.identity.keys import LEAST_RSA_BITS, KeyRing, KeysUnusable, public_keys
from connectors.identity.outbound import ProviderUnavailable, get_json

#: After how many seconds a set is fetched again although nothing is missing in it.
FRESH_SECONDS: Final = 600
#: After how many seconds nobody is let in by a set without an attempt to fetch it.
LATE_SECONDS: Final = 2 * FRESH_SECONDS
#: How many seconds must lie between two attempts, whatever tokens ask for.
PAUSE_SECONDS: Final = 30
#: For how many seconds a set may be used that couldn't be fetched again.
STALE_SECONDS: Final = 24 * 3600


class FetchedKeys:
    """The keys of one issuer. Implements Keys; safe for threads."""

    def __init__(
        self,
        address: str,
        *,
        least_bits: int = LEAST_RSA_BITS,
        fetch: Callable[[str], Any] = get_json,
        clock: Callable[[], float] = time.monotonic,
        complain: Callable[[str], None] = lambda _code: None,
    ) -> None:
        """Nothing is fetched before a key is asked for; `complain` is told the code of a failure.

        RSA keys under `least_bits` don't count.
        """
        self._address = address
        self._least_bits = least_bits
        self._fetch = fetch
        self._clock = clock
        self._complain = complain
        self._lock = threading.Lock()
        self._ring = KeyRing(())
        self._fetched = self._tried = float("-inf")

    def named(self, key_id: str) -> tuple[Key, ...]:
        """The keys of that id that are at hand."""
        return self._ring.named(key_id) if self._age() < STALE_SECONDS else ()

    def due(self, key_id: str) -> str:
        """When to fetch: "now" for a key that is missing or a late set, "soon" for an old set, "" if it can wait."""
        if self._clock() - self._tried < PAUSE_SECONDS:
            return ""
        if not self.named(key_id) or self._age() >= LATE_SECONDS:
            return "now"
        return "soon" if self._age() >= FRESH_SECONDS else ""

    def refresh(self, key_id: str) -> None:
        """Fetch the set if that is still due. Of several threads one fetches and the others wait for it."""
        with self._lock:
            if not self.due(key_id):
                return
            self._tried = self._clock()
            try:
                ring = public_keys(self._fetch(self._address), strict=False, least_bits=self._least_bits)
            except (ProviderUnavailable, KeysUnusable) as error:
                self._complain(error.code if isinstance(error, ProviderUnavailable) else "unusable")
                return
            self._ring, self._fetched = ring, self._clock()

    def _age(self) -> float:
        return self._clock() - self._fetched


def bring(keys: Keys, key_id: str) -> None:
    """See to it that a key is at hand where its keys are fetched; may call the issuer, so not for an event loop."""
    if isinstance(keys, FetchedKeys) and keys.due(key_id):
        keys.refresh(key_id)
