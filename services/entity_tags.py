"""The entity tag of a plan as one reader is told it.

Who is shown every entry is told their number. Everybody else is told a keyed digest of what they are shown: it says
neither how much has happened nor that something has of which they aren't told. A family that looks every minute must
not see by its tag when somebody decided about the child's safety.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import orjson
from msgspec import UNSET
from msgspec.structs import replace

from domain.access import Access, Question
from domain.calendar import london_date
from domain.plan.acts import Actor
from domain.plan.redactions import hidden_in
from domain.plan.state import PlanState
from services.seen import Seen, readable, standing
from services.store.blind_index import BlindIndex

_LENGTH: Final = 32
"""How many hexadecimal digits stand behind the "p" of a digest."""


class EntityTags:
    """Makes tags of plans."""

    def __init__(self, index: BlindIndex, access: Access, now: Callable[[], datetime]) -> None:
        """`index` has the key, `access` says who is shown what on the day of `now`."""
        self._index = index
        self._access = access
        self._now = now

    def of(self, state: PlanState, actor: Actor) -> str:
        """The tag of a plan in this state, for this party."""
        allowed = self._access.decide_read(state, actor, Question(), london_date(self._now()))
        if allowed.details:
            return str(state.sequence)
        return self.digest(Seen(current=state, state=state, allowed=allowed, hidden=hidden_in(state)))

    def digest(self, seen: Seen) -> str:
        """The digest of what the reader is shown of the plan as it is now, whatever moment is read."""
        now = replace(seen, state=seen.current)
        told = {name: value for name, value in standing(now, None).items() if value is not UNSET}
        shown = orjson.dumps([told, _texts(now), _about(now)], default=sorted)
        return "p" + self._index.steady("entity-tag", f"{now.state.plan_id}/{shown.decode()}").hex()[:_LENGTH]


def _texts(seen: Seen) -> list[object]:
    """Each text that is shown: whether it was corrected, what is hidden of it, and how much of it the reader sees."""
    return [
        (
            version.sequence,
            version.sequence in seen.state.corrected,
            seen.hidden.get(version.sequence, frozenset()),
            grant.sections,
            grant.withholds,
            grant.own,
            grant.items,
            grant.advice,
        )
        for version in readable(seen)
        if (grant := seen.allowed.showing(version))
    ]


def _about(seen: Seen) -> list[object]:
    """What else the text or the answer around it depends on, up to a former party's last day."""
    if seen.allowed.told_until:
        return []
    state = seen.state
    hidden = [name for name, one in state.person.get("contacts", {}).items() if one.get("addressRestricted")]
    disputes = [(case.id, case.status) for case in state.open_cases("dispute")]
    return [state.survivor, state.absorbed, sorted(hidden), [] if seen.allowed.hides_location else disputes]
