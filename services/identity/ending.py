"""Ending access: what was given out before a moment is accepted no more, in every process within a second.

An ending is an event of the directory: who ended what, and when, stays on record, and every process hears of it as of
any other change of the directory.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Final

from msgspec import Struct

from connectors.identity.development import ISSUER
from connectors.identity.principal import Principal
from domain.directory.endings import end_access, is_ended
from domain.directory.organisation import organisation_id
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from services.directory.service import DirectoryService, Entry
from services.errors import NotYours
from services.identity.sessions import person_of
from services.required import require_valid
from services.store.errors import SequenceConflict, StoreBusy, UnknownKey
from services.store.family_links import FamilyLinks
from services.store.keyring import OPERATOR, KeyCustody, KeyedHash
from services.validation import SCHEMA_BASE

BODY_SCHEMA: Final = f"{SCHEMA_BASE}access/ending.schema.json"

MANAGER: Final = "send-manager"
"""Who ends the access of people of their own council."""

_HASH_LENGTH: Final = 16


class AccessEnding(Struct, frozen=True, kw_only=True, rename="camel"):
    """That sessions and tokens of one person, or of everybody in the organisation, that began up to then are ended."""

    whose: str
    before: datetime
    reason: str


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
        if _is_registered(principal):
            client = self._directory.client(principal.subject)
            return client is not None and not client.is_active(self._now())
        if principal.issuer in self._by_invitation:
            held = {(str(link.plan), link.contact) for link in self._families.of(person_of(principal))}
            return (principal.plan_id, principal.contact_id) not in held
        return False

    def is_over_for(self, issuer: str, subject: str, organisation: str, began: int) -> bool:
        """Whether what somebody asked for then (seconds since the epoch), to be sent to them, counts no more."""
        system = subject if self._directory.client(subject) else ""
        return self.is_over(
            Principal(subject=subject, organisation=organisation, role="", issuer=issuer, client=system), began
        )

    def _scopes(self, principal: Principal) -> Iterator[str]:
        yield f"organisation:{principal.organisation}"
        if _is_registered(principal):
            yield f"client:{principal.client}"
        yield self.scope_of_person(principal.issuer, principal.subject)
        yield self._scope_of_member(principal.issuer, principal.subject, principal.organisation)

    def scope_of_person(self, issuer: str, subject: str) -> str:
        """The scope of one person: a keyed hash, under a key that is never exchanged."""
        return f"person:{self._hashed('ended-person', issuer, subject)}"

    def end_own(self, body: JsonObject, actor: Actor) -> AccessEnding:
        """End what a council's own people hold, as its manager asks: of one person there, or of everybody.

        Raises NotYours, InvalidContent, StoreBusy when somebody else ends the same just now.
        """
        if actor.role != MANAGER or not actor.organisation.startswith("la:"):
            raise NotYours("A council's manager ends the access of people there.")
        require_valid(body, BODY_SCHEMA)
        who, own = body.get("person"), actor.organisation
        scope = self._scope_of_member(who["issuer"], who["subject"], own) if who else f"organisation:{own}"
        before = self._now().replace(microsecond=0)
        try:
            self.end(scope, before, body["reason"], actor=self._opaque(actor), actor_org=own)
        except SequenceConflict:
            raise StoreBusy("somebody else ends the same just now") from None
        return AccessEnding(whose="person" if who else "organisation", before=before, reason=body["reason"])

    def end(self, scope: str, before: datetime, reason: str, *, actor: str, actor_org: str = "platform") -> None:
        """End what began up to `before`; `actor` is an opaque id. Raises EndingRefused, SequenceConflict."""
        happening = end_access(scope, before, reason, self._now())
        stream = organisation_id(f"ended:{scope}")
        entry = Entry(stream=stream, sequence=self._directory.times_ended(scope) + 1, happening=happening)
        self._directory.record([entry], actor=actor, actor_org=actor_org)

    def _scope_of_member(self, issuer: str, subject: str, organisation: str) -> str:
        return f"member:{self._hashed('ended-member', issuer, subject, organisation)}"

    def _opaque(self, actor: Actor) -> str:
        return f"person:{self._hashed('ending-person', actor.person)}"

    def _hashed(self, purpose: str, *values: str) -> str:
        return self._keyring.keyed_hash(OPERATOR, purpose, "\x00".join(values))[:_HASH_LENGTH].hex()


def require_operator_key(directory: DirectoryService, keyring: KeyCustody) -> None:
    """See that the key is there by which people are known whose access was ended.

    Made anew it would know none of them, and let them in again. Raises UnknownKey.
    """
    of_people = any(scope.startswith(("person:", "member:")) for scope in directory.endings())
    if of_people and OPERATOR not in {info.key_id for info in keyring.all_keys()}:
        text = f"the keyring does not hold the key {OPERATOR}, by which ended access is known"
        raise UnknownKey(f"{text}: bring it back from its backup")


def _is_registered(principal: Principal) -> bool:
    """Whether it is a system that is registered here. Those of another issuer are named by it, as people are."""
    return principal.issuer == ISSUER and principal.is_system
