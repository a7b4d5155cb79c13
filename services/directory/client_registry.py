"""The directory's machine clients as signing in asks for them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from joserfc.jwk import KeySet

from connectors.identity.clients import ClientRegistry, RegisteredClient
from connectors.identity.keys import KeysUnusable, public_keys
from services.directory.service import DirectoryService


class DirectoryClients:
    """Implements ClientRegistry. A client whose keys have all ended is as good as none."""

    def __init__(self, directory: DirectoryService, now: Callable[[], datetime]) -> None:
        """`now` decides which of a client's keys are still accepted."""
        self._directory = directory
        self._now = now

    def client(self, client_id: str) -> RegisteredClient | None:
        """The client of that id, None when there is none."""
        found = self._directory.client(client_id)
        if found is None:
            return None
        try:
            keys = public_keys(found.jwks(self._now()))
        except KeysUnusable:
            return None
        ends = [end for end in (found.active_until, found.revoked_at) if end is not None]
        return RegisteredClient(
            client_id=found.client_id,
            organisation=found.organisation,
            role=found.role,
            jwks=KeySet(list(keys.keys)),
            certificate_thumbprints=frozenset(found.certificates),
            active_from=found.active_from,
            active_until=min(ends, default=None),
        )


class InTurn:
    """Several registries as one: the first that knows a client speaks for it. Implements ClientRegistry."""

    def __init__(self, registries: Sequence[ClientRegistry]) -> None:
        """In order of precedence."""
        self._registries = registries

    def client(self, client_id: str) -> RegisteredClient | None:
        """The client of that id, None when no registry has it."""
        asked = (registry.client(client_id) for registry in self._registries)
        return next((found for found in asked if found is not None), None)
