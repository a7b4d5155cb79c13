"""Requests made twice under one Idempotency-Key: the second waits for the first, and gets its answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.errors import KeyReused
from services.keeper.turns import Turns
from services.requests import ActRequest
from services.store.record_store import RecordStore
from services.store.values import RecordedRequest


class Repeats:
    """Finds what a request under this key has already done, and lets no two of them run at once."""

    def __init__(self, store: RecordStore) -> None:
        """Look requests up in this store."""
        self._store = store
        self._turns = Turns()

    @asynccontextmanager
    async def one_at_a_time(self, request: ActRequest) -> AsyncIterator[None]:
        """Hold back a request while another under the same client and key is running in this process."""
        async with self._turns.turn((request.actor.person, request.idempotency_key)):
            yield

    def find(self, request: ActRequest) -> RecordedRequest | None:
        """What was recorded under this key, None when the request is new. Raises KeyReused for another body."""
        found = self._store.requests.find(request.actor.person, request.idempotency_key)
        if found and not self._store.requests.is_same_body(found, request.body_sha256):
            raise KeyReused
        return found

    def known(self, request: ActRequest) -> RecordedRequest:
        """The record of a request that the store says it already has. Raises KeyReused."""
        found = self.find(request)
        if found is None:
            raise KeyReused
        return found
