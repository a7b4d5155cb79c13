"""What changes for plans without an event and without a day of theirs, and what counted at which instant.

Another edition of the access matrix begins to count, which concerns every plan; or another organisation begins to
answer for one that plans name, which concerns those.
"""

from collections.abc import Collection
from datetime import datetime

from domain.access.policy import Policy
from domain.access.turns import Turns
from domain.directory.register import Register
from domain.directory.successions import Successions


class Changes:
    """Both, by the instants from which each counts."""

    __slots__ = ("_register", "_successions", "_turns")

    def __init__(self, turns: Turns, register: Register, successions: Successions) -> None:
        """`turns` of the matrix, `successions` in the `register` of organisations."""
        self._turns = turns
        self._register = register
        self._successions = successions

    def policy(self, instant: datetime) -> Policy:
        """The edition of the matrix that counts at an instant."""
        return self._turns.at(instant)

    def learnt(self, instant: datetime) -> int:
        """How much was known of who answers for whom at an instant."""
        return self._successions.learnt(instant)

    def directory(self, instant: datetime) -> Register:
        """Who answers for whom, as was known at an instant."""
        return self._successions.known(self._register, instant)

    def after(self, instant: datetime) -> datetime | None:
        """The next instant at which something changes for any plan; None when there is none so far."""
        return _first(self._turns.after(instant), self._successions.next(instant))

    def after_for(self, instant: datetime, names: Collection[str]) -> datetime | None:
        """The next one that may concern a plan of which these organisations are told."""
        return _first(self._turns.after(instant), self._successions.after(instant, names))

    def before(self, instant: datetime) -> datetime:
        """The last one before an instant, else EVER."""
        return max(self._turns.before(instant), self._successions.before(instant))

    def concerns(self, instant: datetime) -> Collection[str] | None:
        """Whom plans have to name to be concerned by what changes at an instant; None: every plan is."""
        is_turn = self._turns.after(self._turns.before(instant)) == instant
        return None if is_turn else self._successions.names(instant)


def _first(*instants: datetime | None) -> datetime | None:
    return min((one for one in instants if one is not None), default=None)
