"""The channel of MESH: each signal in the form of the NHS's notification service, in an NHS body's mailbox.

There a child is named by the NHS number, which is looked up at the moment of sending and kept nowhere. Without a
verified number nothing is sent: the signal is a dead letter at once, which says that somebody has to match the child,
and can be sent again afterwards. The feed has it all along.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from connectors.nhs.mesh import Mailbox, MeshRefused, MeshUnavailable
from connectors.nhs.mns import MEDIA_TYPE, mesh_target, mns_event, verified_nhs_number
from domain.signals.messages import MessageSent
from domain.signals.types import WITHDRAWN
from services.errors import PlanErased, PlanUnknown
from services.plans import Plans
from services.signals.delivering import NotSendable, NotTaken, Sending
from services.signals.envelope import CloudEvent
from services.signals.message_log import MessageLog
from services.signals.outbox import Signal
from services.signals.subscribed import NOT_MATCHED, Subscription

MOST_AT_ONCE: Final = 32
"""How many messages are on their way to MESH at the same moment: a slow one holds up no other mailbox's."""


class MeshChannel:
    """Sends to mailboxes."""

    def __init__(self, messages: MessageLog, plans: Plans, open_mailbox: Callable[[], Mailbox]) -> None:
        """`open_mailbox` opens ours; each thread that sends has a client of its own."""
        self._messages = messages
        self._plans = plans
        self._open = open_mailbox
        self._of_thread = threading.local()
        self._opened: list[Mailbox] = []
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="mesh")

    async def prepare(self, subscription: Subscription, signal: Signal) -> Sending:
        """Look up whom it is about, and send that. Raises NotSendable without a verified NHS number."""
        await asyncio.to_thread(self._number, signal.plan, signal.type)

        async def send(event: CloudEvent) -> None:
            """Raises NotTaken."""
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._threads, self._send, subscription, signal, event)

        return send

    def close(self) -> None:
        """What is on its way is let go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for mailbox in self._opened:
            mailbox.close()

    def _send(self, subscription: Subscription, signal: Signal, event: CloudEvent) -> None:
        target = mesh_target(subscription.target)
        if target is None:
            raise NotTaken("mesh-target")
        number = self._number(signal.plan, event.type)
        body = mns_event(msgspec.to_builtins(event), number, _filtering(subscription, signal))
        try:
            message = self._mailbox().send(*target, body, local_id=str(signal.id), media_type=MEDIA_TYPE)
        except MeshRefused:
            raise NotTaken("mesh-refused") from None
        except MeshUnavailable:
            raise NotTaken("mesh-unavailable") from None
        about: dict[str, Any] = {"message": message, "subscription": str(subscription.id), "number": signal.number}
        self._messages.record(MessageSent(**about, at=datetime.now(UTC)))

    def _mailbox(self) -> Mailbox:
        if not hasattr(self._of_thread, "mailbox"):
            self._of_thread.mailbox = self._open()
            self._opened.append(self._of_thread.mailbox)
        mailbox: Mailbox = self._of_thread.mailbox
        return mailbox

    def _number(self, plan: UUID, kind: str) -> str:
        """Whoever may not follow any more isn't told a number that the child was given after an identity was sealed."""
        try:
            state = self._plans.current(plan)
        except (PlanUnknown, PlanErased):
            raise NotSendable(NOT_MATCHED) from None
        number = verified_nhs_number(state.person.get("identifiers", {}))
        if number is None or (kind == WITHDRAWN and state.sealed_from):
            raise NotSendable(NOT_MATCHED)
        return number


def _filtering(subscription: Subscription, signal: Signal) -> dict[str, str]:
    """By what recipients route: the commissioner, their own code where they are one of several."""
    own = subscription.recipient.partition(":")[2]
    codes = sorted(signal.commissioners)
    return {"commissioner": own if own in codes else codes[0]} if codes else {}
