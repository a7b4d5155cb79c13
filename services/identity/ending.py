"""Ending access: what was given out before a moment is accepted no more, in every process within a second.

An ending is an event of the directory: who ended what, and when, stays on record, and every process hears of it as of
any other change of the directory.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from connectors.identity.development import ISSUER
from connectors.identity.principal import Principal
from domain.directory.endings import end_access, is_ended
from domain.directory.organisation import organisation_id
from services.directory.service import DirectoryService, Entry
from services.identity.sessions import person_of
from services.store.family_links import FamilyLinks
from services.store.keyring import OPERATOR, KeyedHash

_HASH_LENGTH = 16


class Endings:
    """Asks of every token and session whether it was ended, and ends them."""

    def __init__(
        self,
        directory: DirectoryService,
        families: FamilyLinks,
        keyring: KeyedHash,
        now: Callable[[], datetime],
        by_invitation: Collection[str] = (),
    ) -> None:
        """`by_invitation` are the issuers whose people may read what a link to a plan gives them."""
        self._directory = directory
        self._families = families
        self._keyring = keyring
        self._now = now
        self._by_invitation = frozenset(by_invitation)

    def is_over(self, principal: Principal, began: int) -> bool:
        """Whether what began then (seconds since the epoch) counts no more: ended, or what it rests on has gone."""
        if (endings := self._directory.endings()) and is_ended(endings, self._scopes(principal), began):
            return True
        if principal.issuer == ISSUER:
            client = self._directory.client(principal.subject)
            return client is not None and not client.is_active(self._now())
        if principal.issuer in self._by_invitation:
            held = {(str(link.plan), link.contact) for link in self._families.of(person_of(principal))}
            return (principal.plan_id, principal.contact_id) not in held
        return False

    def _scopes(self, principal: Principal) -> Iterator[str]:
        yield f"organisation:{principal.organisation}"
        yield f"client:{principal.subject}"
        yield self.scope_of_person(principal.issuer, principal.subject)

    def scope_of_person(self, issuer: str, subject: str) -> str:
        """The scope of one person: a keyed hash, under a key that is never exchanged."""
        hashed = self._keyring.keyed_hash(OPERATOR, "ended-person", f"{issuer}\x00{subject}")
        return f"person:{hashed[:_HASH_LENGTH].hex()}"

    def end(self, scope: str, before: datetime, reason: str, *, actor: str, actor_org: str = "platform") -> None:
        """End what began up to `before`; `actor` is an opaque id. Raises EndingRefused, SequenceConflict."""
        happening = end_access(scope, before, reason, self._now())
        stream = organisation_id(f"ended:{scope}")
        entry = Entry(stream=stream, sequence=self._directory.times_ended(scope) + 1, happening=happening)
        self._directory.record([entry], actor=actor, actor_org=actor_org)
