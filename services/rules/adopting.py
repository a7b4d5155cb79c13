"""The adoption log as the rest of the platform asks it: folded in memory, and folded anew when it has grown.

What another process adopts counts here within FRESH_SECONDS. The log is looked at for every caller alike.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from uuid import UUID, uuid5

from domain.plan.acts import PERFORM
from domain.plan.events import EventMetadata, JsonObject
from domain.rules import EVENTS, AdoptedBy, Adoption, AdoptionRefused, Adoptions, AdoptionWithdrawn, RulesAdopted
from domain.rules.events import Said
from services.rules.editions import Edition, read_edition, shipped
from services.store.clear_log import ClearLog
from services.store.errors import MalformedState, SequenceConflict, StoreBusy
from services.store.rules_content import RulesContent

FRESH_SECONDS: Final = 1.0
"""How old an answer may be with respect to what other processes adopt."""

ATTEMPTS: Final = 5
"""How often it is decided again when another process came first."""

_STREAMS: Final = UUID("1e7f2b0c-5d64-5a1e-8f0b-6f1f7c2b9d11")
"""The namespace of the streams: one for each kind of rules and council."""


class AdoptedRules:
    """Adopts and withdraws editions, and finds what they say."""

    def __init__(self, log: ClearLog, contents: RulesContent, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Over the adoption log; `clock` counts seconds."""
        self._log = log
        self._contents = contents
        self._clock = clock
        self._lock = threading.Lock()
        self._adoptions = Adoptions()
        self._looked_at = float("-inf")
        self._read: dict[str, Edition] = {edition.sha256: edition for edition in shipped()}

    def current(self, *, anew: bool = False) -> Adoptions:
        """What the log says; asks it again when the last look is too old, or `anew`. The value is never changed."""
        if not anew and self._clock() - self._looked_at < FRESH_SECONDS:
            return self._adoptions
        with self._lock:
            looked_at = self._clock()
            if self._log.head() > self._adoptions.position:
                self._adoptions = self._folded()
            self._looked_at = looked_at
        return self._adoptions

    def edition(self, said: RulesAdopted) -> Edition:
        """What an adopted edition says, however long ago it was adopted. Raises MalformedState when it is lost."""
        if said.sha256 not in self._read:
            content = self._contents.read(said.sha256)
            if content is None:
                raise MalformedState(f"{said.kind} {said.edition} was adopted, and what it says is missing")
            self._read[said.sha256] = read_edition(said.kind, content)
        return self._read[said.sha256]

    def adopt(self, wanted: RulesAdopted, content: bytes, *, actor: str, on: str, issuer: str = "") -> Adoption:
        """Adopt an edition with its canonical content; the adoption that says the same already, where there is one.

        `actor` is an opaque id, of `issuer` where one names it; `on` is the civil date. Raises AdoptionRefused,
        StoreBusy, StoreUnavailable.
        """
        self.say(
            lambda known: [wanted] if known.require_new(wanted) else [], [content], actor=actor, on=on, issuer=issuer
        )
        return list(self._adoptions.standing(wanted.kind, wanted.council))[-1]

    def withdraw(
        self, position: int, *, because: str, by: AdoptedBy, actor: str, on: str, issuer: str = ""
    ) -> Adoption:
        """Withdraw the adoption at a position of the log. Raises AdoptionRefused, StoreBusy, StoreUnavailable."""

        def decide(known: Adoptions) -> Sequence[Said]:
            said = known.require_standing(position).said
            return [
                AdoptionWithdrawn(
                    adoption=position,
                    kind=said.kind,
                    edition=said.edition,
                    council=said.council,
                    withdrawn_by=by,
                    because=because,
                )
            ]

        self.say(decide, actor=actor, on=on, issuer=issuer)
        return next(one for one in self._adoptions.all() if one.position == position)

    def say(
        self,
        decide: Callable[[Adoptions], Sequence[Said]],
        contents: Iterable[bytes] = (),
        *,
        actor: str,
        on: str,
        issuer: str = "",
    ) -> int:
        """Record what is decided on what the log says; decided anew when somebody else came first. Returns how much.

        What editions say is on disk before the log speaks of them. Raises what `decide` does, StoreBusy and
        StoreUnavailable.
        """
        for _ in range(ATTEMPTS):
            known = self.current(anew=True)
            said = decide(known)
            if not said:
                return 0
            self._contents.keep(contents)
            if self._append(known, said, actor, issuer, on):
                self.current(anew=True)
                return len(said)
        raise StoreBusy("others are adopting rules just now")

    def _append(self, known: Adoptions, said: Sequence[Said], actor: str, issuer: str, on: str) -> bool:
        """Whether it is on disk; not when somebody else has said something about these kinds since."""
        ahead: dict[tuple[str, str], int] = {}
        events = []
        for one in said:
            key = (one.kind, one.council)
            ahead[key] = ahead.get(key, known.sequence(*key)) + 1
            stream, type_, data = uuid5(_STREAMS, "/".join(key)), EVENTS.type_of(one), _checked(one)
            events.append(self._log.event(stream, ahead[key], type_, _metadata(one, actor, issuer, on), data))
        try:
            self._log.append(events)
        except SequenceConflict:
            return False
        return True

    def _folded(self) -> Adoptions:
        adoptions = Adoptions()
        for page in self._log.pages():
            for event in page:
                adoptions.take(event.position, event.time, EVENTS.read(event.type, event.data))
        return adoptions


def _checked(said: Said) -> JsonObject:
    """The data of an event as it can be read again. Raises AdoptionRefused for what is no code, name or sentence."""
    data = EVENTS.data_of(said)
    try:
        EVENTS.read(EVENTS.type_of(said), data)
    except ValueError as error:
        raise AdoptionRefused(f"This can't be recorded: {error}") from None
    return data


def _metadata(said: Said, actor: str, issuer: str, on: str) -> EventMetadata:
    by = said.adopted_by if isinstance(said, RulesAdopted) else said.withdrawn_by
    return EventMetadata(
        effectiveon=on,
        actor=actor,
        actorissuer=issuer or None,
        actororg=by.organisation,
        actorrole=by.role,
        mode=PERFORM,
    )
