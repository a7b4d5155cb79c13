"""What is in force, for whoever decides: made anew when the adoption log has grown, and else taken from memory."""

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from domain.access.policy import Policies, Policy
from domain.access.turns import Turns
from domain.calendar import london_date
from domain.codesets import Code
from domain.plan.catalogue import Catalogue
from domain.plan.rules import RuleBook
from domain.rules import Adoptions, RulesAdopted
from domain.rules.kinds import CODE_SETS
from services.reference_data import load_catalogue, load_reference_data
from services.rules.adopting import AdoptedRules
from services.rules.book import book_of, policies_of, turns_of
from services.store.framing import microseconds


class _Made(Struct, frozen=True):
    adoptions: Adoptions
    book: RuleBook
    policies: Policies
    turns: Turns


class RulesInForce:
    """The adopted rules of one process. Implements domain.access.policy.PolicySource."""

    def __init__(self, adopted: AdoptedRules, now: Callable[[], datetime]) -> None:
        """By what is adopted; `now` gives an aware instant.

        The catalogue, and the codes that decide nothing legal, are those of the release.
        """
        self.adopted = adopted
        self.catalogue: Catalogue = load_catalogue()
        self.code_sets = {name: s for name, s in load_reference_data().code_sets.items() if name not in CODE_SETS}
        self._now = now
        self._lock = threading.Lock()
        self._made: _Made | None = None

    @property
    def book(self) -> RuleBook:
        """The rule book by which something is decided now; the value stays as it is while that is done."""
        return self._current().book

    @property
    def policies(self) -> Policies:
        """The editions of the access matrix as known now."""
        return self._current().policies

    def turns(self) -> Turns:
        """The editions of the access matrix by the instants from which each was known to count."""
        return self._current().turns

    def on(self, day: date) -> Policy:
        """The access matrix in force on a civil date."""
        return self._current().policies.on(day)

    def codes(self, name: str, on: date | None = None) -> Mapping[str, Code]:
        """The codes of a set that decides something legal, as they count on a civil date, else today.

        Raises KeyError when it is no such set.
        """
        return self._current().book.codes_on(name, on or self.today()).codes

    def today(self) -> date:
        """The civil date in London."""
        return london_date(self._now())

    def policies_known(self, moment: datetime) -> Policies:
        """The editions of the access matrix that were adopted by then; at first, those that were adopted first."""
        known = self._current().adoptions
        said = known.moments("access-matrix")
        until = max(microseconds(moment), said[0][0])
        upto = max(position for time, position in said if time <= until)
        return policies_of(known, self._find, upto)

    def look(self) -> None:
        """Take in what was adopted since, unless the log was asked a moment ago: for every caller alike."""
        self._current()

    def _current(self) -> _Made:
        adoptions, made = self.adopted.current(), self._made
        if made is not None and made.adoptions is adoptions:
            return made
        with self._lock:
            self._made = made = _Made(
                adoptions,
                book_of(adoptions, self._find, self.catalogue, self.code_sets),
                policies_of(adoptions, self._find),
                turns_of(adoptions, self._find),
            )
        return made

    def _find(self, said: RulesAdopted) -> Any:
        return self.adopted.edition(said).rules
