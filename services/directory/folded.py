"""The directory's log, folded: every organisation, every machine client and ended access as they are now."""

from datetime import datetime

from domain.directory.clients import Client, evolve_client
from domain.directory.events import EVENTS, AccessEnded, ClientKeysRotated, ClientRegistered, ClientRevoked
from domain.directory.register import Register
from domain.directory.successions import Successions
from services.store.clear import ClearEvent
from services.store.framing import instant

_OF_CLIENTS = (ClientRegistered, ClientKeysRotated, ClientRevoked)


class Folded:
    """What the events up to `position` say."""

    def __init__(self) -> None:
        """Nothing, to begin with."""
        self.organisations = Register()
        self.successions = Successions()
        self.clients: dict[str, Client] = {}
        self.endings: dict[str, datetime] = {}
        self.times_ended: dict[str, int] = {}
        self.position = 0
        self._client_ids: dict[object, str] = {}

    def take(self, event: ClearEvent) -> None:
        """Take in the next event of the log. Raises ValueError for one that cannot come here."""
        happening = EVENTS.read(event.type, event.data)
        if isinstance(happening, _OF_CLIENTS):
            if isinstance(happening, ClientRegistered):
                self._client_ids[event.stream] = happening.client_id
            client_id = self._client_ids[event.stream]
            self.clients[client_id] = evolve_client(self.clients.get(client_id), happening)
        elif isinstance(happening, AccessEnded):
            known = self.endings.get(happening.scope, happening.before)
            self.endings[happening.scope] = max(known, happening.before)
            self.times_ended[happening.scope] = self.times_ended.get(happening.scope, 0) + 1
        else:
            before = self.organisations.get(event.stream)
            self.organisations.apply(event.stream, happening)
            after = self.organisations.get(event.stream)
            if after is not None:
                self.successions.take(self.organisations, before, after, instant(event.time))
        self.position = event.position
