"""The feed: the signals of the caller's organisation, in order, each checked again at the moment at which it is shown.

A row is told by what was so when it was written. Whoever may not follow the plan any more when the row is read, because
its time is over, an identity was sealed or the record erased, is told that and nothing else: the number stays, so that
no gap appears.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.access import Access
from domain.calendar import london_date
from domain.plan.acts import Actor
from domain.signals.recipients import Recipients
from services.disclosures.values import SEARCHED, Showing, Withheld
from services.errors import NotYours
from services.plans import Plans
from services.signals.envelope import CloudEvent, cloud_event, withdrawn
from services.signals.outbox import Outbox, Signal
from services.store.framing import microseconds

FOLLOWS: Final = "feed"
"""The channel of a question of access that is asked for the feed."""


class FeedPage(Struct, frozen=True, kw_only=True):
    """Signals, the number to ask after next time, and the last number that there is."""

    signals: tuple[CloudEvent, ...]
    next: int
    last: int


class Feed:
    """Reads signals for callers."""

    def __init__(
        self,
        outbox: Outbox,
        plans: Plans,
        access: Access,
        recipients: Recipients,
        now: Callable[[], datetime],
        *,
        source: str,
        base_url: str,
    ) -> None:
        """`access` says who may follow which of `plans` on the day of `now`; the rest is what signals say of us."""
        self._outbox = outbox
        self._plans = plans
        self._access = access
        self._recipients = recipients
        self._now = now
        self._source = source
        self._base_url = base_url

    def recipient(self, actor: Actor) -> str:
        """The organisation whose signals the caller reads. Raises NotYours for a role that follows no plans."""
        today = self._today()
        if actor.role == "family" or not self._access.policies.on(today).listed(actor.role):
            raise NotYours("Signals are for organisations that plans are listed for.")
        return self._recipients.of(actor.organisation, today)

    def names(self, actor: Actor) -> frozenset[str]:
        """Every name under which the organisation is told, or was: it may have been succeeded. Raises NotYours."""
        recipient = self.recipient(actor)
        return self._access.directory.known_as(recipient, self._today()) | {recipient}

    def last(self, actor: Actor) -> int:
        """The number of the caller's last signal; 0 before its first. Raises NotYours."""
        return self._outbox.last(self.recipient(actor))

    def start(self, actor: Actor, *, position: int | None = None, moment: datetime | None = None) -> int:
        """The number after which the caller finds everything from a position of the log, or a moment, on."""
        recipient = self.recipient(actor)
        if position is not None:
            return self._outbox.before_position(recipient, position)
        return self._outbox.before_time(recipient, microseconds(moment)) if moment else 0

    def page(
        self, actor: Actor, after: int, limit: int, fit: Callable[[Signal], bool] = lambda _signal: True
    ) -> Withheld[FeedPage]:
        """At most `limit` signals behind a number, and of those the ones that `fit`."""
        recipient = self.recipient(actor)
        found = self._outbox.after(recipient, after, limit)
        rows = [row for row in found if fit(row)]
        following = self._following(actor, {row.plan for row in rows})
        events = tuple(self._told(row, follows=row.plan in following) for row in rows)
        page = FeedPage(signals=events, next=found[-1].number if found else after, last=self._outbox.last(recipient))
        plans = tuple(sorted({str(row.plan) for row in rows}))
        return Withheld(page, Showing(what="feed", outcome=SEARCHED, plan_ids=plans))

    def single(self, actor: Actor, signal: Signal) -> Withheld[CloudEvent]:
        """One signal, for whoever it is sent to."""
        event = self._told(signal, follows=signal.plan in self._following(actor, {signal.plan}))
        return Withheld(event, Showing(what="signal", outcome=SEARCHED, plan_ids=(str(signal.plan),)))

    def _following(self, actor: Actor, plans: Collection[UUID]) -> set[UUID]:
        """Of which of these plans, as they stand now, the caller may be told."""
        today = self._today()
        states = self._plans.current_of(plans).items()
        return {plan for plan, state in states if self._access.may_follow(state, actor, FOLLOWS, today)}

    def _told(self, signal: Signal, *, follows: bool) -> CloudEvent:
        event = cloud_event(signal, self._source, self._base_url)
        return event if follows else withdrawn(event)

    def _today(self) -> date:
        return london_date(self._now())
