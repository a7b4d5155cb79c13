"""Sessions of people in a browser: a random id there, everything else here.

A session ends after a while without use, after a working day whatever happens, and when its owner signs out. Every
sign-in makes a new one. How long is said in docs/security.md, with the reasons.
"""

import hmac
import secrets
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from connectors.identity.logout_token import SignedOut
from connectors.identity.principal import Principal
from connectors.identity.sign_in import Person
from services.store.provider_sign_outs import ProviderSignOuts
from services.store.web_sessions import SessionTable

#: A session that isn't used for so long ends, in seconds.
IDLE_SECONDS: Final = 30 * 60
#: A session ends after so long whatever happens, in seconds.
ABSOLUTE_SECONDS: Final = 10 * 3600
#: At most so often a use is written down, in seconds: idle time is counted to the minute.
_TOUCH_SECONDS: Final = 60
#: For so long a provider's sign-out is remembered, in seconds: a sign-in that is being completed takes less.
REMEMBERED_SECONDS: Final = 900
_ID_BYTES: Final = 32
_LONGEST_ID: Final = 64


class _Kept(Struct, frozen=True, kw_only=True):
    principal: Principal
    id_token: str
    csrf: str


class Session(Struct, frozen=True, kw_only=True):
    """Somebody who is signed in: `session_id` and `csrf` are secrets of their browser."""

    session_id: str
    principal: Principal
    id_token: str
    csrf: str
    begun: int
    ends: int

    def is_own_request(self, csrf: str) -> bool:
        """Whether a request that writes comes from a page of ours: it must bring the session's own token."""
        return hmac.compare_digest(csrf.encode(), self.csrf.encode())


class OpenSession(Struct, frozen=True, kw_only=True):
    """One of a person's sessions as they may see it; the handle names it and opens nothing. Times as in Session."""

    handle: str
    begun: int
    seen: int


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(
        self,
        table: SessionTable,
        sign_outs: ProviderSignOuts,
        *,
        idle: int = IDLE_SECONDS,
        absolute: int = ABSOLUTE_SECONDS,
        is_over: Callable[[Principal, int], bool] = lambda _principal, _begun: False,
    ) -> None:
        """`idle` and `absolute` in seconds; `is_over` tells whether somebody's session that began then was ended."""
        self._table = table
        self._sign_outs = sign_outs
        self._is_over = is_over
        self._idle = idle
        self._absolute = absolute

    def begin(self, person: Person, now: int) -> Session | None:
        """A new session, None for somebody whom the provider has signed out since; `now` in seconds since the epoch.

        The session is there before it is looked whether it was ended, and a sign-out is on record before sessions are
        ended: of the two, whichever is later sees the other.
        """
        self._table.purge(now, now - self._idle)
        session = Session(
            session_id=secrets.token_urlsafe(_ID_BYTES),
            principal=person.principal,
            id_token=person.id_token,
            csrf=secrets.token_urlsafe(_ID_BYTES),
            begun=now,
            ends=now + self._absolute,
        )
        kept = _Kept(principal=person.principal, id_token=person.id_token, csrf=session.csrf)
        name = person_of(person.principal)
        self._table.put(session.session_id, name, msgspec.json.encode(kept), now=now, ends=session.ends)
        names = tuple(_names_at_provider(person))
        self._sign_outs.put(session.session_id, names, now=now, ends=session.ends)
        if self._sign_outs.has_signed_out(names, person.issued):
            self._table.end(session.session_id)
            return None
        return session

    def find(self, session_id: str, now: int) -> Session | None:
        """The session of that id if it hasn't ended; using it keeps it from ending soon."""
        if not 0 < len(session_id) <= _LONGEST_ID:
            return None
        row = self._table.find(session_id)
        if row is None or now >= row.ends or now >= row.seen + self._idle:
            return None
        kept = msgspec.json.decode(row.content, type=_Kept)
        if self._is_over(kept.principal, row.begun):
            self._table.end(session_id)
            return None
        if now >= row.seen + _TOUCH_SECONDS:
            self._table.touch(session_id, now)
        return Session(
            session_id=session_id,
            principal=kept.principal,
            id_token=kept.id_token,
            csrf=kept.csrf,
            begun=row.begun,
            ends=row.ends,
        )

    def end(self, session_id: str) -> None:
        """End the session, if it is there."""
        if 0 < len(session_id) <= _LONGEST_ID:
            self._table.end(session_id)

    def end_all_of(self, issuer: str, subject: str) -> int:
        """End every session of a person: on their own wish, or when their account ends. How many there were."""
        return self._table.end_all_of(f"{issuer}\x00{subject}")

    def end_at_provider(self, said: SignedOut, now: int) -> int:
        """End the sessions that rest on what a provider says has ended there; how many there were.

        A session of the person of which the provider never named its own may be the one that is meant: it ends too.
        """
        ended = 0
        for names in _meant(said):
            self._sign_outs.note(names[-1], said.issued, now=now, until=now + REMEMBERED_SECONDS)
            ended += self._sign_outs.end(names)
        return ended

    def open_of(self, principal: Principal, now: int) -> tuple[OpenSession, ...]:
        """The person's sessions that haven't ended, the oldest first."""
        rows = self._table.open_of(person_of(principal), now, now - self._idle)
        return tuple(OpenSession(handle=handle, begun=begun, seen=seen) for handle, begun, seen in rows)

    def end_one_of(self, principal: Principal, handle: str, now: int) -> bool:
        """End one of the person's sessions by its handle; false when there is no such session of theirs."""
        mine = {one.handle for one in self.open_of(principal, now)}
        return handle in mine and self._table.end_by_handle(person_of(principal), handle)


def person_of(principal: Principal) -> str:
    """A person by the one name that nobody else can get: the issuer's, and theirs there."""
    return f"{principal.issuer}\x00{principal.subject}"


def _names_at_provider(person: Person) -> Iterator[str]:
    """By what the provider may name a session: the person, and its own session or that it never named one."""
    issuer = person.principal.issuer
    yield _name(issuer, "sub", person.subject)
    if person.provider_session:
        yield _name(issuer, "sid", person.provider_session)
    else:
        yield _name(issuer, "sub without sid", person.subject)


def _meant(said: SignedOut) -> Iterator[tuple[str, ...]]:
    """The names that each of the sessions must have which a provider means, the one that says most last."""
    subject = _name(said.issuer, "sub", said.subject)
    session = _name(said.issuer, "sid", said.provider_session)
    if not said.provider_session:
        yield (subject,)
    elif not said.subject:
        yield (session,)
    else:
        yield subject, session
        yield (_name(said.issuer, "sub without sid", said.subject),)


def _name(issuer: str, kind: str, value: str) -> str:
    return f"{issuer}\x00{kind}\x00{value}"
